cwlVersion: v1.2
$graph:
  - id: append
    class: CommandLineTool
    requirements:
      InlineJavascriptRequirement: {}
      ShellCommandRequirement: {}
      InplaceUpdateRequirement: {inplaceUpdate: true}
      InitialWorkDirRequirement:
        listing:
          - {entry: $(inputs.file), entryname: here.txt, writable: true}
    inputs: {file: File, word: string}
    arguments: [{shellQuote: false, valueFrom: 'printf %s "$(inputs.word)" >> here.txt'}]
    outputs: {changed: {type: File, outputBinding: {glob: here.txt}}}
  - id: read
    class: CommandLineTool
    inputs: {file: {type: File, streamable: true}, wait: 'Any?'}
    baseCommand: cat
    stdin: $(inputs.file.path)
    stdout: read.txt
    outputs: {text: {type: string, outputBinding: {glob: read.txt, loadContents: true, outputEval: "$(self[0].contents)"}}}
    requirements: {InlineJavascriptRequirement: {}}
  - id: twice
    class: Workflow
    inputs: {file: File}
    outputs:
      changed: {type: File, outputSource: second/changed}
    steps:
      first: {run: '#append', in: {file: file, word: {default: b}}, out: [changed]}
      second: {run: '#append', in: {file: first/changed, word: {default: c}}, out: [changed]}
  - id: main
    class: Workflow
    requirements: {ScatterFeatureRequirement: {}, SubworkflowFeatureRequirement: {}}
    inputs: {file: File, words: 'string[]'}
    outputs:
      before: {type: string, outputSource: before/text}
      original: {type: string, outputSource: original/text}
      scattered: {type: 'string[]', outputSource: scattered/text}
      last: {type: string, outputSource: last/text}
      handed: {type: File, outputSource: file}
    steps:
      before: {run: '#read', in: {file: file}, out: [text]}
      update: {run: '#twice', in: {file: file, wait: before/text}, out: [changed]}
      original: {run: '#read', in: {file: file, wait: update/changed}, out: [text]}
      scattered: {run: '#read', scatter: wait, in: {file: file, wait: words, after: update/changed}, out: [text]}
      last: {run: '#read', in: {file: update/changed, wait: original/text}, out: [text]}
