#!/bin/sh
# What variants.cwl does, without a workflow engine: plain.sh OUTPUT_FOLDER
set -eu
cd "$1"
examples=/usr/share/doc/bowtie2/examples
gzip -dc "$examples/reference/lambda_virus.fa.gz" >reference.fa
bwa index reference.fa
samtools faidx reference.fa
gzip -dc "$examples/reads/reads_1.fq.gz" | split -l 4000 -a 3 -d - first.
gzip -dc "$examples/reads/reads_2.fq.gz" | split -l 4000 -a 3 -d - second.
for first in first.*; do
  part=${first#first.}
  bwa mem -R '@RG\tID:lambda\tSM:lambda' reference.fa "$first" "second.$part" | samtools sort -o "aligned.$part.bam" -
done
samtools merge -c -p merged.bam aligned.*.bam
samtools index merged.bam
bcftools mpileup -f reference.fa merged.bam | bcftools call -mv --ploidy 1 -Ov -o variants.vcf
