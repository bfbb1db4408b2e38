"""Files of a run, brought to a folder: each is there whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from toil_core.engine.run_files import RunFile
from toil_core.errors import StoreDamaged, ToilError, UsageError
from toil_core.files.hashing import HashingStream
from toil_core.files.node_files import NodeFiles

_AT_ONCE = 8
_COPY_BYTES = 1 << 20


def targets(files: Sequence[RunFile], folder: Path) -> Mapping[Path, RunFile]:
    """Where each goes: by its name; where others have the same, in a folder of its job; where that does not
    tell them apart, or there is no name, in a folder of its own."""
    names = Counter(_name(one) for one in files)
    made = Counter((one.job, _name(one)) for one in files)
    found = {}
    for one in files:
        name, own = _name(one), one.id.replace("/", "_")
        if name and names[name] == 1:
            place = folder / name
        elif name and one.job and made[one.job, name] == 1:
            place = folder / one.job.replace("/", "_") / name
        else:
            place = folder / own / (name or "file")
        found[place] = one
    return found


def fetch(node: NodeFiles, wanted: Mapping[Path, RunFile], *, replace: bool, link: bool) -> None:
    """Have each file at its path, some at a time. With ``link`` those that the store keeps on this machine
    by themselves become symbolic links.

    Raises ``UsageError`` before anything is written if one is there already, and not to ``replace``; and
    what the storage raises.
    """
    if not replace:
        for path in wanted:
            if os.path.lexists(path):
                raise _taken(path)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(lambda task: _fetch_one(node, *task, replace=replace, link=link), wanted.items()):
            pass  # what one of them raised is raised here


def _fetch_one(node: NodeFiles, path: Path, one: RunFile, *, replace: bool, link: bool) -> None:
    here = node.path_here(one.ref) if link else None

    def fill(temporary: Path) -> None:
        if here is not None and here.exists():
            temporary.unlink()
            temporary.symlink_to(here)
        else:
            _copy(node, one, temporary)

    try:
        os.makedirs(path.parent, exist_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        _put(path, fill, replace=replace)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise _unwritten(path, error) from error


def _put(path: Path, fill: Callable[[Path], None], *, replace: bool) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".toil-")
    os.close(descriptor)
    temporary = Path(name)
    try:
        fill(temporary)
        if replace:
            temporary.replace(path)
        else:
            # Unlike renaming, it never takes the place of a file that was made meanwhile.
            os.link(temporary, path, follow_symlinks=False)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def _copy(node: NodeFiles, one: RunFile, temporary: Path) -> None:
    with node.open(one.ref) as source, temporary.open("wb") as out:
        passing = HashingStream(source)
        shutil.copyfileobj(passing, out, _COPY_BYTES)
        if passing.size != one.ref.size or one.ref.checksum not in ("", passing.checksum):
            raise StoreDamaged(f"{one.id} is not what was written", "Run the job that made it again")
    if one.ref.executable:
        temporary.chmod(0o700)


def _name(one: RunFile) -> str:
    """A name that leads nowhere else."""
    name = one.ref.name
    return "" if name in (".", "..") or "/" in name or "\0" in name else name


def _unwritten(path: Path, error: OSError) -> ToilError:
    return ToilError(f"Cannot write {path}: {(error.strerror or str(error)).lower()}", "Name another --local-file-path")


def _taken(path: Path) -> UsageError:
    return UsageError(f"{path} is there already", "Replace it by --force, or name another --local-file-path")
