"""A message of many lines is told in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toil_cwl.messages import one_line, without_secrets


def test_lines_are_joined_without_bullets_and_indentation():
    assert one_line("tool.cwl:3:1: Field\n    * `a` is missing\n\n    * `b` too\n") == (
        "tool.cwl:3:1: Field `a` is missing `b` too"
    )


def test_a_position_is_told_once_and_as_a_path():
    text = "file:///a/t.cwl:3:1: Expression error:\nfile:///a/t.cwl:3:1: no such name, see file:///a/t.cwl:4:1: here"
    assert one_line(text) == "/a/t.cwl:3:1: Expression error: no such name, see /a/t.cwl:4:1: here"


def test_the_name_of_the_job_is_told_elsewhere():
    assert one_line("[job a b] Job error:\nno output") == "no output"


def test_of_a_script_only_what_it_threw_is_told():
    text = """t.cwl:5:1: Expression evaluation error:
t.cwl:5:1: Expecting value: line 1 column 1 (char 0)
t.cwl:5:1: script was:
t.cwl:5:1: 01 "use strict";
t.cwl:5:1: stdout was: ''
t.cwl:5:1: stderr was: 'evalmachine.<anonymous>:16
t.cwl:5:1: TypeError: inputs.x is undefined
t.cwl:5:1:     at evalmachine.<anonymous>:16:37'"""
    assert one_line(text) == "t.cwl:5:1: Expression evaluation error: TypeError: inputs.x is undefined"


def test_the_state_of_a_parser_is_nobody_s_concern():
    text = "t.cwl:7:13: unfinished block at position 0: '$(a' stack was [<t.DEFAULT: 0>, <t.DOLLAR: 1>]"
    assert one_line(text) == "t.cwl:7:13: unfinished block at position 0: '$(a'"


def test_colours_are_left_out():
    assert one_line("\x1b[1;31mwrong\x1b[0m\nhere") == "wrong here"


def test_a_star_inside_a_line_stays():
    assert one_line("glob: *.txt") == "glob: *.txt"


@given(st.text())
def test_there_is_never_a_second_line(text):
    assert len(one_line(text).splitlines()) <= 1


DUMP = """t.cwl:7:13: Expression evaluation error:
t.cwl:7:13: Expecting value: line 1 column 1 (char 0)
t.cwl:7:13: script was:
t.cwl:7:13: 01 "use strict";
t.cwl:7:13: 02 var inputs = {{
t.cwl:7:13: 03     "message": "(function(){{return ((1));}})()"
t.cwl:7:13: 04 }};
{}
t.cwl:7:13: stdout was: ''
t.cwl:7:13: stderr was: 'evalmachine.<anonymous>:16
t.cwl:7:13: Error: no way
t.cwl:7:13:     at evalmachine.<anonymous>:16:37'"""


@pytest.mark.parametrize(
    ("lines", "expression"),
    [
        (["(function(){return ((inputs.x));})()"], "$(inputs.x)"),
        (["(function(){", "  var a = 1;", "  throw a;", "})()"], "${var a = 1; throw a;}"),
        (["(function(){return ((" + "x" * 200 + "));})()"], "$(" + "x" * 114 + " ..."),
    ],
)
def test_the_expression_that_failed_is_told(lines, expression):
    script = "\n".join(f"t.cwl:7:13: {number:02} {line}" for number, line in enumerate(lines, 5))
    assert one_line(DUMP.format(script)) == f"t.cwl:7:13: the expression {expression} failed: Error: no way"


def test_urls_of_web_servers_tell_neither_credentials_nor_signatures():
    text = (
        "https://me:secret@x.org/a.cwl?sig=secret#main is wrong, and 'http://x.org/b?token=secret' too; s3://b/why?.cwl"
    )
    told = "https://x.org/a.cwl#main is wrong, and 'http://x.org/b' too; s3://b/why?.cwl"
    assert without_secrets(text) == told
