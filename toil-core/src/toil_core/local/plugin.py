"""What the core itself brings, registered as any plugin is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from toil_core.api.specs import BatchSystemSpec, StorageSpec, UrlAccessSpec
from toil_core.local.single_machine_options import SingleMachineOptions
from toil_core.plugins.markers import hookimpl


def _file_storage() -> Callable[[str, Any], Any]:
    from toil_core.local.file_storage import FileStorage

    return FileStorage


def _single_machine() -> Callable[[Any], Any]:
    from toil_core.local.single_machine import SingleMachineBatchSystem

    return SingleMachineBatchSystem


def _file_url() -> Callable[[Any], Any]:
    from toil_core.local.file_url import FileUrlAccess

    return FileUrlAccess


@hookimpl
def toil_job_stores() -> Sequence[StorageSpec]:
    """The job store in a directory."""
    return [StorageSpec("file", "a directory", _file_storage, appends=True, is_node_local=True)]


@hookimpl
def toil_batch_systems() -> Sequence[BatchSystemSpec]:
    """The batch system on this machine."""
    return [
        BatchSystemSpec(
            "single_machine",
            "this machine",
            _single_machine,
            1,
            SingleMachineOptions,
            returns_outcomes=True,
            shares_files=True,
        )
    ]


@hookimpl
def toil_url_accesses() -> Sequence[UrlAccessSpec]:
    """Local files."""
    return [UrlAccessSpec("file", "local files", _file_url, schemes=("file",))]
