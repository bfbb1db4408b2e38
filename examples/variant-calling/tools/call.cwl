cwlVersion: v1.2
class: CommandLineTool
doc: Where the reads differ from the reference.
baseCommand: [sh, -c, 'bcftools mpileup -f "$0" "$1" | bcftools call -mv --ploidy 1 -Ov -o variants.vcf']
inputs:
  reference:
    type: File
    secondaryFiles: [.fai]
    inputBinding: {position: 1}
  merged:
    type: File
    secondaryFiles: [.bai]
    inputBinding: {position: 2}
outputs:
  variants:
    type: File
    outputBinding: {glob: variants.vcf}
