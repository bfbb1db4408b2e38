cwlVersion: v1.2
class: CommandLineTool
doc: The reference with the indexes of bwa and samtools beside it.
requirements:
  InitialWorkDirRequirement:
    listing: [$(inputs.reference)]
baseCommand: [sh, -c, 'bwa index "$0" && samtools faidx "$0"']
inputs:
  reference:
    type: File
    inputBinding: {valueFrom: $(self.basename)}
outputs:
  indexed:
    type: File
    secondaryFiles: [.amb, .ann, .bwt, .pac, .sa, .fai]
    outputBinding:
      glob: $(inputs.reference.basename)
