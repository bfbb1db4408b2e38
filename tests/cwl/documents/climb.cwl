# Outputs that try to leave their folder: by name, or by what they link to.
cwlVersion: v1.2
$graph:
- id: name
  class: ExpressionTool
  requirements: {InlineJavascriptRequirement: {}}
  inputs: {name: string}
  outputs: {out: File}
  expression: '${ return {out: {class: "File", basename: inputs.name, contents: "x"}}; }'
- id: link
  class: CommandLineTool
  baseCommand: [sh, -c, 'ln -s "$0" out.txt; mkdir folder; ln -s "$0" folder/inner.txt']
  inputs: {target: {type: string, inputBinding: {}}, glob: string}
  outputs: {out: {type: Any, outputBinding: {glob: $(inputs.glob)}}}
