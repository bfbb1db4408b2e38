"""What a tool's result depends on, as one name.

Left out is what cannot change a result: ids, folders, labels, features of workflows, limits.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from urllib.parse import urldefrag

from toil_cwl import door
from toil_cwl.options import CwlOptions
from toil_cwl.registry import Loaded, short
from toil_cwl.reuse_contents import Contents
from toil_cwl.values import Object, Value

_FORMAT = 1
"""Goes up when this runner gives tools something else for the same document and inputs."""

_NO_MATTER = {
    "MultipleInputFeatureRequirement",
    "ScatterFeatureRequirement",
    "StepInputExpressionRequirement",
    "SubworkflowFeatureRequirement",
    "ToolTimeLimit",
    "WorkReuse",
    "http://arvados.org/cwl#ReuseRequirement",
    "http://commonwl.org/cwltool#WorkReuse",
}
_PROSE = {"doc", "intent", "label"}
_OF_DOCUMENT = {"$namespaces", "$schemas", "cwlVersion", "hints", "id", "name", "requirements"}
_ORIGINAL_VERSION = "http://commonwl.org/cwltool#original_cwlVersion"
_GENERATED = re.compile("[0-9a-f]{40}")


def shape_of(process: door.Process, known: Loaded) -> Object:
    """What a tool's own document, and what it inherits, say of its result. Files in it still lie somewhere."""
    name = _naming(process, known)
    tool = {
        key: _renamed(_schema(item) if key in ("inputs", "outputs") else item, name)
        for key, item in process.tool.items()
        if key not in _OF_DOCUMENT | _PROSE and "://" not in key
    }
    requirements = {
        kind: _renamed(_schema(found) if kind == "SchemaDefRequirement" else dict(found), name)
        for kind, found in _requirements(process, known.options).items()
    }
    memory = [known.options.cwl_default_ram, known.options.cwl_min_ram]  # what runtime.ram depends on besides
    if not _mentions([tool, requirements], "runtime"):
        requirements.pop("ResourceRequirement", None)
        memory = []
    return {
        "format": _FORMAT,
        "tool": tool,
        "requirements": requirements,
        "memory": memory,
        "versions": [process.metadata.get(key) for key in ("cwlVersion", _ORIGINAL_VERSION)],
        "container": _container(requirements, known.options),
        "environment": _environment(known.options),
    }


def key_of(shape: Object, inputs: Object, contents: Contents) -> str:
    """The name of what the tool of that shape makes of these inputs. Raises ``Unnameable``."""
    given = {name: value for name, value in inputs.items() if value is not None}
    # In one order, whatever that of the job order was: files are known by their place in it.
    ordered = json.loads(json.dumps({"shape": shape, "inputs": given}, sort_keys=True))
    whole = json.dumps(contents.named(ordered), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


def asks_for_checksums(shape: Object) -> bool:
    """Whether expressions of the tool may look at the checksums of its inputs."""
    return _mentions([shape["tool"], shape["requirements"]], "checksum")


def _requirements(process: door.Process, options: CwlOptions) -> Object:
    kinds = {str(one["class"]) for one in (*process.requirements, *process.hints)} - _NO_MATTER
    if options.no_container:
        kinds.discard("DockerRequirement")
    found = {kind: door.requirement(process, kind) for kind in sorted(kinds)}
    return {kind: one for kind, one in found.items() if one is not None}


def _container(requirements: Object, options: CwlOptions) -> Value:
    if options.no_container or "DockerRequirement" in requirements:  # which says the rest
        return not options.no_container
    is_found = options.beta_use_biocontainers and "SoftwareRequirement" in requirements
    return options.default_container or ("BioContainer" if is_found else False)


def _environment(options: CwlOptions) -> Object:
    """What tools see of this process's variables because a person asked for it."""
    if options.preserve_entire_environment:
        return dict(os.environ)
    return {name: os.environ.get(name) for name in options.preserve_environment}


def _mentions(value: Value, word: str) -> bool:
    """Whether a text of the document holds the word, other than where a file lies."""
    if isinstance(value, dict):
        return any(_mentions(item, word) for key, item in value.items() if not _is_place(value, key))
    if isinstance(value, list):
        return any(_mentions(item, word) for item in value)
    return isinstance(value, str) and word in value


def _is_place(value: Object, key: str) -> bool:
    return key == "location" and value.get("class") in ("File", "Directory")


def _schema(value: Value) -> Value:
    """Parameters and types without what is written for people."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in _PROSE}
        return {key: item if key == "default" else _schema(item) for key, item in kept.items()}
    return [_schema(item) for item in value] if isinstance(value, list) else value


def _renamed(value: Value, name: Callable[[str], str]) -> Value:
    if isinstance(value, dict):
        return {key: item if _is_place(value, key) else _renamed(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, name) for item in value]
    return name(value) if isinstance(value, str) else value


def _naming(process: door.Process, known: Loaded) -> Callable[[str], str]:
    """Identifiers of the document that say neither where it lies nor which step runs the tool.

    Those of the tool begin with ``@``; those of other files are numbered by file, as generated names
    of stdout and stderr are, so that what was different stays different.
    """
    ports = [str(one["id"]) for one in (*process.tool["inputs"], *process.tool["outputs"])]
    own = ports[0].removesuffix(short(ports[0])) if ports else None
    streams = {str(process.tool.get(stream)) for stream in ("stdout", "stderr")}
    generated = {stream for stream in streams if _GENERATED.fullmatch(stream)}
    numbers: dict[str, int] = {}

    def name(text: str) -> str:
        if own is not None and text.startswith(own):
            return "@" + text[len(own) :]
        if text in generated:
            return f"@{numbers.setdefault(text, len(numbers))}"
        place, fragment = urldefrag(text)
        if fragment and place in known.document.texts:
            return f"@{numbers.setdefault(place, len(numbers))}#{fragment}"
        return text

    return name
