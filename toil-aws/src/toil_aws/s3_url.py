"""``s3://BUCKET/KEY`` URLs, read and written; what ends with a slash, or has keys below it, is a folder."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO, TypeVar
from urllib.parse import unquote

from toil_aws.bucket import Bucket
from toil_aws.download import Source, download
from toil_aws.endpoint import Endpoint, endpoint
from toil_aws.failure import NO_BUCKET, NO_CREDENTIALS, S3Failure
from toil_aws.s3_client import PATIENCE, S3Client
from toil_aws.upload import upload
from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchUrl, UrlError
from toil_core.system.retry import Patience

EXECUTABLE = "toil-executable"
"""Metadata of what can be executed, for S3 keeps no such bit."""

T = TypeVar("T")


class S3UrlAccess(UrlAccess):
    """The owner of credentials pays for requests to buckets that ask for it. Without any, what is public is read.

    Escapes such as ``%20`` in a URL are undone; a ``?`` or ``#`` is part of the key.
    """

    def __init__(self, options: None = None, server: Endpoint | None = None, patience: Patience = PATIENCE) -> None:
        self._client = S3Client(server or endpoint(os.environ), patience)
        self._is_anonymous = False

    def facts(self, url: str) -> UrlFacts:
        """The size of an object, or that there is a folder."""
        name, key = split_url(url)

        def look(bucket: Bucket) -> UrlFacts:
            if key and not key.endswith("/"):
                try:
                    size, metadata = bucket.facts(key)
                    return UrlFacts(size, is_executable=EXECUTABLE in metadata)
                except S3Failure as failure:
                    if not failure.is_absent:
                        raise
            if bucket.has_any(_folder(key)) or not key:
                return UrlFacts(None, is_directory=True)
            raise _nothing(url)

        return self._reading(url, name, look)

    def read(self, url: str, start: int = 0) -> BinaryIO:
        """A stream of an object; one that is replaced meanwhile raises ``UrlError``."""
        name, key = split_url(url)
        failed = _failed(url, "read")
        return self._reading(url, name, lambda bucket: download(Source(bucket, key, failed), start))

    def write(self, url: str, content: BinaryIO, *, is_executable: bool = False) -> None:
        """Write an object, or replace it, atomically; its metadata tells that it can be executed."""
        name, key = split_url(url)
        if not key or key.endswith("/"):
            raise UrlError(f"{url} is a folder, and cannot be written to", "Name an object in it")
        try:
            upload(self._paid(name), key, content, {EXECUTABLE: "1"} if is_executable else {})
        except S3Failure as failure:
            raise _failed(url, "write")(failure) from failure

    def check_destination(self, url: str) -> None:
        """Whether an object could be written: an upload is begun, which nobody sees, and given up."""
        name, key = split_url(url)
        bucket = paid_bucket(self._client.hurried(), name)
        token = uuid.uuid4().hex
        probe = f"{_folder(key)}.toil-{token}"
        try:
            upload = bucket.begin_parts(probe, token, {})
        except S3Failure as failure:
            if failure.code in NO_BUCKET:
                cure = f"Check its name, or make it: aws s3 mb s3://{name}"
                raise NoSuchUrl(f"There is no bucket of {url}", cure) from failure
            if failure.is_certain or failure.is_denied:
                raise _failed(url, "write")(failure) from failure
            return
        with suppress(S3Failure):  # what is left has no parts, and costs nothing
            bucket.give_up_parts(probe, upload)

    def list(self, url: str) -> Sequence[str]:
        """The names in a folder."""
        name, key = split_url(url)
        above = _folder(key)

        def look(bucket: Bucket) -> Sequence[str]:
            keys, folders = bucket.folder(above)
            if key and not keys and not folders:
                raise _nothing(url)
            # A key that is the folder's own is how some programs make an empty one.
            return [found.removeprefix(above) for found in (*keys, *folders) if found != above]

        return self._reading(url, name, look)

    def _paid(self, name: str) -> Bucket:
        return paid_bucket(self._client, name)

    def _reading(self, url: str, name: str, look: Callable[[Bucket], T]) -> T:
        """What ``look`` finds in the bucket, without credentials if there are none."""
        without: S3Failure | None = None
        try:
            if not self._is_anonymous:
                try:
                    return look(self._paid(name))
                except S3Failure as failure:
                    if failure.code != NO_CREDENTIALS:
                        raise
                    without = failure
            found = look(Bucket(self._client.anonymous(), name))
            self._is_anonymous = True
            return found
        except S3Failure as failure:
            told = without if without is not None and failure.is_denied else failure
            raise _failed(url, "read")(told) from failure


def paid_bucket(client: S3Client, name: str) -> Bucket:
    """A bucket whose requests are paid by who makes them, if it asks for that."""
    return Bucket(client, name, said={"RequestPayer": "requester"})


def split_url(url: str) -> tuple[str, str]:
    """The bucket and the key of a URL. Raises ``UrlError`` if it names no bucket."""
    name, _, key = url.removeprefix("s3://").partition("/")
    if not name or "@" in name:
        raise UrlError(f"{url.partition('@')[0]} names no bucket", "Try: s3://BUCKET/KEY")
    return name, unquote(key)


def _folder(key: str) -> str:
    return key if not key or key.endswith("/") else key + "/"


def _nothing(url: str) -> NoSuchUrl:
    return NoSuchUrl(f"There is nothing at {url}")


def _failed(url: str, operation: str) -> Callable[[S3Failure], UrlError]:
    """What makes the contract's errors of failures of an operation."""

    def make(failure: S3Failure) -> UrlError:
        if failure.is_absent:
            return _nothing(url)
        if failure.code in NO_BUCKET:
            return NoSuchUrl(f"There is no bucket of {url}", "Check its name")
        return UrlError(f"Cannot {operation} {url}: {failure.reason}", failure.cure)

    return make
