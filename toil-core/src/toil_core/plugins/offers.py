"""What plugins provide, by kind and by the names it is asked for; and what of it cannot be used, and why."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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
from toil_core.errors import PluginError, UnknownPlugin
from toil_core.plugins.known import extra_for
from toil_core.plugins.source import Source

CONTRACT_VERSIONS = range(1, 2)
"""The contract versions that this core speaks, of every kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of plugin: what people call it, its hook, and the descriptor that its hook returns."""

    name: str
    hook: str
    spec: type[Any]


KINDS = (
    Kind("job store", "toil_job_stores", StorageSpec),
    Kind("batch system", "toil_batch_systems", BatchSystemSpec),
    Kind("provisioner", "toil_provisioners", ProvisionerSpec),
    Kind("language", "toil_languages", LanguageSpec),
    Kind("URL access", "toil_url_accesses", UrlAccessSpec),
    Kind("container engine", "toil_container_engines", ContainerEngineSpec),
    Kind("command", "toil_commands", CommandSpec),
)


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plugin, or one thing it provides, that cannot be used, and why."""

    name: str
    distribution: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Offer:
    kind: str
    spec: Any  # one of the descriptor classes; the kind says which
    source: Source


@dataclass(frozen=True, slots=True)
class _Refusal:
    """``kind`` is empty for a plugin of which nothing is known but its entry point."""

    kind: str
    names: Sequence[str]
    source: Source
    reason: str


class Offers:
    """Everything that was offered. Not thread-safe while it is filled."""

    def __init__(self) -> None:
        self._offers: dict[str, dict[str, list[_Offer]]] = {kind.name: {} for kind in KINDS}
        self._refusals: list[_Refusal] = []

    def refuse(self, source: Source, reason: str, kind: str = "", names: Sequence[str] = ()) -> None:
        """Note that a plugin, or one thing it provides, cannot be used."""
        self._refusals.append(_Refusal(kind, tuple(names) or (source.name,), source, reason))

    def take(self, kind: Kind, spec: object, source: Source) -> bool:
        """Note what a hook returned; whether it can be used."""
        if not isinstance(spec, kind.spec):
            self.refuse(source, f"its hook {kind.hook} returns {type(spec).__name__}, not {kind.spec.__name__}")
            return False
        names = _names(spec)
        if spec.contract not in CONTRACT_VERSIONS:
            self.refuse(source, _version_mismatch(kind.name, spec, source.distribution), kind.name, names)
            return False
        for name in names:
            self._offers[kind.name].setdefault(name, []).append(_Offer(kind.name, spec, source))
        return True

    def find(self, kind: str, name: str) -> Any:
        """The descriptor of a kind that answers to a name. Raises ``UnknownPlugin``, ``PluginError``."""
        offers = self._offers[kind]
        found = offers.get(name, [])
        if len(found) == 1:
            return found[0].spec
        if found:
            raise PluginError(_doubled(name, found), "Uninstall one of them")
        for refusal in self._refusals:
            if refusal.kind in ("", kind) and name in refusal.names:
                owner = refusal.source.distribution
                raise PluginError(f'The {kind} "{name}" of {owner} cannot be used: {refusal.reason}')
        installed = ", ".join(sorted(offers)) or "none"
        near = difflib.get_close_matches(name, offers, 1)
        look = "Install the plugin that brings it; to see yours: toil plugins"
        cure = extra_for(name) or (f'Did you mean "{near[0]}"?' if near else look)
        raise UnknownPlugin(f'No {kind} for "{name}". Installed: {installed}', cure)

    def names(self, kind: str) -> Sequence[str]:
        """Everything that things of a kind are asked for by, doubled names included."""
        return sorted(self._offers[kind])

    def all(self, kind: str) -> Sequence[Any]:
        """The descriptors of a kind, sorted by name; none that shares a name with another."""
        doubled = {id(offer) for _, offers in self._doubled() for offer in offers}
        found = {
            offer.spec.name: offer.spec
            for offers in self._offers[kind].values()
            for offer in offers
            if id(offer) not in doubled
        }
        return [found[name] for name in sorted(found)]

    def broken(self) -> Sequence[BrokenPlugin]:
        """What cannot be used, and why."""
        refused = [
            BrokenPlugin(name, refusal.source.distribution, refusal.reason)
            for refusal in self._refusals
            for name in refusal.names[:1]
        ]
        doubled = [
            BrokenPlugin(name, offers[0].source.distribution, _doubled(name, offers))
            for name, offers in self._doubled()
        ]
        return [*refused, *doubled]

    def _doubled(self) -> Iterator[tuple[str, list[_Offer]]]:
        for by_name in self._offers.values():
            for name, offers in by_name.items():
                if len(offers) > 1:
                    yield name, offers


def _names(spec: Spec) -> Sequence[str]:
    """What a thing is asked for by."""
    if isinstance(spec, UrlAccessSpec):
        return (*spec.schemes, *spec.hosts)
    if isinstance(spec, LanguageSpec):
        return (spec.name, *spec.suffixes)
    return (spec.name,)


def _doubled(name: str, offers: Sequence[_Offer]) -> str:
    owners = " and ".join(sorted({offer.source.distribution for offer in offers}))
    return f'Two plugins provide the {offers[0].kind} "{name}": {owners}'


def _version_mismatch(kind: str, spec: Spec, distribution: str) -> str:
    newest = CONTRACT_VERSIONS[-1]
    side = "toil-core" if spec.contract > newest else distribution
    return (
        f'its {kind} "{spec.name}" speaks contract version {spec.contract}, toil-core speaks {newest}. '
        f"Try: pip install --upgrade {side}"
    )
