cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'printf "%s%s%s" "$1" "$2" "$FROM"', sh]
inputs:
  word: {type: string, inputBinding: {position: 1}}
  end: {type: string, inputBinding: {position: 2}}
stdout: out.txt
outputs:
  said: {type: string, outputBinding: {glob: out.txt, loadContents: true, outputEval: "$(self[0].contents)"}}
requirements: {InlineJavascriptRequirement: {}}
