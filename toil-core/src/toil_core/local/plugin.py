"""What the core itself brings, registered as any plugin is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from toil_core.api.specs import BatchSystemSpec, CommandSpec, ContainerEngineSpec, StorageSpec, UrlAccessSpec
from toil_core.local.single_machine_options import SingleMachineOptions
from toil_core.plugins.markers import hookimpl


def _class(module: str, name: str) -> Callable[[], Any]:
    """A descriptor's ``load``: imports the module when its class is chosen."""
    return lambda: getattr(importlib.import_module(f"toil_core.{module}"), name)


@hookimpl
def toil_job_stores() -> Sequence[StorageSpec]:
    """The job store in a directory."""
    return [
        StorageSpec(
            "file", "a directory", _class("local.file_storage", "FileStorage"), appends=True, is_node_local=True
        )
    ]


@hookimpl
def toil_batch_systems() -> Sequence[BatchSystemSpec]:
    """The batch system on this machine."""
    return [
        BatchSystemSpec(
            "single_machine",
            "this machine",
            _class("local.single_machine", "SingleMachineBatchSystem"),
            options=SingleMachineOptions,
            returns_outcomes=True,
            shares_files=True,
        )
    ]


@hookimpl
def toil_url_accesses() -> Sequence[UrlAccessSpec]:
    """Local files, and files of web servers."""
    return [
        UrlAccessSpec("file", "local files", _class("local.file_url", "FileUrlAccess"), schemes=("file",)),
        UrlAccessSpec("http", "web servers", _class("local.http_url", "HttpUrlAccess"), schemes=("http", "https")),
    ]


@hookimpl
def toil_container_engines() -> Sequence[ContainerEngineSpec]:
    """The engines found on laptops and clusters."""
    return [
        ContainerEngineSpec("docker", "docker's daemon", _class("local.docker_engine", "DockerEngine")),
        ContainerEngineSpec("podman", "podman, without a daemon", _class("local.docker_engine", "PodmanEngine")),
        ContainerEngineSpec(
            "singularity", "singularity or apptainer", _class("local.singularity_engine", "SingularityEngine")
        ),
    ]


@hookimpl
def toil_commands() -> Sequence[CommandSpec]:
    """The subcommands of ``toil``."""
    return [
        CommandSpec(
            "run", "run a document of any installed language", _class("cli.run", "RunCommand"), takes_rest=True
        ),
        CommandSpec("status", "tell how a run stands", _class("cli.status", "StatusCommand")),
        CommandSpec("kill", "stop a run", _class("cli.kill", "KillCommand")),
        CommandSpec("clean", "remove a job store", _class("cli.clean", "CleanCommand")),
        CommandSpec("debug-job", "run one job of a run again, here", _class("cli.debug_job", "DebugJobCommand")),
        CommandSpec(
            "debug-file", "list the files of a run, and fetch them", _class("cli.debug_file", "DebugFileCommand")
        ),
        CommandSpec("plugins", "list plugins, and what is broken", _class("cli.plugins", "PluginsCommand")),
        CommandSpec("config", "write a configuration file to start from", _class("cli.config", "ConfigCommand")),
    ]
