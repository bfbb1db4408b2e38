"""Finding plugins, and asking them: the only module that knows stevedore and pluggy."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from typing import Any

import pluggy
from stevedore import ExtensionManager

from toil_core.api.specs import (
    BatchSystemSpec,
    CommandSpec,
    ContainerEngineSpec,
    LanguageSpec,
    ProvisionerSpec,
    StorageSpec,
    UrlAccessSpec,
)
from toil_core.errors import InternalError, PluginError, UnknownPlugin
from toil_core.model.event import Event
from toil_core.model.web_host import web_host
from toil_core.plugins import hookspecs
from toil_core.plugins.known import extra_for
from toil_core.plugins.markers import PROJECT
from toil_core.plugins.offers import KINDS, BrokenPlugin, Kind, Offers
from toil_core.plugins.source import Source

_log = logging.getLogger("toil.plugins")


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A plugin that was loaded, and what it provides: kind and name of each thing."""

    name: str
    distribution: str
    version: str
    provides: tuple[tuple[str, str], ...]


class PluginManager:
    """All installed plugins. Made once a process by ``load``."""

    def __init__(self, sources: Iterable[Source], failures: Iterable[tuple[Source, str]] = ()) -> None:
        """``failures`` are the plugins that cannot be imported, with the reasons."""
        self._hooks = pluggy.PluginManager(PROJECT)
        self._hooks.add_hookspecs(hookspecs)
        self._offers = Offers()
        self._provided: list[tuple[Source, tuple[tuple[str, str], ...]]] = []
        for source, reason in failures:
            self._offers.refuse(source, reason)
        for source in sources:
            self._register(source)

    @classmethod
    def load(cls) -> PluginManager:
        """The plugins of this environment; found once a process."""
        return _load()

    def add(self, name: str, plugin: object) -> None:
        """Take a plugin that the program itself brings: an object whose attributes are its hooks.

        Raises ``PluginError`` if it cannot be used.
        """
        source = Source(name, "of the program itself", plugin)
        self._register(source)
        for broken in self._offers.broken():
            if broken.name == name:
                raise PluginError(f"The plugin {name} of this program cannot be used: {broken.reason}")

    def storage(self, locator: str) -> tuple[StorageSpec, str]:
        """The job store that a locator names, and the rest of the locator; a plain path is ``file:``."""
        scheme, colon, rest = locator.partition(":")
        if not colon or "/" in scheme:
            scheme, rest = "file", locator
        return self._offers.find("job store", scheme), rest

    def batch_system(self, name: str) -> BatchSystemSpec:
        """The batch system of that name. Raises ``UnknownPlugin``, ``PluginError``."""
        spec: BatchSystemSpec = self._offers.find("batch system", name)
        return spec

    def provisioner(self, name: str) -> ProvisionerSpec:
        """The provisioner of that name. Raises ``UnknownPlugin``, ``PluginError``."""
        spec: ProvisionerSpec = self._offers.find("provisioner", name)
        return spec

    def container_engine(self, name: str) -> ContainerEngineSpec:
        """The container engine of that name. Raises ``UnknownPlugin``, ``PluginError``."""
        spec: ContainerEngineSpec = self._offers.find("container engine", name)
        return spec

    def url_access(self, url: str) -> UrlAccessSpec:
        """The access for a web server that has one of its own, else for the URL's scheme.

        Raises ``UnknownPlugin``, ``PluginError``.
        """
        host = web_host(url)
        ends = [name for name in self._offers.names("URL access") if name.startswith(".") and host.endswith(name)]
        name = max(ends, key=len, default=url.partition(":")[0].lower())
        spec: UrlAccessSpec = self._offers.find("URL access", name)
        return spec

    def language(self, document: str, head: bytes) -> LanguageSpec:
        """The language of a document: by its name's ending, else by its first bytes.

        Raises ``UnknownPlugin``, ``PluginError``.
        """
        plain = document.partition("#")[0].lower()
        for name in self._offers.names("language"):
            if name.startswith(".") and plain.endswith(name):
                found: LanguageSpec = self._offers.find("language", name)
                return found
        specs: Sequence[LanguageSpec] = self.all("language")
        for spec in specs:
            if spec.load()().recognizes(document, head):
                return spec
        names = ", ".join(spec.name for spec in specs) or "none"
        raise UnknownPlugin(
            f"No installed language knows the document {document}",
            f"Installed: {names}. {extra_for(plain[-4:])}".strip(),
        )

    def command_specs(self) -> Sequence[CommandSpec]:
        """All subcommands."""
        return self.all("command")

    def open_url(self, url: str, options: Mapping[type[Any], Any]) -> Any:
        """The ``UrlAccess`` for a URL, made with its own of the ``options``, by class.

        Raises ``UnknownPlugin``, ``PluginError``.
        """
        spec = self.url_access(url)
        return spec.load()(None if spec.options is None else options.get(spec.options))

    def all(self, kind: str) -> Sequence[Any]:
        """All usable descriptors of a kind, sorted by name; of those that share a name none."""
        return self._offers.all(kind)

    def broken(self) -> Sequence[BrokenPlugin]:
        """What cannot be used, and why."""
        return self._offers.broken()

    def installed(self) -> Sequence[InstalledPlugin]:
        """The plugins that were loaded."""
        return [
            InstalledPlugin(source.name, source.distribution, source.version, provides)
            for source, provides in self._provided
        ]

    def run_started(self, run: str, locator: str) -> None:
        """Tell observers."""
        self._observe("toil_run_started", run=run, locator=locator)

    def event(self, event: Event) -> None:
        """Tell observers."""
        self._observe("toil_event", event=event)

    def run_finished(self, run: str, succeeded: bool) -> None:
        """Tell observers."""
        self._observe("toil_run_finished", run=run, succeeded=succeeded)

    def _observe(self, hook: str, **facts: object) -> None:
        for implementation in list(getattr(self._hooks.hook, hook).get_hookimpls()):
            try:
                implementation.function(**{name: facts[name] for name in implementation.argnames})
            except Exception as error:  # a raising observer must harm nobody
                name = implementation.plugin_name
                _log.warning("The plugin %s is no longer told of events: %s: %s", name, type(error).__name__, error)
                self._hooks.unregister(implementation.plugin)

    def _register(self, source: Source) -> None:
        try:
            self._hooks.register(source.module, name=f"{source.name} = {source.value}")
        except (ValueError, pluggy.PluginValidationError) as error:
            self._offers.refuse(source, " ".join(str(error).split()))
            return
        provides: list[tuple[str, str]] = []
        for kind in KINDS:
            hook = getattr(self._hooks.hook, kind.hook)
            for implementation in hook.get_hookimpls():
                if implementation.plugin is source.module:
                    provides += self._taken(kind, implementation.function, source)
        self._provided.append((source, tuple(provides)))

    def _taken(self, kind: Kind, hook: Callable[[], Sequence[Any]], source: Source) -> list[tuple[str, str]]:
        try:
            specs = list(hook())
        except Exception as error:  # a broken plugin is a line in `toil plugins`, not a dead program
            self._offers.refuse(source, f"{type(error).__name__}: {error}")
            return []
        return [(kind.name, spec.name) for spec in specs if self._offers.take(kind, spec, source)]


@cache
def _load() -> PluginManager:
    failures: list[tuple[Source, str]] = []

    def failed(_: Any, entry_point: EntryPoint, error: BaseException) -> None:
        failures.append((Source(entry_point.name, entry_point.value, None), f"{type(error).__name__}: {error}"))

    found: ExtensionManager[Any] = ExtensionManager(PROJECT, on_load_failure_callback=failed)
    sources = [Source(one.name, one.entry_point.value, one.plugin) for one in found.extensions]
    if not any(source.name == "core" for source in sources):
        for source, reason in failures:
            if source.name == "core":
                raise InternalError(f"toil-core cannot be imported: {reason}", "Try: pip install --upgrade toil-core")
        raise InternalError("toil-core is not installed as a distribution", "Try: pip install toil-core")
    return PluginManager(sources, failures)
