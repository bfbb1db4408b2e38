"""Write the pages of ``reference/`` from the docstrings of the public names; ``--check`` only compares."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGES = Path(__file__).resolve().parent / "reference"
MODULES = {
    "python": ("toil_core.run", "toil_core.workflow", "toil_core.workflow.container", "toil_core.errors"),
    "plugins": (
        "toil_core.api.storage",
        "toil_core.api.batch_system",
        "toil_core.api.provisioner",
        "toil_core.api.language",
        "toil_core.api.url_access",
        "toil_core.api.container",
        "toil_core.api.job",
        "toil_core.api.specs",
        "toil_core.api.options",
    ),
}
"""The modules of each page."""

HEADS = {
    "python": "What authors of [workflows in Python](../python.md) use.",
    "plugins": "What authors of [plugins](../plugins/README.md) implement and are given.",
}


def main() -> int:
    """Write the pages, or say whether they are current."""
    pages = {PAGES / f"{name}.md": "\n".join(page(name)) for name in MODULES}
    if "--check" not in sys.argv[1:]:
        PAGES.mkdir(exist_ok=True)
        for path, text in pages.items():
            path.write_text(text)
        return 0
    if all(path.exists() and path.read_text() == text for path, text in pages.items()):
        return 0
    print("docs/reference is not current. Try: python docs/write_reference.py")
    return 1


def page(name: str) -> Iterator[str]:
    """The lines of a page, a part for each module."""
    yield f"# Reference: {name}\n"
    yield f"{HEADS[name]} This page is written by `python docs/write_reference.py` from the docstrings in the code.\n"
    for module_name in MODULES[name]:
        module = importlib.import_module(module_name)
        yield f"## {module_name}\n"
        yield f"{said(module)}\n"
        for public in public_names(module):
            yield from described(public, getattr(module, public))


def public_names(module: Any) -> list[str]:
    """The module's face, or what it defines itself under names without an underscore."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    ]


def described(name: str, value: Any) -> Iterator[str]:
    """A class with its public members, a function, or nothing for what has no docstring of its own."""
    if inspect.isclass(value):
        yield f"### class `{name}{parameters(value)}`\n"
        yield f"{said(value)}\n"
        if issubclass(value, enum.Enum):
            yield f"Members: {', '.join(f'`{one.name}`' for one in value)}.\n"
        for member in members(value):
            yield from member_lines(member, inspect.getattr_static(value, member), getattr(value, member))
    elif callable(value) and inspect.getdoc(value) and getattr(value, "__name__", "") == name:
        yield f"### `{name}{parameters(value)}`\n"
        yield f"{said(value)}\n"


def members(kind: type[Any]) -> list[str]:
    """The public members that a class, or a private base of it, defines, in the order of the code."""
    bases = [base for base in kind.__mro__ if base.__module__.startswith("toil") and (base is kind or not public(base))]
    return [name for base in bases for name in vars(base) if not name.startswith("_") and has_words(base, name)]


def public(kind: type[Any]) -> bool:
    """Whether a base class is described itself: it is on its package's face, or its module has a part."""
    face = importlib.import_module(kind.__module__.rpartition(".")[0])
    has_part = any(kind.__module__ in modules for modules in MODULES.values())
    return has_part or kind.__name__ in getattr(face, "__all__", ())


def has_words(kind: type[Any], name: str) -> bool:
    """Whether a member is a method or property with a docstring."""
    member = vars(kind)[name]
    is_code = isinstance(member, (property, staticmethod, classmethod)) or inspect.isfunction(member)
    return is_code and bool(inspect.getdoc(getattr(kind, name)))


def member_lines(name: str, static: Any, value: Any) -> Iterator[str]:
    """A method or property of a class."""
    if isinstance(static, property):
        yield f"- **`{name}`**: {said(value, 2)}"
    else:
        yield f"- **`{name}{parameters(static if inspect.isfunction(static) else value)}`**: {said(value, 2)}"
    yield ""


def parameters(value: Any) -> str:
    """The parameters as they are written, without what quotes and modules add."""
    if inspect.isclass(value) and issubclass(value, (enum.Enum, BaseException)) and not dataclasses.is_dataclass(value):
        return ""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    shown = [one for one in signature.parameters.values() if one.name not in ("self", "cls")]
    if inspect.isclass(value) and {one.kind for one in shown} <= {
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    }:
        return ""
    text = str(signature.replace(parameters=shown))
    text = re.sub(r"<factory>|<[^<>]* at 0x[0-9a-f]+>", "...", text)
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)


def said(value: Any, indent: int = 0) -> str:
    """A docstring as Markdown: code of two backquotes gets one, and blocks after two colons are fenced."""
    text = (inspect.getdoc(value) or "").replace("``", "`")
    text = re.sub(r"^::\n\n((?: {4}.*\n?|\n)+)", lambda found: fenced(found[1]), text, flags=re.MULTILINE)
    return text.replace("\n", "\n" + " " * indent).replace("\n" + " " * indent + "\n", "\n\n") if indent else text


def fenced(block: str) -> str:
    """An indented block as a fenced one."""
    lines = [line.removeprefix("    ") for line in block.strip("\n").split("\n")]
    return "\n".join(["```text", *lines, "```", ""])


if __name__ == "__main__":
    sys.exit(main())
