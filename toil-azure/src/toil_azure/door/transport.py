"""The library's way to the network, with some habits mended."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from typing import Any

import requests
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from toil_azure.door.refusal import refusal
from toil_azure.pieces import PIECE_BYTES

_CONNECTIONS = 64


class Transport(RequestsTransport):  # type: ignore[misc]  # the library finds its own class at run time
    """Keeps more connections than ten; reads the environment's proxies and certificates once, and no
    ``.netrc``, whose passwords would take the place of signatures; and has answers gathered without
    setting room aside for them.

    The library makes a list of an answer's parts, of the length that the answer is said to have: that
    is in bytes, and each is eight bytes in the list.
    """

    def __init__(self, endpoint: str) -> None:
        session = requests.Session()
        session.trust_env = False
        session.proxies = get_environ_proxies(endpoint)
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=_CONNECTIONS, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        certificates = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        super().__init__(
            session=session,
            session_owner=False,
            connection_verify=certificates,
            connection_data_block_size=PIECE_BYTES,  # an answer of one part is not copied
        )

    def send(self, request: Any, **facts: Any) -> Any:  # of two generations of the library's classes
        """Send a request."""
        response = super().send(request, **facts)
        # Not by a strong reference, or all answers would stay until the garbage is collected.
        known = weakref.ref(response)
        response.stream_download = lambda pipeline, decompress=True: _Parts(known(), decompress)
        return response


class _Parts:
    """What the library expects of an answer's parts, but for their number.

    Raises ``ServiceError``, which the library does not know: of errors of its own it tries three times,
    with a second in between.
    """

    def __init__(self, response: Any, decompress: bool) -> None:
        self.response = response
        self.content_length = int(response.headers.get("Content-Length", 0))
        self._parts: Iterator[bytes] = response.iter_bytes() if decompress else response.iter_raw()

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._parts
        except AzureError as error:
            self.response.close()
            raise refusal(error) from error
