"""Values between documents, job stores and command lines."""

from __future__ import annotations

import pytest

from toil_core.model.file import FileRef
from toil_core.model.ids import JobId
from toil_cwl.messages import one_line
from toil_cwl.numbers import decimals, plain_json
from toil_cwl.registry import short
from toil_cwl.values import location_of, outputs_of, plain, promise, ref_of, transform, trim_listings


@pytest.mark.parametrize(
    "ref",
    [
        FileRef("files/1.1/abc", 5, "sha1$00", None, "na me#1/ü.txt", True),
        FileRef("packs/w.0", 5, "sha1$00", 17, "a.txt"),
    ],
)
def test_a_stored_file_is_its_location_and_back(ref):
    assert ref_of(location_of(ref)) == ref


def test_a_file_by_reference_keeps_its_own_location():
    ref = FileRef("file:///data/a.txt", 5)
    assert location_of(ref) == "file:///data/a.txt"
    assert ref_of("file:///data/a.txt") is None


@pytest.mark.parametrize(
    ("number", "shown"), [(1.5, "1.5"), (1e-7, "0.0000001"), (1.23e20, "123000000000000000000"), (0.1, "0.1")]
)
def test_floats_on_command_lines_have_no_exponent(number, shown):
    (found,) = decimals({"x": [number]})["x"]
    assert str(found) == shown
    assert found == number


def test_what_is_no_float_stays_as_it_is():
    value = {"a": [1, "1.5", None, True], "b": {"c": False}}
    assert decimals(value) == value
    assert plain_json(value) == value
    assert plain_json({1: (2, 3)}) == {"1": [2, 3]}


def test_files_anywhere_in_a_value_are_changed_and_nothing_else():
    value = {"a": [{"class": "File", "path": "x"}, 1], "b": {"c": {"class": "Directory"}}}
    assert transform(value, lambda one: one["class"]) == {"a": ["File", 1], "b": {"c": "Directory"}}
    assert plain({"class": "File", "location": "x", "path": "y", "nameroot": "z"}) == {"class": "File", "location": "x"}


def test_a_directory_that_lies_somewhere_needs_no_listing_and_one_that_was_made_does():
    somewhere = {"class": "Directory", "location": "file:///d", "listing": [{"class": "File"}]}
    made = {"class": "Directory", "listing": [{"class": "File"}]}
    assert trim_listings([somewhere, made]) == [{"class": "Directory", "location": "file:///d"}, made]


def test_outputs_are_found_through_every_promise():
    values = {JobId("1"): promise(JobId("2")), JobId("2"): promise(JobId("3")), JobId("3"): '{"out": 7}'}
    assert outputs_of("1", values) == {"out": 7}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\n  * two\n\n  three", "one two three"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("[job tool_2] Job error:\nno output", "no output"),
        ("[job tool] exited", "exited"),
        ("see [job tool] there", "see [job tool] there"),
    ],
)
def test_what_the_library_says_in_many_lines_is_one(text, line):
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("identifier", "name"), [("file:///x.cwl#main/step/in", "in"), ("file:///x.cwl#in", "in"), ("in", "in")]
)
def test_the_last_part_of_an_identifier_is_its_name(identifier, name):
    assert short(identifier) == name
