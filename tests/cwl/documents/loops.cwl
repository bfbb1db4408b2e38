# Steps that repeat: with the last outputs or all of them, by tools, in workflows, in scatters and in loops.
cwlVersion: v1.2
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
$graph:
- id: add
  class: ExpressionTool
  requirements: {InlineJavascriptRequirement: {}}
  inputs: {i: int, by: {type: int, default: 1}}
  outputs: {o: int}
  expression: "$({o: inputs.i + inputs.by})"
- id: append
  class: CommandLineTool
  baseCommand: [sh, -c, 'cat "$0"; echo "$1"']
  inputs: {text: {type: File, inputBinding: {position: 1}}, word: {type: string, inputBinding: {position: 2}}}
  outputs: {out: {type: stdout}}
- id: last
  class: Workflow
  requirements: &all {InlineJavascriptRequirement: {}, StepInputExpressionRequirement: {}, SubworkflowFeatureRequirement: {}, ScatterFeatureRequirement: {}, MultipleInputFeatureRequirement: {}}
  inputs: {i: int, by: int}
  outputs: {o: {type: "int?", outputSource: step/o}}
  steps:
    step:
      run: "#add"
      in: {i: i, by: by}
      out: [o]
      requirements: {"cwltool:Loop": {loopWhen: $(inputs.i < 10), loop: {i: o}, outputMethod: last}}
- id: all
  class: Workflow
  requirements: *all
  inputs: {i: int}
  outputs: {o: {type: "int[]", outputSource: step/o}}
  steps:
    step:
      run: "#add"
      in: {i: i, limit: {default: 4}}
      out: [o]
      requirements:
        cwltool:Loop:
          loopWhen: $(inputs.i < inputs.limit)
          loop: {i: {loopSource: o, valueFrom: $(self + inputs.i - inputs.i)}}
          outputMethod: all
- id: files
  class: Workflow
  requirements: *all
  inputs: {text: File}
  outputs: {out: {type: File, outputSource: step/out}}
  steps:
    step:
      run: "#append"
      in: {text: text, word: {default: a}}
      out: [out]
      requirements:
        cwltool:Loop:
          loopWhen: $(inputs.word.length < 4)
          loop: {text: out, word: {valueFrom: '$(inputs.word + "b")'}}
          outputMethod: last
- id: scattered
  class: Workflow
  requirements: *all
  inputs: {starts: "int[]"}
  outputs: {o: {type: {type: array, items: {type: array, items: int}}, outputSource: each/o}}
  steps:
    each: {run: "#all", scatter: i, in: {i: starts}, out: [o]}
- id: nested
  class: Workflow
  requirements: *all
  inputs: {i: int}
  outputs: {o: {type: {type: array, items: {type: array, items: int}}, outputSource: step/o}}
  steps:
    step:
      run: "#all"
      in: {i: i}
      out: [o]
      requirements:
        cwltool:Loop:
          loopWhen: $(inputs.i < 3)
          loop: {i: {valueFrom: $(inputs.i + 1)}}
          outputMethod: all
- id: maybe
  class: Workflow
  requirements: *all
  inputs: {i: int}
  outputs: {o: {type: Any, outputSource: step/o}}
  steps:
    step:
      run: "#add"
      in: {i: i}
      out: [o]
      requirements: {"cwltool:Loop": {loopWhen: $(inputs.i), loop: {i: o}, outputMethod: all}}
