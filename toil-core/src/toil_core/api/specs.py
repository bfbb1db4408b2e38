"""Descriptors: what a plugin's hooks return. Light data; ``load`` imports the class when it is chosen.

Each has a ``name`` a person types, a one-line ``summary``, the ``contract`` version it was written
for (an integer), its ``options`` class (a frozen dataclass, see ``api.options``) or ``None``, and
``load``, which returns the factory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import argparse

    from toil_core.api.batch_system import BatchSystem
    from toil_core.api.container import ContainerEngine
    from toil_core.api.language import Language
    from toil_core.api.provisioner import Provisioner
    from toil_core.api.storage import Storage
    from toil_core.api.url_access import UrlAccess


class Spec(Protocol):
    """What all descriptors have."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def contract(self) -> int: ...


@dataclass(frozen=True, slots=True)
class StorageSpec:
    """A job store: locators ``NAME:rest``. ``load()(rest, options)`` makes the ``Storage``. In workers
    elsewhere, and for commands as ``toil status``, options are ``None``: what is needed there comes from
    the environment, which workers share, or from the store.

    ``appends``: it offers ``append`` and ``sync``. ``is_node_local``: its objects are only seen on
    one machine unless its place is shared.
    """

    name: str
    summary: str
    load: Callable[[], Callable[[str, Any], Storage]]
    contract: int = 1
    options: type[Any] | None = None
    appends: bool = False
    is_node_local: bool = False


@dataclass(frozen=True, slots=True)
class BatchSystemSpec:
    """A batch system: ``--batch-system NAME``. ``load()(options)`` makes the ``BatchSystem``.

    ``returns_outcomes``: its workers hand their outcome back, not through the job store.
    ``shares_files``: its workers see the leader's file system.
    """

    name: str
    summary: str
    load: Callable[[], Callable[[Any], BatchSystem]]
    contract: int = 1
    options: type[Any] | None = None
    returns_outcomes: bool = False
    shares_files: bool = False


@dataclass(frozen=True, slots=True)
class ProvisionerSpec:
    """A provisioner: ``--provisioner NAME``. ``load()(cluster_name, options)`` makes it."""

    name: str
    summary: str
    load: Callable[[], Callable[[str, Any], Provisioner]]
    contract: int = 1
    options: type[Any] | None = None
    has_preemptible: bool = False


@dataclass(frozen=True, slots=True)
class LanguageSpec:
    """A language front end. ``load()()`` makes the ``Language``; ``suffixes`` are file name endings.

    ``command_options`` are classes of options that only the language's own command has: configuration
    files may speak of them, and reference and ``toil config`` tell them.
    """

    name: str
    summary: str
    load: Callable[[], Callable[[], Language]]
    contract: int = 1
    options: type[Any] | None = None
    suffixes: Sequence[str] = ()
    command_options: Sequence[type[Any]] = ()


@dataclass(frozen=True, slots=True)
class UrlAccessSpec:
    """Access to URLs of ``schemes``. ``load()(options)`` makes the ``UrlAccess``.

    ``hosts`` are ends of names of web servers, ``.files.example.org``, whose ``http`` and ``https`` URLs
    it takes too, before the access of those schemes.
    """

    name: str
    summary: str
    load: Callable[[], Callable[[Any], UrlAccess]]
    contract: int = 1
    options: type[Any] | None = None
    schemes: Sequence[str] = ()
    hosts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ContainerEngineSpec:
    """A container engine. ``load()(options)`` makes the ``ContainerEngine``."""

    name: str
    summary: str
    load: Callable[[], Callable[[Any], ContainerEngine]]
    contract: int = 1
    options: type[Any] | None = None


class Command(Protocol):
    """A subcommand of ``toil``: its arguments, and its doing."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; returns the exit code. Raises ``ToilError`` for what a person should read."""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A subcommand ``toil NAME``. ``load()()`` makes the ``Command``.

    ``takes_rest``: words that it does not declare are handed to it as ``arguments.rest``, in their
    order; else they are refused.
    """

    name: str
    summary: str
    load: Callable[[], Callable[[], Command]]
    contract: int = 1
    takes_rest: bool = False
