"""All hooks, on one page. A plugin implements those it needs, with ``plugins.markers.hookimpl``."""

from __future__ import annotations

from collections.abc import Sequence

from toil_core.api.specs import (
    BatchSystemSpec,
    CommandSpec,
    ContainerEngineSpec,
    LanguageSpec,
    ProvisionerSpec,
    StorageSpec,
    UrlAccessSpec,
)
from toil_core.model.event import Event
from toil_core.plugins.markers import hookspec


@hookspec
def toil_job_stores() -> Sequence[StorageSpec]:
    """Job stores, named as locators begin: ``aws`` for ``aws:us-west-2:name``."""
    return ()


@hookspec
def toil_batch_systems() -> Sequence[BatchSystemSpec]:
    """Batch systems, named as ``--batch-system`` names them."""
    return ()


@hookspec
def toil_provisioners() -> Sequence[ProvisionerSpec]:
    """Provisioners, named as ``--provisioner`` names them."""
    return ()


@hookspec
def toil_languages() -> Sequence[LanguageSpec]:
    """Language front ends."""
    return ()


@hookspec
def toil_url_accesses() -> Sequence[UrlAccessSpec]:
    """Access to URLs, by scheme."""
    return ()


@hookspec
def toil_container_engines() -> Sequence[ContainerEngineSpec]:
    """Container engines."""
    return ()


@hookspec
def toil_commands() -> Sequence[CommandSpec]:
    """Subcommands of ``toil``."""
    return ()


@hookspec
def toil_run_started(run: str, locator: str) -> None:
    """A leader has begun, or taken over, a run."""


@hookspec
def toil_event(event: Event) -> None:
    """Something happened, and is durable."""


@hookspec
def toil_run_finished(run: str, succeeded: bool) -> None:
    """A leader has ended its work on a run."""
