"""Files that jobs could not find: brought into the job store before anything runs, so that what is not there
is told at once, and every worker and every restart finds the same content.

Files of other machines always are; those of this one where the jobs of a run do not see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, unquote

from toil_core.api.job import FileAccess
from toil_core.errors import ToilError, UsageError
from toil_cwl import door
from toil_cwl.values import Object, Value, is_directory, is_local, is_remote, made_location, stored_fields, transform

_TRANSFERS = 8


def imported(inputs: Object, files: FileAccess) -> Object:
    """The inputs with every file that jobs do not see in the job store.

    Raises ``UsageError`` naming the input for what cannot be read.
    """
    bringing = _Bringing(files)
    for name, value in inputs.items():
        bringing.want(value, f'The input "{name}"')
    bringing.bring()
    return {name: bringing.replaced(value) for name, value in inputs.items()}


def imported_of_document(root: door.Process, files: FileAccess) -> Mapping[str, Object]:
    """For each File and Directory of this machine that a document names, what stands for it in the job
    store; nothing where jobs see this machine's files.

    Raises ``UsageError`` for what cannot be read. What is not there is left alone: it may never be used.
    """
    if files.shares_files:
        return {}
    named = [one for one in door.named_files(root) if files.url_exists(str(one["location"]))]
    bringing = _Bringing(files)
    for one in named:
        bringing.want(one, "A file that the document names")
    bringing.bring()
    return {str(one["location"]): bringing.replaced(one) for one in named}


class _Bringing:
    """What is to be imported, by its location, and then what came of it."""

    def __init__(self, files: FileAccess) -> None:
        self._files = files
        self._wanted: dict[str, str] = {}  # and who names it
        self._listings: dict[str, Object] = {}
        self._stored: dict[str, Object] = {}

    def want(self, value: Value, whose: str) -> None:
        """Take note of every file and directory in a value. Raises ``UsageError``."""

        def look(one: Object) -> Object:
            location = str(one.get("location", ""))
            if is_remote(location) or (is_local(location) and not self._files.shares_files):
                if is_directory(one):
                    self._list(location, whose)
                else:
                    self._wanted.setdefault(location, whose)
            for item in (*one.get("secondaryFiles", ()), *one.get("listing", ())):
                look(item)
            return one

        transform(value, look)

    def bring(self) -> None:
        """Import it all. Raises ``UsageError``."""
        with ThreadPoolExecutor(_TRANSFERS) as pool:
            self._stored = dict(zip(self._wanted, pool.map(self._import, self._wanted), strict=True))

    def replaced(self, value: Value) -> Value:
        """The value with what was imported in the place of what it named."""
        return transform(value, self._replaced)

    def _list(self, location: str, whose: str) -> None:
        if location in self._listings:
            return
        base = location.rstrip("/")
        found: list[Object] = []
        for name in self._listed(location, whose):
            kind, basename = ("Directory", name[:-1]) if name.endswith("/") else ("File", name)
            found.append({"class": kind, "basename": basename, "location": f"{base}/{quote(basename)}"})
        self._listings[location] = {"location": made_location(), "listing": found}
        for one in found:
            self.want(one, whose)

    def _listed(self, location: str, whose: str) -> Sequence[str]:
        try:
            return self._files.list_url(location)
        except ToilError as error:
            cure = error.cure or ("List the directory's files" if is_remote(location) else "")
            raise UsageError(f"{whose} cannot be read: {error.message}", cure) from error

    def _import(self, location: str) -> Object:
        try:
            ref = self._files.import_url(location)
        except ToilError as error:
            raise UsageError(f"{self._wanted[location]} cannot be read: {error.message}", error.cure) from error
        return stored_fields(ref)

    def _replaced(self, one: Object) -> Object:
        location = str(one.get("location", ""))
        new = {**one, **self._stored.get(location, {}), **self._listings.get(location, {})}
        if location in self._stored or location in self._listings:  # the new location is not named like it
            new.setdefault("basename", unquote(location.rstrip("/").rpartition("/")[2]))
        for field in ("secondaryFiles", "listing"):
            if field in new:
                new[field] = [self._replaced(item) for item in new[field]]
        return new
