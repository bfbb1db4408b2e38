"""What the core itself brings, registered as any plugin is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from toil_core.api.specs import BatchSystemSpec, Command, CommandSpec, StorageSpec, UrlAccessSpec
from toil_core.local.single_machine_options import SingleMachineOptions
from toil_core.plugins.markers import hookimpl


def _file_storage() -> Callable[[str, Any], Any]:
    return _loaded("toil_core.local.file_storage", "FileStorage")


def _single_machine() -> Callable[[Any], Any]:
    return _loaded("toil_core.local.single_machine", "SingleMachineBatchSystem")


def _file_url() -> Callable[[Any], Any]:
    return _loaded("toil_core.local.file_url", "FileUrlAccess")


def _loaded(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _run() -> Callable[[], Command]:
    return _loaded("toil_core.cli.run", "RunCommand")


def _status() -> Callable[[], Command]:
    return _loaded("toil_core.cli.status", "StatusCommand")


def _kill() -> Callable[[], Command]:
    return _loaded("toil_core.cli.kill", "KillCommand")


def _clean() -> Callable[[], Command]:
    return _loaded("toil_core.cli.clean", "CleanCommand")


def _debug_job() -> Callable[[], Command]:
    return _loaded("toil_core.cli.debug_job", "DebugJobCommand")


def _plugins() -> Callable[[], Command]:
    return _loaded("toil_core.cli.plugins", "PluginsCommand")


def _config() -> Callable[[], Command]:
    return _loaded("toil_core.cli.config", "ConfigCommand")


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


@hookimpl
def toil_commands() -> Sequence[CommandSpec]:
    """The subcommands of ``toil``."""
    return [
        CommandSpec("run", "run a document of any installed language", _run),
        CommandSpec("status", "tell how a run stands", _status),
        CommandSpec("kill", "stop a run", _kill),
        CommandSpec("clean", "remove a job store", _clean),
        CommandSpec("debug-job", "run one job of a run again, here", _debug_job),
        CommandSpec("plugins", "list plugins, and what is broken", _plugins),
        CommandSpec("config", "write a configuration file to start from", _config),
    ]
