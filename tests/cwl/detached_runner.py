"""``toil-cwl`` with workers that share no folder with the leader: a double of a cluster without one.

``detached_runner.py SUITE SCRATCH ARGUMENT...``. Each worker has a view of the file system of its own,
in which the suite and the folder that the leader works in are empty. It sees the job store, at a path
that is not the leader's, and nothing else that the leader made.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from toil_core.model.ids import AttemptId
from toil_core.plugins.manager import PluginManager
from toil_core.testing.detached import SPEC, DetachedBatchSystem, worker_command
from toil_cwl.cli import main as toil_cwl

# The store is bound to its other place first, for then what it lies in can no longer be seen.
ELSEWHERE = """
set -e
mount --bind "$1" "$2/store"
for hidden in "$3" "$4"; do mount -t tmpfs none "$hidden"; done
export TMPDIR="$2/tmp"
cd "$TMPDIR"
shift 4
exec "$@"
"""


def main(suite: Path, scratch: Path, arguments: Sequence[str]) -> int:
    """Run the command with its job store in a folder that the workers do not see."""
    near = Path(tempfile.mkdtemp(prefix="leader-", dir=scratch))
    far = Path(tempfile.mkdtemp(prefix="toil-elsewhere-", dir=scratch.parent))
    try:
        (far / "store").mkdir()
        (far / "tmp").mkdir()

        def command(locator: str, attempt: AttemptId) -> Sequence[str]:
            folders = [locator.removeprefix("file:"), str(far), str(suite), str(scratch)]
            apart = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
            return [*apart, "sh", "-c", ELSEWHERE, "sh", *folders, *worker_command(f"file:{far}/store", attempt)]

        spec = replace(SPEC, load=lambda: functools.partial(DetachedBatchSystem, command=command))
        PluginManager.load().batch_system = lambda name: spec  # type: ignore[method-assign]
        where = [f"--batch-system={spec.name}", f"--job-store={near / 'store'}", f"--work-dir={near}"]
        return toil_cwl([*where, *arguments])
    finally:
        shutil.rmtree(far)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:]))
