"""What cwltool says in many lines, in one."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_JOB = re.compile(r"^\[(job|step|workflow) [^\]]*\] (Job error:\s*)?")
_SCRIPT = re.compile(
    r"(Expression evaluation error:\s*(\S+:\d+:\d+:\s*)?)?"
    r"(Expecting value: line 1 column 1 \(char 0\)\s*)?(\S+:\d+:\d+:\s*)?script was:.*",
    re.DOTALL,
)
_THROWN = re.compile(r"^(?:\S+:\d+:\d+:)?\s*(?:Uncaught )?(\w*Error: .*)$", re.MULTILINE)
_SCRIPT_LINE = re.compile(r"^(?:\S+:\d+:\d+:)?\s*\d+ (.*)$", re.MULTILINE)
_RETURNED = re.compile(r"return \(\((.*)\)\);", re.DOTALL)
_EXPRESSION_SHOWN = 120
_PARSER_STACK = re.compile(r" stack was \[[^\]]*\]")
_POSITION = re.compile(r"((?:(?<= )|^)\S+:\d+:\d+: )")
_WEB_URL = re.compile(r"""(https?://)(?:[^/\s'"@]*@)?([^\s'"?]*)(?:\?[^\s'"#]*)?""")


def without_secrets(text: str) -> str:
    """A message whose URLs of web servers tell no credentials, and no query, which signs some of them."""
    return _WEB_URL.sub(r"\1\2", text)


def one_line(text: str) -> str:
    """A message's lines joined, without indentation, bullets, terminal escapes, the job's name in front,
    and positions in a document that were told before."""
    text = _SCRIPT.sub(_thrown, text)
    text = _PARSER_STACK.sub("", _JOB.sub("", _ESCAPES.sub("", text)))
    lines = (line.strip().lstrip("*").strip() for line in text.splitlines())
    words = _POSITION.split(" ".join(line for line in lines if line).replace("file:///", "/"))
    return "".join(word for index, word in enumerate(words) if index % 2 == 0 or word not in words[1:index:2])


def _thrown(found: re.Match[str]) -> str:
    """What a script threw, and the expression that it was, without the rest of the script and the
    interpreter's stack."""
    thrown = _THROWN.search(found[0])
    if thrown is None:
        return found[0]
    expression = _expression(found[0])
    if not expression:
        return f"{found[1] or ''}{thrown[1]}"
    return f"the expression {expression} failed: {thrown[1]}"


def _expression(script: str) -> str:
    """The expression as the document has it: a script wraps it into a function, in its last lines."""
    lines = " ".join(line.strip() for line in _SCRIPT_LINE.findall(script.partition("stdout was:")[0]))
    _, function, rest = lines.rpartition("(function(){")
    if not function:
        return ""
    body = rest.strip().removesuffix("})()").strip()
    returned = _RETURNED.fullmatch(body)
    text = f"$({returned[1]})" if returned else f"${{{body}}}"
    return text if len(text) <= _EXPRESSION_SHOWN else f"{text[: _EXPRESSION_SHOWN - 4]} ..."
