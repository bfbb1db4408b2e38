"""Options stand under headings, in help as in a configuration file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from toil_core.api.options import option
from toil_core.config.parser import OptionParser, add_options
from toil_core.config.writing import configuration


@dataclass(frozen=True)
class Options:
    GROUP: ClassVar[str] = "The class"

    first: int = option(1, "Do the first.")
    second: int = option(2, "Do the second.", topic="A topic")
    third: int = option(3, "Do the third.")


def test_an_option_with_a_topic_stands_under_it_and_the_others_under_their_class():
    parser = OptionParser(prog="x", usage="x")
    add_options(parser, [Options])
    text = parser.format_help()
    assert text.index("The class:") < text.index("--first") < text.index("--third") < text.index("A topic:")
    assert text.index("A topic:") < text.index("--second")


def test_a_configuration_file_has_the_same_headings():
    text = configuration([Options])
    assert (
        text.index("## The class") < text.index("# third: '3'") < text.index("## A topic") < text.index("# second: '2'")
    )
