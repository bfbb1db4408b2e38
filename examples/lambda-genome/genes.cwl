cwlVersion: v1.2
class: Workflow
doc: Find the possible genes of a genome in all six reading frames, and count their codons.
requirements:
  ScatterFeatureRequirement: {}
  SubworkflowFeatureRequirement: {}
inputs:
  genome: File
  frames:
    type: int[]
    default: [1, 2, 3, -1, -2, -3]
  shortest:
    type: int
    doc: The shortest open reading frame that counts, in bases.
    default: 300
steps:
  measure:
    run: tools/genome_length.cwl
    in: {genome: genome}
    out: [length]
  frame:
    run: frame.cwl
    scatter: frame
    in: {genome: genome, frame: frames, genome_length: measure/length, shortest: shortest}
    out: [genes, usage]
  merge:
    run: tools/merge_genes.cwl
    in: {genes: frame/genes}
    out: [table]
  summarize:
    run: tools/summary.cwl
    in: {genes: merge/table, usage: frame/usage}
    out: [report]
outputs:
  genes:
    type: File
    outputSource: merge/table
  report:
    type: File
    outputSource: summarize/report
