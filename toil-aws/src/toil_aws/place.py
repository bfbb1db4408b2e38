"""Locators: which bucket a job store is in.

Source: the naming rules of general purpose buckets, Amazon S3 User Guide, "Bucket naming rules".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from toil_core.errors import UsageError

PREFIX = "toil-"
_REGION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
LONGEST_NAME = 63 - len(PREFIX)
_TAKEN_ENDS = ("-s3alias", "--ol-s3", "--x-s3", "--table-s3")


@dataclass(frozen=True, slots=True)
class Place:
    """``aws:REGION:NAME`` as ``locator``, and the name of its bucket, ``toil-NAME``."""

    region: str
    name: str

    @property
    def locator(self) -> str:
        """As it is typed."""
        return f"aws:{self.region}:{self.name}"

    @property
    def bucket(self) -> str:
        """The bucket that is the store."""
        return PREFIX + self.name


def place(rest: str, home_region: str = "") -> Place:
    """What a locator behind ``aws:`` names. Raises ``UsageError`` for what S3 would refuse.

    An empty region is the one that ``TOIL_AWS_REGION`` or ``TOIL_AWS_ZONE`` tells, ``home_region``.
    """
    region, colon, name = rest.partition(":")
    if not colon:
        region, name = "", rest
    region = region or home_region
    if not region or not name:
        raise UsageError(f"The job store locator aws:{rest} lacks a region or a name", "Try: aws:us-west-2:my-store")
    if not _REGION.fullmatch(region):
        raise UsageError(f'"{region}" in the locator aws:{rest} is no region', "Try: aws:us-west-2:my-store")
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME or name.endswith(_TAKEN_ENDS):
        raise UsageError(
            f'"{name}" in the locator aws:{rest} cannot be part of the name of a bucket',
            f"Take 1 to {LONGEST_NAME} of a-z, 0-9 and - that begin and end with a letter or digit",
        )
    return Place(region, name)
