"""Taking the result of a tool that was run before, instead of running it again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from toil_core.api.job import JobContext, JobFailure
from toil_core.errors import StorageError, StoreDamaged, StoreFormatError
from toil_core.files.reuse_store import Result, ReuseStore, open_reuse_store
from toil_core.model.outcome import FailureKind
from toil_cwl import door
from toil_cwl.options import CwlOptions
from toil_cwl.registry import Loaded, short
from toil_cwl.reuse_contents import Contents, Unnameable
from toil_cwl.reuse_key import asks_for_checksums, key_of, shape_of
from toil_cwl.values import Object

_ASKING = ("WorkReuse", "http://commonwl.org/cwltool#WorkReuse", "http://arvados.org/cwl#ReuseRequirement")
_SECRETS = "http://commonwl.org/cwltool#Secrets"

_shapes: dict[int, tuple[door.Process, Object]] = {}
"""By the identity of a process, which is kept here so that no other one gets it."""


def prepare_reuse(options: CwlOptions) -> None:
    """Before a run begins: have the reuse store that it names ready. Raises ``UsageError``."""
    if options.reuse_results:
        open_reuse_store(options.reuse_results).prepare()


def reused(
    process: door.Process, inputs: Object, context: JobContext, known: Loaded, run: Callable[[], Object]
) -> Object:
    """The output object of a tool on these inputs: one that was kept, or else what ``run`` returns,
    which is kept for the next time."""
    if (
        not known.options.reuse_results
        or _holds_secret(inputs, known)
        or not _may_be_reused(process, inputs, known.options)
    ):
        return run()
    store = open_reuse_store(known.options.reuse_results)
    shape = _shape(process, known)
    contents = Contents(store.checksums, context.files.local_path, keeps_checksums=asks_for_checksums(shape))
    try:
        key = key_of(shape, inputs, contents)
    except Unnameable:
        return run()
    lookup = _look_up(store, key, context)
    if lookup.found is not None:
        context.reused()
        outputs: Object = contents.unpacked(json.loads(lookup.found.value), lookup.found.files)
        return outputs
    outputs = run()
    if lookup.may_keep:
        _keep(store, key, outputs, context, contents, lookup.is_damaged)
    return outputs


def _holds_secret(inputs: Object, known: Loaded) -> bool:
    """Whether there is a secret among the inputs: the tool itself may not say that it is one."""
    text = json.dumps(inputs) if known.secrets else ""
    return any(placeholder in text for placeholder in known.secrets)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What the store holds; if it is nothing, whether a new result may be kept, and replaces a damaged one."""

    found: Result | None = None
    may_keep: bool = True
    is_damaged: bool = False


def _look_up(store: ReuseStore, key: str, context: JobContext) -> _Lookup:
    try:
        return _Lookup(store.find(key, context))
    except StoreDamaged as error:
        context.log(f"{error.message}; the tool is run again", logging.WARNING)
        return _Lookup(is_damaged=True)
    except StoreFormatError as error:
        context.log(f"{error.message}; the tool is run, and the result left to those who can read it", logging.WARNING)
    except (StorageError, OSError) as error:
        context.log(f"No earlier result could be taken: {error}", logging.WARNING)
    return _Lookup(may_keep=False)


def _keep(store: ReuseStore, key: str, outputs: Object, context: JobContext, contents: Contents, anew: bool) -> None:
    try:
        packed, files = contents.packed(outputs)
        store.keep(key, Result(json.dumps(packed), tuple(files)), context, anew=anew)
    except Unnameable:
        return  # an output that lies elsewhere may be another one the next time
    except (StorageError, OSError) as error:
        context.log(f"The result could not be kept for the next time: {error}", logging.WARNING)


def _shape(process: door.Process, known: Loaded) -> Object:
    found = _shapes.get(id(process))
    if found is None:
        found = _shapes[id(process)] = (process, shape_of(process, known))
    return found[1]


def _may_be_reused(process: door.Process, inputs: Object, options: CwlOptions) -> bool:
    if door.process_class(process) != "CommandLineTool" or door.requirement(process, _SECRETS) is not None:
        return False
    if (door.requirement(process, "InplaceUpdateRequirement") or {}).get("inplaceUpdate"):
        return False
    asked = next(filter(None, (door.requirement(process, kind) for kind in _ASKING)), {})
    wanted = asked.get("enableReuse", True)
    if isinstance(wanted, str):
        defaults = {short(str(one["id"])): one.get("default") for one in process.tool["inputs"]}
        shown = {**defaults, **{name: value for name, value in inputs.items() if value is not None}}
        wanted = door.evaluate(wanted, shown, None, process, options)
    if not isinstance(wanted, bool):
        message = f"enableReuse is {wanted!r}, neither true nor false"
        raise JobFailure(message, FailureKind.PERMANENT)
    return wanted
