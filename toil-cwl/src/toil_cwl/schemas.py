"""The language's schemas, built once for a user and not once for a run.

cwltool builds them from YAML in every process, which takes longer than everything else a small run
does. Here they are kept as pickles below ``$XDG_CACHE_HOME/toil`` (by default ``~/.cache/toil``), named
by the versions of everything that made them. A file that is not there, not ours alone or not readable
is made again; one that cannot be written is done without.
"""

from __future__ import annotations

import gc
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from cwltool.process import SCHEMA_CACHE, custom_schemas, get_schema, use_custom_schema, use_standard_schema
from schema_salad import ref_resolver, schema

VERSIONS = ("v1.0", "v1.1", "v1.2")
EXTENSIONS = "http://commonwl.org/cwltool"
_EXTENDED_BY = {
    "v1.0": "extensions.yml",
    "v1.1": "extensions-v1.1.yml",
    "v1.2.0-dev1": "extensions-v1.1.yml",
    "v1.2.0-dev2": "extensions-v1.1.yml",
    "v1.2.0-dev3": "extensions-v1.1.yml",
    "v1.2": "extensions-v1.2.yml",
    "v1.3.0-dev1": "extensions-v1.3.yml",
}


def prime(versions: Iterable[str], *, extended: bool) -> None:
    """Have cwltool know the schemas of these versions, with its extensions or without; others are left
    to cwltool itself. What it knows is one for a process: not to be called while another thread loads."""
    if schema.cached_metaschema is None:  # the schema of schemas, which every tool's own types are checked by
        schema.cached_metaschema = _kept("metaschema", schema.get_metaschema)
    for name in versions:
        _extend(name, extended)
        if name in VERSIONS and name not in SCHEMA_CACHE:
            make = partial(get_schema, name)
            SCHEMA_CACHE[name] = _kept(f"{name}-extended" if extended else name, make)


def _kept(name: str, make: Callable[[], Any]) -> Any:
    path = _path(name)
    kept = _read(path)
    if kept is None:
        kept = make()
        _write(path, kept)
    return kept


def _extend(name: str, extended: bool) -> None:
    """Choose the schema that cwltool has for a version, and forget the other one."""
    if (name in custom_schemas) == extended:
        return
    if not extended:
        use_standard_schema(name)
    elif name in _EXTENDED_BY:
        use_custom_schema(name, EXTENSIONS, files("cwltool").joinpath(_EXTENDED_BY[name]).read_text("utf-8"))


def _path(name: str) -> Path:
    makers = [name, version("cwltool"), version("schema-salad"), sys.implementation.cache_tag]
    root = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return root / "toil" / f"cwl-schema-{'-'.join(makers)}.pickle"


def _read(path: Path) -> Any:  # a tuple of schema_salad's classes
    try:
        with path.open("rb") as stream:
            facts = os.fstat(stream.fileno())
            if facts.st_uid != os.geteuid() or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None  # a pickle is code: only one that nobody else could write is read
            gc.disable()  # 100,000 small objects are made, none of them garbage
            try:
                return pickle.load(stream)
            finally:
                gc.enable()
    except (OSError, pickle.UnpicklingError, AttributeError, ImportError, EOFError, ValueError, TypeError):
        return None


def _write(path: Path, content: Any) -> None:
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with open(descriptor, "wb") as stream:
                _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(content)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        # Its items are stored through a function that a plain pickle sets too late.
        if type(value) is ref_resolver.NormDict:
            return ref_resolver.NormDict, (ref_resolver._url_norm,), None, None, iter(list(value.items()))
        return NotImplemented
