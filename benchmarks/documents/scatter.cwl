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
    run: echo.cwl
    scatter: message
    in: {message: numbers/numbers}
    out: [said]
outputs:
  said:
    type: File[]
    outputSource: echo/said
