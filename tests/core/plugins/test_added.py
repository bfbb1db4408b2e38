"""A plugin that a program brings itself."""

from __future__ import annotations

import pytest

from toil_core.api.specs import BatchSystemSpec
from toil_core.errors import PluginError
from toil_core.plugins.manager import PluginManager
from toil_core.plugins.markers import hookimpl


class Brought:
    def __init__(self, *specs: object) -> None:
        self._specs = specs

    @hookimpl
    def toil_batch_systems(self) -> list[object]:
        return [*self._specs]


def spec(contract: int = 1) -> BatchSystemSpec:
    return BatchSystemSpec(name="mine", summary="One.", load=lambda: lambda options: None, contract=contract)


def test_what_a_program_brings_is_found_by_its_name() -> None:
    plugins = PluginManager([])
    plugins.add("mine", Brought(spec()))
    assert plugins.batch_system("mine").summary == "One."


@pytest.mark.parametrize(
    ("brought", "reason"),
    [
        (Brought("no descriptor"), "returns str"),
        (Brought(spec(99)), "contract version 99"),
        (Brought(spec(), spec()), "Two plugins provide"),
    ],
)
def test_what_cannot_be_used_is_an_error_at_once(brought: Brought, reason: str) -> None:
    with pytest.raises(PluginError, match=reason):
        PluginManager([]).add("mine", brought)
