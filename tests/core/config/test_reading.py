"""Options come from defaults, file, environment and command line, each stronger than the one before."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toil_core.api.options import option
from toil_core.config.declared import declared
from toil_core.config.parser import OptionParser, add_options
from toil_core.config.reading import Sources, read_options
from toil_core.config.run_options import RUN_OPTIONS, CleanWhen, ResourceOptions, ScheduleOptions, StoreOptions
from toil_core.config.writing import configuration
from toil_core.errors import InternalError, PluginError, UsageError


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


@dataclass(frozen=True)
class Sample:
    some_count: int = option(3, "Count to this.")
    is_loud: bool = option(False, "Shout.")
    colour: Colour = option(Colour.RED, "Paint it.")
    many_names: tuple[str, ...] = option((), "Call them so.")
    a_secret: str = option("", "Know this.", is_secret=True)
    max_preemptible_jobs: int = option(1, "Allow so many.")
    place: str = option("", "Be there.", environment="TOIL_WHERE")


def read(arguments=(), environment=None, file=None):
    parser = OptionParser(prog="sample")
    add_options(parser, [Sample])
    found = parser.parse_args(list(arguments))
    return read_options([Sample], Sources(file, environment or {}, found)).get(Sample)


def test_without_any_source_every_option_has_its_default():
    assert read() == Sample()


def test_each_source_is_stronger_than_the_one_before(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("some_count: 4\n")
    environment = {"TOIL_SOME_COUNT": "5"}
    assert read(file=file).some_count == 4
    assert read(file=file, environment=environment).some_count == 5
    assert read(["--some-count", "6"], environment, file).some_count == 6


@pytest.mark.parametrize(
    "flag", ["--max-preemptible-jobs", "--maxPreemptibleJobs", "--max-preemptable-jobs", "--maxPreemptableJobs"]
)
def test_camel_case_and_both_spellings_of_preemptible_are_accepted(flag):
    assert read([flag, "7"]).max_preemptible_jobs == 7


@pytest.mark.parametrize(
    ("words", "loud"),
    [([], False), (["--is-loud"], True), (["--isLoud"], True), (["--is-loud=true"], True), (["--isLoud=no"], False)],
)
def test_a_boolean_takes_no_value_or_one_behind_an_equals_sign(words, loud):
    assert read(words).is_loud is loud


def test_no_switches_off_what_the_environment_switched_on():
    assert read(["--no-is-loud"], {"TOIL_IS_LOUD": "yes"}).is_loud is False


@pytest.mark.parametrize("word", ["dark-blue", "darkBlue", "dark_blue", "DARKBLUE"])
def test_an_enum_is_named_by_its_value_in_any_spelling(word):
    assert read(["--colour", word]).colour is Colour.DARK_BLUE


def test_a_repeated_option_collects_and_the_environment_separates_by_commas():
    assert read(["--many-names", "a", "--many-names", "b"]).many_names == ("a", "b")
    assert read(environment={"TOIL_MANY_NAMES": "a,b"}).many_names == ("a", "b")


@pytest.mark.parametrize(
    ("arguments", "environment", "text", "expected"),
    [
        (["--some-count", "x"], {}, "", '--some-count is "x": not a whole number'),
        ([], {"TOIL_SOME_COUNT": "x"}, "", 'TOIL_SOME_COUNT is "x": not a whole number'),
        ([], {}, "a: 1\n", 'c.yaml:1: unknown key "a"'),
        ([], {}, "\nsome_cuont: 1\n", 'c.yaml:2: unknown key "some_cuont". Did you mean "some_count"?'),
        ([], {}, "is_loud: 3\n", 'c.yaml:1: is_loud is "3": neither true nor false'),
        ([], {}, "- a\n", "a configuration is a mapping"),
        ([], {}, "a: [\n", "c.yaml:2:"),
        ([], {}, "place: {a: b}\n", "c.yaml:1: place has several values, and takes one"),
        ([], {}, "place: {a: [b]}\n", "c.yaml:1: place is neither a value nor a list of values"),
        ([], {}, "? [a]\n: b\n", "c.yaml:1: the name of an option is a word"),
        ([], {}, "place: a\0b\n", "c.yaml: unacceptable character"),
        ([], {}, "some_count: !!python/object/apply:os.getpid []\n", "c.yaml:1: some_count has several values"),
        (["--colour", "green"], {}, "", "not one of red, dark-blue"),
        (["--some-cuont", "1"], {}, "", "Unknown option --some-cuont. Did you mean --some-count?"),
    ],
)
def test_a_mistake_is_told_with_where_it_was_made(tmp_path, arguments, environment, text, expected):
    file = tmp_path / "c.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read(arguments, environment, file)
    assert expected in str(caught.value)


def test_a_file_in_another_encoding_is_told_of(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_bytes(b"place: \xff\n")
    with pytest.raises(UsageError, match="not a text in UTF-8"):
        read(file=file)


def test_the_file_gives_text_and_the_option_says_what_it_means(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("some_count: 010\nplace: 1e3\nmany_names: [on, 2]\nis_loud: on\ncolour:\n")
    assert read(file=file) == Sample(some_count=10, place="1e3", many_names=("on", "2"), is_loud=True)


def test_the_derived_and_the_documented_environment_names_both_count():
    assert read(environment={"TOIL_WHERE": "here"}).place == "here"
    assert read(environment={"TOIL_PLACE": "there", "TOIL_WHERE": "here"}).place == "there"


def test_a_flag_that_two_plugins_declare_is_refused_naming_both():
    @dataclass(frozen=True)
    class Twin:
        some_count: int = option(1, "Count again.")

    with pytest.raises(PluginError, match=r"--some-count is declared twice: .*Sample and .*Twin"):
        add_options(OptionParser(prog="sample"), [Sample, Twin])


def test_a_bad_secret_is_not_repeated():
    @dataclass(frozen=True)
    class Guarded:
        pin: int = option(0, "Open with this.", is_secret=True)

    parser = OptionParser(prog="sample")
    add_options(parser, [Guarded])
    with pytest.raises(UsageError) as caught:
        read_options([Guarded], Sources(None, {"TOIL_PIN": "hunter2"}, parser.parse_args([])))
    assert "hunter2" not in str(caught.value)


def test_an_option_without_help_is_refused():
    @dataclass(frozen=True)
    class Silent:
        thing: int = 0

    with pytest.raises(InternalError, match=r"Silent\.thing has no help"):
        declared(Silent)


def test_the_written_configuration_changes_nothing_and_every_line_of_it_can_be_used(tmp_path):
    text = configuration(RUN_OPTIONS)
    file = tmp_path / "c.yaml"
    file.write_text(text)
    nothing = argparse.Namespace()
    assert read_options(RUN_OPTIONS, Sources(file, {}, nothing)).get(ResourceOptions) == ResourceOptions()
    lines = (line[2:] for line in text.splitlines() if line.startswith("# ") and ": " in line)
    names = {one.name for owner in RUN_OPTIONS for one in fields(owner)}
    file.write_text("\n".join(line for line in lines if line.partition(":")[0] in names))
    assert len(file.read_text().splitlines()) == len(names)
    found = read_options(RUN_OPTIONS, Sources(file, {}, nothing))
    assert found.get(StoreOptions) == StoreOptions()
    assert found.get(ResourceOptions) == ResourceOptions()
    assert found.get(ScheduleOptions) == ScheduleOptions()


def test_the_documented_spellings_of_clean_are_accepted():
    parser = OptionParser(prog="sample")
    add_options(parser, [StoreOptions])
    found = parser.parse_args(["--clean", "onSuccess", "--jobStore", "x", "--workDir", "/tmp"])
    store = read_options([StoreOptions], Sources(None, {}, found)).get(StoreOptions)
    assert store == StoreOptions(job_store="x", clean=CleanWhen.ON_SUCCESS, work_dir=Path("/tmp"))


@given(st.integers(min_value=0, max_value=2**60))
def test_any_number_survives_being_written_and_read(number):
    assert read([f"--some-count={number}"]).some_count == number
