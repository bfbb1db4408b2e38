"""JavaScript interpreters: one for many jobs, none left, none leaked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from toil_core.system.processes import wait_for_end

ACROSS_JOBS = """
import os
from toil_core.system.processes import children, end_leftovers
from toil_cwl.door.scripts import use_kept_engine
from cwl_utils.sandboxjs import get_js_engine

use_kept_engine()
evaluate = get_js_engine().exec_js_process
seen = set()
for number in range(5):
    status, said, _ = evaluate(f"{number} + 1")
    assert said.strip() == str(number + 1), said
    seen.update(children())
    end_leftovers()  # as between two jobs
assert len(seen) == 1, seen
opened = len(os.listdir("/proc/self/fd"))
for _ in range(3):
    status, _, _ = evaluate("for(;;){}", timeout=0.2)
    assert status == -1, status
assert evaluate("1")[1].strip() == "1"
assert len(os.listdir("/proc/self/fd")) == opened
if os.fork() == 0:
    assert evaluate("2")[1].strip() == "2"
    mine = children()
    assert len(mine) == 1 and not set(mine) & seen, mine
    os._exit(0)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
print(*children())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interpreter_outlives_jobs_but_not_its_process_and_is_no_forked_ones():
    done = subprocess.run([sys.executable, "-c", ACROSS_JOBS], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert wait_for_end(int(done.stdout), timeout_seconds=10)


def test_a_script_that_does_not_end_is_ended(toil_cwl, tmp_path):
    (tmp_path / "tool.cwl").write_text(
        """
cwlVersion: v1.2
class: ExpressionTool
requirements: {InlineJavascriptRequirement: {}}
inputs: []
outputs: {out: int}
expression: '${ while (true) {} return {out: 1}; }'
"""
    )
    told = toil_cwl("--eval-timeout=0.5", "--retry-count=0", "tool.cwl")
    assert told.code == 1
    assert "Long-running script killed after 0.5 seconds" in told.text
