"""The research object of a run that has ended, by cwltool's own classes.

Loaded only for runs that keep provenance. Specification: CWLProv 0.6.0, https://w3id.org/cwl/prov/0.6.0
"""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cwltool.cwlprov import _valid_orcid
from cwltool.cwlprov.writablebagfile import create_job, open_log_file_for_activity, packed_workflow, write_bag_file
from cwltool.pack import pack
from ruamel.yaml.error import YAMLError
from schema_salad.utils import json_dumps, yaml_no_ts

from toil_core.api.job import FileAccess
from toil_core.errors import UsageError
from toil_cwl.door.artifacts import Artifacts
from toil_cwl.door.bag import Bag
from toil_cwl.door.documents import Document, open_document, translated
from toil_cwl.door.profile import Profile
from toil_cwl.door.quiet import quiet_cwltool
from toil_cwl.door.runtime import StoreFsAccess
from toil_cwl.options import CwlOptions
from toil_cwl.process_run import ProcessRun
from toil_cwl.sealing import Mask
from toil_cwl.values import Object, Value


def refuse_orcid(orcid: str) -> None:
    """Raise ``UsageError`` for what is no ORCID."""
    try:
        if orcid:
            _valid_orcid(orcid)
    except ValueError as error:
        raise UsageError(str(error).partition("\n")[0], "It looks like 0000-0002-1825-0097") from error


@contextmanager
def research_object(
    run: ProcessRun,
    document: Document,
    secrets: Mapping[str, str],
    files: FileAccess,
    options: CwlOptions,
    target: Path,
) -> Iterator[None]:
    """Write the object of a run of a document; when all is well behind it, ``target`` is that object.

    Raises ``OSError``, and what loading a document raises.
    """
    with quiet_cwltool(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "NTSerializer always uses UTF-8")  # and UTF-8 is meant
        bag = Bag(target, options, StoreFsAccess("", files))
        try:
            _Writer(bag, options, secrets).write(run, document)
            yield
            bag.move_to_target()
        finally:
            bag.discard()


class _Writer:
    def __init__(self, bag: Bag, options: CwlOptions, secrets: Mapping[str, str]) -> None:
        self._bag = bag
        self._options = options
        self._secrets = frozenset(secrets.values())
        self._artifacts = Artifacts(bag, Mask(secrets).text)

    def write(self, run: ProcessRun, document: Document) -> None:
        """Everything but what closing the bag writes."""
        self._artifacts.know(run)
        self._document(document)
        profile = Profile(self._bag, self._options, self._bag.ro_uuid, _time(run.started))
        profile.plan(run.plan)
        whole = profile.workflow_run_uri
        inputs = self._artifacts.described(run.inputs)
        create_job(self._bag, inputs)  # before they get names that only the profile knows
        given = {name: value for name, value in inputs.items() if value is not None}
        profile.use(whole, given, "", _time(run.started))
        if run.plan is None:
            self._use(profile, run, whole)
        else:
            self._steps(profile, run)
        outputs = self._artifacts.described(run.outputs)
        profile.generate(whole, outputs, "primary", _time(run.ended))
        profile.end(whole, _time(run.ended), profile.engine_uuid)
        create_job(self._bag, outputs, True)
        profile.finalize_prov_profile(None)
        self._log(run)

    def _steps(self, profile: Profile, run: ProcessRun) -> None:
        for step in sorted(run.steps, key=lambda one: one.started):
            if step.plan is None:
                self._tool(profile, step, profile.start(step.name, _time(step.started)))
            else:
                self._nested(profile, step)

    def _tool(self, profile: Profile, run: ProcessRun, activity: str) -> None:
        self._use(profile, run, activity)
        profile.generate(activity, self._artifacts.described(run.outputs), run.name, _time(run.ended))
        profile.end(activity, _time(run.ended), profile.workflow_run_uri)

    def _use(self, profile: Profile, run: ProcessRun, activity: str) -> None:
        if run.image:
            profile.contain(activity, run.image)
        if run.is_reused:
            profile.describe(activity, "The result was made by an earlier run, and taken.")
        profile.use(activity, self._artifacts.described(run.inputs), run.name, _time(run.started))

    def _nested(self, parent: Profile, run: ProcessRun) -> None:
        """A workflow inside one has a profile of its own, which its parent's names."""
        name = f"workflow {run.name}"
        profile = Profile(self._bag, self._options, uuid.uuid4(), _time(run.started))
        whole = profile.workflow_run_uri
        parent.start(f"main/{run.name}", _time(run.started), whole)
        profile.plan(run.plan)
        profile.use(whole, self._artifacts.described(run.inputs), "", _time(run.started))
        self._steps(profile, run)
        profile.generate(whole, self._artifacts.described(run.outputs), name, _time(run.ended))
        profile.end(whole, _time(run.ended), profile.engine_uuid)
        parent.activity_has_provenance(whole, profile.finalize_prov_profile(name))

    def _document(self, document: Document) -> None:
        """The document as one file, and as the files it was read from."""
        with translated(document.uri, self._options):
            opened = open_document(document.uri, self._options, texts=document.texts, update=False, validate=False)
            packed: Object = dict(pack(opened.context, opened.root))
        graph = packed["$graph"]
        packed_workflow(self._bag, _json(without_secrets(packed if len(graph) > 1 else graph[0], self._secrets)))
        taken: set[str] = set()
        for url, text in document.texts.items():
            path = urlsplit(url).path
            name = unquote(path.rpartition("/")[2]) or "document"
            while name in taken:
                name = f"{name}_"
            taken.add(name)
            with write_bag_file(self._bag, f"snapshot/{name}") as file:
                file.write(self._public(text))

    def _public(self, text: str) -> str:
        """The text of a file of the document, or if there are secrets in it, something that means the same
        but for them."""
        if not self._secrets:
            return text
        try:
            tree = yaml_no_ts().load(text)
        except YAMLError:  # a script, say
            return text
        public = without_secrets(tree, self._secrets)
        return text if public == tree else _json(public)

    def _log(self, run: ProcessRun) -> None:
        """When each process began and ended, for people."""
        with open_log_file_for_activity(self._bag, self._bag.engine_uuid) as log:
            for line in sorted(_lines(run, "main"), key=lambda line: line.partition(" ")[0]):
                log.write(f"{line}\n")


def without_secrets(tree: Value, secrets: Collection[str], *, is_default: bool = False) -> Value:
    """A document with asterisks for those texts in defaults that are secrets."""
    if isinstance(tree, Mapping):
        return {
            key: without_secrets(item, secrets, is_default=is_default or key == "default") for key, item in tree.items()
        }
    if isinstance(tree, list):
        return [without_secrets(item, secrets, is_default=is_default) for item in tree]
    return "***" if is_default and isinstance(tree, str) and tree in secrets else tree


def _json(value: Value) -> str:
    return str(json_dumps(value, indent=4, default=str))


def _lines(run: ProcessRun, path: str) -> Iterator[str]:
    yield f"{_time(run.started).isoformat()} {path} started"
    for step in run.steps:
        yield from _lines(step, f"{path}/{step.name}")
    yield f"{_time(run.ended).isoformat()} {path} ended"


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
