"""Prepared documents, kept for the next run: nothing is parsed, resolved or validated that has not changed.

One entry for a document's URI and the options it is read with. It holds for the very texts that it was made of.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cwltool.load_tool import resolve_tool_uri
from schema_salad.exceptions import ValidationException
from schema_salad.ref_resolver import uri_file_path

from toil_cwl.door.amendments import Amendment
from toil_cwl.door.fetching import resolver
from toil_cwl.door.parts import Parts
from toil_cwl.kept import read, write
from toil_cwl.options import CwlOptions


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A prepared document, and what it rests on: the texts of files by URL, and files that must be there."""

    uri: str
    parts: Parts
    texts: Mapping[str, str]
    needed: Sequence[str]


def name_of(uri: str, options: CwlOptions, amendments: Sequence[Amendment]) -> str:
    """The name that a document is kept under; empty if it is not to be kept. Raises what cwltool raises."""
    resolved = str(resolve_tool_uri(uri, resolver=resolver)[0])
    if not options.doc_cache or not resolved.startswith("file:"):
        return ""
    read_with = [options.enable_dev, options.enable_ext, options.not_strict, options.skip_schemas]
    text = json.dumps([resolved, read_with, amendments], sort_keys=True)
    return f"document-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def find(name: str, texts: Mapping[str, str]) -> KeptDocument | None:
    """The document that is kept under a name, if its files are as they were; ``texts`` count instead of
    the files of the same URLs."""
    found = read(name)
    if not isinstance(found, KeptDocument):
        return None
    if any((texts[url] if url in texts else _text(url)) != text for url, text in found.texts.items()):
        return None
    if not texts and not all(os.path.exists(uri_file_path(url)) for url in found.needed):
        return None
    return found


def keep(name: str, uri: str, parts: Parts, texts: Mapping[str, str], needed: Iterable[str]) -> None:
    """Keep a document; not one with files elsewhere, which may change unseen, or with ontologies."""
    is_local = all(url.startswith("file:") for url in (*texts, *needed))
    if is_local and not any("$schemas" in part.metadata for part in parts.by_uri.values()):
        write(name, KeptDocument(uri, parts, dict(texts), sorted(needed)))


def _text(url: str) -> str | None:
    try:
        with open(uri_file_path(url), encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError, ValidationException):
        return None
