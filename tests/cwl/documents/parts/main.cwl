cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {}
  StepInputExpressionRequirement: {}
  InlineJavascriptRequirement: {}
  MultipleInputFeatureRequirement: {}
  SubworkflowFeatureRequirement: {}
  EnvVarRequirement: {envDef: {FROM: workflow}}
inputs:
  words: string[]
  end: {type: string, default: "!"}
outputs:
  shouted: {type: "string[]", outputSource: shout/said}
  joined: {type: string, outputSource: join/said}
  another: {type: string, outputSource: other/said}
steps:
  shout:
    run: echo.cwl
    scatter: word
    in: {word: words, end: end}
    out: [said]
  join:
    run: echo.cwl
    in:
      word: {source: [shout/said, words], linkMerge: merge_flattened, valueFrom: "$(self.join('-'))"}
      end: end
    out: [said]
  other:
    run: sub.cwl
    in: {word: {default: nothing}, end: end}
    out: [said]
