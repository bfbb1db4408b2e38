cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs:
  first:
    type: string
    inputBinding: {}
  second:
    type: string
    inputBinding: {}
stdout: pair.txt
outputs:
  said:
    type: stdout
