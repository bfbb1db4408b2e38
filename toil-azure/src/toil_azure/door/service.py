"""The blob service: each method is one request, asked again while its failure may pass."""

from __future__ import annotations

import base64
import datetime
import hashlib
import logging
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event
from typing import Any, TypeVar, cast

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.paging import ItemPaged, PageIterator
from azure.storage.blob import (
    BlobBlock,
    BlobClient,
    BlobSasPermissions,
    BlobServiceClient,
    generate_blob_sas,
)

from toil_azure.accounts import Account
from toil_azure.door.connection import Connection
from toil_azure.door.refusal import DAMAGED, ServiceError, refusal
from toil_core.system.retry import Patience, retry

MOST_VERIFIED_BYTES = 4 * 1024 * 1024
"""How much of a blob the service makes a checksum for on the way out."""

_TAKEN = ("BlobAlreadyExists", "ConditionNotMet", "TargetConditionNotMet", "InvalidBlockList")
_WRITER = "toil_writer"
_MOST_IN_BATCH = 256
_DAMAGES = 3
_QUIET_FAILURES = 3

T = TypeVar("T")
Found = TypeVar("Found")

_log = logging.getLogger("toil.azure")


class BlobTaken(Exception):
    """A conditional write found a blob of somebody else."""


@dataclass(frozen=True, slots=True)
class BlobFacts:
    """What is known of a blob; ``size`` in bytes, ``version`` changes with its content."""

    size: int
    metadata: Mapping[str, str]
    version: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a blob. ``total`` is the whole blob's size in bytes, ``version`` changes with its content."""

    content: bytes
    version: str
    total: int
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bytes of a blob; all of them, or none, if ``version`` is another by now (412). ``crc32`` is what
    they must come to, after bytes that came to ``crc32_before``: else the service is asked for an MD5, which
    it makes of at most ``MOST_VERIFIED_BYTES``."""

    start: int
    length: int
    version: str = ""
    crc32: int | None = None
    crc32_before: int = 0


@dataclass(frozen=True, slots=True)
class Writing:
    """How a blob is written: with which metadata, and whether only where there is none."""

    if_absent: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)


class Service:
    """The blobs of one account. Thread-safe, and used on after a fork.

    Raises ``ServiceError`` for what did not pass within the patience.
    """

    def __init__(self, connection: Connection, patience: Patience) -> None:
        self._connection = connection
        self._patience = patience

    def with_patience(self, patience: Patience) -> Service:
        """The same service, for one who waits longer or shorter."""
        return Service(self._connection, patience)

    @property
    def account(self) -> Account:
        """The account."""
        return self._connection.account

    def is_hierarchical(self) -> bool:
        """Whether the account has folders of its own, which are listed among its blobs; ``False`` if it does
        not tell."""
        try:
            return bool(self._ask(lambda client: client.get_account_information()).get("is_hns_enabled"))
        except ServiceError as error:
            if error.status in (400, 401, 403, 404, 501):
                return False
            raise

    def create_container(self, container: str, metadata: Mapping[str, str]) -> None:
        """Make a container with its metadata, in one step."""
        self._ask(lambda client: client.create_container(container, metadata=dict(metadata)))

    def container_metadata(self, container: str) -> Mapping[str, str]:
        """A container's metadata."""
        return self._ask(lambda client: client.get_container_client(container).get_container_properties().metadata)

    def delete_container(self, container: str) -> None:
        """Remove a container with all that is in it."""
        self._ask(lambda client: client.delete_container(container))

    def facts(self, container: str, blob: str) -> BlobFacts:
        """What is known of a blob."""
        found = self._ask(lambda client: client.get_blob_client(container, blob).get_blob_properties())
        return BlobFacts(int(found.size), dict(found.metadata), str(found.etag))

    def put(self, container: str, blob: str, content: bytes, writing: Writing) -> None:
        """Write a blob in one request. Raises ``BlobTaken``."""

        def write(client: BlobClient, metadata: dict[str, str]) -> None:
            client.upload_blob(
                content,
                length=len(content),
                metadata=metadata,
                overwrite=not writing.if_absent,
                validate_content=True,
            )

        self._write(container, blob, writing, write)

    def stage(self, container: str, blob: str, block: str, content: bytes, given_up: Event) -> None:
        """Lay down a block of a blob, which is not seen until the blob is committed.

        Nothing is asked again once ``given_up`` is set.
        """

        def ask(client: BlobServiceClient) -> None:
            client.get_blob_client(container, blob).stage_block(
                block, content, length=len(content), validate_content=True
            )

        self._ask(ask, given_up)

    def commit(self, container: str, blob: str, blocks: Sequence[str], writing: Writing) -> None:
        """Have a blob consist of blocks, each of which was verified. Raises ``BlobTaken``."""
        listed = [BlobBlock(block_id=block) for block in blocks]
        options: dict[str, Any] = {"match_condition": MatchConditions.IfMissing} if writing.if_absent else {}

        def write(client: BlobClient, metadata: dict[str, str]) -> None:
            client.commit_block_list(listed, metadata=metadata, validate_content=True, **options)

        self._write(container, blob, writing, write)

    def read(self, container: str, blob: str, wanted: Wanted, given_up: Event | None = None) -> Piece:
        """A part of a blob, checked against a checksum; 416 behind its end.

        What was damaged is asked for again, some times; nothing is once ``given_up`` is set.
        """
        # The library checks only what it has decoded, and would decode blobs that are said to be encoded.
        options: dict[str, Any] = {"decompress": False}
        if wanted.crc32 is None:
            options["headers"] = {"x-ms-range-get-content-md5": "true"}
        if wanted.version:
            options |= {"etag": wanted.version, "match_condition": MatchConditions.IfNotModified}

        def ask(client: BlobServiceClient) -> Piece:
            told: list[str] = []
            found = client.get_blob_client(container, blob).download_blob(
                wanted.start,
                wanted.length,
                max_concurrency=1,
                raw_response_hook=lambda response: told.append(response.http_response.headers.get("Content-MD5", "")),
                **options,
            )
            content = next(found.chunks(), b"")
            if len(content) != found.size:
                raise ServiceError(0, "", "the connection broke", 0.0)
            if not _is_sound(content, wanted, told[-1]):
                raise ServiceError(0, DAMAGED, "what arrived is not what was written", 0.0)
            total = int(str(found.properties.content_range).rpartition("/")[2])
            return Piece(content, str(found.properties.etag), total, dict(found.properties.metadata))

        return self._ask(ask, given_up)

    def delete(self, container: str, blobs: Sequence[str]) -> None:
        """Remove blobs, of which some may not be there."""
        for begin in range(0, len(blobs), _MOST_IN_BATCH):
            left = list(blobs[begin : begin + _MOST_IN_BATCH])
            if len(left) > 1:
                left = self._delete_batch(container, left)
            for blob in left:
                self._delete_one(container, blob)

    def names(self, container: str, prefix: str, page: int | None = None) -> Iterator[str]:
        """The names of all blobs that begin with ``prefix``, read in pages of at most so many."""

        def ask(client: BlobServiceClient, token: str | None) -> tuple[list[str], str | None]:
            listing = client.get_container_client(container).list_blob_names(
                name_starts_with=prefix, results_per_page=page
            )
            return _page(listing, token, str)

        yield from self._pages(ask)

    def folder(self, container: str, prefix: str) -> Iterator[str]:
        """As ``names``, of one folder: what lies deeper is told once, with a slash at its end."""

        def ask(client: BlobServiceClient, token: str | None) -> tuple[list[str], str | None]:
            listing = client.get_container_client(container).walk_blobs(name_starts_with=prefix, delimiter="/")
            return _page(listing, token, lambda found: str(found.name))

        yield from self._pages(ask)

    def is_folder(self, container: str, prefix: str) -> bool:
        """Whether any blob's name begins with ``prefix``."""
        return next(self.names(container, prefix, 1), None) is not None

    def signed_url(self, container: str, blob: str, valid: datetime.timedelta) -> str | None:
        """A URL by which anybody can read the blob for a time; ``None`` without an account key."""
        account = self.account
        if not account.key:
            return None
        signature = generate_blob_sas(
            account.name,
            container,
            blob,
            account_key=account.key,
            permission=BlobSasPermissions(read=True),
            expiry=datetime.datetime.now(datetime.timezone.utc) + valid,
        )
        return f"{self._connection.client().get_blob_client(container, blob).url}?{signature}"

    def url(self, container: str, blob: str) -> str:
        """A blob's URL, which opens nothing."""
        return str(self._connection.client().get_blob_client(container, blob).url)

    def token(self) -> str:
        """What azure-identity grants access by; empty with other credentials."""
        return self._ask(lambda _: self._connection.token())

    def ask(self, request: Callable[[BlobClient], T], container: str, blob: str) -> T:
        """What a request about a blob returns; asked again while its failure may pass."""
        return self._ask(lambda client: request(client.get_blob_client(container, blob)))

    def _pages(self, ask: Callable[..., tuple[list[str], str | None]]) -> Iterator[str]:
        token: str | None = None
        while True:
            names, token = self._ask(partial(ask, token=token))
            yield from names
            if not token:
                return

    def _write(
        self, container: str, blob: str, writing: Writing, write: Callable[[BlobClient, dict[str, str]], None]
    ) -> None:
        # A request whose answer was lost is asked again, and finds what it has written itself.
        writer = uuid.uuid4().hex
        metadata = {**writing.metadata, **({_WRITER: writer} if writing.if_absent else {})}
        tries = 0

        def ask(client: BlobServiceClient) -> None:
            nonlocal tries
            tries += 1
            write(client.get_blob_client(container, blob), metadata)

        try:
            self._ask(ask)
        except ServiceError as error:
            if not writing.if_absent or error.code not in _TAKEN:
                raise
            if tries > 1 and self._writer_of(container, blob) == writer:
                return
            raise BlobTaken from error

    def _writer_of(self, container: str, blob: str) -> str:
        try:
            return self.facts(container, blob).metadata.get(_WRITER, "")
        except ServiceError as error:
            if error.status != 404:
                raise
            return ""

    def _delete_batch(self, container: str, blobs: list[str]) -> list[str]:
        """Remove some in one request; those whose removal failed."""

        def ask(client: BlobServiceClient) -> list[int]:
            answers = client.get_container_client(container).delete_blobs(
                *blobs, delete_snapshots="include", raise_on_any_failure=False
            )
            return [int(answer.status_code) for answer in answers]

        try:
            statuses = self._ask(ask)
        except ServiceError as error:
            if error.status not in (400, 404, 405, 501):
                raise
            return blobs
        if len(statuses) != len(blobs):
            return blobs
        return [blob for blob, status in zip(blobs, statuses, strict=True) if status not in (202, 404)]

    def _delete_one(self, container: str, blob: str) -> None:
        try:
            self._ask(lambda client: client.get_blob_client(container, blob).delete_blob(delete_snapshots="include"))
        except ServiceError as error:
            if error.status != 404:
                raise

    def _ask(self, request: Callable[[BlobServiceClient], T], given_up: Event | None = None) -> T:
        failures = damages = 0
        patience = self._patience if given_up is None else replace(self._patience, sleep=_sleep_until(given_up))

        def once() -> T:
            try:
                return request(self._connection.client())
            except AzureError as error:
                refused = refusal(error)
                # What nobody reads to its end holds a connection.
                if isinstance(error, HttpResponseError) and error.response is not None:
                    cast("Any", error.response).internal_response.close()
                raise refused from error

        def passes(error: Exception) -> float | None:
            nonlocal failures, damages
            if not isinstance(error, ServiceError) or error.wait_seconds is None:
                return None
            failures += 1
            damages += error.code == DAMAGED
            if failures == _QUIET_FAILURES:
                _log.warning("%s does not answer as it should (%s); trying on", self.account.endpoint, error.reason)
            is_over = damages > _DAMAGES or (given_up is not None and given_up.is_set())
            return None if is_over else error.wait_seconds

        return retry(once, passes, patience)


def _sleep_until(event: Event) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        event.wait(seconds)

    return sleep


def _is_sound(content: bytes, wanted: Wanted, told: str) -> bool:
    if wanted.crc32 is not None:
        return zlib.crc32(content, wanted.crc32_before) == wanted.crc32
    return told in ("", _md5(content))


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def _page(listing: ItemPaged[Found], token: str | None, name: Callable[[Found], str]) -> tuple[list[str], str | None]:
    """One page of a listing, and where the next one begins."""
    pages = cast("PageIterator[Found]", listing.by_page(token))  # which the library types as what it yields
    return [name(found) for found in next(pages)], pages.continuation_token
