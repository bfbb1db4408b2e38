"""What can be shown of a document without running it, by cwltool's own printers.

Loaded only by those who ask: cwltool's command line takes long to import.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

from cwl_utils.errors import WorkflowException
from cwltool.context import RuntimeContext
from cwltool.cwlrdf import printdot, printrdf
from cwltool.load_tool import make_tool
from cwltool.main import make_template, print_pack, print_targets, printdeps, supported_cwl_versions
from cwltool.process import CWL_IANA, mergedirs, scandeps
from cwltool.stdfsaccess import StdFsAccess
from schema_salad.exceptions import ValidationException
from schema_salad.utils import json_dumps

from toil_core.errors import UsageError
from toil_core.files.urls import as_url
from toil_cwl.door.documents import Opened, Process, open_document, process_of, translated
from toil_cwl.door.fetching import is_there
from toil_cwl.door.quiet import collected_warnings, quiet_cwltool
from toil_cwl.door.selection import selected
from toil_cwl.messages import one_line
from toil_cwl.options import CwlOptions
from toil_cwl.values import Object, is_remote


def packed(document: str, options: CwlOptions) -> str:
    """The document and all that it refers to as one document, in its own version. Raises ``UsageError``."""
    with translated(document, options):
        opened = open_document(document, options, update=False, validate=False)
        return str(print_pack(opened.context, opened.root))


def dependencies(document: str, options: CwlOptions, relative: str) -> str:
    """The files that the document is made of, as a File with secondary files. Raises ``UsageError``."""
    with translated(document, options):
        opened = open_document(document, options)
        if is_remote(opened.root):
            return _dependencies_there(opened)
        return _printed(lambda out: printdeps(opened.tree, opened.context.loader, out, relative, opened.root))


def input_dependencies(process: Process, order: Object, source: str, relative: str) -> str:
    """The files that a job order names, with the secondary files that the process wants of them.

    ``source``: the file that the order was read from, empty for none."""
    with _translated_inputs():
        builder = process._init_job(order, _looking())
        builder.loadListing = "no_listing"
        builder.bind_input(process.inputs_record_schema, order, discover_secondaryFiles=True)
        uri = as_url(source) if source else ""
        base = None if source else os.getcwd()
        loader, relative = process.doc_loader, _relative(uri, relative)
        return _printed(lambda out: printdeps(order, loader, out, relative, uri, basedir=base, nestdirs=False))


def check_inputs(process: Process, order: Object) -> None:
    """Raise ``UsageError`` for inputs that the process does not take, or lacks."""
    with _translated_inputs():
        process._init_job(order, _looking())


def doubts(document: str, options: CwlOptions) -> Sequence[str]:
    """What is legal in a document and looks wrong: scripts that jshint complains of, where there is an
    interpreter, and hints that nobody knows. Raises ``UsageError`` for what is not legal."""
    with translated(document, options), collected_warnings() as warnings:
        opened = open_document(document, options)
        opened.context.disable_js_validation = shutil.which("nodejs") is None and shutil.which("node") is None
        process_of(opened)
    return list(dict.fromkeys(_doubt(one) for one in warnings))


def _doubt(warning: str) -> str:
    lines = one_line(warning) if "JSHINT: " not in warning else ""
    if lines:
        return " ".join(lines.replace("Warning:", "").split())
    script, *_, said = warning.splitlines()
    position, _, code = script.partition("JSHINT: ")
    return f"{one_line(position)} {said.partition('JSHINT: ')[2]} In: {code}"


def preprocessed(document: str, options: CwlOptions) -> str:
    """The document with every reference resolved. Raises ``UsageError``."""
    with translated(document, options):
        opened = open_document(document, options, validate=False)
        return _json(opened.context.loader.resolve_ref(opened.root)[0])


def subgraph(document: str, options: CwlOptions) -> str:
    """The part of a workflow that the options select, in the document's own version. Raises ``UsageError``."""
    with translated(document, options):
        opened = open_document(document, options, update=False)
        whole = make_tool(opened.root, opened.context)
        part = selected(whole, options, opened.context, lambda: opened.context).tool
    part.pop("name", None)
    return _json(part)


def targets(document: str, options: CwlOptions) -> str:
    """What a target can be, a line each. Raises ``UsageError``."""
    with translated(document, options):
        opened = open_document(document, options)
        process = make_tool(opened.root, opened.context)
        return _printed(lambda out: print_targets(process, out, opened.context))


def template(document: str, options: CwlOptions) -> str:
    """A job order to fill in. Raises ``UsageError``."""
    process = _process(document, options)
    return _printed(lambda out: make_template(process, out))


def rdf(document: str, options: CwlOptions, order: Object, serializer: str) -> str:
    """The document, with the inputs, as RDF. Raises ``UsageError``."""
    process = _process(document, options)
    return str(printrdf(process, process.doc_loader.ctx, serializer, order))


def dot(document: str, options: CwlOptions) -> str:
    """The workflow as a graph for graphviz. Raises ``UsageError``, also for what is no workflow."""
    process = _process(document, options)
    if process.tool["class"] != "Workflow":
        raise UsageError(f"{process.tool['id']} is a {process.tool['class']}, and only workflows have a graph")
    return _printed(lambda out: printdot(process, process.doc_loader.ctx, out))


def versions(options: CwlOptions) -> str:
    """The versions of the language, a line each."""
    return "\n".join(supported_cwl_versions(options.enable_dev))


@contextmanager
def _translated_inputs() -> Iterator[None]:
    with quiet_cwltool():
        try:
            yield
        except (WorkflowException, ValidationException, OSError) as error:
            raise UsageError(one_line(str(error))) from error


def _dependencies_there(opened: Opened) -> str:
    """As cwltool tells them, but that it joins references by urllib, which knows the schemes of the web only."""
    loader = opened.context.loader
    join = loader.fetcher.urljoin
    references, files = {"$import", "run"}, {"$include", "$schemas", "location"}
    found = scandeps(
        opened.root, opened.tree, references, files, lambda base, uri: loader.fetch(join(base, uri)), urljoin=join
    )
    return json.dumps(
        {"class": "File", "location": opened.root, "format": CWL_IANA, "secondaryFiles": mergedirs(found)},
        indent=4,
        default=str,
    )


def _relative(uri: str, relative: str) -> str:
    """What paths are printed relative to: nothing that a text at a URL names has a path."""
    return "cwd" if is_remote(uri) else relative


def _looking() -> RuntimeContext:
    context = RuntimeContext()
    context.toplevel = True
    context.make_fs_access = _LookingFsAccess
    return context


class _LookingFsAccess(StdFsAccess):
    """cwltool's view of files where nothing is run: whether the secondary files of what is at URLs are there."""

    def exists(self, fn: str) -> bool:
        return is_there(fn) if is_remote(fn) else super().exists(fn)


def _process(document: str, options: CwlOptions) -> Process:
    """A process that has its whole document behind it, as one that is made to be run may not."""
    with translated(document, options):
        opened = open_document(document, options)
        return make_tool(opened.root, opened.context)


def _printed(show: Callable[[Any], None]) -> str:
    out = StringIO()
    show(out)
    return out.getvalue()


def _json(value: Any) -> str:
    return str(json_dumps(value, indent=4, sort_keys=True, separators=(",", ": "), default=str))
