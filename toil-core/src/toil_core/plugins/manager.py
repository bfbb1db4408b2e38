"""Finding plugins, and asking them: the only module that knows stevedore and pluggy."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import pluggy
from stevedore import ExtensionManager

from toil_core.api.specs import (
    BatchSystemSpec,
    CommandSpec,
    ContainerEngineSpec,
    LanguageSpec,
    ProvisionerSpec,
    Spec,
    StorageSpec,
    UrlAccessSpec,
)
from toil_core.errors import InternalError, PluginError, UnknownPlugin
from toil_core.model.event import Event
from toil_core.plugins import hookspecs
from toil_core.plugins.known import extra_for
from toil_core.plugins.markers import PROJECT

CONTRACT_VERSIONS = range(1, 2)
"""The contract versions that this core speaks, of every kind."""

_log = logging.getLogger("toil.plugins")
_S = TypeVar("_S", bound=Spec)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of plugin: what people call it, and its hook."""

    name: str
    hook: str


KINDS = (
    Kind("job store", "toil_job_stores"),
    Kind("batch system", "toil_batch_systems"),
    Kind("provisioner", "toil_provisioners"),
    Kind("language", "toil_languages"),
    Kind("URL access", "toil_url_accesses"),
    Kind("container engine", "toil_container_engines"),
    Kind("command", "toil_commands"),
)


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plugin, or one thing it provides, that cannot be used, and why."""

    name: str
    distribution: str
    reason: str


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A plugin that was loaded, and what it provides: kind and name of each thing."""

    name: str
    distribution: str
    version: str
    provides: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a plugin comes from: its entry point, and the module that the entry point names."""

    name: str
    value: str
    module: Any  # a module of hooks; pluggy looks into it

    @property
    def distribution(self) -> str:
        """The name of the distribution that declares the entry point."""
        return _owner(self.name, self.value)[0]

    @property
    def version(self) -> str:
        """The version of that distribution."""
        return _owner(self.name, self.value)[1]


@dataclass(frozen=True, slots=True)
class _Offer:
    spec: Any  # one of the descriptor classes; the kind says which
    source: Source

    @property
    def distribution(self) -> str:
        return self.source.distribution


class PluginManager:
    """All installed plugins. Made once a process by ``load``."""

    def __init__(self, sources: Iterable[Source], broken: Iterable[BrokenPlugin] = ()) -> None:
        self._broken = list(broken)
        self._hooks = pluggy.PluginManager(PROJECT)
        self._hooks.add_hookspecs(hookspecs)
        self._offers: dict[str, dict[str, list[_Offer]]] = {kind.name: {} for kind in KINDS}
        self._provided: list[tuple[Source, tuple[tuple[str, str], ...]]] = []
        for source in sources:
            self._register(source)

    @classmethod
    def load(cls) -> PluginManager:
        """The plugins of this environment; found once a process."""
        return _load()

    def storage(self, locator: str) -> tuple[StorageSpec, str]:
        """The job store that a locator names, and the rest of the locator; a plain path is ``file:``."""
        scheme, colon, rest = locator.partition(":")
        if not colon or "/" in scheme:
            scheme, rest = "file", locator
        return self._find("job store", scheme), rest

    def batch_system(self, name: str) -> BatchSystemSpec:
        """The batch system of that name. Raises ``UnknownPlugin``, ``PluginError``."""
        spec: BatchSystemSpec = self._find("batch system", name)
        return spec

    def provisioner(self, name: str) -> ProvisionerSpec:
        """The provisioner of that name. Raises ``UnknownPlugin``, ``PluginError``."""
        spec: ProvisionerSpec = self._find("provisioner", name)
        return spec

    def container_engine(self, name: str) -> ContainerEngineSpec:
        """The container engine of that name. Raises ``UnknownPlugin``, ``PluginError``."""
        spec: ContainerEngineSpec = self._find("container engine", name)
        return spec

    def url_access(self, url: str) -> UrlAccessSpec:
        """The access for a URL's scheme. Raises ``UnknownPlugin``, ``PluginError``."""
        scheme = url.partition(":")[0].lower()
        by_scheme: dict[str, list[_Offer]] = {}
        for offers in self._offers["URL access"].values():
            for offer in offers:
                for one in offer.spec.schemes:
                    by_scheme.setdefault(one, []).append(offer)
        spec: UrlAccessSpec = _only("URL access", scheme, by_scheme)
        return spec

    def language(self, document: str, head: bytes) -> LanguageSpec:
        """The language of a document: by its name's ending, else by its first bytes."""
        specs = self.all("language")
        plain = document.partition("#")[0].lower()
        for spec in specs:
            if any(plain.endswith(suffix) for suffix in spec.suffixes):
                return spec  # type: ignore[no-any-return]  # the kind says its class
        for spec in specs:
            if spec.load()().recognizes(document, head):
                return spec  # type: ignore[no-any-return]
        names = ", ".join(spec.name for spec in specs) or "none"
        raise UnknownPlugin(
            f"No installed language knows the document {document}",
            f"Installed: {names}. {extra_for(plain[-4:])}".strip(),
        )

    def command_specs(self) -> Sequence[CommandSpec]:
        """All subcommands."""
        return self.all("command")

    def all(self, kind: str) -> Sequence[Any]:
        """All usable descriptors of a kind, sorted by name; of doubled names none."""
        return [offers[0].spec for _, offers in sorted(self._offers[kind].items()) if len(offers) == 1]

    def broken(self) -> Sequence[BrokenPlugin]:
        """What cannot be used, and why."""
        doubled = [
            BrokenPlugin(name, offers[0].distribution, _doubled(kind, name, offers))
            for kind, by_name in self._offers.items()
            for name, offers in by_name.items()
            if len(offers) > 1
        ]
        return [*self._broken, *doubled]

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
            self._broken.append(BrokenPlugin(source.name, source.distribution, str(error)))
            return
        provides: list[tuple[str, str]] = []
        for kind in KINDS:
            hook = getattr(self._hooks.hook, kind.hook)
            for implementation in hook.get_hookimpls():
                if implementation.plugin is source.module:
                    self._take(kind.name, implementation.function, source, provides)
        self._provided.append((source, tuple(provides)))

    def _take(
        self, kind: str, hook: Callable[[], Sequence[Any]], source: Source, provides: list[tuple[str, str]]
    ) -> None:
        try:
            specs = list(hook())
        except Exception as error:  # a broken plugin is a line in `toil plugins`, not a dead program
            self._broken.append(BrokenPlugin(source.name, source.distribution, f"{type(error).__name__}: {error}"))
            return
        for spec in specs:
            if spec.contract not in CONTRACT_VERSIONS:
                reason = _version_mismatch(kind, spec, source.distribution)
                self._broken.append(BrokenPlugin(spec.name, source.distribution, reason))
                continue
            self._offers[kind].setdefault(spec.name, []).append(_Offer(spec, source))
            provides.append((kind, spec.name))

    def _find(self, kind: str, name: str) -> Any:
        for broken in self._broken:
            if broken.name == name:
                raise PluginError(f'The {kind} "{name}" of {broken.distribution} cannot be used: {broken.reason}')
        return _only(kind, name, self._offers[kind])


def _only(kind: str, name: str, offers: dict[str, list[_Offer]]) -> Any:
    found = offers.get(name, [])
    if len(found) == 1:
        return found[0].spec
    if found:
        raise PluginError(_doubled(kind, name, found), "Uninstall one of them")
    installed = ", ".join(sorted(offers)) or "none"
    near = difflib.get_close_matches(name, offers, 1)
    cure = extra_for(name) or (f'Did you mean "{near[0]}"?' if near else "Try: toil plugins")
    raise UnknownPlugin(f'No {kind} for "{name}". Installed: {installed}', cure)


def _doubled(kind: str, name: str, offers: Sequence[_Offer]) -> str:
    owners = " and ".join(sorted({offer.distribution for offer in offers}))
    return f'Two plugins provide the {kind} "{name}": {owners}'


def _version_mismatch(kind: str, spec: Spec, distribution: str) -> str:
    newest = CONTRACT_VERSIONS[-1]
    side = "toil-core" if spec.contract > newest else distribution
    return (
        f'its {kind} "{spec.name}" speaks contract version {spec.contract}, toil-core speaks {newest}. '
        f"Try: pip install --upgrade {side}"
    )


@cache
def _load() -> PluginManager:
    broken: list[BrokenPlugin] = []

    def failed(_: Any, entry_point: EntryPoint, error: BaseException) -> None:
        distribution, _version = _owner(entry_point.name, entry_point.value)
        broken.append(BrokenPlugin(entry_point.name, distribution, f"{type(error).__name__}: {error}"))

    found: ExtensionManager[Any] = ExtensionManager(PROJECT, on_load_failure_callback=failed)
    sources = [Source(one.name, one.entry_point.value, one.plugin) for one in found.extensions]
    if not any(source.name == "core" for source in sources):
        raise InternalError("toil-core is not installed as a distribution", "Try: pip install toil-core")
    return PluginManager(sources, broken)


@cache
def _owners() -> dict[tuple[str, str], tuple[str, str]]:
    """Distribution and version by entry point; asked for seldom, since it reads every distribution's metadata."""
    return {
        (point.name, point.value): (point.dist.name, point.dist.version)
        for point in entry_points(group=PROJECT)
        if point.dist is not None
    }


def _owner(name: str, value: str) -> tuple[str, str]:
    return _owners().get((name, value), ("?", "?"))
