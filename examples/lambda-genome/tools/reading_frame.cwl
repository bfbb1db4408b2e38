cwlVersion: v1.2
class: CommandLineTool
doc: One of the six ways to read a genome, three bases a line.
baseCommand: python3
inputs:
  script:
    type: File
    default: {class: File, location: reading_frame.py}
    inputBinding: {position: 1}
  genome:
    type: File
    inputBinding: {position: 2}
  frame:
    type: int
    inputBinding: {position: 3}
stdout: codons.txt
outputs:
  codons:
    type: stdout
