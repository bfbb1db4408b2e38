cwlVersion: v1.2
class: CommandLineTool
doc: All chunks' alignments in one file, with its index.
baseCommand: [sh, -c, 'samtools merge -c -p merged.bam "$@" && samtools index merged.bam', merge]
inputs:
  aligned:
    type: File[]
    inputBinding: {}
outputs:
  merged:
    type: File
    secondaryFiles: [.bai]
    outputBinding: {glob: merged.bam}
