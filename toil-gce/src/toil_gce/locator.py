"""``google:PROJECT:NAME``: which bucket of which project a job store is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toil_core.errors import UsageError

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_RULES = "https://cloud.google.com/storage/docs/buckets#naming"


@dataclass(frozen=True, slots=True)
class Locator:
    """A project's id, and a bucket's name, which is the job store's."""

    project: str
    bucket: str

    def __str__(self) -> str:
        return f"google:{self.project}:{self.bucket}"


def parse_locator(rest: str) -> Locator:
    """What is behind ``google:``. Raises ``UsageError`` for what the service would refuse."""
    project, colon, name = rest.rpartition(":")  # an id may have a colon itself: example.com:project
    if not colon or not project or not name:
        raise UsageError(f"google:{rest} does not name a project and a job store", "Try: google:PROJECT:NAME")
    reason = _refusal(name)
    if reason:
        raise UsageError(f"The job store google:{rest} cannot be a bucket: its name {reason}", f"See {_RULES}")
    return Locator(project, name)


def _refusal(name: str) -> str:
    """Why the service would refuse a bucket of that name; empty if it would not."""
    if not 3 <= len(name) <= (222 if "." in name else 63) or any(len(part) > 63 for part in name.split(".")):
        return "must have 3 to 63 characters"
    if not _BUCKET.fullmatch(name):
        return "may have small letters, digits, - _ and . only, and a letter or digit first and last"
    if name.startswith("goog") or "google" in name or "g00gle" in name:
        return "may not begin with goog, nor have google in it"
    if _ADDRESS.fullmatch(name) or ".." in name:
        return "may not look like an address of the Internet"
    return ""
