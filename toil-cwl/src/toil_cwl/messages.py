"""What cwltool says in many lines, in one."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def one_line(text: str) -> str:
    """A message's lines joined, without indentation, bullets and terminal escapes."""
    lines = (_ESCAPES.sub("", line).strip().lstrip("*").strip() for line in text.splitlines())
    return " ".join(line for line in lines if line)
