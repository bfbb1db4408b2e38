"""Requirements that are put upon a document from outside: by a job order, or by a file of overrides."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urldefrag

from cwltool.load_tool import load_overrides, resolve_overrides, resolve_tool_uri
from cwltool.resolver import tool_resolver
from ruamel.yaml.error import YAMLError
from schema_salad.exceptions import ValidationException
from schema_salad.ref_resolver import file_uri

from toil_core.errors import UsageError
from toil_cwl.messages import one_line
from toil_cwl.numbers import plain_json
from toil_cwl.values import Object

Amendment = dict[str, Any]
"""``target``, the URI of a process or a step, empty for the root process; ``requirements``."""

_OVERRIDES = "http://commonwl.org/cwltool#overrides"
_ORDER_KEYS = (_OVERRIDES, "https://w3id.org/cwl/cwl#overrides", "cwltool:overrides", "cwl:overrides")
_REQUIREMENTS = ("https://w3id.org/cwl/cwl#requirements", "cwl:requirements")


def amendments_of_order(order: Object, source: str, document: str) -> list[Amendment]:
    """Take what a job order, which was read from ``source``, changes of the document out of it: its
    overrides, and its requirements of the root process (CWL v1.2, section 3.3). Raises ``UsageError``."""
    found: list[Amendment] = []
    for key in _ORDER_KEYS:
        content = order.pop(key, None)
        if content:
            base = source if "://" in source else file_uri(os.path.abspath(source))
            found += _resolved({_OVERRIDES: content}, base, document, f"the job order {source}")
    for key in _REQUIREMENTS:
        requirements = order.pop(key, None)
        if requirements:
            found.append({"target": "", "requirements": requirements})
    return found


def amendments_of_file(path: str, document: str) -> list[Amendment]:
    """What a file of overrides changes. Raises ``UsageError``."""
    if not os.path.exists(path):
        raise UsageError(f"There is no file of overrides {path}")
    try:
        return _amendments(load_overrides(file_uri(os.path.abspath(path)), _file_of(document)))
    except (ValidationException, YAMLError, OSError) as error:
        raise UsageError(f"Cannot read the overrides in {path}: {one_line(str(error))}") from error
    except KeyError as error:
        raise UsageError(f"{path} is no file of overrides", "It starts with: cwltool:overrides:") from error


def overrides_of(amendments: Sequence[Amendment], root: str, version: str) -> list[Any]:
    """Amendments as cwltool takes them. Of several for one target, the last one of a class counts.

    Raises ``UsageError`` for what a document of this version does not allow.
    """
    merged: dict[str, list[Any]] = {}
    for one in amendments:
        if not one["target"] and version == "v1.0":
            raise UsageError(
                "A job order cannot add requirements to a document of v1.0",
                "Use cwltool:overrides, or a document of v1.1 or later",
            )
        merged.setdefault(one["target"] or root, []).extend(one["requirements"])
    return [{"overrideTarget": target, "requirements": list(found)} for target, found in merged.items()]


def _resolved(content: Any, base: str, document: str, where: str) -> list[Amendment]:
    try:
        return _amendments(resolve_overrides(content, base, _file_of(document)))
    except (ValidationException, YAMLError, OSError) as error:
        raise UsageError(f"Cannot use the overrides in {where}: {one_line(str(error))}") from error


def _amendments(overrides: Any) -> list[Amendment]:
    return [
        {"target": str(one["overrideTarget"]), "requirements": plain_json(one.get("requirements", []))}
        for one in overrides
    ]


def _file_of(document: str) -> str:
    return str(urldefrag(resolve_tool_uri(document, resolver=tool_resolver)[0])[0])
