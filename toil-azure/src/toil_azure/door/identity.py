"""Tokens from azure-identity, which is imported with this module only."""

from __future__ import annotations

import os
import time
from typing import Any

from azure.core.credentials import AccessToken
from azure.identity import DefaultAzureCredential

_MARGIN_SECONDS = 300.0


class KeptTokens:
    """A credential of azure-identity whose tokens outlive a fork, so that not every job asks for its own.

    Its chain is documented with ``azure.identity.DefaultAzureCredential``: environment, workload and
    managed identities, ``az login``. Thread-safe.
    """

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, ...], AccessToken] = {}
        self._made: tuple[int, DefaultAzureCredential] | None = None

    def get_token(self, *scopes: str, **facts: Any) -> AccessToken:  # as azure.core types its protocol
        """A token that is good for some minutes at least."""
        known = self._tokens.get(scopes)
        if known is None or known.expires_on - time.time() < _MARGIN_SECONDS:
            known = self._tokens[scopes] = self._credential().get_token(*scopes, **facts)
        return known

    def _credential(self) -> DefaultAzureCredential:
        made = self._made
        if made is None or made[0] != os.getpid():
            made = self._made = (os.getpid(), DefaultAzureCredential())
        return made[1]
