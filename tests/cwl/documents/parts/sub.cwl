cwlVersion: v1.2
class: Workflow
inputs: {word: string, end: string}
outputs: {said: {type: string, outputSource: inner/said}}
steps:
  inner:
    run: echo.cwl
    in: {word: word, end: end}
    out: [said]
