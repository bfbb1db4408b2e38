"""``toil debug-file``: list the files of a run, and fetch them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import ClassVar

from toil_core.api.options import option
from toil_core.cli.fetching import fetch, targets
from toil_core.config.parser import add_options
from toil_core.config.reading import Sources, read_options
from toil_core.engine.run_files import RunFile, run_files
from toil_core.engine.session import open_store
from toil_core.errors import UsageError
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.plugins.manager import PluginManager
from toil_core.store.job_store import JobStore


@dataclass(frozen=True)
class FetchOptions:
    """What is done with the files, and where to."""

    GROUP: ClassVar[str] = "Files"

    list_files_in_job_store: bool = option(False, "List all files, as is done if nothing is fetched.")
    json: bool = option(False, "List them as a JSON array.")
    fetch_entire_job_store: bool = option(False, "Fetch all files.")
    local_file_path: Path | None = option(
        None, "Fetch into this folder, which is made if it is not there; by default into this one.", metavar="DIR"
    )
    use_symlinks: bool = option(
        False, "Make symbolic links to files that the job store keeps on this machine, where it can, and no copies."
    )
    force: bool = option(False, "Replace files that are there.")


class DebugFileCommand:
    """Looks at a run, whether it goes on, has failed or has finished, and changes nothing of it."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("locator", metavar="LOCATOR", help="the job store of the run")
        parser.add_argument(
            "--fetch",
            metavar="FILE",
            nargs="+",
            action="extend",
            default=[],
            help="fetch these files, named by id, NAME or JOB/NAME as the list shows them, or by patterns ('*.bam')",
        )
        add_options(parser, [FetchOptions])

    def run(self, arguments: argparse.Namespace) -> int:
        """List or fetch; nothing is fetched if one name fits no file. Raises ``StoreDamaged`` after doing so
        with what a damaged journal still tells."""
        chosen = read_options([FetchOptions], Sources(None, {}, arguments)).get(FetchOptions)
        plugins = PluginManager.load()
        store = open_store(plugins, arguments.locator)
        files, damage = run_files(store)
        fetches = bool(arguments.fetch) or chosen.fetch_entire_job_store
        if chosen.list_files_in_job_store or not fetches:
            _print(files, chosen.json)
        if fetches:
            try:
                wanted = files if chosen.fetch_entire_job_store else _chosen(files, arguments.fetch, arguments.locator)
            except UsageError as error:
                raise damage or error from error
            _fetch(wanted, store, plugins, chosen)
        if damage is not None:
            raise damage
        return 0


def _fetch(wanted: Sequence[RunFile], store: JobStore, plugins: PluginManager, chosen: FetchOptions) -> None:
    folder = chosen.local_file_path or Path()
    node = NodeFiles(
        store.storage,
        appends=store.appends,
        cache_dir=folder / ".toil-cache",
        writer="debug-file",
        urls=Urls(lambda url: plugins.open_url(url, {})),
    )
    places = targets(wanted, folder)
    fetch(node, places, replace=chosen.force, link=chosen.use_symlinks)
    if not chosen.list_files_in_job_store:
        for path, one in places.items():
            print(f"{path}\t{one.id}")


def _chosen(files: Sequence[RunFile], names: Sequence[str], locator: str) -> Sequence[RunFile]:
    """The files that any of the names fits, in the list's order. Raises ``UsageError`` for one that fits none."""
    wanted: set[str] = set()
    for name in names:
        fitting = {one.id for one in files if name in _names(one)}
        fitting = fitting or {one.id for one in files if any(fnmatchcase(own, name) for own in _names(one))}
        if not fitting:
            raise UsageError(f'No file of the run fits "{name}"', f"List them: toil debug-file {locator}")
        wanted |= fitting
    return [one for one in files if one.id in wanted]


def _names(one: RunFile) -> Sequence[str]:
    """What a file is asked for by."""
    return one.id, one.ref.name, f"{one.job_name}/{one.ref.name}", f"{one.job}/{one.ref.name}"


def _print(files: Sequence[RunFile], as_json: bool) -> None:
    if as_json:
        print(json.dumps([_facts(one) for one in files], indent=2))
        return
    rows = [("id", "bytes", "name", "made by")]
    rows += [(one.id, str(one.ref.size), one.ref.name or "-", _maker(one)) for one in files]
    ids, sizes, names = (max(len(row[column]) for row in rows) for column in range(3))
    for own, size, name, maker in rows:
        print(f"{own:<{ids}}  {size:>{sizes}}  {_plain(name):<{names}}  {_plain(maker)}".rstrip())


def _facts(one: RunFile) -> dict[str, object]:
    ref = one.ref
    told = {"id": one.id, "bytes": ref.size, "name": ref.name, "job": one.job, "job_name": one.job_name}
    return {**told, "checksum": ref.checksum}


def _maker(one: RunFile) -> str:
    return f"{one.job_name} ({one.job})" if one.job else "the run's beginning"


def _plain(text: str) -> str:
    """Text that cannot speak to the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
