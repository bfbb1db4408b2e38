"""The folder of a research object: a bag (BagIt 0.97), filled and then closed."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

from cwltool.cwlprov.ro import ResearchObject
from cwltool.cwlprov.writablebagfile import close_ro

from toil_core.system.removal import remove_tree
from toil_cwl.options import CwlOptions

_CHECKSUM = "sha1$"


class Bag(ResearchObject):
    """cwltool's research object, in a hidden folder beside the one that it is meant for, with manifests that
    name every file once and data that are copies."""

    def __init__(self, target: Path, options: CwlOptions, access: Any) -> None:
        self._target = target.absolute()
        self._target.mkdir(parents=True, exist_ok=True)
        self._sums: dict[str, dict[str, str]] = {}  # by manifest and path
        prefix = str(self._target.parent / f".{self._target.name}-")
        super().__init__(access, prefix, options.orcid, options.full_name)
        self._closed_folder = f"{self.folder}-closed"
        self.cwltool_version = f"toil-cwl {version('toil-cwl')}"

    def add_to_manifest(self, rel_path: str, checksums: dict[str, str]) -> None:
        """Note the checksums of a file; the last ones that are told of it count."""
        is_data = rel_path.startswith("data/")
        self.has_manifest |= is_data
        for method, value in checksums.items():
            name = f"{'manifest' if is_data else 'tagmanifest'}-{method.lower()}.txt"
            self._sums.setdefault(name, {})[rel_path] = value

    def add_data_file(self, from_fp: Any, timestamp: Any = None, content_type: str | None = None) -> str:
        """Copy content into the bag; its path there."""
        return super().add_data_file(cast(IO[Any], _Nameless(from_fp)), timestamp, content_type)

    def checksum_of_text(self, text: str) -> str:
        """The checksum that CWL has for a file, of a text that is in the bag from now on."""
        return _CHECKSUM + Path(self.add_data_file(BytesIO(text.encode()))).name

    def checksum_of(self, location: str) -> str:
        """The same of a file. Raises ``OSError``."""
        with self.fsaccess.open(location, "rb") as stream:
            return _CHECKSUM + Path(self.add_data_file(stream)).name

    def has(self, checksum: object) -> bool:
        """Whether a file of that checksum is in the bag."""
        return isinstance(checksum, str) and bool(self.has_data_file(checksum.removeprefix(_CHECKSUM)))

    def move_to_target(self) -> None:
        """Close the bag, and put it where it belongs. Raises ``OSError``."""
        close_ro(self, self._closed_folder)
        folder = Path(self._closed_folder)
        for name, sums in self._sums.items():
            (folder / name).write_text("".join(f"{value}  {path}\n" for path, value in sums.items()))
        mode = stat.S_IMODE(self._target.stat().st_mode)
        for one in (folder / "data").rglob("*"):
            if one.is_file():
                one.chmod(mode & 0o666)  # those of temporary files so far
        folder.chmod(mode)
        os.replace(folder, self._target)

    def discard(self) -> None:
        """Remove what was not put where it belongs."""
        remove_tree(self.folder)
        remove_tree(self._closed_folder)
        with suppress(OSError):  # it is not empty when all is well
            self._target.rmdir()


class _Nameless:
    """A stream that tells no path, from which cwltool would make a hard link."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        content: bytes = self._stream.read(size)
        return content
