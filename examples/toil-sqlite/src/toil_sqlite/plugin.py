"""What toil-sqlite brings. Imported by every command, so it imports next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from toil_core.api.options import option
from toil_core.api.specs import StorageSpec
from toil_core.plugins.markers import hookimpl


@dataclass(frozen=True)
class SqliteOptions:
    """Options of ``sqlite:`` job stores."""

    GROUP: ClassVar[str] = "SQLite job store"

    sqlite_patience: float = option(
        600.0, "Give up when others have kept the job store locked for so many seconds.", metavar="SECONDS"
    )


def load_storage() -> Callable[[str, Any], Any]:
    """The class, imported when a run has chosen it."""
    from toil_sqlite.storage import SqliteStorage

    return SqliteStorage


@hookimpl
def toil_job_stores() -> Sequence[StorageSpec]:
    """Job stores ``sqlite:PATH``."""
    return [StorageSpec("sqlite", "one SQLite file", load_storage, options=SqliteOptions, is_node_local=True)]
