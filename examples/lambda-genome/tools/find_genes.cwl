cwlVersion: v1.2
class: CommandLineTool
doc: The open reading frames of one frame that are long enough to be genes.
baseCommand: python3
inputs:
  script:
    type: File
    default: {class: File, location: find_genes.py}
    inputBinding: {position: 1}
  codons:
    type: File
    inputBinding: {position: 2}
  frame:
    type: int
    inputBinding: {position: 3}
  genome_length:
    type: int
    inputBinding: {position: 4}
  shortest:
    type: int
    inputBinding: {position: 5}
stdout: genes.tsv
outputs:
  genes:
    type: stdout
