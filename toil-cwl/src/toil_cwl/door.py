"""The door to cwltool: loading documents, evaluating expressions, running one tool.

The only module that imports cwltool and schema_salad, ``schemas`` aside. What comes out of it are our own errors and
plain JSON values; cwltool's own classes stay behind ``Any``, because they are not typed for us.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

from cwl_utils.errors import WorkflowException
from cwl_utils.expression import do_eval
from cwltool.argparser import generate_parser
from cwltool.builder import content_limit_respected_read
from cwltool.context import LoadingContext, RuntimeContext
from cwltool.errors import GraphTargetMissingException, UnsupportedRequirement
from cwltool.load_tool import fetch_document, jobloader_id_name, jobloaderctx, make_tool, resolve_and_validate_document
from cwltool.process import add_sizes
from cwltool.resolver import tool_resolver
from cwltool.stdfsaccess import StdFsAccess
from cwltool.update import ALLUPDATES
from cwltool.utils import normalizeFilesDirs, path_to_loc, visit_class
from cwltool.workflow import default_make_tool
from ruamel.yaml.error import YAMLError
from schema_salad.exceptions import ValidationException
from schema_salad.fetcher import DefaultFetcher
from schema_salad.ref_resolver import Loader, file_uri, uri_file_path
from schema_salad.utils import yaml_no_ts

from toil_core.api.job import FileAccess, JobContext, JobFailure
from toil_core.errors import UnsupportedFeature, UsageError
from toil_core.model.file import FileRef
from toil_core.model.outcome import FailureKind
from toil_cwl.flags import InputFlags
from toil_cwl.messages import one_line
from toil_cwl.numbers import decimals, plain_json
from toil_cwl.options import CwlOptions
from toil_cwl.schemas import VERSIONS, prime
from toil_cwl.values import Object, Value, is_remote, ref_of, trim_listings

Process = Any  # cwltool.process.Process
Step = Any  # cwltool.workflow.WorkflowStep

NEEDS_CONTAINER = "the tool requires a container (DockerRequirement)"
WITH_CONTAINER = "Leave out --no-container"

_cwltool_log = logging.getLogger("cwltool")
for _name in ("salad", "cwl_utils"):  # they log what they then raise, with a traceback
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(slots=True)
class Document:
    """A loaded document: its root process, its URI, the requirements that a job order added to it,
    and the text of every file that it was read from."""

    root: Process
    uri: str
    requirements: Sequence[Any] = ()
    texts: dict[str, str] = field(default_factory=dict)


def load_document(
    uri: str, options: CwlOptions, requirements: Sequence[Any] = (), texts: Mapping[str, str] | None = None
) -> Document:
    """Load and validate a document; ``texts`` are read instead of the files of the same URLs.
    ``requirements`` hold for the root process and replace its own of the same classes.

    Raises ``UsageError`` with file, line and column, ``UnsupportedFeature``.
    """
    known = dict(texts or {})
    context = LoadingContext(
        {
            "construct_tool_object": default_make_tool,
            "resolver": tool_resolver,
            "fetcher_constructor": lambda cache, session: _RecordingFetcher(cache, session, known),
            "enable_dev": options.enable_dev,
            "strict": not options.not_strict,
            "relax_path_checks": options.relax_path_checks,
            "eval_timeout": options.eval_timeout,
            "skip_schemas": options.skip_schemas,
            "disable_js_validation": True,
            "singularity": options.singularity,
            "podman": options.podman,
        }
    )
    with _quiet_cwltool():
        try:
            context, workflow, resolved = fetch_document(uri, context)
            _refuse_version(workflow, uri, options)
            prime({"v1.0", str(workflow.get("cwlVersion"))})
            if requirements:
                context.overrides_list.append({"overrideTarget": resolved, "requirements": list(requirements)})
            context, resolved = resolve_and_validate_document(context, workflow, resolved)
            root = make_tool(resolved, context)
        except UnsupportedRequirement as error:
            raise UnsupportedFeature(one_line(str(error))) from error
        except GraphTargetMissingException as error:
            raise UsageError(one_line(str(error)), f"Name one: {uri}#NAME") from error
        except (ValidationException, WorkflowException, OSError, RuntimeError) as error:
            raise UsageError(f"{uri} is not a CWL document that can be run: {one_line(str(error))}") from error
    return Document(root, resolved, requirements, known)


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


class _RecordingFetcher(DefaultFetcher):
    def __init__(self, cache: Any, session: Any, texts: dict[str, str]) -> None:
        super().__init__(cache, session)
        self._texts = texts

    def fetch_text(self, url: str, content_types: list[str] | None = None) -> str:
        plain = urldefrag(url)[0]
        if plain not in self._texts:
            self._texts[plain] = str(super().fetch_text(url, content_types))
        return self._texts[plain]

    def check_exists(self, url: str) -> bool:
        return urldefrag(url)[0] in self._texts or bool(super().check_exists(url))


# Inside a process


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


def evaluate(expression: str, inputs: Object, self_value: Value, process: Process, options: CwlOptions) -> Value:
    """The value of an expression of a workflow. Raises ``JobFailure`` naming the expression."""
    engine = "podman" if options.podman else "singularity" if options.singularity else "docker"
    try:
        return do_eval(
            expression,
            inputs,
            process.requirements,
            None,
            None,
            {},
            context=self_value,
            timeout=options.eval_timeout,
            container_engine=engine,
        )
    except (WorkflowException, ValidationException) as error:
        message = f"the expression {expression.strip()!r} failed: {one_line(str(error))}"
        raise JobFailure(message, FailureKind.PERMANENT) from error


def prepared_inputs(process: Process, inputs: Object, files: FileAccess, options: CwlOptions, *, top: bool) -> Object:
    """A process's inputs with defaults filled in, validated, contents and listings loaded as asked for;
    with ``top`` secondary files are looked for. Raises ``UsageError``."""
    context = _runtime(options, files, None)
    context.toplevel = top
    with _quiet_cwltool():
        try:
            found: Object = plain_json(process._init_job(inputs, context).job)
        except UnsupportedRequirement as error:
            raise UnsupportedFeature(one_line(str(error))) from error
        except (WorkflowException, ValidationException, OSError) as error:
            raise UsageError(one_line(str(error))) from error
    trimmed: Object = trim_listings(found)
    return trimmed


def evaluated_resources(
    process: Process, inputs: Object, files: FileAccess, options: CwlOptions
) -> Mapping[str, float]:
    """What a tool asks for on these inputs: ``cores``, ``ram`` (MiB) and so on."""
    context = _runtime(options, files, None)
    with _quiet_cwltool():
        try:
            found: Mapping[str, float] = process._init_job(inputs, context).resources
        except (WorkflowException, ValidationException, OSError) as error:
            raise JobFailure(one_line(str(error))) from error
    return found


def read_order(source: str, basedir: str) -> Object:
    """A job order from a file, a URL or, for ``-``, stdin; its locations are absolute.

    Raises ``UsageError``.
    """
    loader = Loader(jobloaderctx)
    if source != "-" and "://" not in source and not os.path.exists(source):
        raise UsageError(f"There is no job order {source}")
    try:
        if source == "-":
            content = yaml_no_ts().load(sys.stdin)
            base = file_uri(basedir or os.getcwd()) + "/"
            found = loader.resolve_all(content, base, checklinks=False)[0]
        else:
            uri = source if "://" in source else file_uri(os.path.abspath(source))
            content = loader.fetch(uri, content_types=["application/json", "text/yaml"])
            if isinstance(content, dict):
                content.pop(jobloader_id_name, None)  # it would stand for the base
            base = file_uri(os.path.abspath(basedir)) + "/" if basedir else uri
            found = loader.resolve_all(content, base, checklinks=False)[0]
    except (ValidationException, YAMLError, OSError) as error:
        raise UsageError(f"Cannot read the job order {source}: {one_line(str(error))}") from error
    if not isinstance(found, dict):
        raise UsageError(f"The job order {source} is no mapping of input names to values")
    order: Object = plain_json(found)
    return order


def added_requirements(order: Object) -> Sequence[Any]:
    """Take the requirements that a job order adds to the document out of it (CWL v1.2, section 3.3)."""
    found: Sequence[Any] = order.pop("https://w3id.org/cwl/cwl#requirements", None) or order.pop("cwl:requirements", ())
    return found


def parse_flags(process: Process, words: Sequence[str]) -> Object:
    """Inputs from ``--NAME VALUE`` flags. Raises ``UsageError`` for what the process does not take."""
    names: dict[str, str] = {}
    records: list[str] = []
    flags = InputFlags()
    generate_parser(flags, process, names, records, False, _flag_location)
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


def _flag_location(base: str, word: str) -> str:
    return word if "://" in word else file_uri(os.path.abspath(word))


def normal_order(process: Process, order: Object, basedir: str) -> Object:
    """A job order with paths turned into locations, formats expanded and files known to be there.

    Raises ``UsageError`` naming the file that is not.
    """
    formats = Loader({**order.pop("$namespaces", {}), **process.metadata.get("$namespaces", {})})
    for key in ("cwl:tool", "https://w3id.org/cwl/cwl#tool", jobloader_id_name, "$schemas"):  # no inputs
        order.pop(key, None)

    def expand(file: Any) -> None:
        if "format" in file:
            file["format"] = formats.expand_url(file["format"], "")

    try:
        visit_class(order, ("File", "Directory"), path_to_loc)
        for name, value in order.items():
            visit_class(value, ("File", "Directory"), lambda one, name=name: _refuse_missing(one, name))
        visit_class(order, ("File",), lambda one: add_sizes(StdFsAccess(basedir), one))
        visit_class(order, ("File",), expand)
        normalizeFilesDirs(order)
    except (ValidationException, WorkflowException, OSError) as error:
        raise UsageError(f"The job order is wrong: {one_line(str(error))}") from error
    return order


def _refuse_missing(file: Any, name: str) -> None:
    location = str(file.get("location", ""))
    if location.startswith("file:") and not os.path.exists(uri_file_path(location)):
        raise UsageError(f'The input "{name}" names {uri_file_path(location)}, which is not there')


def declared_locations(process: Process) -> list[str]:
    """The files and directories that a tool's own document puts into its working directory."""
    found: list[str] = []
    listing = (requirement(process, "InitialWorkDirRequirement") or {}).get("listing")
    visit_class(listing, ("File", "Directory"), lambda one: found.append(str(one.get("location", ""))))
    return found


def read_contents(location: str, files: FileAccess) -> str:
    """The text of a file for ``loadContents``, refused if it is longer than the language allows."""
    with StoreFsAccess("", files).open(location, "rb") as stream:
        return str(content_limit_respected_read(stream))


# Running a tool


def run_tool(process: Process, inputs: Object, attempt: JobContext, options: CwlOptions) -> Object:
    """Run a tool whose files are all local; its outputs, with local locations.

    Raises ``JobFailure`` with the command and its exit status.
    """
    if options.no_container and requires_container(process):
        raise JobFailure(f"{NEEDS_CONTAINER}. {WITH_CONTAINER}", FailureKind.UNSUPPORTED)
    context = _runtime(options, attempt.files, attempt.work_dir)
    context.name = attempt.job.name  # cwltool's own search for a free one takes longer with every job
    results: list[tuple[Object, str]] = []
    commands: list[_Command] = []
    with _collected_errors() as errors:
        try:
            for job in process.job(decimals(inputs), lambda out, status: results.append((out, status)), context):
                command = _Command(job)
                commands.append(command)
                job.process_monitor = command.watch
                if hasattr(job, "create_runtime"):
                    _contain(job, command, attempt, options)
                job.run(context)
        except UnsupportedRequirement as error:
            raise JobFailure(one_line(str(error)), FailureKind.UNSUPPORTED) from error
        except ValidationException as error:
            raise JobFailure(one_line(str(error)), FailureKind.PERMANENT) from error
        except WorkflowException as error:
            raise JobFailure(one_line(str(error))) from error
        if not results or results[-1][1] != "success":
            raise _tool_failure(commands[-1] if commands else None, errors)
    return results[-1][0]


class _Command:
    """A tool's command line, and the status it ended with."""

    def __init__(self, job: Any) -> None:
        self._job = job
        self.status: int | None = None

    def watch(self, process: subprocess.Popen[str]) -> None:
        """Stands in for cwltool's monitor, which samples memory from a thread every second."""
        self.status = process.wait()

    @property
    def success_codes(self) -> Sequence[int]:
        return list(getattr(self._job, "successCodes", ())) or [0]

    @property
    def failed_for_good(self) -> bool:
        """Whether the tool's author says that this status will always come again."""
        return self.status in list(getattr(self._job, "permanentFailCodes", ()))

    @property
    def text(self) -> str:
        words = getattr(self._job, "command_line", None) or []
        return " ".join(shlex.quote(str(word)) for word in words)


_READ_BY_ENGINES = re.compile("HOME|PATH|TMPDIR|(LD|DOCKER|CONTAINERS?|XDG)_.*")


def _without_value(word: str, env: Any) -> str:
    """A variable of the tool without its value, which any process list shows: that goes into the
    engine's own environment, but for variables which the engine itself would heed there."""
    name, equals, value = word.removeprefix("--env=").partition("=")
    if not word.startswith("--env=") or not equals or _READ_BY_ENGINES.fullmatch(name):
        return word
    env[name] = value
    return f"--env={name}"


def _contain(job: Any, command: _Command, attempt: JobContext, options: CwlOptions) -> None:
    """Have a container's name known before it runs, and its end noticed by the end of its command.

    cwltool's own monitor waits a second before it first looks, and asks the engine for statistics.
    """
    create_runtime = job.create_runtime

    def named_runtime(env: Any, context: Any) -> Any:
        words, id_file = create_runtime(env, context)
        if "run" in words and not options.singularity and not options.user_space_docker_cmd:
            name = f"toil-{uuid.uuid4().hex[:12]}"
            attempt.on_abort([words[0], "kill", name])  # removing alone would ask the tool first
            attempt.on_abort([words[0], "rm", "--force", name])
            words.insert(words.index("run") + 1, f"--name={name}")
        words = [_without_value(word, env) for word in words]
        if os.geteuid() == 0:  # podman maps users for those who are not root, and refuses to for root
            words = [word for word in words if word != "--userns=keep-id"]
        return words, id_file or "none"  # something: else there would be no monitor at all

    job.create_runtime = named_runtime
    job.docker_monitor = lambda *arguments: command.watch(arguments[-1])


def _tool_failure(command: _Command | None, errors: list[str]) -> JobFailure:
    status = command.status if command is not None else None
    if command is not None and status is not None and status not in command.success_codes:
        how = f"was killed by signal {-status}" if status < 0 else f"exited with status {status}"
        message = f"the tool {how}"
    else:
        message = one_line(errors[-1]) if errors else "the tool failed"
        program, missing, _ = message.partition(" not found: [Errno 2]")
        if missing:
            message = f"the tool's program {program} was not found; install it, or name a container that has it"
    kind = FailureKind.PERMANENT if command is not None and command.failed_for_good else FailureKind.ERROR
    return JobFailure(message, kind, command=command.text if command else "", exit_status=status)


class StoreFsAccess(StdFsAccess):
    """cwltool's view of files: local ones, those of the job store, and, before they are imported, remote ones."""

    def __init__(self, basedir: str, files: FileAccess) -> None:
        super().__init__(basedir)
        self._files = files

    def open(self, fn: str, mode: str) -> Any:
        ref = FileRef(fn, 0) if is_remote(fn) else ref_of(fn)
        return super().open(fn, mode) if ref is None else self._files.open(ref)

    def exists(self, fn: str) -> bool:
        if is_remote(fn):
            return self._files.url_exists(fn)
        return ref_of(fn) is not None or super().exists(fn)

    def size(self, fn: str) -> int:
        ref = ref_of(fn)
        return super().size(fn) if ref is None else ref.size

    def isfile(self, fn: str) -> bool:
        return ref_of(fn) is not None or super().isfile(fn)

    def isdir(self, fn: str) -> bool:
        return ref_of(fn) is None and super().isdir(fn)


def _runtime(options: CwlOptions, files: FileAccess, work_dir: Path | None) -> Any:
    context: Any = _runtime_of_options(options).copy()
    context.make_fs_access = lambda basedir: StoreFsAccess(basedir, files)
    context.basedir = os.getcwd()
    if work_dir is None:  # nothing is run: names are wanted, which cwltool would make directories for
        context.outdir = context.tmpdir = context.stagedir = context.basedir
    else:
        context.basedir = str(work_dir)
        context.outdir = f"{work_dir}/out"
        context.tmpdir = f"{work_dir}/tmp"
        context.stagedir = f"{work_dir}/stage"
        context.tmpdir_prefix = context.tmp_outdir_prefix = f"{work_dir}/tmp/"
        for folder in (context.outdir, context.tmpdir):
            with suppress(FileExistsError):
                os.mkdir(folder)
    return context


@cache
def _runtime_of_options(options: CwlOptions) -> RuntimeContext:
    """What is the same for all tools of a document: making it costs as much as starting a process."""
    context = RuntimeContext(
        {
            "use_container": not options.no_container,
            "podman": options.podman,
            "singularity": options.singularity,
            "user_space_docker_cmd": options.user_space_docker_cmd or None,
            "default_container": options.default_container or None,
            "force_docker_pull": options.force_docker_pull,
            "no_match_user": options.no_match_user,
            "no_read_only": options.no_read_only,
            "custom_net": options.custom_net or None,
            "preserve_environment": options.preserve_environment,
            "preserve_entire_environment": options.preserve_entire_environment,
            "strict_memory_limit": options.strict_memory_limit,
            "strict_cpu_limit": options.strict_cpu_limit,
            "eval_timeout": options.eval_timeout,
            "compute_checksum": False,  # made in the pass that stores a file
            "rm_tmpdir": False,  # the attempt's directory goes as a whole
        }
    )
    context.workflow_eval_lock = threading.Condition(threading.RLock())
    if options.default_container:
        context.find_default_container = lambda _: options.default_container
    return context


@contextmanager
def _quiet_cwltool() -> Iterator[None]:
    """cwltool explains its exceptions to its own log as well; ours are told once."""
    level = _cwltool_log.level
    _cwltool_log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        _cwltool_log.setLevel(level)


@contextmanager
def _collected_errors() -> Iterator[list[str]]:
    """cwltool tells why a tool failed only to its log: collect that, and show it in the job's log."""
    errors: list[str] = []
    handler = _Collector(errors)
    _cwltool_log.addHandler(handler)
    try:
        yield errors
    finally:
        _cwltool_log.removeHandler(handler)


class _Collector(logging.Handler):
    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        self._errors.append(record.getMessage())
