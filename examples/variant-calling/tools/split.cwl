cwlVersion: v1.2
class: CommandLineTool
doc: A file of reads, cut into pieces of so many reads.
requirements:
  InlineJavascriptRequirement: {}
baseCommand: [sh, -c, 'gzip -dc "$0" | split -l "$1" -a 3 -d - reads.']
inputs:
  reads:
    type: File
    inputBinding: {position: 1}
  reads_per_chunk:
    type: int
    inputBinding: {position: 2, valueFrom: $(4 * self)}
outputs:
  chunks:
    type: File[]
    outputBinding: {glob: reads.*}
