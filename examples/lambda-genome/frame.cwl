cwlVersion: v1.2
class: Workflow
doc: Everything about one reading frame. Nested in genes.cwl, which runs it for all six.
inputs:
  genome: File
  frame: int
  genome_length: int
  shortest: int
steps:
  read:
    run: tools/reading_frame.cwl
    in: {genome: genome, frame: frame}
    out: [codons]
  find:
    run: tools/find_genes.cwl
    in: {codons: read/codons, frame: frame, genome_length: genome_length, shortest: shortest}
    out: [genes]
  count:
    run: tools/codon_usage.cwl
    in: {genes: find/genes, codons: read/codons, frame: frame, genome_length: genome_length}
    out: [usage]
outputs:
  genes:
    type: File
    outputSource: find/genes
  usage:
    type: File
    outputSource: count/usage
