cwlVersion: v1.2
$graph:
- id: show
  class: CommandLineTool
  requirements:
    ShellCommandRequirement: {}
    InitialWorkDirRequirement:
      listing:
        - {class: File, location: names-files/begins.txt}
        - {class: Directory, location: names-files/folder}
  baseCommand: [sh, -c, 'cat begins.txt folder/inner/leaf.txt "$@"', sh]
  inputs:
    given: {type: File, inputBinding: {position: 1}}
    usual:
      type: File
      default: {class: File, location: names-files/usual.txt}
      inputBinding: {position: 2}
    tree: {type: Directory, inputBinding: {position: 3, valueFrom: $(self.path)/inner/leaf.txt}}
  stdout: shown.txt
  outputs: {shown: stdout}
- id: main
  class: Workflow
  inputs:
    given: File
    tree: Directory
  steps:
    show:
      run: '#show'
      in:
        given: given
        tree: tree
      out: [shown]
    again:
      run: '#show'
      in:
        given: show/shown
        tree:
          default: {class: Directory, location: names-files/folder}
      out: [shown]
  outputs:
    shown: {type: File, outputSource: again/shown}
    tree: {type: Directory, outputSource: tree}
