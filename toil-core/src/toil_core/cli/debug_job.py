"""``toil debug-job``: run one job of a run again, here, with its inputs staged."""

from __future__ import annotations

import argparse
import os
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from toil_core.api.options import option
from toil_core.config.parser import add_options
from toil_core.config.reading import Sources, read_options
from toil_core.engine.inspection import find_job, inspect
from toil_core.engine.session import open_store
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.requirements import Resources
from toil_core.plugins.manager import PluginManager
from toil_core.worker.attempt import run_attempt
from toil_core.worker.attempt_directory import AttemptDirectory, Kept
from toil_core.worker.rehearsal import nobody

_SENT = "It runs with the code that its run has sent; --disable-auto-deployment takes the code that is here"


@dataclass(frozen=True)
class CodeOptions:
    """Which code the job runs with."""

    GROUP: ClassVar[str] = "Code"

    disable_auto_deployment: bool = option(
        False,
        "Run the job with the code that is here, and not with what the run has sent to its workers.",
        aliases=("--disableHotDeployment",),
    )


class DebugJobCommand:
    """Runs the job as a worker would, with the code that the run's newest leader has sent if it has sent any.

    Nothing it does becomes part of the run: its outcome is shown and thrown away.
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("locator", metavar="LOCATOR", help="the job store of the run")
        parser.add_argument("job", metavar="JOB", help="a job's id or name, as the failure report and status show it")
        parser.add_argument(
            "--print-job-info", "--printJobInfo", action="store_true", help="only show what it asks for"
        )
        parser.add_argument(
            "--work-dir", "--workDir", type=Path, default=Path.cwd(), help="where to make its folder (here)"
        )
        add_options(parser, [CodeOptions])

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the job; its output goes to this terminal."""
        chosen = read_options([CodeOptions], Sources(None, os.environ, arguments)).get(CodeOptions)
        plugins = PluginManager.load()
        store = open_store(plugins, arguments.locator)
        state = inspect(store).state
        job = find_job(state, arguments.job)
        order = WorkOrder(
            AttemptId(f"debug-{uuid.uuid4().hex[:8]}"),
            job,
            job.requirements.filled(Resources()),
            state.graph.values_for(job),
            deployment="" if chosen.disable_auto_deployment else store.deployment(),
        )
        if arguments.print_job_info:
            print(f"name: {job.name}\nid: {job.id}\nbody: {job.body}\nresources: {order.resources}")
            return 0
        if order.deployment:
            print(_SENT, file=sys.stderr)
        urls = Urls(lambda url: plugins.open_url(url, {}))
        scratch = Path(arguments.work_dir).absolute()
        node = NodeFiles(
            store.storage,
            appends=store.appends,
            cache_dir=scratch / "cache",
            writer=f"debug-{order.attempt}",
            urls=urls,
        )
        directory = AttemptDirectory(scratch / str(order.attempt), Kept.ALL)
        outcome = run_attempt(order, node, directory, None, nobody)
        if directory.path.exists():
            print(f"Its folder is left for you to look at: {directory.path}", file=sys.stderr)
        if outcome.failure is None:
            print(f'The job "{job.name}" ran without failure', file=sys.stderr)
            return 0
        print(f'The job "{job.name}" failed: {outcome.failure.message}', file=sys.stderr)
        return 1
