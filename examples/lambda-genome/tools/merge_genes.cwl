cwlVersion: v1.2
class: CommandLineTool
doc: One table of all genes, in the order in which they lie on the genome.
baseCommand: [sh, -c, 'printf "first\tlast\tstrand\tframe\tlength\n"; sort -k1,1n -k2,2n "$@"', merge]
inputs:
  genes:
    type: File[]
    inputBinding: {}
stdout: lambda-genes.tsv
outputs:
  table:
    type: stdout
