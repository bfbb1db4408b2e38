"""How objects are encrypted by the service: what a request must say, and what is kept of it with a store."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from toil_aws.s3_options import S3Options
from toil_core.errors import StorageError, UsageError

KEY_BYTES = 32
_LOST = "Name the right file by --sse-key or TOIL_SSE_KEY; toil clean needs none"
KINDS = ("bucket", "sse-s3", "sse-kms")


@dataclass(frozen=True, slots=True)
class Encryption:
    """``kind`` is ``bucket``, ``sse-s3``, ``sse-kms`` or ``sse-c``; ``key`` is never shown or kept."""

    kind: str = "bucket"
    kms_key: str = ""
    key_file: str = ""
    key: bytes = field(default=b"", repr=False)

    @property
    def to_write(self) -> dict[str, Any]:
        """What a request must say that writes an object, or begins to."""
        if self.kind == "sse-s3":
            return {"ServerSideEncryption": "AES256"}
        if self.kind == "sse-kms":
            named = {"SSEKMSKeyId": self.kms_key} if self.kms_key else {}
            return {"ServerSideEncryption": "aws:kms", **named}
        return self.to_read

    @property
    def to_read(self) -> dict[str, Any]:
        """What a request must say that reads an object, or adds a part to one."""
        return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": self.key} if self.kind == "sse-c" else {}

    @property
    def facts(self) -> dict[str, str]:
        """What may be kept where everybody who sees the store can read it."""
        if self.kind == "sse-c":
            return {"encryption": self.kind, "key_file": self.key_file, "key_check": _check(self.key)}
        return {"encryption": self.kind, **({"kms_key": self.kms_key} if self.kms_key else {})}


def chosen_encryption(options: S3Options) -> Encryption:
    """What options ask for. Raises ``UsageError`` for what contradicts itself, and for a key that cannot be read."""
    if options.sse_key:
        if options.s3_encryption != "bucket" or options.s3_kms_key:
            raise UsageError("--sse-key excludes --s3-encryption and --s3-kms-key", "Give one of them")
        path = os.path.abspath(options.sse_key)
        return Encryption("sse-c", key_file=path, key=_read_key(path))
    if options.s3_encryption not in KINDS:
        raise UsageError(f'--s3-encryption "{options.s3_encryption}" is unknown', f"Give one of {', '.join(KINDS)}")
    if options.s3_kms_key:
        if options.s3_encryption == "sse-s3":
            raise UsageError("--s3-kms-key excludes --s3-encryption sse-s3", "Give one of them")
        return Encryption("sse-kms", options.s3_kms_key)
    return Encryption(options.s3_encryption)


def kept_encryption(facts: Mapping[str, str], key_file: str | None, store: str) -> Encryption:
    """What a store's facts say; its key is read from ``key_file``, or the file that it was made with.

    Raises ``StorageError`` if that is not there, or holds another key.
    """
    kind = facts.get("encryption", "bucket")
    if kind != "sse-c":
        return Encryption(kind, facts.get("kms_key", ""))
    path = os.path.abspath(key_file or facts.get("key_file", ""))
    try:
        key = _read_key(path)
    except UsageError as error:
        raise StorageError(error.message, _LOST) from error
    if _check(key) != facts.get("key_check"):
        raise StorageError(f"The file {path} does not hold the key of {store}", _LOST)
    return Encryption(kind, key_file=path, key=key)


def _read_key(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            key = file.read(KEY_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"The key file {path} cannot be read: {reason}", "Name the right file by --sse-key") from error
    if len(key) != KEY_BYTES:
        raise UsageError(
            f"The key file {path} does not hold {KEY_BYTES} bytes", f"Make a key: head -c {KEY_BYTES} /dev/urandom"
        )
    return key


def _check(key: bytes) -> str:
    # Of a random key of 256 bits, a digest tells nothing but whether two are the same.
    return hashlib.sha256(b"toil-sse-key\0" + key).hexdigest()[:16]
