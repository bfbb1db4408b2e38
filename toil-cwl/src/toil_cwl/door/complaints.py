"""What is wrong with a document: where, what was expected, and what may have been meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from cwltool.process import supportedProcessRequirements
from schema_salad.exceptions import SchemaSaladException

from toil_cwl.messages import one_line

BROKEN = (LookupError, TypeError, AttributeError, ValueError, AssertionError, StopIteration)
"""What cwltool stumbles over, beside its own exceptions, in a document that is far from CWL."""

_SHOWN = 3
_CLASSES = ("CommandLineTool", "ExpressionTool", "Workflow", "Operation", "SoftwareRequirement")
_SCALARS = ("null", "boolean", "int", "long", "float", "double", "string", "File", "Directory", "Any")
_TYPES = (*_SCALARS, "stdin", "stdout", "stderr", "array", "record", "enum")
_WRONG_FIELD = re.compile(r"invalid field '([^']+)', expected one of: (.*)")
_WRONG_CLASS = re.compile(r"Field 'class' contains undefined reference to '[^']*?([^/#']+)'")
_WRONG_TYPE = re.compile(r"Field 'type' references unknown identifier '([^'\[\]?]+)[\[\]?]*'")
_LACKS = re.compile(r"(\w+Requirement) not in requirements")


def complaint(error: BaseException) -> tuple[str, str]:
    """A message of one line, and a cure or nothing. A tree of what failed within what is told by its
    tips: the file, line and column of each, and what was expected there."""
    tree: Any = next((one for one in (error, error.__cause__) if getattr(one, "children", ())), None)
    if isinstance(error, StopIteration):
        text = "it is empty"
    elif isinstance(error, BROKEN):
        text = f"cwltool cannot read it ({type(error).__name__}: {one_line(str(error))})"
    elif tree is None or tree.message.startswith("while "):  # of YAML: where something began counts too
        text = " ".join(one_line(str(error)).split())
    else:
        found = list(dict.fromkeys(_tips(tree, "")))
        rest = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        text = one_line("; ".join(found[:_SHOWN])) + rest
    return text, _cure(text)


def _tips(error: Any, field: str) -> Iterator[str]:
    """The innermost complaints; of several about one value, that value's position is told once."""
    if "field is not valid" in error.message:
        field = error.message.removesuffix(" because")
    children = [child for child in error.children if child.children or child.message]
    if not children:
        is_about_value = error.message.lower().startswith(("value", "the value"))
        yield f"{error.prefix()}{f'{field}: ' if field and is_about_value else ''}{error.message}"
    elif len(children) > 1 and all(child.message.startswith("tried ") for child in children):
        tips = [tip for child in children for tip in _plain_tips(child)]
        yield f"{error.prefix()}{f'{field}: ' if field else ''}{', '.join(dict.fromkeys(tips))}"
    else:
        for child in children:
            yield from _tips(child, field)


def _plain_tips(error: SchemaSaladException) -> Iterator[str]:
    for leaf in error.leaves():
        yield leaf.message


def _cure(text: str) -> str:
    lacks = _LACKS.search(text)
    if lacks:
        return f"Add to the workflow: requirements: {{{lacks[1]}: {{}}}}"
    if "Missing 'class' field" in text:
        return "A process has a class: CommandLineTool, ExpressionTool, Operation or Workflow"
    field = _WRONG_FIELD.search(text)
    known: list[str]
    if field:
        word, known = field[1], re.findall(r"'([^']+)'", field[2])
    elif kind := _WRONG_CLASS.search(text):
        word, known = kind[1], [*_CLASSES, *(name for name in supportedProcessRequirements if "#" not in name)]
    elif kind := _WRONG_TYPE.search(text):
        word, known = kind[1], list(_TYPES)
    else:
        return ""
    near = difflib.get_close_matches(word, known, 1)
    return f"Did you mean {near[0]}?" if near else ""
