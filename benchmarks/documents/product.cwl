cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {}
inputs:
  count: int
steps:
  numbers:
    run: numbers.cwl
    in: {count: count}
    out: [numbers]
  echo:
    run: pair.cwl
    scatter: [first, second]
    scatterMethod: nested_crossproduct
    in: {first: numbers/numbers, second: numbers/numbers}
    out: [said]
outputs:
  said:
    type: Any
    outputSource: echo/said
