"""One command line of a tool while it runs, and how it ended."""

from __future__ import annotations

import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from toil_core.api.job import JobContext, JobFailure
from toil_core.model.outcome import FailureKind
from toil_core.model.units import format_bytes
from toil_core.system.processes import end_leftovers
from toil_cwl.messages import one_line

ENDING_SECONDS = 60.0  # a container engine that takes longer to end a container is given up


class Command:
    """Watches the process in cwltool's stead, and ends it at its time limit (CommandLineTool v1.2, ToolTimeLimit)."""

    def __init__(self, job: Any, attempt: JobContext) -> None:
        self._job = job
        self._attempt = attempt
        self._endings: list[Sequence[str]] = []
        self._limit_seconds = float(job.timelimit or 0) if hasattr(job, "timelimit") else 0.0
        job.timelimit = None  # cwltool's own timer would end the first process only
        job.process_monitor = self.watch
        self._is_over_memory: Callable[[int], bool] = lambda status: False
        self._needed_more = False
        self._memory = attempt.resources.memory
        self.is_late = False
        self.status: int | None = None

    def on_abort(self, command: Sequence[str]) -> None:
        """Say how to end what does not end with the processes: at the time limit, or if the attempt is ended."""
        self._endings.append(command)
        self._attempt.on_abort(command)

    def at_end(self, is_over_memory: Callable[[int], bool]) -> None:
        """Say how to find out, once it has ended with a status, whether it was ended for its memory."""
        self._is_over_memory = is_over_memory

    def watch(self, process: subprocess.Popen[str]) -> None:
        """Stands in for cwltool's monitor, which samples memory from a thread every second."""
        self._wait(process)
        self._needed_more = self._is_over_memory(self.status or 0)

    def _wait(self, process: subprocess.Popen[str]) -> None:
        if not self._limit_seconds:
            self.status = process.wait()
            return
        timer = threading.Timer(self._limit_seconds, self._end, [process])
        timer.start()
        self.status = process.wait()
        timer.cancel()
        timer.join()
        if self.is_late:
            self._end_the_rest()

    def _end(self, process: subprocess.Popen[str]) -> None:
        self.is_late = True
        process.kill()

    def _end_the_rest(self) -> None:
        """First what an engine runs, which could still start while the engine's program was alive; then what
        the first process started, which has come to us."""
        for command in self._endings:
            with suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(
                    command, stdin=subprocess.DEVNULL, capture_output=True, timeout=ENDING_SECONDS, check=False
                )
        end_leftovers()

    @property
    def text(self) -> str:
        """The command line as one would type it."""
        words = getattr(self._job, "command_line", None) or []
        return " ".join(shlex.quote(str(word)) for word in words)

    def failure(self, errors: Sequence[str]) -> JobFailure:
        """Why it failed; ``errors`` is what cwltool said of it."""
        kind = FailureKind.PERMANENT if self._failed_for_good else FailureKind.ERROR
        if self.is_late:
            kind = FailureKind.TIME
            message = f"the tool was ended: it ran longer than its time limit of {self._limit_seconds:g} seconds"
        elif self._needed_more:
            kind = FailureKind.MEMORY
            message = f"the tool needed more than the {format_bytes(self._memory)} of memory that it was given"
        elif self.status is not None and self.status not in self._success_codes:
            how = f"was killed by signal {-self.status}" if self.status < 0 else f"exited with status {self.status}"
            message = f"the tool {how}"
            if self.status == -signal.SIGKILL:
                message += ", as the system does when memory runs out"
        else:
            message = told(errors)
        return JobFailure(message, kind, command=self.text, exit_status=self.status)

    @property
    def _success_codes(self) -> Sequence[int]:
        return list(getattr(self._job, "successCodes", ())) or [0]

    @property
    def _failed_for_good(self) -> bool:
        """Whether the tool's author says that this status will always come again."""
        return self.status in list(getattr(self._job, "permanentFailCodes", ()))


def told(errors: Sequence[str]) -> str:
    """The last thing that cwltool said of a tool that failed without a command having failed."""
    message = one_line(errors[-1]) if errors else "the tool failed"
    program, missing, _ = message.partition(" not found: [Errno 2]")
    if missing:
        return f"the tool's program {program} was not found; install it, or name a container that has it"
    return message
