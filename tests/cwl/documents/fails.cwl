# Tools that fail as they are told to, and count in a file how often they ran.
cwlVersion: v1.2
$graph:
- id: first
  class: CommandLineTool
  baseCommand: [sh, -c, 'echo first >> "$0"; echo done']
  inputs: {log: {type: string, inputBinding: {}}}
  stdout: first.txt
  outputs: {out: stdout}
- id: second
  class: CommandLineTool
  baseCommand: [sh, -c, 'echo second >> "$0"; echo what went wrong >&2; test -e "$1" || exit $2']
  successCodes: [0, 7]
  temporaryFailCodes: [8]
  permanentFailCodes: [9]
  inputs:
    log: {type: string, inputBinding: {position: 1}}
    cured: {type: string, inputBinding: {position: 2}}
    status: {type: int, inputBinding: {position: 3}}
    after: File?
  outputs: {done: {type: boolean, outputBinding: {outputEval: "$(true)"}}}
  requirements: {InlineJavascriptRequirement: {}}
- id: main
  class: Workflow
  inputs: {log: string, cured: string, status: int}
  steps:
    one: {run: "#first", in: {log: log}, out: [out]}
    two: {run: "#second", in: {log: log, cured: cured, status: status, after: one/out}, out: [done]}
  outputs:
    out: {type: File, outputSource: one/out}
    done: {type: boolean, outputSource: two/done}
