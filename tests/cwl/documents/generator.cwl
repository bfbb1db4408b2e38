# A tool that writes the process which is then run: alone, in a workflow, and one that is no process.
cwlVersion: v1.2
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
$graph:
- id: alone
  class: cwltool:ProcessGenerator
  inputs: {word: string, text: string}
  outputs: {out: File}
  run: &generator
    class: CommandLineTool
    requirements:
      InitialWorkDirRequirement:
        listing:
        - entryname: main.cwl
          entry: |
            cwlVersion: v1.0
            class: CommandLineTool
            baseCommand: [$(inputs.word)]
            inputs: {text: {type: string, inputBinding: {}}}
            outputs: {out: {type: stdout}}
    baseCommand: "true"
    inputs: {word: string}
    outputs: {runProcess: {type: File, outputBinding: {glob: main.cwl}}}
- id: inside
  class: Workflow
  requirements: {ScatterFeatureRequirement: {}}
  inputs: {words: "string[]", text: string}
  outputs: {out: {type: "File[]", outputSource: step/out}}
  steps:
    step:
      run: "#alone"
      scatter: word
      in: {word: words, text: text}
      out: [out]
- id: wrong
  class: cwltool:ProcessGenerator
  inputs: []
  outputs: []
  run:
    class: ExpressionTool
    requirements: {InlineJavascriptRequirement: {}}
    inputs: []
    outputs: {runProcess: File}
    expression: '$({runProcess: {class: "File", basename: "made.cwl", contents: "class: Nothing"}})'
