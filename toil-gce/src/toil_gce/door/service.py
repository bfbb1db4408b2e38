"""A process's connection to the service, and the one place from which it is asked."""

from __future__ import annotations

import logging
import os
import threading
import warnings
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import google.auth
import requests
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import DefaultCredentialsError
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Client
from requests.adapters import HTTPAdapter

from toil_core.system.retry import Patience, retry
from toil_gce.boto_file import find_key
from toil_gce.door.failures import FOREIGN, refusal_of
from toil_gce.refusal import Refusal

T = TypeVar("T")

_CREDENTIALS_FROM = ("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "HOME")
_found: dict[tuple[str, ...], Credentials] = {}
"""Credentials by what says where they are. They hold the token that grants access: processes that are forked from
this one need not ask for another."""

_log = logging.getLogger("toil.google")
logging.getLogger("google.auth").setLevel(logging.ERROR)  # it warns of projects that nobody asked for

TIMEOUT_SECONDS = (10.0, 60.0)
"""To connect, and for the next bytes of an answer."""

LONG = Patience(attempts=24)
"""For a run under way: a service that restarts is waited for, three minutes on average."""

_FIRST_ATTEMPTS = 6
_TOLD_AFTER = 7
"""Failures in a row that a person is told of: a few seconds of waiting."""


_CONNECTIONS = 32
_NO_LOOKUPS = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
"""Without it the library asks for each bucket's facts once a client, in a thread of its own, for traces that
nobody collects."""


class Connection:
    """A client of the library, and the session that it sends by; closed when nobody uses it any more."""

    def __init__(self, client: Client, session: requests.Session) -> None:
        self.client = client
        self.session = session
        weakref.finalize(self, session.close)


class Service:
    """Cloud Storage, as this process is connected to it. Thread-safe; connected again after a fork."""

    def __init__(
        self, project: str | None = None, *, endpoint: str = "", allow_anonymous: bool = False, seek: bool = True
    ) -> None:
        """``endpoint`` is a URL in place of the service's own. ``allow_anonymous``: without credentials, see
        what everybody may see. Without ``seek`` no credentials are looked for: requests bring their own."""
        self._project = project
        self._endpoint = endpoint
        self._allow_anonymous = allow_anonymous
        self._seek = seek
        self._lock = threading.Lock()
        self._connected: tuple[int, Connection] | None = None
        self.is_anonymous = False

    def ask(self, call: Callable[[Connection], T], patience: Patience) -> T:
        """What ``call`` returns; again while what it raises may pass. Raises ``Refusal``."""

        failures = 0

        def once() -> T:
            nonlocal failures
            try:
                return call(self._connection())
            except FOREIGN as error:
                refusal = refusal_of(error)
                failures += 1
                if failures == _TOLD_AFTER and refusal.wait_seconds is not None:
                    _log.warning("Cloud Storage does not do as it is asked: %s; trying on", refusal.told()[0])
                raise refusal from error

        return retry(once, passing, patience)

    @property
    def account(self) -> str:
        """Whose credentials are used, if they tell; empty otherwise."""
        connected = self._connected
        found = getattr(connected[1].session, "credentials", None) if connected else None
        return str(getattr(found, "service_account_email", None) or "")

    def _connection(self) -> Connection:
        with self._lock:
            # Sockets that a parent process opened are its own.
            if self._connected is None or self._connected[0] != os.getpid():
                self._connected = os.getpid(), self._connect()
            return self._connected[1]

    def _connect(self) -> Connection:
        os.environ.setdefault(_NO_LOOKUPS, "true")
        session = AuthorizedSession(self._credentials())  # type: ignore[no-untyped-call]  # the library's
        adapter = HTTPAdapter(pool_maxsize=_CONNECTIONS)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        chosen = {"api_endpoint": self._endpoint} if self._endpoint else None
        # `_http` is how the library is told of a session with more connections than threads.
        client = Client(self._project, session.credentials, client_options=chosen, _http=session)
        return Connection(client, session)

    def _credentials(self) -> Credentials:
        if not self._seek or os.environ.get("STORAGE_EMULATOR_HOST"):
            return _nobody()
        where = tuple(os.environ.get(name, "") for name in _CREDENTIALS_FROM)
        if where in _found:
            return _found[where]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of quotas for a person's own credentials
                found, _ = google.auth.default(scopes=Client.SCOPE)
        except DefaultCredentialsError as error:
            if not self._allow_anonymous and (key := find_key(os.environ)):
                words = f"there are no credentials but the HMAC key in {key.path}, which opens gs:// URLs only"
                raise Refusal(0, words, is_credentials=True) from error
            if not self._allow_anonymous or os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
                raise
            self.is_anonymous = True
            return _nobody()
        return _found.setdefault(where, found)


def _nobody() -> Credentials:
    return AnonymousCredentials()  # type: ignore[no-untyped-call]  # the library's


def briefly(patience: Patience) -> Patience:
    """For a first contact: a wrong address is told within seconds."""
    return replace(patience, attempts=min(patience.attempts, _FIRST_ATTEMPTS))


def passing(error: Exception) -> float | None:
    """Which refusals may pass, for ``retry``."""
    return error.wait_seconds if isinstance(error, Refusal) else None
