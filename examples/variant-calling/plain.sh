#!/bin/sh
# What variants.cwl does, without a workflow engine: plain.sh OUTPUT_FOLDER REFERENCE READS_1 READS_2
set -eu
cd "$1"
gzip -dc "$2" >reference.fa
bwa index reference.fa
samtools faidx reference.fa
gzip -dc "$3" | split -l 4000 -a 3 -d - first.
gzip -dc "$4" | split -l 4000 -a 3 -d - second.
for first in first.*; do
  part=${first#first.}
  bwa mem -R '@RG\tID:lambda\tSM:lambda' reference.fa "$first" "second.$part" | samtools sort -o "aligned.$part.bam" -
done
samtools merge -c -p merged.bam aligned.*.bam
samtools index merged.bam
bcftools mpileup -f reference.fa merged.bam | bcftools call -mv --ploidy 1 -Ov -o variants.vcf
