"""Sizes, durations and whether a job can ever fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toil_core.errors import StorageError
from toil_core.model.object_key import LONGEST_KEY, check_key
from toil_core.model.requirements import Accelerator, Requirements, Resources
from toil_core.model.units import format_bytes, format_seconds, parse_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("12", 12),
        ("2Gi", 2 * 1024**3),
        ("500M", 500_000_000),
        ("1.5 GB", 1_500_000_000),
        (" 3k ", 3000),
        (7.9, 7),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str | float, size: int) -> None:
    assert parse_bytes(text) == size


def test_one_device_is_not_enough_for_two_wishes() -> None:
    wanted = Resources(accelerators=(Accelerator(1), Accelerator(1, brand="nvidia")))
    assert not wanted.shortfall(Resources(accelerators=(Accelerator(2, brand="nvidia"),)))
    assert wanted.shortfall(Resources(accelerators=(Accelerator(1, brand="nvidia"),))) == "2 accelerators of 1"


@pytest.mark.parametrize("text", ["", "G", "1x", "-1", "1i", "1 2", "1..2", "0x10"])
def test_what_is_no_size_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        parse_bytes(text)


@given(st.integers(0, 2**60))
def test_a_shown_size_reads_back_nearly_the_same(size: int) -> None:
    assert parse_bytes(format_bytes(size)) == pytest.approx(size, rel=0.06, abs=1)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_shown_for_people(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_gaps_are_filled_from_the_defaults_and_zero_is_no_gap() -> None:
    filled = Requirements(cores=0, accelerators=()).filled(Resources(cores=3, memory=5, accelerators=(Accelerator(1),)))
    assert (filled.cores, filled.memory, filled.accelerators) == (0, 5, ())


def test_a_job_that_can_never_fit_says_what_it_asks_and_what_there_is() -> None:
    machine = Resources(cores=2, memory=1024**3, disk=10, accelerators=(Accelerator(1, model="k80"),))
    assert Resources(cores=2, memory=1024**3, disk=10).shortfall(machine) == ""
    wanted = Resources(cores=4, memory=2 * 1024**3, disk=10, accelerators=(Accelerator(2, model="k80"),))
    assert wanted.shortfall(machine) == "4 cores of 2, 2.0 GiB memory of 1.0 GiB, 2 k80 of 1"


@pytest.mark.parametrize("key", ["a", "files/1.1/abc", "A-b_c.d", "a" * LONGEST_KEY])
def test_keys_of_objects_are_accepted(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", ".", "a/../b", "a b", "ä", "a\n", "a" * (LONGEST_KEY + 1)])
def test_what_could_leave_the_store_is_no_key(key: str) -> None:
    with pytest.raises(StorageError, match="cannot be the key"):
        check_key(key)
