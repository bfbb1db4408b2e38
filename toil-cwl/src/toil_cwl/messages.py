"""What cwltool says in many lines, in one."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_JOB = re.compile(r"^\[(job|step|workflow) [^\]]*\] (Job error:\s*)?")


def one_line(text: str) -> str:
    """A message's lines joined, without indentation, bullets, terminal escapes, and the job's name in front."""
    text = _JOB.sub("", _ESCAPES.sub("", text))
    lines = (line.strip().lstrip("*").strip() for line in text.splitlines())
    return " ".join(line for line in lines if line)
