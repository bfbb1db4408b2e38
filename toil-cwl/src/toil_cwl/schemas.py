"""The language's schemas, built once for a user and not once for a run.

cwltool builds them from YAML in every process, which takes longer than everything else a small run does.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from importlib.resources import files

from cwltool.process import SCHEMA_CACHE, custom_schemas, get_schema, use_custom_schema, use_standard_schema
from schema_salad import schema

from toil_cwl.kept import kept

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
        schema.cached_metaschema = kept("metaschema", schema.get_metaschema)
    for name in versions:
        _extend(name, extended)
        if name in VERSIONS and name not in SCHEMA_CACHE:
            make = partial(get_schema, name)
            SCHEMA_CACHE[name] = kept(f"schema-{name}{'-extended' if extended else ''}", make)


def _extend(name: str, extended: bool) -> None:
    """Choose the schema that cwltool has for a version, and forget the other one."""
    if (name in custom_schemas) == extended:
        return
    if not extended:
        use_standard_schema(name)
    elif name in _EXTENDED_BY:
        use_custom_schema(name, EXTENSIONS, files("cwltool").joinpath(_EXTENDED_BY[name]).read_text("utf-8"))
