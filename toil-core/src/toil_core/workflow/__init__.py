"""Workflows written in Python: jobs, what follows them, and promises of what they return.

::

    from toil_core.run import Run
    from toil_core.workflow import job

    @job(memory="100M")
    def greet(name: str) -> str:
        return f"Hello, {name}!"

    if __name__ == "__main__":
        with Run(job_store="./store") as run:
            print(run.start(greet("world")))
"""

from toil_core.workflow.context import Context, current
from toil_core.workflow.function import JobFunction, job, job_function
from toil_core.workflow.job import EncapsulatedJob, FunctionJob, Job, Service
from toil_core.workflow.program import PythonProgram
from toil_core.workflow.promise import Computed, Promise
from toil_core.workflow.settings import JobKeywords, JobSettings

__all__ = [
    "Computed",
    "Context",
    "EncapsulatedJob",
    "FunctionJob",
    "Job",
    "JobFunction",
    "JobKeywords",
    "JobSettings",
    "Promise",
    "PythonProgram",
    "Service",
    "current",
    "job",
    "job_function",
]
