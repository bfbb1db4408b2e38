"""Locators ``azure:ACCOUNT:NAME``, and the names that the service takes.

The rules are those of "Naming and Referencing Containers, Blobs, and Metadata" in the reference of the service:
https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from toil_core.errors import UsageError

_ACCOUNT = re.compile("[a-z0-9]{3,24}")
_CONTAINER = re.compile("[a-z0-9](?:-?[a-z0-9])+")
_LONGEST_CONTAINER = 63
_SHORTEST_CONTAINER = 3


@dataclass(frozen=True, slots=True)
class Locator:
    """A job store: the account, and its container."""

    account: str
    container: str

    def __str__(self) -> str:
        return f"azure:{self.account}:{self.container}"


def parse_locator(rest: str) -> Locator:
    """What stands behind ``azure:``. Raises ``UsageError`` for what the service would refuse."""
    account, colon, container = rest.partition(":")
    if not colon or not account or not container:
        raise UsageError(f"The job store locator azure:{rest} names no account and store", "Try: azure:ACCOUNT:NAME")
    if not is_account(account):
        raise UsageError(
            f'The job store azure:{rest} cannot be: "{account}" is no name of a storage account',
            "Names of accounts have 3 to 24 characters of a-z 0-9",
        )
    if not is_container(container):
        rule = "A NAME has 3 to 63 characters of a-z 0-9, with single - between them"
        near = re.sub("[^a-z0-9]+", "-", container.lower()).strip("-")[:_LONGEST_CONTAINER].rstrip("-")
        cure = f"{rule}. Try: azure:{account}:{near}" if is_container(near) else rule
        raise UsageError(f'The job store azure:{rest} cannot be: Azure allows no container named "{container}"', cure)
    return Locator(account, container)


def is_account(name: str) -> bool:
    """Whether a storage account could have the name."""
    return bool(_ACCOUNT.fullmatch(name))


def is_container(name: str) -> bool:
    """Whether a container that people make could have the name."""
    return bool(_CONTAINER.fullmatch(name)) and _SHORTEST_CONTAINER <= len(name) <= _LONGEST_CONTAINER
