"""The objects of a bucket, by requests that are each done or not.

Metadata, conditions and small uploads go by the library. Two things do not: chunks of an upload, since
the library's own want to seek in the stream, and parts of a download, which it wants to write rather
than to be read from. https://cloud.google.com/storage/docs/json_api/v1/objects
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import google_crc32c
import requests
from google.cloud.storage import Blob

from toil_core.system.retry import Patience
from toil_gce.customer_key import CustomerKey
from toil_gce.door.failures import answered
from toil_gce.door.service import TIMEOUT_SECONDS, Connection, Service
from toil_gce.refusal import Refusal

LONGEST_PUT = 8 * 1024 * 1024
"""What ``put`` takes at most: the library's own bound for one request."""

_BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive bytes of an object, which had ``total`` of them, and of which generation.

    ``crc32c`` is that of the whole object in base64, empty if it was not told.
    """

    content: bytes
    total: int
    generation: int
    crc32c: str
    encoding: str


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What is known of an object without reading it."""

    size: int
    metadata: Mapping[str, str]
    encoding: str


@dataclass(frozen=True, slots=True)
class Version:
    """An object of one generation. ``key_digest`` is that of the customer key that it is encrypted with, or
    empty; see ``CustomerKey.digest``."""

    bucket: str
    name: str
    generation: int
    encoding: str
    key_digest: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """How far a copy by the service has come: to its end, or to where the next request's ``token`` says."""

    is_done: bool
    token: str
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing: names with generations, folders if they were asked for, and where it goes on."""

    names: Sequence[tuple[str, int]]
    folders: Sequence[str]
    token: str


class Content(Protocol):
    """Bytes that are read while they are sent."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[bytes]: ...


class Objects:
    """The objects of one bucket, written and read with one key, or none. Thread-safe. Raises ``Refusal``."""

    def __init__(
        self, service: Service, bucket: str, patience: Patience, key: CustomerKey | None = None, payer: str = ""
    ) -> None:
        self._service = service
        self._bucket = bucket
        self._key = key
        self._payer = payer
        self.patience = patience

    @property
    def key_digest(self) -> str:
        """That of the customer key that is written with, or empty; see ``CustomerKey.digest``."""
        return self._key.digest if self._key else ""

    def put(self, name: str, content: bytes, if_absent: bool, metadata: Mapping[str, str]) -> None:
        """Write a small object; the service compares the checksum sent along before it is seen."""

        def send(connection: Connection) -> None:
            blob = self._blob(connection, name)
            if metadata:
                blob.metadata = dict(metadata)
            blob.upload_from_string(
                content,
                _BINARY,
                if_generation_match=0 if if_absent else None,
                timeout=TIMEOUT_SECONDS,
                checksum="crc32c",
                retry=None,
            )

        self._service.ask(send, self.patience)

    def begin(self, name: str, if_absent: bool, metadata: Mapping[str, str]) -> str:
        """Begin a resumable upload: the address that chunks go to."""

        def start(connection: Connection) -> str:
            blob = self._blob(connection, name)
            if metadata:
                blob.metadata = dict(metadata)
            return str(
                blob.create_resumable_upload_session(
                    _BINARY,
                    if_generation_match=0 if if_absent else None,
                    timeout=TIMEOUT_SECONDS,
                    checksum=None,
                    retry=None,
                )
            )

        return self._service.ask(start, self.patience)

    def send(self, address: str, content: bytes | Content, place: str, crc32c: str = "") -> int | None:
        """One try to send a chunk; how many bytes the service has by now, ``None`` once the object is there.

        ``place`` is where it belongs, as RFC 9110 section 14.4 writes it; ``*`` with no content asks.
        """
        headers = {"Content-Range": f"bytes {place}", "Content-Type": _BINARY}
        headers |= self._key.headers() if self._key else {}
        headers |= {"X-Goog-Hash": f"crc32c={crc32c}"} if crc32c else {}

        def put(connection: Connection) -> int | None:
            response = connection.session.put(
                address, data=content, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
            if response.status_code == 308:
                kept = response.headers.get("Range", "").rpartition("-")[2]
                return int(kept) + 1 if kept.isdigit() else 0
            accepted(response)
            return None

        return self._service.ask(put, Patience(attempts=1))

    def compose(self, name: str, parts: Sequence[str], if_absent: bool, metadata: Mapping[str, str]) -> str:
        """Have the service put objects together, at most 32; the new one's CRC32C in base64, if it is told.

        Not by the library, which does not send customer keys along.
        """
        path = f"/storage/v1/b/{self._bucket}/o/{quote(name, safe='')}/compose"
        query = {"ifGenerationMatch": "0"} if if_absent else {}
        asked = {
            "sourceObjects": [{"name": part} for part in parts],
            "destination": {"contentType": _BINARY, **({"metadata": dict(metadata)} if metadata else {})},
        }

        def post(connection: Connection) -> str:
            response = connection.session.post(
                f"{connection.client.api_endpoint.rstrip('/')}{path}?{urlencode(query)}",
                json=asked,
                headers=self._key.headers() if self._key else {},
                timeout=TIMEOUT_SECONDS,
            )
            accepted(response)
            return str(response.json().get("crc32c", ""))

        return self._service.ask(post, self.patience)

    def abandon(self, address: str) -> None:
        """Have the service forget an upload; it would do so itself within a week."""
        try:
            self._service.ask(
                lambda connection: connection.session.delete(address, timeout=TIMEOUT_SECONDS), Patience(attempts=1)
            )
        except Refusal:
            return

    def fetch(self, name: str, start: int, length: int, generation: int | None = None) -> Piece:
        """At most ``length`` bytes, at least one, from ``start``; what is past the end is cut."""
        wanted = f"bytes={start}-{start + length - 1}"
        query = {"alt": "media"}
        query |= {"generation": str(generation)} if generation is not None else {}
        query |= {"userProject": self._payer} if self._payer else {}
        # With gzip accepted, the service sends what is stored, not what that unpacks to.
        headers = {"Range": wanted, "Accept-Encoding": "gzip"}
        headers |= self._key.headers() if self._key else {}

        def get(connection: Connection) -> Piece:
            path = f"/download/storage/v1/b/{self._bucket}/o/{quote(name, safe='')}?{urlencode(query)}"
            url = connection.client.api_endpoint.rstrip("/") + path
            with connection.session.get(
                url, headers=headers, timeout=TIMEOUT_SECONDS, stream=True, hooks={"response": drain}
            ) as response:
                if response.status_code == 416:
                    return Piece(b"", 0, 0, "", "")
                accepted(response)
                return piece(response, start, length)

        return self._service.ask(get, self.patience)

    def facts(self, name: str) -> ObjectFacts:
        """What is known of an object."""

        def look(connection: Connection) -> ObjectFacts:
            blob = self._blob(connection, name)
            blob.reload(timeout=TIMEOUT_SECONDS, retry=None)
            return ObjectFacts(int(blob.size or 0), dict(blob.metadata or {}), str(blob.content_encoding or ""))

        return self._service.ask(look, self.patience)

    def version(self, name: str) -> Version:
        """An object as it is now."""

        def look(connection: Connection) -> Version:
            blob = self._blob(connection, name)
            blob.reload(timeout=TIMEOUT_SECONDS, retry=None)
            key = blob._properties.get("customerEncryption") or {}
            encoding, generation = str(blob.content_encoding or ""), int(blob.generation or 0)
            return Version(self._bucket, name, generation, encoding, str(key.get("keySha256", "")))

        return self._service.ask(look, self.patience)

    def rewrite(self, name: str, source: Version, token: str, payer: str) -> Rewritten:
        """Have the service copy some of another object, or the rest of it: with the last of it, this one is there.

        ``token`` says how far the requests before this one came; the first one has none.
        """
        there = f"b/{source.bucket}/o/{quote(source.name, safe='')}"
        path = f"/storage/v1/{there}/rewriteTo/b/{self._bucket}/o/{quote(name, safe='')}"
        query = {"ifSourceGenerationMatch": str(source.generation)}
        query |= {"rewriteToken": token} if token else {}
        query |= {"userProject": payer} if payer else {}
        headers = self._key.headers() if self._key else {}
        headers |= self._key.source_headers() if self._key and source.key_digest else {}

        def post(connection: Connection) -> Rewritten:
            response = connection.session.post(
                f"{connection.client.api_endpoint.rstrip('/')}{path}?{urlencode(query)}",
                json={"contentType": _BINARY},
                headers=headers,
                timeout=TIMEOUT_SECONDS,
            )
            accepted(response)
            found = response.json()
            return Rewritten(bool(found.get("done")), str(found.get("rewriteToken", "")), int(found["objectSize"]))

        return self._service.ask(post, self.patience)

    def delete(self, name: str, generation: int | None = None) -> None:
        """Remove an object, or one generation of it; one that is not there is no error."""

        def remove(connection: Connection) -> None:
            bucket = connection.client.bucket(self._bucket, user_project=self._payer or None)
            bucket.blob(name, generation=generation).delete(timeout=TIMEOUT_SECONDS, retry=None)

        try:
            self._service.ask(remove, self.patience)
        except Refusal as refusal:
            if not refusal.is_missing or refusal.is_bucket_missing:
                raise

    def page(self, prefix: str, token: str = "", *, delimiter: str = "", versions: bool = False, most: int = 0) -> Page:
        """A part of the listing, the first or the one at a token."""

        def look(connection: Connection) -> Page:
            found = connection.client.list_blobs(
                connection.client.bucket(self._bucket, user_project=self._payer or None),
                prefix=prefix or None,
                page_token=token or None,
                delimiter=delimiter or None,
                versions=versions or None,
                page_size=most or None,
                fields="items(name,generation),prefixes,nextPageToken",
                timeout=TIMEOUT_SECONDS,
                retry=None,
            )
            names = [(str(blob.name), int(blob.generation or 0)) for blob in next(found.pages, ())]
            return Page(names, sorted(found.prefixes), str(found.next_page_token or ""))

        return self._service.ask(look, self.patience)

    def _blob(self, connection: Connection, name: str) -> Blob:
        bucket = connection.client.bucket(self._bucket, user_project=self._payer or None)
        return bucket.blob(name, encryption_key=self._key.content if self._key else None)


def checksum(content: bytes, before: int = 0) -> int:
    """The CRC32C of bytes that follow others."""
    return int(google_crc32c.extend(before, content))


def in_base64(crc32c: int) -> str:
    """A CRC32C as the service writes it."""
    return base64.b64encode(crc32c.to_bytes(4, "big")).decode()


def accepted(response: requests.Response) -> None:
    """Raise what an answer that is none of success means."""
    if response.status_code >= 300:
        raise answered(response)


def drain(response: requests.Response, **_: object) -> None:
    """Read what a refusal says: a session that asks again, with fresh credentials, drops the first answer."""
    if response.status_code >= 300:
        response.content  # noqa: B018  # reads


def piece(response: requests.Response, start: int, length: int) -> Piece:
    """The bytes in an answer to a request for so many from ``start``; its body is not decoded."""
    headers = response.headers
    if response.status_code == 206:
        place, _, whole = headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        begin, _, last = place.partition("-")
        # What is past the end is "7-6" to some servers, rather than refused with 416.
        if begin != str(start) or not last.removeprefix("-").isdigit() or not whole.isdigit():
            raise Refusal(0, "the service sends other bytes than those asked for")
        total, expected = int(whole), max(0, int(last) + 1 - start)
    elif start == 0:  # a server without ranges sends all of it
        total = int(headers.get("Content-Length", 0))
        expected = min(total, length)
    else:
        raise Refusal(0, "the service sends other bytes than those asked for")
    content = bytes(response.raw.read(expected, decode_content=False))
    if len(content) != expected:
        raise Refusal(0, "the connection was closed too early", wait_seconds=0.0)
    return Piece(content, total, int(headers.get("X-Goog-Generation", 0)), _crc32c(headers), _encoding(headers))


def _crc32c(headers: Any) -> str:
    hashes = [one.strip() for one in headers.get("X-Goog-Hash", "").split(",")]
    return next((one.removeprefix("crc32c=") for one in hashes if one.startswith("crc32c=")), "")


def _encoding(headers: Any) -> str:
    stored = headers.get("X-Goog-Stored-Content-Encoding", headers.get("Content-Encoding", ""))
    return "" if stored == "identity" else str(stored)
