"""``gs://BUCKET/NAME`` URLs, read and written; what ends with a slash, or has names below it, is a folder."""

from __future__ import annotations

import gzip
import os
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeAlias, TypeVar
from urllib.parse import unquote

from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchUrl, UrlError
from toil_core.system.retry import Patience
from toil_gce.boto_file import find_key
from toil_gce.customer_key import CustomerKey, read_key
from toil_gce.door.objects import Objects
from toil_gce.door.service import Service, briefly
from toil_gce.door.xml_objects import XmlObjects
from toil_gce.options import GoogleOptions, options_from_environment
from toil_gce.reader import Source, open_stored
from toil_gce.refusal import CREDENTIALS, Refusal
from toil_gce.upload import put_object

T = TypeVar("T")
AnyObjects: TypeAlias = Objects | XmlObjects

MODE = "goog-reserved-posix-mode"
"""Where gsutil and gcloud keep a file's mode, in octal, when they are asked to."""

PAYER = "TOIL_GOOGLE_PROJECTID"
"""Names the project that pays for requests to buckets whose readers pay."""

_URLS = Patience(attempts=9)
_SKIPPED = 1024 * 1024


class GsUrlAccess(UrlAccess):
    """Objects in buckets, by the credentials that Google's own tools find, HMAC keys of a ``.boto`` file among
    them; without any, what is public.

    Escapes such as ``%20`` in a URL are undone; a ``?`` or ``#`` is part of the name. What is stored with
    ``Content-Encoding: gzip`` is unpacked, as Google's own tools do. If there is a customer key, it is
    tried where the service says that an object is encrypted with one.
    """

    def __init__(self, options: GoogleOptions | None = None, endpoint: str = "", patience: Patience = _URLS) -> None:
        chosen = options or options_from_environment()
        self._payer = os.environ.get(PAYER, "")
        self._key = read_key(chosen.google_key_file)
        self._patience = patience
        self._signer = find_key(os.environ)
        project, seek = self._payer or None, self._signer is None
        self._service = Service(project, endpoint=endpoint, allow_anonymous=True, seek=seek)
        self._paid: set[str] = set()

    def facts(self, url: str) -> UrlFacts:
        """The size of an object, or that there is a folder; no size of what is unpacked when it is read."""
        bucket, name = split_url(url)

        def look(objects: AnyObjects) -> UrlFacts:
            if name and not name.endswith("/"):
                try:
                    found = objects.facts(name)
                except Refusal as refusal:
                    if not refusal.is_missing or refusal.is_bucket_missing:
                        raise
                else:
                    size = None if found.encoding == "gzip" else found.size
                    return UrlFacts(size, is_executable=_is_executable(found.metadata.get(MODE, "")))
            page = objects.page(_folder(name), most=1)
            if name and not page.names:
                raise _nothing(url)
            return UrlFacts(None, is_directory=True)

        return self._asked(url, bucket, "look at", look)

    def read(self, url: str, start: int = 0) -> BinaryIO:
        """A stream of one object, whatever is written to the URL meanwhile."""
        bucket, name = split_url(url)

        def open_at(objects: AnyObjects, begin: int) -> tuple[BinaryIO, str]:
            return open_stored(Source(objects, name, begin, None, refused, lambda: _damaged(url)))

        def refused(refusal: Refusal) -> Exception:
            is_first = refusal.is_payer_wanted or refusal.is_key_wanted
            return refusal if is_first else self._error(url, "read", refusal)

        def read(objects: AnyObjects) -> BinaryIO:
            stream, encoding = open_at(objects, start)
            if encoding != "gzip":
                return stream
            if start:
                stream.close()
                stream, _ = open_at(objects, 0)
            return _unpacked(stream, start, url)

        return self._asked(url, bucket, "read", read)

    def write(self, url: str, content: BinaryIO, *, is_executable: bool = False) -> None:
        """Write an object, or replace it, atomically; encrypted with the customer key, if there is one."""
        bucket, name = split_url(url)
        if not name or name.endswith("/"):
            raise UrlError(f"{url} is a folder, and cannot be written to", "Name an object in it")
        metadata = {MODE: "755"} if is_executable else {}
        objects = self._objects(bucket, self._key)
        try:
            if isinstance(objects, XmlObjects):
                objects.write(name, content, metadata)
            else:
                put_object(objects, name, content, metadata=metadata)
        except Refusal as refusal:
            raise self._error(url, "write", refusal) from refusal

    def check_destination(self, url: str) -> None:
        """Whether an object could be written: an upload is begun, which nobody sees, and given up. By an HMAC
        key, whether the bucket is there and the key is good."""
        bucket, name = split_url(url)
        objects = self._objects(bucket, patience=briefly(self._patience))
        try:
            if isinstance(objects, XmlObjects):
                objects.page("", most=1)
            else:
                objects.abandon(objects.begin(f"{_folder(name)}.toil-{uuid.uuid4().hex}", False, {}))
        except Refusal as refusal:
            if refusal.is_missing:
                cure = f"Check its name, or make it: gcloud storage buckets create gs://{bucket}"
                raise NoSuchUrl(f"There is no bucket of {url}", cure) from refusal
            is_denied = refusal.status in (401, 403) and isinstance(objects, Objects)
            if is_denied or refusal.is_hmac or (not refusal.status and refusal.wait_seconds is None):
                raise self._error(url, "write", refusal) from refusal

    def list(self, url: str) -> Sequence[str]:
        """The names in a folder, sorted."""
        bucket, name = split_url(url)
        above = _folder(name)

        def look(objects: AnyObjects) -> Sequence[str]:
            found: set[str] = set()
            token = ""
            while True:
                page = objects.page(above, token, delimiter="/")
                found |= {one for one, _ in page.names} | set(page.folders)
                token = page.token
                if not token:
                    break
            if name and not found:
                raise _nothing(url)
            # A name that is the folder's own is how some programs make an empty one.
            return sorted(one.removeprefix(above) for one in found if one != above)

        return self._asked(url, bucket, "list", look)

    def _objects(self, bucket: str, key: CustomerKey | None = None, patience: Patience | None = None) -> AnyObjects:
        payer = self._payer if bucket in self._paid else ""
        patience = patience or self._patience
        if self._signer:
            return XmlObjects(self._service, bucket, patience, self._signer, key, payer)
        return Objects(self._service, bucket, patience, key, payer)

    def _asked(self, url: str, bucket: str, operation: str, ask: Callable[[AnyObjects], T]) -> T:
        """What ``ask`` returns; again with who pays, and with the customer key, if that was missing."""
        key: CustomerKey | None = None
        while True:
            try:
                return ask(self._objects(bucket, key))
            except Refusal as refusal:
                if refusal.is_payer_wanted and self._payer and bucket not in self._paid:
                    self._paid.add(bucket)
                elif refusal.is_key_wanted and self._key and not key:
                    key = self._key
                else:
                    raise self._error(url, operation, refusal) from refusal

    def _error(self, url: str, operation: str, refusal: Refusal) -> UrlError:
        if refusal.is_bucket_missing:
            return NoSuchUrl(f"There is no bucket of {url}", "Check its name")
        if refusal.is_missing:
            return _nothing(url)
        if self._signer and refusal.is_hmac:
            return UrlError(
                f"Cannot {operation} {url}: the HMAC key in {self._signer.path} was not accepted",
                "Check gs_access_key_id and gs_secret_access_key there",
            )
        if self._service.is_anonymous and refusal.status in (401, 403):
            return UrlError(f"Cannot {operation} {url}: it is not public, and no credentials were found", CREDENTIALS)
        reason, cure = refusal.told(self._service.account)
        return UrlError(f"Cannot {operation} {url}: {reason}", cure)


class _Unpacked(gzip.GzipFile):
    """Closes what it unpacks, too."""

    def __init__(self, stream: BinaryIO, url: str) -> None:
        super().__init__(fileobj=stream, mode="rb")
        self._packed = stream
        self._url = url

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
        with self._unpacking():
            return super().read(size)

    def readinto(self, buffer: Any) -> int:  # whatever io hands over
        """As ``read``, into a buffer."""
        with self._unpacking():
            return super().readinto(buffer)

    @contextmanager
    def _unpacking(self) -> Iterator[None]:
        try:
            yield
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UrlError(
                f"Cannot read {self._url}: its Content-Encoding is gzip, and its content is not, or not whole",
                f"Try: gcloud storage objects update --clear-content-encoding {self._url}",
            ) from error

    def close(self) -> None:
        super().close()
        self._packed.close()


def _unpacked(stream: BinaryIO, start: int, url: str) -> BinaryIO:
    found = _Unpacked(stream, url)
    left = start
    while left and (skipped := found.read(min(left, _SKIPPED))):
        left -= len(skipped)
    return found  # type: ignore[return-value]  # a binary stream but in name


def split_url(url: str) -> tuple[str, str]:
    """The bucket and the name of a URL. Raises ``UrlError`` if it names no bucket."""
    bucket, _, name = url.partition("://")[2].partition("/")
    if not bucket or "@" in bucket:
        raise UrlError(f"{url.partition('@')[0]} names no bucket", "Try: gs://BUCKET/NAME")
    return bucket, unquote(name)


def _folder(name: str) -> str:
    return name if not name or name.endswith("/") else name + "/"


def _nothing(url: str) -> NoSuchUrl:
    return NoSuchUrl(f"There is nothing at {url}")


def _damaged(url: str) -> UrlError:
    return UrlError(f"Cannot read {url}: it is not what was written", "Try again")


def _is_executable(mode: str) -> bool:
    try:
        return bool(int(mode or "0", 8) & 0o100)
    except ValueError:  # what is no mode says nothing
        return False
