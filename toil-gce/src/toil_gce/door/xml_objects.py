"""The objects of a bucket by the XML API, for those who have HMAC keys, which the JSON API does not know.

https://cloud.google.com/storage/docs/xml-api/overview
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import BinaryIO, TypeVar
from urllib.parse import quote
from xml.etree import ElementTree

import requests

from toil_core.system.retry import Patience
from toil_gce.boto_file import HmacKey
from toil_gce.customer_key import CustomerKey
from toil_gce.door.objects import ObjectFacts, Page, Piece, accepted, checksum, drain, in_base64, piece
from toil_gce.door.service import TIMEOUT_SECONDS, Connection, Service
from toil_gce.hmac_signature import Query, signed_headers
from toil_gce.refusal import Refusal

T = TypeVar("T")

_IN_MEMORY = 8 * 1024 * 1024
_BLOCK = 1024 * 1024
_METADATA = "x-goog-meta-"


class XmlObjects:
    """The objects of one bucket, by requests signed with an HMAC key. Thread-safe. Raises ``Refusal``."""

    def __init__(
        self,
        service: Service,
        bucket: str,
        patience: Patience,
        signer: HmacKey,
        key: CustomerKey | None = None,
        payer: str = "",
    ) -> None:
        """``service`` has no credentials of its own."""
        self._service = service
        self._bucket = bucket
        self._patience = patience
        self._signer = signer
        self._key = key
        self._payer = payer

    def fetch(self, name: str, start: int, length: int, generation: int | None = None) -> Piece:
        """At most ``length`` bytes, at least one, from ``start``; what is past the end is cut."""
        query = {"generation": str(generation)} if generation is not None else {}
        # With gzip accepted, the service sends what is stored, not what that unpacks to.
        headers = {"Range": f"bytes={start}-{start + length - 1}", "Accept-Encoding": "gzip", **self._encryption()}

        def get(response: requests.Response) -> Piece:
            if response.status_code == 416:
                return Piece(b"", 0, 0, "", "")
            accepted(response)
            return piece(response, start, length)

        return self._ask("GET", name, query, headers, get)

    def facts(self, name: str) -> ObjectFacts:
        """What is known of an object."""

        def look(response: requests.Response) -> ObjectFacts:
            accepted(response)
            headers = {key.lower(): value for key, value in response.headers.items()}
            metadata = {
                key.removeprefix(_METADATA): value for key, value in headers.items() if key.startswith(_METADATA)
            }
            encoding = headers.get("x-goog-stored-content-encoding", "")
            size = headers.get("x-goog-stored-content-length") or headers.get("content-length") or "0"
            return ObjectFacts(int(size), metadata, "" if encoding == "identity" else encoding)

        return self._ask("HEAD", name, {}, {"Accept-Encoding": "gzip"}, look)

    def page(self, prefix: str, token: str = "", *, delimiter: str = "", most: int = 0) -> Page:
        """A part of the listing, the first or the one at a token."""
        query = {"list-type": "2", "prefix": prefix, "delimiter": delimiter, "continuation-token": token}
        query["max-keys"] = str(most) if most else ""

        def look(response: requests.Response) -> Page:
            accepted(response)
            try:
                found = ElementTree.fromstring(response.content)
            except ElementTree.ParseError as error:
                raise Refusal(0, "the service sends a listing that is none") from error
            names = [(one.text or "", 0) for one in found.iterfind("{*}Contents/{*}Key")]
            folders = [one.text or "" for one in found.iterfind("{*}CommonPrefixes/{*}Prefix")]
            return Page(names, folders, found.findtext("{*}NextContinuationToken") or "")

        return self._ask("GET", "", {name: value for name, value in query.items() if value}, {}, look)

    def write(self, name: str, content: BinaryIO, metadata: Mapping[str, str]) -> None:
        """Write an object, or replace it, atomically. A long stream is kept on the disk meanwhile: a request
        says how much will come and what its checksum is, and may have to be sent again."""
        crc32c = 0
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
            while block := content.read(_BLOCK):
                crc32c = checksum(block, crc32c)
                kept.write(block)
            headers = {"Content-Type": "application/octet-stream", "x-goog-hash": f"crc32c={in_base64(crc32c)}"}
            headers |= {f"{_METADATA}{key}": value for key, value in metadata.items()} | self._encryption()

            def body() -> BinaryIO:
                kept.seek(0)
                return kept  # type: ignore[return-value]  # a binary stream but in name

            self._ask("PUT", name, {}, headers, accepted, body)

    def _ask(
        self,
        method: str,
        name: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        read: Callable[[requests.Response], T],
        body: Callable[[], BinaryIO] | None = None,
    ) -> T:
        def send(connection: Connection) -> T:
            path = f"/{self._bucket}/{quote(name, safe='/-_.~')}" if name else f"/{self._bucket}"
            asked = str(Query(query))
            url = connection.client.api_endpoint.rstrip("/") + path + (f"?{asked}" if asked else "")
            said = dict(headers) | ({"x-goog-user-project": self._payer} if self._payer else {})
            signed = signed_headers(self._signer, method, url, said, datetime.now(timezone.utc))
            with connection.session.request(
                method,
                url,
                data=body() if body else None,
                headers=signed,
                timeout=TIMEOUT_SECONDS,
                stream=True,
                hooks={"response": drain},
            ) as response:
                return read(response)

        return self._service.ask(send, self._patience)

    def _encryption(self) -> dict[str, str]:
        return self._key.headers() if self._key else {}
