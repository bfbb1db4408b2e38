cwlVersion: v1.2
class: CommandLineTool
doc: How many bases a genome has.
baseCommand: [sh, -c, 'grep -v ">" "$0" | tr -d "\n" | wc -c']
inputs:
  genome:
    type: File
    inputBinding: {}
stdout: length.txt
outputs:
  length:
    type: int
    outputBinding:
      glob: length.txt
      loadContents: true
      outputEval: $(parseInt(self[0].contents))
requirements:
  InlineJavascriptRequirement: {}
