# What jobs elsewhere are given besides files: a secret, settings for MPI, and a process that a job made.
cwlVersion: v1.2
class: Workflow
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
requirements: {StepInputExpressionRequirement: {}, SubworkflowFeatureRequirement: {}}
inputs: {word: string}
outputs: {sum: {type: File, outputSource: use/out}, made: {type: File, outputSource: make/out}}
steps:
  use:
    in: {word: word}
    out: [out]
    run:
      class: CommandLineTool
      hints: {"cwltool:Secrets": {secrets: [word]}, "cwltool:MPIRequirement": {processes: 3}}
      requirements: {EnvVarRequirement: {envDef: {WORD: $(inputs.word)}}}
      baseCommand: [sh, -c, 'echo $FROM_SETTINGS; printf %s "$WORD" | sha1sum']
      inputs: {word: string}
      outputs: {out: {type: stdout}}
  make:
    in: {word: {default: echo}, text: {default: made}}
    out: [out]
    run: generator.cwl#alone
