"""What cwltool says in many lines, in one."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_JOB = re.compile(r"^\[(job|step|workflow) [^\]]*\] (Job error:\s*)?")
_SCRIPT = re.compile(r"(Expecting value: line 1 column 1 \(char 0\)\s*)?(\S+:\d+:\d+:\s*)?script was:.*", re.DOTALL)
_THROWN = re.compile(r"^(?:\S+:\d+:\d+:)?\s*(?:Uncaught )?(\w*Error: .*)$", re.MULTILINE)
_POSITION = re.compile(r"((?:(?<= )|^)\S+:\d+:\d+: )")


def one_line(text: str) -> str:
    """A message's lines joined, without indentation, bullets, terminal escapes, the job's name in front,
    and positions in a document that were told before."""
    text = _SCRIPT.sub(_thrown, text)
    text = _JOB.sub("", _ESCAPES.sub("", text))
    lines = (line.strip().lstrip("*").strip() for line in text.splitlines())
    words = _POSITION.split(" ".join(line for line in lines if line).replace("file:///", "/"))
    return "".join(word for index, word in enumerate(words) if index % 2 == 0 or word not in words[1:index:2])


def _thrown(found: re.Match[str]) -> str:
    """What a script threw, without the script and the interpreter's stack."""
    thrown = _THROWN.search(found[0])
    return thrown[1] if thrown else found[0]
