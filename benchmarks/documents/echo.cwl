cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs:
  message:
    type: string
    default: hello
    inputBinding: {}
stdout: message.txt
outputs:
  said:
    type: stdout
