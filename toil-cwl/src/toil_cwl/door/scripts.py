"""JavaScript: one interpreter for all expressions that a process of ours evaluates.

cwl_utils starts one for a thread too, but as a child of the job that came first, which ends with it: the
next job would start another, three processes each, and the pipes of all of them would stay open.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from typing import Any

from cwl_utils.sandboxjs import NodeJSEngine, default_timeout, set_js_engine

from toil_core.system.processes import keep


class KeptEngine(NodeJSEngine):
    """An interpreter that outlives jobs, and ends with the process that started it: its input ends then."""

    def exec_js_process(
        self, js_text: str, timeout: float = default_timeout, *arguments: Any, **options: Any
    ) -> tuple[int, str, str]:
        """Evaluate a script; a status below 0 says that it ran too long, and was ended.

        The base class may not have seen the end of what it killed, and takes that for an empty answer.
        """
        began = time.monotonic()
        status, said, complained = super().exec_js_process(js_text, timeout, *arguments, **options)
        if said or complained or time.monotonic() - began < timeout:
            return status, said, complained
        for interpreter in self.localdata.procs.values():
            interpreter.kill()
            interpreter.wait()
        return -1, "", ""

    def new_js_proc(self, js_text: str, *arguments: Any, **options: Any) -> subprocess.Popen[str]:
        """Start an interpreter: the one that is installed, or else that of a container."""
        self._forget_ended()
        program = shutil.which("nodejs") or shutil.which("node")
        if program is None:
            started: subprocess.Popen[str] = super().new_js_proc(js_text, *arguments, **options)
        else:
            started = subprocess.Popen(
                [program, "--eval", js_text],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.processes_to_kill.append(started)
        keep(started.pid)
        return started

    def forget_all(self) -> None:
        """In a process that was forked: what was started belongs to the one that it was forked from."""
        self.processes_to_kill.clear()
        self.localdata.__dict__.clear()

    def _forget_ended(self) -> None:
        """Close the pipes of interpreters that were ended: by a timeout, for one."""
        for ended in [one for one in self.processes_to_kill if one.poll() is not None]:
            self.processes_to_kill.remove(ended)
            for pipe in (ended.stdin, ended.stdout, ended.stderr):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()


def use_kept_engine() -> None:
    """Have cwltool and cwl_utils evaluate by a ``KeptEngine``, in this process and those forked from it."""
    engine = KeptEngine()
    set_js_engine(engine)
    os.register_at_fork(after_in_child=engine.forget_all)
