# Files and folders: staged, written, changed, passed on, with secondary files, through stdin and stdout.
cwlVersion: v1.2
$graph:
- id: make
  class: CommandLineTool
  requirements:
    ShellCommandRequirement: {}
    InlineJavascriptRequirement: {}
    InitialWorkDirRequirement:
      listing:
        - {entryname: literal.txt, entry: "$(inputs.text) of $(inputs.given.basename)"}
        - {entryname: changed.txt, entry: $(inputs.given), writable: true}
        - $(inputs.folder)
        - '${ return {class: "Directory", basename: "made", listing: [{class: "File", basename: "given.txt", contents: "made\n"}]}; }'
  inputs:
    text: {type: string, default: literal}
    given: {type: File, secondaryFiles: [".idx?", "^.meta"]}
    folder: Directory
  arguments:
    - shellQuote: false
      valueFrom: >-
        cat literal.txt; echo; cat; echo to stderr >&2; echo more >> changed.txt;
        cat $(inputs.given.secondaryFiles[0].path) $(inputs.folder.basename)/sub/deep.txt made/given.txt > sum.txt;
        mkdir -p tree/empty tree/sub; cp sum.txt tree/sub/; echo i > sum.txt.i; ln -s sum.txt link.txt
  stdin: $(inputs.given.path)
  stdout: out.txt
  stderr: err.txt
  outputs:
    out: stdout
    err: stderr
    changed: {type: File, outputBinding: {glob: changed.txt}}
    sum: {type: File, secondaryFiles: [.i], outputBinding: {glob: sum.*xt}}
    tree: {type: Directory, outputBinding: {glob: tree}}
    texts: {type: "File[]", outputBinding: {glob: ["*.txt"]}}
    through: {type: File, outputBinding: {outputEval: $(inputs.given)}}
- id: look
  class: CommandLineTool
  requirements: {InlineJavascriptRequirement: {}, ResourceRequirement: {ramMin: $(inputs.file.size + 100)}}
  baseCommand: [sh, -c, 'ls "$0" "$1" "$1"/..; cat "$0" "$0".i; echo $2']
  inputs:
    file: {type: File, secondaryFiles: [.i], inputBinding: {position: 1}}
    tree: {type: Directory, inputBinding: {position: 2}}
  arguments: [{position: 3, valueFrom: $(runtime.ram)}]
  stdout: out.txt
  outputs: {out: stdout}
- id: main
  class: Workflow
  inputs:
    given: {type: File, secondaryFiles: [".idx?", "^.meta"]}
    folder: Directory
  steps:
    make: {run: "#make", in: {given: given, folder: folder}, out: [out, err, changed, sum, tree, texts, through]}
    look: {run: "#look", in: {file: make/sum, tree: make/tree}, out: [out]}
  outputs:
    out: {type: File, outputSource: make/out}
    err: {type: File, outputSource: make/err}
    changed: {type: File, outputSource: make/changed}
    sum: {type: File, outputSource: make/sum}
    tree: {type: Directory, outputSource: make/tree}
    texts: {type: "File[]", outputSource: make/texts}
    through: {type: File, outputSource: make/through}
    seen: {type: File, outputSource: look/out}
    given_folder: {type: Directory, outputSource: folder}
