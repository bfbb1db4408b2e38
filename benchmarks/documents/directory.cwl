cwlVersion: v1.2
class: CommandLineTool
doc: So many files are in a directory.
baseCommand: [sh, -c, 'ls "$0" | wc -l']
inputs:
  directory:
    type: Directory
    inputBinding: {}
stdout: count.txt
outputs:
  count:
    type: stdout
