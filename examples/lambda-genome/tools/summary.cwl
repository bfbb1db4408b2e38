cwlVersion: v1.2
class: CommandLineTool
doc: A report for people.
baseCommand: python3
inputs:
  script:
    type: File
    default: {class: File, location: summary.py}
    inputBinding: {position: 1}
  genes:
    type: File
    inputBinding: {position: 2}
  usage:
    type: File[]
    inputBinding: {position: 3}
stdout: lambda-report.md
outputs:
  report:
    type: stdout
