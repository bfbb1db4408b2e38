"""Accelerators as upstream writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from toil_core.errors import UsageError
from toil_core.model.requirements import Accelerator
from toil_core.model.requirements import parse_accelerator as _parse

_BRANDS = ("nvidia", "amd")
_BRAND_OF_API = {"cuda": "nvidia", "rocm": "amd"}


class _Devices(TypedDict):
    count: int
    kind: str


class AcceleratorRequirement(_Devices, total=False):
    """So many devices of a kind, perhaps of a brand, for an API, of a model."""

    brand: str
    api: str
    model: str


def parse_accelerator(spec: int | str | Mapping[str, Any]) -> AcceleratorRequirement:
    """What ``2``, ``"gpu"``, ``"nvidia:2"``, ``"nvidia-tesla-k80:1"`` or a dict of fields asks for.

    Raises ``UsageError`` for what asks for nothing.
    """
    if isinstance(spec, Mapping):
        fields = {name: spec[name] for name in ("brand", "api", "model") if spec.get(name)}
        return _counted(spec, int(spec.get("count", 1)), {"kind": str(spec.get("kind", "gpu")), **fields})
    if isinstance(spec, int):
        return _counted(spec, spec, {})
    return described(_parse(spec))


def described(accelerator: Accelerator) -> AcceleratorRequirement:
    """In upstream's words, with the brand that an API or a model tells of."""
    given = {name: getattr(accelerator, name) for name in ("brand", "api", "model") if getattr(accelerator, name)}
    maker = accelerator.model.partition("-")[0]
    brand = maker if maker in _BRANDS else _BRAND_OF_API.get(accelerator.api)
    told = {} if brand is None else {"brand": brand}
    return _counted(accelerator, accelerator.count, {"kind": accelerator.kind, **told, **given})


def accelerator_satisfies(
    candidate: AcceleratorRequirement, requirement: AcceleratorRequirement, ignore: Sequence[str] = ()
) -> bool:
    """Whether devices of one kind are enough of what is asked for, or ``count`` is to be ignored; so are
    other fields that are named there."""
    if "count" not in ignore and candidate["count"] < requirement["count"]:
        return False
    wanted = {name: value for name, value in requirement.items() if name not in ("count", *ignore)}
    return all(candidate.get(name) == value for name, value in wanted.items())


def accelerators_fully_satisfy(
    candidates: Iterable[AcceleratorRequirement] | None,
    requirement: AcceleratorRequirement,
    ignore: Sequence[str] = (),
) -> bool:
    """Whether devices are together enough of what is asked for, some fields ignored."""
    fitting = (one for one in candidates or () if accelerator_satisfies(one, requirement, [*ignore, "count"]))
    return sum(one["count"] for one in fitting) >= requirement["count"]


def as_accelerators(value: Any) -> list[Accelerator]:
    """In the core's words: one specification or a list of them; ``""`` and the like ask for nothing."""
    if not value:
        return []
    specs = value if isinstance(value, (list, tuple)) else [value]
    found = [_as_accelerator(spec) for spec in specs]
    return [one for one in found if one.count]


def _as_accelerator(spec: Any) -> Accelerator:
    if isinstance(spec, Accelerator):
        return spec
    return _parse(spec) if isinstance(spec, str) else Accelerator(**parse_accelerator(spec))


def _counted(spec: object, count: int, fields: dict[str, str]) -> AcceleratorRequirement:
    if count < 0:
        raise UsageError(f"accelerators {spec!r} ask for {count} devices", 'Write a count, or like "nvidia:2"')
    return AcceleratorRequirement(count=count, **{"kind": "gpu", **fields})  # type: ignore[typeddict-item]
