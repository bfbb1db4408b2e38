"""Requirements that are put upon a document from outside: by a job order, or by a file of overrides."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urldefrag

from cwltool.load_tool import overrides_ctx, resolve_tool_uri
from cwltool.process import get_schema, supportedProcessRequirements
from ruamel.yaml.error import YAMLError
from schema_salad.exceptions import ValidationException
from schema_salad.ref_resolver import Loader, file_uri
from schema_salad.sourceline import cmap

from toil_core.errors import UsageError
from toil_core.files.urls import as_url
from toil_cwl.door.fetching import fetcher, refused, resolver
from toil_cwl.door.quiet import quiet_cwltool
from toil_cwl.messages import one_line, without_secrets
from toil_cwl.numbers import plain_json
from toil_cwl.schemas import EXTENSIONS, prime
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
    base = source if "://" in source else file_uri(os.path.abspath(source))
    where = f"the job order {source}"
    for key in _ORDER_KEYS:
        content = order.pop(key, None)
        if content:
            found += _resolved({_OVERRIDES: content}, base, document, where)
    for key in _REQUIREMENTS:
        requirements = order.pop(key, None)
        if requirements:
            content = {_OVERRIDES: [{"overrideTarget": "", "requirements": requirements}]}
            found += [{**one, "target": ""} for one in _resolved(content, base, document, where)]
    return found


def amendments_of_file(path: str, document: str) -> list[Amendment]:
    """What a file of overrides, or the text at a URL, changes. Raises ``UsageError``."""
    if "://" not in path and not os.path.exists(path):
        raise UsageError(f"There is no file of overrides {path}")
    uri = as_url(path) if "://" in path else file_uri(os.path.abspath(path))
    try:
        content = _loader().fetch(uri)
    except (ValidationException, YAMLError, OSError, UnicodeDecodeError, StopIteration) as error:
        refusal = refused(error)
        cure = "" if refusal is None else refusal.cure
        told = without_secrets(f"Cannot read the overrides in {path}: {one_line(str(error))}")
        raise UsageError(told, cure) from error
    if not isinstance(content, dict) or not set(_ORDER_KEYS) & content.keys():
        raise UsageError(f"{path} is no file of overrides", "It starts with: cwltool:overrides:")
    given = next(content[key] for key in _ORDER_KEYS if key in content)
    return _resolved({_OVERRIDES: given}, uri, document, path)


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
        for requirement in one["requirements"]:
            _refuse_unknown(requirement)
        merged.setdefault(one["target"] or root, []).extend(one["requirements"])
    return [{"overrideTarget": target, "requirements": list(found)} for target, found in merged.items()]


def _refuse_unknown(requirement: Any) -> None:
    name = requirement.get("class", "") if isinstance(requirement, dict) else ""
    if name not in supportedProcessRequirements:
        known = [one for one in supportedProcessRequirements if "#" not in one]
        near = difflib.get_close_matches(str(name), known, 1)
        raise UsageError(
            f'The job order or the overrides put the requirement "{name}" upon the document, and there is none',
            f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}",
        )


def _resolved(content: Any, base: str, document: str, where: str) -> list[Amendment]:
    """cwltool reads overrides by the schema of v1.0, and ignores all requirements that are newer."""
    try:
        tree: Any = _loader().resolve_all(cmap(content), _file_of(document), checklinks=False)[0]
        prime({"v1.2"}, extended=False)
        schema = get_schema("v1.2")[0]
        loader = Loader(schema.ctx, schemagraph=schema.graph, fetcher_constructor=fetcher())
        loader.resolve_all(tree, base, checklinks=False)
        return [
            {"target": str(one["overrideTarget"]), "requirements": [_named(each) for each in one["requirements"]]}
            for one in tree[_OVERRIDES]
        ]
    except (ValidationException, YAMLError, OSError) as error:
        raise UsageError(f"Cannot use the overrides in {where}: {one_line(str(error))}") from error
    except (LookupError, TypeError, AttributeError) as error:
        message = f"What {where} puts upon the document is no list of overrides, or of requirements"
        raise UsageError(message, "For each target: requirements: {CLASS: {...}}") from error


def _loader() -> Loader:
    return Loader(overrides_ctx, fetcher_constructor=fetcher())


def _named(requirement: Any) -> Any:
    """A requirement whose class is as cwltool's list has it, or as it was written."""
    found = plain_json(requirement)
    name = str(found.get("class", ""))
    if name.startswith("cwltool:"):
        name = f"{EXTENSIONS}#{name.removeprefix('cwltool:')}"
    elif not name.startswith(EXTENSIONS):
        name = name.rpartition("/")[2]
    return {**found, "class": name}


def _file_of(document: str) -> str:
    with quiet_cwltool():
        return str(urldefrag(resolve_tool_uri(document, resolver=resolver)[0])[0])
