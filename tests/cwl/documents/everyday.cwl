#!/usr/bin/env toil-cwl
# Steps of every kind: nested, scattered by each method, conditional, wired from several sources.
cwlVersion: v1.2
$graph:
- id: join
  class: CommandLineTool
  baseCommand: [printf, "%s"]
  inputs:
    left: {type: string, inputBinding: {position: 1, valueFrom: "$(self)$(inputs.right)"}}
    right: {type: string, default: "!"}
  stdout: joined
  outputs:
    joined: {type: string, outputBinding: {glob: joined, loadContents: true, outputEval: "$(self[0].contents)"}}
- id: inner
  class: Workflow
  inputs: {word: string}
  outputs: {loud: {type: string, outputSource: shout/joined}}
  steps:
    shout: {run: "#join", in: {left: word}, out: [joined]}
- id: count
  class: ExpressionTool
  requirements: {InlineJavascriptRequirement: {}}
  inputs: {words: "Any[]"}
  outputs: {count: int}
  expression: "${ return {count: inputs.words.length}; }"
- id: main
  class: Workflow
  requirements:
    ScatterFeatureRequirement: {}
    SubworkflowFeatureRequirement: {}
    StepInputExpressionRequirement: {}
    MultipleInputFeatureRequirement: {}
    InlineJavascriptRequirement: {}
  inputs:
    word: string
    letters: string[]
    digits: string[]
    nothing: {type: "string[]", default: []}
    wanted: {type: boolean, default: false}
  steps:
    nested: {run: "#inner", in: {word: word}, out: [loud]}
    dot: {run: "#join", scatter: [left, right], scatterMethod: dotproduct, in: {left: letters, right: digits}, out: [joined]}
    flat: {run: "#join", scatter: [left, right], scatterMethod: flat_crossproduct, in: {left: letters, right: digits}, out: [joined]}
    grid: {run: "#join", scatter: [left, right], scatterMethod: nested_crossproduct, in: {left: letters, right: digits}, out: [joined]}
    none: {run: "#join", scatter: left, in: {left: nothing}, out: [joined]}
    inners: {run: "#inner", scatter: word, in: {word: letters}, out: [loud]}
    some: {run: "#join", scatter: left, when: "$(inputs.left != 'a')", in: {left: letters}, out: [joined]}
    skipped: {run: "#join", when: $(inputs.wanted), in: {left: word, wanted: wanted}, out: [joined]}
    computed:
      run: "#join"
      in: {left: {source: [nested/loud, word], valueFrom: "$(self.join('+'))"}, right: {valueFrom: "/$(inputs.left.length)"}}
      out: [joined]
    counted:
      run: "#count"
      in: {words: {source: [dot/joined, skipped/joined], linkMerge: merge_flattened, pickValue: all_non_null}}
      out: [count]
  outputs:
    nested_: {type: string, outputSource: nested/loud}
    dot_: {type: "string[]", outputSource: dot/joined}
    flat_: {type: "string[]", outputSource: flat/joined}
    grid_: {type: Any, outputSource: grid/joined}
    none_: {type: "string[]", outputSource: none/joined}
    inners_: {type: "string[]", outputSource: inners/loud}
    some_: {type: Any, outputSource: some/joined}
    skipped_: {type: "string?", outputSource: skipped/joined}
    computed_: {type: string, outputSource: computed/joined}
    counted_: {type: int, outputSource: counted/count}
    picked_: {type: string, outputSource: [skipped/joined, nested/loud], pickValue: first_non_null}
    merged_: {type: Any, outputSource: [word, dot/joined], linkMerge: merge_nested}
