cwlVersion: v1.2
class: CommandLineTool
doc: One chunk of read pairs, aligned to the reference and sorted by position.
baseCommand: [sh, -c, 'bwa mem -R "@RG\tID:lambda\tSM:lambda" "$0" "$1" "$2" | samtools sort -o aligned.bam -']
inputs:
  reference:
    type: File
    secondaryFiles: [.amb, .ann, .bwt, .pac, .sa]
    inputBinding: {position: 1}
  first:
    type: File
    inputBinding: {position: 2}
  second:
    type: File
    inputBinding: {position: 3}
outputs:
  aligned:
    type: File
    outputBinding: {glob: aligned.bam}
