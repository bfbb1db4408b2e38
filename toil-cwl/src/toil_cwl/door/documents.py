"""Loading documents, and looking into processes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cwl_utils.errors import WorkflowException
from cwltool.context import LoadingContext
from cwltool.errors import GraphTargetMissingException, UnsupportedRequirement
from cwltool.load_tool import fetch_document, make_tool, resolve_and_validate_document
from cwltool.update import ALLUPDATES
from cwltool.utils import visit_class
from cwltool.workflow import default_make_tool
from schema_salad.exceptions import ValidationException
from schema_salad.fetcher import DefaultFetcher

from toil_core.errors import UnsupportedFeature, UsageError
from toil_cwl.door.amendments import Amendment, overrides_of
from toil_cwl.door.complaints import BROKEN, complaint
from toil_cwl.door.fetching import Fetched, fetcher, refused, resolver
from toil_cwl.door.kept_documents import KeptDocument, find, keep, name_of
from toil_cwl.door.parts import made, prepared
from toil_cwl.door.quiet import quiet_cwltool
from toil_cwl.door.selection import selected
from toil_cwl.door.software import accept_software
from toil_cwl.messages import one_line, without_secrets
from toil_cwl.options import CwlOptions
from toil_cwl.schemas import EXTENSIONS, VERSIONS, prime

Process = Any  # cwltool.process.Process
Step = Any  # cwltool.workflow.WorkflowStep


class NoMainProcess(UsageError):
    """A document of several processes, none of them ``#main``, and none was named: ``names``."""

    def __init__(self, uri: str, names: Sequence[str]) -> None:
        super().__init__(f"{uri} has several processes, and none is called main", f"Name one: {uri}#{names[0]}")
        self.args = (uri, names)
        self.names = names


@dataclass(slots=True)
class Document:
    """A loaded document: its root process, its URI, the amendments that were made to it, and the text
    of every file that it was read from."""

    root: Process
    uri: str
    amendments: Sequence[Amendment] = ()
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Opened:
    """A document on its way to be a process: cwltool's context, the text's own tree, and its URI.

    ``root`` is the URI that a process is made of; ``needed`` are the URLs of files that were looked for."""

    context: Any  # cwltool.context.LoadingContext
    tree: Any
    uri: str
    root: str
    texts: dict[str, str]
    needed: set[str]


def load_document(
    uri: str, options: CwlOptions, amendments: Sequence[Amendment] = (), texts: Mapping[str, str] | None = None
) -> Document:
    """Load and validate a document, or the part of it that the options select; ``texts`` are read
    instead of the files of the same URLs.

    Raises ``UsageError`` with file, line and column, ``UnsupportedFeature``.
    """
    with translated(uri, options):
        if options.target or options.single_step or options.single_process:
            opened = open_document(uri, options, amendments, texts)
            whole = make_tool(opened.root, opened.context)
            root = selected(
                whole, options, opened.context, lambda: open_document(uri, options, amendments, opened.texts).context
            )
            return Document(root, opened.uri, amendments, opened.texts)
        name = name_of(uri, options, amendments)
        kept = find(name, texts or {}) if name else None
        if kept is not None:
            return Document(_made_of(kept, options, amendments), kept.uri, amendments, dict(kept.texts))
        opened = open_document(uri, options, amendments, texts)
        parts = prepared(opened.context, opened.root)
        if parts is None:
            root = make_tool(opened.root, opened.context)  # it says why it cannot
        else:
            root = made(opened.context, parts)  # this checks how steps are connected, too
            if name:
                keep(name, opened.uri, parts, opened.texts, opened.needed)
    return Document(root, opened.uri, amendments, opened.texts)


def _made_of(kept: KeptDocument, options: CwlOptions, amendments: Sequence[Amendment]) -> Process:
    versions = {part.version for part in kept.parts.by_uri.values()}
    prime({"v1.0", *versions}, extended=options.enable_ext)
    context = _context(options, DefaultFetcher)
    context.do_validate = False
    root = kept.parts.by_uri[kept.parts.root]
    context.overrides_list = overrides_of(amendments, kept.parts.root, root.version)
    return made(context, kept.parts)


def open_document(
    uri: str,
    options: CwlOptions,
    amendments: Sequence[Amendment] = (),
    texts: Mapping[str, str] | None = None,
    *,
    update: bool = True,
    validate: bool = True,
) -> Opened:
    """Read a document with all that it refers to. Without ``update`` it stays of its own version.

    Raises what cwltool raises.
    """
    fetched = Fetched(dict(texts or {}), is_known=bool(texts))
    context = _context(options, fetcher(fetched), update=update)
    context, tree, resolved = fetch_document(uri, context)
    _refuse_version(tree, uri, options)
    prime({"v1.0", str(tree.get("cwlVersion"))}, extended=options.enable_ext)
    context, root = resolve_and_validate_document(context, tree, resolved, preprocess_only=not validate)
    main = f"{root}#main" if "$graph" in tree and "#" not in root else root
    context.overrides_list = overrides_of(amendments, main, str(tree.get("cwlVersion")))
    return Opened(context, tree, resolved, root, fetched.texts, fetched.needed)


def process_of(opened: Opened) -> Process:
    """A document that was opened with an update, as a process, whose steps have no URIs of their own.
    Raises what cwltool raises."""
    parts = prepared(opened.context, opened.root)
    return make_tool(opened.root, opened.context) if parts is None else made(opened.context, parts)


def _context(options: CwlOptions, fetchers: Any, *, update: bool = True) -> LoadingContext:
    accept_software(options)
    return LoadingContext(
        {
            "construct_tool_object": default_make_tool,
            "resolver": resolver,
            "fetcher_constructor": fetchers,
            "enable_dev": options.enable_dev,
            "strict": not options.not_strict,
            "relax_path_checks": options.relax_path_checks,
            "eval_timeout": options.eval_timeout,
            "skip_schemas": options.skip_schemas,
            "doc_cache": options.doc_cache,
            "disable_js_validation": True,
            "do_update": update,
            "singularity": options.singularity,
            "podman": options.podman,
        }
    )


@contextmanager
def translated(uri: str, options: CwlOptions) -> Iterator[None]:
    """What cwltool says of a document, said by us."""
    with quiet_cwltool():
        try:
            yield
        except UnsupportedRequirement as error:
            message = one_line(str(error))
            finds = "Try --beta-conda-dependencies" if "SoftwareRequirement" in message else ""
            raise UnsupportedFeature(message, finds) from error
        except GraphTargetMissingException as error:
            raise NoMainProcess(uri, re.findall(r"#([^,\s]+)", str(error))) from error
        except RecursionError as error:
            message = f"{uri} runs itself, directly or through others"
            raise UsageError(message, "A workflow must come to an end") from error
        except (ValidationException, WorkflowException, OSError, RuntimeError, *BROKEN) as error:
            refusal = refused(error)
            message, cure = complaint(error)
            if refusal is not None:
                if message == one_line(refusal.message):  # of the document itself
                    raise UsageError(refusal.message, refusal.cure) from error
                cure = refusal.cure
            is_extended = f"'{EXTENSIONS}#" in message and not options.enable_ext
            told = without_secrets(f"{uri} is not a CWL document that can be run: {message}")
            raise UsageError(told, "Try --enable-ext" if is_extended else cure) from error


def _refuse_version(document: Any, uri: str, options: CwlOptions) -> None:
    if not isinstance(document, dict) or not ({"class", "$graph", "cwlVersion"} & document.keys()):
        raise UsageError(f"{uri} is not a CWL document", "CWL starts with cwlVersion and class, or $graph")
    version = document.get("cwlVersion")
    if version is None:
        raise UsageError(f"{uri} does not say its cwlVersion", "Add, for example: cwlVersion: v1.2")
    known = ALLUPDATES if "dev" in str(version) and options.enable_dev else VERSIONS
    if str(version) not in known:
        cure = "--enable-dev" if "dev" in str(version) else "the cwl-upgrader package, if it is an older one"
        raise UsageError(f"{uri} is of cwlVersion {version}; {', '.join(VERSIONS)} can be run", f"Try {cure}")


def process_class(process: Process) -> str:
    """``CommandLineTool``, ``ExpressionTool``, ``Workflow`` or ``Operation``."""
    return str(process.tool["class"])


def steps(workflow: Process) -> Sequence[Step]:
    """A workflow's steps."""
    return list(workflow.steps)


def step_tool(step: Step) -> Process:
    """The process that a step runs."""
    return step.embedded_tool


def requirement(process: Process, name: str) -> Mapping[str, Any] | None:
    """A requirement or hint that holds for the process, or ``None``."""
    found: Mapping[str, Any] | None = process.get_requirement(name)[0]
    return found


def requires_container(process: Process) -> bool:
    """Whether the process says that it can run in a container only; a mere hint does not count."""
    found, is_required = process.get_requirement("DockerRequirement")
    return bool(found) and bool(is_required)


def declared_locations(process: Process) -> list[str]:
    """The files and directories that a tool's own document puts into its working directory."""
    found: list[str] = []
    listing = (requirement(process, "InitialWorkDirRequirement") or {}).get("listing")
    visit_class(listing, ("File", "Directory"), lambda one: found.append(str(one.get("location", ""))))
    return found
