"""A batch system for tests: each worker has a view of the file system in which the leader's folder is empty.

It sees the job store at another path than the leader, has a temporary folder of its node, and none of
the leader's variables that say where modules are.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import toil_core
from toil_core.api.specs import BatchSystemSpec
from toil_core.model.ids import AttemptId
from toil_core.plugins.markers import hookimpl

# The store is bound to its other place first, for then what it lies in can no longer be seen.
ELSEWHERE = """
set -e
mount --bind "$1" "$2/store"
mount -t tmpfs none "$3"
export TMPDIR="$2/tmp"
unset PYTHONPATH
cd "$TMPDIR"
shift 3
exec "$@"
"""


def load() -> functools.partial[object]:
    """The batch system, without the kits beside it, which would load pytest in every test's script."""
    bare = ModuleType("toil_core.testing")
    bare.__path__ = [str(Path(toil_core.__path__[0], "testing"))]
    sys.modules.setdefault(bare.__name__, bare)
    detached = importlib.import_module("toil_core.testing.detached")
    return functools.partial(detached.DetachedBatchSystem, command=functools.partial(command, detached))


def command(detached: ModuleType, locator: str, attempt: AttemptId) -> Sequence[str]:
    """The command of a worker on the node that TEST_NODE names, which does not see the folder TEST_LEADER."""
    node = os.environ["TEST_NODE"]
    apart = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    worker: Sequence[str] = detached.worker_command(f"file:{node}/store", attempt)
    folders = [locator.removeprefix("file:"), node, os.environ["TEST_LEADER"]]
    return [*apart, "sh", "-c", ELSEWHERE, "sh", *folders, *worker]


@hookimpl
def toil_batch_systems():
    """It is named ``apart``."""
    return [BatchSystemSpec("apart", "Workers that share no folder with the leader, for tests.", load)]
