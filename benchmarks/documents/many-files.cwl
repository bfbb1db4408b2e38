cwlVersion: v1.2
class: CommandLineTool
doc: So many files are in the tool's working directory.
requirements:
  InitialWorkDirRequirement:
    listing: [$(inputs.files)]
baseCommand: [sh, -c, ls | wc -l]
inputs:
  files: File[]
stdout: count.txt
outputs:
  count:
    type: stdout
