"""Job orders: read from files and flags, and made normal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from cwl_utils.errors import WorkflowException
from cwltool.load_tool import jobloader_id_name, jobloaderctx
from cwltool.process import add_sizes, shortname
from cwltool.stdfsaccess import StdFsAccess
from cwltool.utils import normalizeFilesDirs, path_to_loc, visit_class
from ruamel.yaml.error import YAMLError
from schema_salad.exceptions import ValidationException
from schema_salad.ref_resolver import Loader, file_uri, uri_file_path
from schema_salad.sourceline import cmap
from schema_salad.utils import yaml_no_ts

from toil_core.errors import UsageError
from toil_core.files.urls import as_url
from toil_cwl.door.documents import Process
from toil_cwl.door.fetching import fetcher, joined, refused, text_of
from toil_cwl.flags import InputFlags
from toil_cwl.messages import one_line, without_secrets
from toil_cwl.numbers import plain_json
from toil_cwl.values import Object

_NO_INPUTS = ("cwl:tool", "https://w3id.org/cwl/cwl#tool", jobloader_id_name, "$schemas")
_TEXTS = ("path", "location", "basename", "format", "contents", "dirname", "nameroot", "nameext", "checksum")


def read_order(source: str, basedir: str) -> tuple[Object, dict[str, str]]:
    """A job order from a file, a URL or, for ``-``, stdin, and where it gives each input; its locations
    are absolute. Raises ``UsageError``."""
    loader = Loader(jobloaderctx, fetcher_constructor=fetcher())
    if source != "-" and "://" not in source and not os.path.exists(source):
        raise UsageError(f"There is no job order {source}")
    try:
        if source == "-":
            content = yaml_no_ts().load(sys.stdin)
            base = file_uri(basedir or os.getcwd()) + "/"
            found = loader.resolve_all(content, base, checklinks=False)[0]
        else:
            uri = as_url(source) if "://" in source else file_uri(os.path.abspath(source))
            content = loader.fetch(uri, content_types=["application/json", "text/yaml"])
            if isinstance(content, dict):
                content.pop(jobloader_id_name, None)  # it would stand for the base
            base = file_uri(os.path.abspath(basedir)) + "/" if basedir else uri
            found = loader.resolve_all(content, base, checklinks=False)[0]
    except StopIteration as error:
        raise UsageError(f"The job order {source} is empty", "Write {} into it if there are no inputs") from error
    except (ValidationException, YAMLError, OSError, UnicodeDecodeError) as error:
        refusal = refused(error)
        cure = "" if refusal is None else refusal.cure
        told = without_secrets(f"Cannot read the job order {source}: {one_line(str(error))}")
        raise UsageError(told, cure) from error
    if not isinstance(found, dict):
        raise UsageError(f"The job order {source} is no mapping of input names to values")
    order: Object = plain_json(found)
    for key in _NO_INPUTS:
        order.pop(key, None)
    return order, _positions(found, source)


def _positions(tree: Any, source: str) -> dict[str, str]:
    file = "stdin" if source == "-" else source
    known = getattr(getattr(tree, "lc", None), "data", None) or {}
    return {str(key): f"{file}:{place[0] + 1}:{place[1] + 1}" for key, place in known.items()}


def named_document(source: str) -> str:
    """The document that a job order says it is for (``cwl:tool``), as a URI; empty for what says nothing of it."""
    is_url = "://" in source
    if is_url and source.partition("#")[0].endswith(".cwl"):
        return ""  # what it is called says enough, and reading it twice takes its time
    text = text_of(source)
    if "cwl:tool" not in text:
        return ""
    try:
        content = yaml_no_ts().load(text)
    except YAMLError:
        return ""  # whoever reads it next says what is wrong with it
    named = content.get("cwl:tool") if isinstance(content, dict) else None
    base = as_url(source) if is_url else file_uri(os.path.abspath(source))
    return joined(base, str(named)) if named else ""


def parse_flags(process: Process, words: Sequence[str], document: str) -> Object:
    """Inputs from ``--NAME VALUE`` flags; ``--help`` prints them and exits.

    Raises ``UsageError`` for what the process does not take.
    """
    flags, names = input_flags(process, document)
    found = flags.values(words)
    second = found.pop("job_order", None)
    if second is not None:
        raise UsageError(f"There is one job order only, and then {second}", "Give other inputs as --NAME VALUE")
    order: Object = {}
    for key, value in found.items():
        if value is None:
            continue
        if key in names:
            order[names[key]] = plain_json(value)
            continue
        record, *fields = key.split(".")  # a field of a record: --RECORD.FIELD
        inner = order.setdefault(names.get(record, record), {})
        for name in fields[:-1]:
            inner = inner.setdefault(name, {})
        inner[fields[-1]] = plain_json(value)
    return order


def input_flags(process: Process, document: str) -> tuple[InputFlags, dict[str, str]]:
    """The flags that a process's inputs are, and the inputs' names by what the flags are called."""
    from cwltool.argparser import doc_to_str, generate_parser

    flags = InputFlags(document)
    names: dict[str, str] = {}
    records: list[str] = []
    generate_parser(flags, process, names, records, False, _flag_location)
    for one in process.tool["inputs"]:
        name = shortname(str(one["id"]))
        if not any(taken == f"--{name}" or taken.startswith(f"--{name}.") for taken in flags.taken):
            flags.add_argument(f"--{name}", type=_yaml, help=doc_to_str(one.get("doc", one.get("label", ""))))
    flags.describe(
        {shortname(str(one["id"])): (type_words(one["type"]), one.get("default")) for one in process.tool["inputs"]}
    )
    flags.add_help_flag()
    return flags, names


def _yaml(word: str) -> Any:
    """A value of a type that cwltool makes no flag of."""
    try:
        content: Any = cmap({"value": yaml_no_ts().load(word)})
        found: Any = Loader(jobloaderctx).resolve_all(content, f"{file_uri(os.getcwd())}/", checklinks=False)[0]
        return found["value"]
    except (YAMLError, ValidationException) as error:
        raise argparse.ArgumentTypeError(f"{word} is no YAML: {one_line(str(error))}") from error


def type_words(kind: Any) -> str:
    """A type as a document would write it: ``File``, ``string[]``, ``int?``."""
    if isinstance(kind, list):
        rest = [type_words(one) for one in kind if one != "null"]
        return "|".join(rest) + ("?" if "null" in kind else "")
    if isinstance(kind, dict):
        if kind["type"] == "array":
            return f"{type_words(kind['items'])}[]"
        if kind["type"] == "enum":
            return "|".join(shortname(str(symbol)) for symbol in kind["symbols"])
        return str(kind["type"]) if isinstance(kind["type"], str) else type_words(kind["type"])
    return shortname(str(kind))


def _flag_location(base: str, word: str) -> str:
    return word if "://" in word else file_uri(os.path.abspath(word))


def normal_order(process: Process, order: Object, basedir: str) -> Object:
    """A job order with paths turned into locations, formats expanded and files known to be there.

    Raises ``UsageError`` naming the file that is not.
    """
    formats = Loader({**order.pop("$namespaces", {}), **process.metadata.get("$namespaces", {})})

    def expand(file: Any) -> None:
        if "format" in file:
            file["format"] = formats.expand_url(file["format"], "")

    for name, value in order.items():
        try:
            visit_class(value, ("File", "Directory"), _refuse_malformed)
            visit_class(value, ("File", "Directory"), path_to_loc)
            visit_class(value, ("File", "Directory"), lambda one, name=name: _refuse_missing(one, name))
            visit_class(value, ("File",), lambda one: add_sizes(StdFsAccess(basedir), one))
            visit_class(value, ("File",), expand)
            normalizeFilesDirs(value)
        except (ValidationException, WorkflowException, OSError) as error:
            raise UsageError(f'The input "{name}" is wrong: {one_line(str(error))}') from error
    return order


def _refuse_malformed(file: Any) -> None:
    for key in _TEXTS:
        if key in file and file[key] is None:
            del file[key]
        elif not isinstance(file.get(key, ""), str):
            raise ValidationException(f"the {key} of a {file['class']} is {file[key]!r}, which is no text")


def _refuse_missing(file: Any, name: str) -> None:
    location = str(file.get("location", ""))
    if location.startswith("file:") and not os.path.exists(uri_file_path(location)):
        raise UsageError(f'The input "{name}" names {uri_file_path(location)}, which is not there')
