"""Jobs that run a CWL document by its command, each in its own directory."""

import os
import subprocess

from toil.common import Toil
from toil.job import Job

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
stdout: output.txt
inputs: {message: {type: string, inputBinding: {position: 1}}}
outputs: {output: stdout}
"""


def begin(job):
    job.fileStore.log_to_leader("beginning")


def step(job, cwl_file, yml_file, folder, number):
    place = job.fileStore.getLocalTempDir()
    cwl = job.fileStore.readGlobalFile(cwl_file, userPath=os.path.join(place, "tool.cwl"))
    yml = job.fileStore.readGlobalFile(yml_file, userPath=os.path.join(place, "inputs.yml"))
    subprocess.check_call(["toil-cwl-runner", cwl, yml])
    output = job.fileStore.writeGlobalFile("output.txt")
    job.fileStore.readGlobalFile(output, userPath=os.path.join(folder, f"sample_{number}.txt"))
    return output


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with open("tool.cwl", "w") as out:
        out.write(TOOL)
    with Toil(options) as toil:
        first = Job.wrapJobFn(begin)
        tool = toil.importFile("file://" + os.path.abspath("tool.cwl"))
        for number in (1, 2):
            name = f"inputs{number}.yml"
            with open(name, "w") as out:
                out.write(f"message: hello {number}\n")
            inputs = toil.importFile("file://" + os.path.abspath(name))
            first.addChild(Job.wrapJobFn(step, tool, inputs, os.getcwd(), number=str(number)))
        toil.start(first)
