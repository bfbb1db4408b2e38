cwlVersion: v1.2
class: CommandLineTool
doc: A compressed file's content, under a name that the tools like.
baseCommand: [gzip, -dc]
inputs:
  packed:
    type: File
    inputBinding: {}
  name: string
stdout: $(inputs.name)
outputs:
  unpacked:
    type: stdout
