"""The research object of a run (``--provenance``): refused early, begun before outputs are exported, and put
in its place behind them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from toil_core.api.job import FileAccess
from toil_core.errors import UsageError
from toil_core.model.ids import JobId
from toil_cwl.destinations import local_folder
from toil_cwl.options import CwlOptions
from toil_cwl.records import root_run
from toil_cwl.registry import loaded


def refuse_provenance(options: CwlOptions) -> None:
    """Before anything runs: raise ``UsageError`` if the object could not be left where it is wanted."""
    folder = options.provenance
    if folder is None:
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"The folder for provenance is not empty: {folder}", "Name a new one by --provenance")
    outdir = local_folder(options.outdir)
    if outdir is not None and folder.absolute() in (outdir.absolute(), *outdir.absolute().parents):
        raise UsageError(f"The folder for provenance cannot hold the outputs too: {folder}", "Name another --outdir")
    there = next(path for path in folder.absolute().parents if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"The folder for provenance cannot be made in {there}", "Name another by --provenance")
    _writer().refuse_orcid(options.orcid)


@contextmanager
def kept_provenance(
    job: JobId, name: str, values: Mapping[JobId, str], files: FileAccess, options: CwlOptions
) -> Iterator[None]:
    """Around the export of outputs: the research object of the run whose first job this is, if one is wanted.

    Raises ``UsageError`` before the export for a run that kept nothing for it, or where it cannot be written.
    """
    folder = options.provenance
    if folder is None:
        yield
        return
    root = root_run(job, name, values)
    if root is None:
        message = "The run was started without --provenance, so that its jobs kept nothing for it"
        raise UsageError(message, "Go on without it")
    kept = loaded(root.key, files)
    with _told(folder), _writer().research_object(root.run, kept.document, kept.secrets, files, options, folder):
        yield


def _writer() -> ModuleType:
    # cwltool's classes for this, and its packer of documents, are needed by few runs
    from toil_cwl.door import provenance

    return provenance


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"The provenance cannot be kept in {folder}: {error}", "Name another by --provenance"
        ) from error
