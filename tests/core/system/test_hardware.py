"""Devices, as files of the system and variables of the user tell of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.system.hardware import amd_devices, nvidia_devices, visible_devices


@pytest.fixture
def nvidia(tmp_path: Path) -> Path:
    for name in ("nvidia0", "nvidia10", "nvidia2", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    return tmp_path


def test_devices_are_named_by_the_numbers_of_their_files(nvidia: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert nvidia_devices(nvidia) == ("0", "2", "10")
    assert nvidia_devices(nvidia / "elsewhere") == ()


@pytest.mark.parametrize(
    ("named", "found"),
    [("2,0", ("2", "0")), (" GPU-1a , 1 ", ("GPU-1a", "1")), ("", ()), ("-1", ()), ("1,-1,2", ("1",))],
)
def test_only_those_that_a_variable_names_are_used(
    nvidia: Path, monkeypatch: pytest.MonkeyPatch, named: str, found: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible_devices("CUDA_VISIBLE_DEVICES") == found
    assert nvidia_devices(nvidia) == found
    assert nvidia_devices(nvidia / "elsewhere") == ()


def test_nodes_of_processors_are_no_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROCR_VISIBLE_DEVICES", raising=False)
    for number, units in enumerate((0, 320, 320)):
        node = tmp_path / str(number)
        node.mkdir()
        (node / "properties").write_text(f"cpu_cores_count 4\nsimd_count {units}\n")
    assert amd_devices(tmp_path) == ("0", "1")
