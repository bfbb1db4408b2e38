"""The library's client of one account, made anew in each process."""

from __future__ import annotations

import importlib
import logging
import os
from typing import Any

from azure.core.credentials import AzureSasCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.storage.blob import BlobServiceClient, ExponentialRetry

from toil_azure.accounts import IDENTITY, Account
from toil_azure.door.transport import Transport
from toil_azure.pieces import PIECE_BYTES

_SCOPE = "https://storage.azure.com/.default"
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 60

_library = logging.getLogger("azure")


class Connection:
    """Used on after a fork, by parent and child: each has connections of its own. Thread-safe."""

    def __init__(self, account: Account) -> None:
        # What the library warns of, some of it in a dozen lines, is told in our own words.
        if not _library.level:
            _library.setLevel(logging.ERROR)
        self.account = account
        self._tokens: Any = None  # of a library that need not be installed
        if account.source == IDENTITY:
            self._tokens = importlib.import_module("toil_azure.door.identity").KeptTokens()
        self._made: tuple[int, BlobServiceClient] | None = None

    def client(self) -> BlobServiceClient:
        """This process's client. It does not try again by itself: that is done in one place."""
        made = self._made
        if made is None or made[0] != os.getpid():
            made = self._made = (os.getpid(), self._new())
        return made[1]

    def token(self) -> str:
        """What azure-identity grants access by; empty with other credentials."""
        return str(self._tokens.get_token(_SCOPE).token) if self._tokens is not None else ""

    def is_logged_in(self) -> bool:
        """Whether azure-identity has a token."""
        try:
            return bool(self._tokens.get_token(_SCOPE))
        except ClientAuthenticationError:
            return False

    def _new(self) -> BlobServiceClient:
        return BlobServiceClient(
            self.account.endpoint,
            credential=self._credential(),
            transport=Transport(self.account.endpoint),
            retry_policy=ExponentialRetry(retry_total=0),
            connection_timeout=_CONNECT_SECONDS,
            read_timeout=_ANSWER_SECONDS,
            max_chunk_get_size=PIECE_BYTES,  # what is asked for at once is not cut
        )

    def _credential(self) -> Any:  # the library takes five kinds
        if self.account.key:
            return {"account_name": self.account.name, "account_key": self.account.key}
        return AzureSasCredential(self.account.signature) if self.account.signature else self._tokens
