cwlVersion: v1.2
class: Workflow
requirements: {InlineJavascriptRequirement: {}}
inputs: []
steps:
  make:
    run:
      class: CommandLineTool
      baseCommand: [echo, made]
      inputs: []
      stdout: made.txt
      outputs: {made: stdout}
    in: []
    out: [made]
  pack:
    run:
      class: ExpressionTool
      inputs: {made: File}
      expression: |
        ${
          var inner = {class: "Directory", basename: "inner", listing: [inputs.made]};
          return {folder: {class: "Directory", basename: "folder", listing: [inner]}};
        }
      outputs: {folder: Directory}
    in: {made: make/made}
    out: [folder]
  show:
    run:
      class: CommandLineTool
      baseCommand: cat
      inputs: {folder: Directory}
      arguments: ['$(inputs.folder.path)/inner/$(inputs.folder.listing[0].listing[0].basename)']
      stdout: shown.txt
      outputs:
        shown: stdout
        folder: {type: Directory, outputBinding: {outputEval: $(inputs.folder)}}
    in: {folder: pack/folder}
    out: [shown, folder]
outputs:
  shown: {type: File, outputSource: show/shown}
  folder: {type: Directory, outputSource: show/folder}
