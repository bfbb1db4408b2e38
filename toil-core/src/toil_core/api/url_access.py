"""Contract: reading and writing what a kind of URL points to.

To write one: subclass ``UrlAccess``, return a ``UrlAccessSpec`` with its schemes from
``toil_url_accesses``, and inherit ``toil_core.testing.UrlAccessContract`` in a test.

All methods may be called concurrently. They raise ``NoSuchUrl`` if there is nothing, ``UrlError``
for the rest, with credentials removed from any URL shown. Retrying happened before raising.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from toil_core.errors import UrlError

CONTRACT = 1


@dataclass(frozen=True, slots=True)
class UrlFacts:
    """What is known of a URL's target without reading it. ``size`` in bytes, ``None`` if not told."""

    size: int | None
    is_directory: bool = False
    is_executable: bool = False


class UrlAccess(ABC):
    """Access to the URLs of some schemes."""

    @abstractmethod
    def facts(self, url: str) -> UrlFacts:
        """What there is at the URL. Raises ``NoSuchUrl``."""

    @abstractmethod
    def read(self, url: str, start: int = 0) -> BinaryIO:
        """A stream of the content from byte ``start``; the caller closes it."""

    def write(self, url: str, content: BinaryIO, *, is_executable: bool = False) -> None:
        """Put content at the URL, atomically. Refused unless the scheme can be written."""
        raise _read_only(url)

    def check_destination(self, url: str) -> None:
        """Raise ``UrlError`` if it is certain that nothing can be written at the URL, or below it if that is to be
        a folder: the bucket is not there, a file stands in the way, the credentials are wrong.

        Told before a long run. Nothing that it writes stays. It takes some seconds at most, and lets pass what it
        cannot find out: who may write need not be allowed to look. By default everything passes but what has no
        ``write`` of its own."""
        if type(self).write is UrlAccess.write:
            raise _read_only(url)

    def link(self, url: str, source: Path, *, is_executable: bool = False) -> bool:
        """Have the content of a local file at the URL by hard link, atomically; ``False``, with nothing
        done, where that cannot be. Nobody writes to ``source`` any more."""
        return False

    def list(self, url: str) -> Sequence[str]:
        """The names in a directory, with a slash behind those of directories."""
        raise UrlError(f"cannot list {url.partition(':')[0]}: URLs")

    def local_path(self, url: str) -> str | None:
        """The path of the content on this machine, if it has one that may be linked to."""
        return None


def _read_only(url: str) -> UrlError:
    return UrlError(f"cannot write to {url.partition(':')[0]}: URLs")
