"""Signing requests to the XML API with an HMAC key.

The process is Amazon's Signature Version 4 in Google's words. What is sent is not signed, but goes with its
checksum and over TLS. https://cloud.google.com/storage/docs/authentication/signatures
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from toil_gce.boto_file import HmacKey

UNSIGNED = "UNSIGNED-PAYLOAD"
_CHANGED_ON_THE_WAY = ("accept-encoding",)
"""Headers that the service's own front end rewrites before the signature is compared."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between the services that use the process."""

    algorithm: str
    prefix: str
    location: str
    service: str
    ending: str
    headers: str


GOOGLE = Dialect("GOOG4-HMAC-SHA256", "GOOG4", "auto", "storage", "goog4_request", "x-goog-")


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a request, written one way in its URL and in what is signed."""

    parameters: Mapping[str, str]

    def __str__(self) -> str:
        return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(self.parameters.items()))


def signed_headers(
    key: HmacKey, method: str, url: str, headers: Mapping[str, str], now: datetime, dialect: Dialect = GOOGLE
) -> dict[str, str]:
    """The headers of a request, with those that sign it. ``url`` is escaped, its query is a ``Query``'s text;
    ``now`` is in UTC. A header that tells the checksum of what is sent is kept."""
    parts = urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    found = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    left = {name: found.pop(name) for name in _CHANGED_ON_THE_WAY if name in found}
    found[f"{dialect.headers}date"] = stamp
    payload = found.setdefault(f"{dialect.headers}content-sha256", UNSIGNED)
    found["host"] = parts.netloc
    names = ";".join(sorted(found))
    lines = "".join(f"{name}:{found[name]}\n" for name in sorted(found))
    canonical = "\n".join((method, parts.path or "/", parts.query, lines, names, payload))
    scope = "/".join((stamp[:8], dialect.location, dialect.service, dialect.ending))
    text = "\n".join((dialect.algorithm, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    secret = f"{dialect.prefix}{key.secret}".encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    found["authorization"] = (
        f"{dialect.algorithm} Credential={key.access_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return found | left


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
