"""The processes of a document, each resolved and validated once.

cwltool loads what a step runs as a document of its own: for a packed workflow, all of it again for every step. Here
each process is prepared once, and steps get a stub that stands for it while cwltool's objects are made.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, MutableSequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag

from cwltool.load_tool import fetch_document, make_tool, resolve_and_validate_document
from cwltool.process import get_schema
from cwltool.update import ORIGINAL_CWLVERSION
from cwltool.workflow import default_make_tool
from ruamel.yaml.comments import CommentedMap
from schema_salad.ref_resolver import Loader

from toil_cwl.door.construction import constructing

LoadingContext = Any  # cwltool.context.LoadingContext; what it holds is not typed for us


class Stub(CommentedMap):
    """Stands for a process in the ``run`` of a step; it is not loaded again, as a reference would be."""

    def __str__(self) -> str:
        return str(self["id"])


@dataclass(slots=True)
class Part:
    """A process: its tree, which is of the library's own version, and the metadata of its file."""

    tree: Any
    metadata: Any

    @property
    def version(self) -> str:
        """The version that its file is written in."""
        return str(self.metadata[ORIGINAL_CWLVERSION])


@dataclass(slots=True)
class Parts:
    """The URI of a document's root process, and all processes by URI."""

    root: str
    by_uri: dict[str, Part]


def prepared(context: LoadingContext, root: str) -> Parts | None:
    """The processes that ``root``, a URI that ``context`` has resolved, leads to; ``None`` if it is none.

    Their steps run stubs from now on. Raises what cwltool raises.
    """
    preparation = _Preparation(context)
    main = preparation.add_resolved(root)
    if main is None:
        return None
    preparation.add_all(main)
    return Parts(main, preparation.parts)


def made(context: LoadingContext, parts: Parts) -> Any:
    """The root process as cwltool's object, with those that its steps run."""

    def construct(tree: Any, inherited: LoadingContext) -> Any:
        if not isinstance(tree, Stub):
            return default_make_tool(tree, inherited)
        part = parts.by_uri[tree["id"]]
        own = inherited.copy()
        own.metadata = part.metadata
        loader, own.avsc_names = get_schema(part.version)[:2]
        if own.loader is None:
            own.loader = Loader(loader.ctx, schemagraph=loader.graph, fetcher_constructor=own.fetcher_constructor)
        return default_make_tool(part.tree, own)

    context = context.copy()
    context.construct_tool_object = construct
    with constructing():
        process = construct(Stub(id=parts.root), context)
    _name_again(process)
    return process


class _Preparation:
    def __init__(self, context: LoadingContext) -> None:
        self._context = context
        self._metadata: dict[str, Any] = {}  # by file
        self.parts: dict[str, Part] = {}

    def add_resolved(self, root: str) -> str | None:
        """Add what the context has resolved already: one process, or a list of them. The main one's URI."""
        loader = self._context.loader
        tree, _ = loader.resolve_ref(root)
        metadata = self._context.metadata
        self._metadata[urldefrag(root)[0]] = metadata
        if isinstance(tree, MutableMapping):
            self.parts[root] = Part(tree, metadata)
            return root
        if not isinstance(tree, MutableSequence):
            return None
        for one in tree:
            self.parts[one["id"]] = Part(one, metadata)
        return next((uri for uri in self.parts if uri.endswith("#main")), None)

    def add_all(self, uri: str) -> None:
        """Add what a process that has been added leads to."""
        seen = {uri}
        waiting = [uri]
        while waiting:
            for stub in _stubbed(self.parts[waiting.pop()].tree):
                uri = stub["id"]
                if uri not in self.parts:
                    stub["id"] = self._add(uri)
                if stub["id"] not in seen:
                    seen.add(stub["id"])
                    waiting.append(stub["id"])
        self.parts = {uri: part for uri, part in self.parts.items() if uri in seen}

    def _add(self, uri: str) -> str:
        """Resolve and validate a process. Its URI: of a list, that of the main one."""
        context: Any = self._context.copy()
        file = urldefrag(uri)[0]
        known = self._metadata.get(file)
        if known is not None and uri in context.loader.idx:
            context.metadata = _original(known)
            context.skip_resolve_all = True
            context, found = resolve_and_validate_document(context, context.loader.idx[uri], uri)
        else:
            context.metadata = {}
            context, content, found = fetch_document(uri, context)
            context, found = resolve_and_validate_document(context, content, found)
        self._metadata[file] = context.metadata
        tree: Any = context.loader.resolve_ref(found)[0]
        if isinstance(tree, MutableSequence):
            tree = next((one for one in tree if one["id"].endswith("#main")), None)
            if tree is None:
                make_tool(found, context)  # it says which there are
        self.parts[tree["id"]] = Part(tree, context.metadata)
        return str(tree["id"])


def _stubbed(tree: Any) -> list[Stub]:
    """Put stubs for references into the steps of a process, and of those inside it."""
    stubs: list[Stub] = []
    for step in tree.get("steps") or ():
        run = step["run"]
        if isinstance(run, str):
            step["run"] = run = Stub(id=run)
        if isinstance(run, Stub):
            stubs.append(run)
        elif isinstance(run, Mapping):
            stubs += _stubbed(run)
    inner = tree.get("run")  # of a process that generates another one
    if isinstance(inner, str):
        tree["run"] = inner = Stub(id=inner)
    if isinstance(inner, Stub):
        stubs.append(inner)
    return stubs


def _original(metadata: Any) -> Any:
    """A file's metadata as they were before the library brought its processes to its own version."""
    found = CommentedMap(metadata)
    found["cwlVersion"] = found.pop(ORIGINAL_CWLVERSION)
    return found


def _name_again(process: Any) -> None:
    """Let steps tell by URI what they run, as those do that cwltool has made alone."""
    for step in getattr(process, "steps", ()):
        if isinstance(step.tool["run"], Stub):
            step.tool["run"] = str(step.tool["run"])
        _name_again(step.embedded_tool)
