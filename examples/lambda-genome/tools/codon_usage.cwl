cwlVersion: v1.2
class: CommandLineTool
doc: How often each codon stands inside the genes of one frame.
requirements:
  InlineJavascriptRequirement: {}
baseCommand: [awk]
arguments:
  - valueFrom: |
      FNR == NR { first[NR] = $1; last[NR] = $2; genes = NR; next }
      {
        start = frame > 0 ? frame + 3 * (FNR - 1) : length_of_genome - (-frame - 1 + 3 * FNR) + 1
        for (gene = 1; gene <= genes; gene++)
          if (start >= first[gene] && start + 2 <= last[gene]) { count[$1]++; break }
      }
      END { for (codon in count) print count[codon], codon | "sort -k1,1nr -k2,2" }
    position: 2
  - prefix: -v
    valueFrom: frame=$(inputs.frame)
    position: 0
  - prefix: -v
    valueFrom: length_of_genome=$(inputs.genome_length)
    position: 1
inputs:
  genes:
    type: File
    inputBinding: {position: 3}
  codons:
    type: File
    inputBinding: {position: 4}
  frame: int
  genome_length: int
stdout: usage.txt
outputs:
  usage:
    type: stdout
