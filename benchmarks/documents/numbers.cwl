cwlVersion: v1.2
class: ExpressionTool
requirements:
  InlineJavascriptRequirement: {}
inputs:
  count: int
outputs:
  numbers: string[]
expression: |
  ${ var numbers = []; for (var i = 0; i < inputs.count; i++) numbers.push("hello " + i); return {numbers: numbers}; }
