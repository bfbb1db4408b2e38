"""A workflow of two documents with a job order and an input, which refer to each other by relative URLs."""

from __future__ import annotations

DOCUMENTS = {
    "flows/main.cwl": "cwlVersion: v1.2\nclass: Workflow\ninputs: {it: File}\n"
    "outputs: {out: {type: File, outputSource: count/out}}\n"
    "steps: {count: {run: ../tools/count.cwl, in: {it: it}, out: [out]}}\n",
    "tools/count.cwl": "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [wc, -c]\nstdin: $(inputs.it.path)\n"
    "stdout: out\ninputs: {it: File}\noutputs: {out: stdout}\n",
    "flows/job.yml": "it: {class: File, path: ../data/a.txt}\n",
    "data/a.txt": "content",
}
