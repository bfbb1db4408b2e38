"""What cwltool makes anew for each process of a document, though it is the same for all, made once.

That is a third of the time that it takes to make the objects of a document of many tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from cwltool import process
from ruamel.yaml import anchor, comments, tag
from schema_salad.avro.schema import Names
from schema_salad.ref_resolver import Loader
from schema_salad.schema import make_avro_schema

_ATTRIBUTES = [
    *(kind.attrib for kind in (comments.Comment, comments.Format, comments.LineCol, anchor.Anchor, tag.Tag)),
    comments.merge_attrib,
]


@contextmanager
def constructing() -> Iterator[None]:
    """Make cwltool's objects in here. For one thread of the process at a time: the library has one state."""
    library: Any = process
    collection: Any = comments.CommentedBase
    schema, copy_attributes = library.make_avro_schema, collection.copy_attributes
    library.make_avro_schema = _schema_of_files
    collection.copy_attributes = _shared_attributes
    try:
        yield
    finally:
        library.make_avro_schema = schema
        collection.copy_attributes = copy_attributes


def _schema_of_files(types: list[Any], loader: Loader) -> Names:
    """The types that each process begins its own with: files, directories, anything."""
    names = Names()
    names.names.update(_names_of(*(_Type(one) for one in types)))
    return names


class _Type:
    """One of the schema's own types, of which there is one object for a process."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Type) and other.content is self.content

    def __hash__(self) -> int:
        return id(self.content)


@cache
def _names_of(*types: _Type) -> dict[str, Any]:
    found: dict[str, Any] = make_avro_schema([one.content for one in types], Loader({})).names
    return found


def _shared_attributes(original: Any, copy: Any, memo: Any = None) -> Any:
    """Where a text's maps and lists stood in it, and their comments, are facts: a copy needs no copies of them."""
    for name in _ATTRIBUTES:
        if hasattr(original, name):
            setattr(copy, name, getattr(original, name))
    return copy
