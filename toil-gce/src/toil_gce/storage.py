"""The job store in a bucket of Google Cloud Storage: ``google:PROJECT:NAME``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, ObjectExists, StorageError, StoreDamaged
from toil_core.model.object_key import check_key, is_key
from toil_core.system.retry import Patience
from toil_gce.bucket_store import BucketStore
from toil_gce.copying import Original, copy_object
from toil_gce.customer_key import CustomerKey, read_key
from toil_gce.door.objects import Objects
from toil_gce.door.service import LONG, Service, briefly
from toil_gce.gs_url import PAYER, split_url
from toil_gce.locator import parse_locator
from toil_gce.many import for_each
from toil_gce.options import GoogleOptions, options_from_environment
from toil_gce.reader import Source, open_object
from toil_gce.refusal import Refusal
from toil_gce.storage_error import doing, no_such_store, storage_error
from toil_gce.upload import put_object

_known_keys: dict[str, CustomerKey | None] = {}
"""The keys of stores that this process made or opened; processes that are forked from it need not ask again."""


class GoogleStorage(Storage):
    """One bucket. Objects are private; what is written is durable when a put returns, and seen by all.

    Used on after a fork, by parent and child. A service that cannot be reached is waited for: some
    seconds by ``create`` and ``open``, else three minutes on average. Credentials that are not
    accepted are told at once.
    """

    def __init__(
        self, rest: str, options: GoogleOptions | None = None, endpoint: str = "", patience: Patience = LONG
    ) -> None:
        self._locator = parse_locator(rest)
        self._name = str(self._locator)
        chosen = options or options_from_environment()
        self._key = read_key(chosen.google_key_file)
        self._patience = patience
        self._service = Service(self._locator.project, endpoint=endpoint)
        self._bucket = BucketStore(self._service, self._locator, patience, chosen.google_location, self._key)
        self._settled = self._with_key(self._key) if self._key else None

    def create(self) -> None:
        """Make the bucket, and refuse a server that does not keep the conditions of writes."""
        self._bucket.create()
        self._settle(self._key)

    def open(self) -> None:
        """Check that the store is there, and was made with the customer key that is used now."""
        self._settle(self._bucket.open(briefly(self._patience)))

    def destroy(self) -> None:
        """Remove the bucket; refuses one that is not a job store."""
        _known_keys.pop(self._name, None)
        self._bucket.destroy()

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        """Write an object durably; see the contract. Errors of the stream itself pass through."""
        check_key(key)
        try:
            put_object(self._objects(), key, content, if_absent=if_absent, in_parts=True)
        except Refusal as refusal:
            if if_absent and refusal.is_precondition:
                raise ObjectExists(f'The job store {self._name} holds "{key}" already') from refusal
            raise storage_error(self._name, f'write "{key}"', refusal) from refusal

    def get(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of an object's bytes, all of one put."""
        check_key(key)
        end = None if length is None else start + length
        return open_object(
            Source(
                self._objects(),
                key,
                start,
                end,
                lambda refusal: self._refused(key, f'read "{key}"', refusal),
                lambda: self._damaged(key),
            )
        )

    def copy_url(self, key: str, url: str) -> int | None:
        """Have the service copy an object of any bucket that these credentials may read; not one that is stored
        packed, nor one that is encrypted with another customer key."""
        check_key(key)
        if not url.startswith("gs://"):
            return None
        bucket, name = split_url(url)
        if not name or name.endswith("/"):
            return None
        source = Original(url, name, lambda payer: Objects(self._service, bucket, self._patience, payer=payer))
        with doing(self._name, f'copy {url} to "{key}"'):
            return copy_object(source, self._objects(), key, os.environ.get(PAYER, ""))

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, several at a time."""
        for_each(self._delete, keys)

    def list(self, prefix: str) -> Iterator[str]:
        """All keys that start with ``prefix``, in their order. Raises ``NoSuchStore`` when it is iterated."""
        token = ""
        while True:
            with doing(self._name, f'list "{prefix}"'):
                page = self._objects().page(prefix, token)
            yield from (name for name, _ in page.names if is_key(name))
            token = page.token
            if not token:
                return

    def size(self, key: str) -> int:
        """An object's length in bytes."""
        check_key(key)
        try:
            return self._objects().facts(key).size
        except Refusal as refusal:
            raise self._refused(key, f'look at "{key}"', refusal) from refusal

    def public_url(self, key: str) -> str | None:
        """None: objects are private."""
        check_key(key)
        return None

    def _objects(self) -> Objects:
        """The bucket's objects; without a key given, the store is asked once whether there is one."""
        if self._settled is not None:
            return self._settled
        known = self._name in _known_keys
        return self._settle(_known_keys[self._name] if known else self._bucket.open(self._patience))

    def _settle(self, key: CustomerKey | None) -> Objects:
        _known_keys[self._name] = key
        self._settled = self._with_key(key)
        return self._settled

    def _with_key(self, key: CustomerKey | None) -> Objects:
        return Objects(self._service, self._locator.bucket, self._patience, key)

    def _delete(self, key: str) -> None:
        check_key(key)
        with doing(self._name, f'delete "{key}"'):
            self._objects().delete(key)

    def _refused(self, key: str, operation: str, refusal: Refusal) -> StorageError:
        if refusal.is_bucket_missing:
            return no_such_store(self._name)
        if refusal.is_missing:
            return NoSuchObject(f'The job store {self._name} holds no "{key}"')
        return storage_error(self._name, operation, refusal)

    def _damaged(self, key: str) -> StorageError:
        return StoreDamaged(f'The object "{key}" of {self._name} is not what was written', "Try again")
