"""Which server is spoken to, in which region and as whom: told by environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from toil_core.errors import UsageError

_TRUE = ("true", "yes", "on", "1", "")
_FALSE = ("false", "no", "off", "0")
_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d+)[a-z]?(?:-.*)?")
"""``us-west-2a``, and local zones such as ``us-west-2-lax-1a``: the region, and what comes behind it."""
_AMAZON = re.compile(r"(?:^|\.)amazonaws\.com(?:\.cn)?$")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``url`` is empty for Amazon's own, ``region`` and ``profile`` if the SDK is to find them."""

    url: str = ""
    region: str = ""
    profile: str = ""

    @property
    def is_amazon(self) -> bool:
        """Whether the service is Amazon's, not a compatible server."""
        return not self.url or bool(_AMAZON.search(urlsplit(self.url).hostname or ""))

    @property
    def is_private(self) -> bool:
        """Whether what is sent cannot be read on the way: it is encrypted, or stays on this machine."""
        parts = urlsplit(self.url)
        return parts.scheme != "http" or parts.hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def shown(self) -> str:
        """What to call the service: its URL without credentials, or Amazon S3."""
        if not self.url:
            return "Amazon S3"
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def endpoint(environment: Mapping[str, str], region: str = "") -> Endpoint:
    """The server that the environment names. Raises ``UsageError`` for variables that make no sense.

    ``TOIL_S3_HOST``, ``TOIL_S3_PORT`` and ``TOIL_S3_USE_SSL`` go before ``AWS_ENDPOINT_URL_S3`` and
    ``AWS_ENDPOINT_URL``. ``region`` is the one asked for, if one is.
    """
    return Endpoint(_url(environment), region or home_region(environment), environment.get("TOIL_AWS_PROFILE", ""))


def home_region(environment: Mapping[str, str]) -> str:
    """The region meant where none is named: ``TOIL_AWS_REGION``, or that of ``TOIL_AWS_ZONE``; else empty."""
    region, zone = environment.get("TOIL_AWS_REGION", ""), environment.get("TOIL_AWS_ZONE", "")
    if region or not zone:
        return region
    found = _ZONE.fullmatch(zone)
    if found is None:
        raise UsageError(f'TOIL_AWS_ZONE="{zone}" is no availability zone', "Give one such as us-west-2a")
    return found[1]


def _url(environment: Mapping[str, str]) -> str:
    host, port = environment.get("TOIL_S3_HOST", ""), environment.get("TOIL_S3_PORT", "")
    if not host:
        if port:
            raise UsageError("TOIL_S3_PORT is set and TOIL_S3_HOST is not", "Set both, or neither")
        if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
            return ""
        return environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL", "")
    word = environment.get("TOIL_S3_USE_SSL", "").lower()
    if word not in _TRUE + _FALSE:
        raise UsageError(f'TOIL_S3_USE_SSL="{word}" is neither true nor false', "Set it to true or false")
    if port and not port.isdecimal():
        raise UsageError(f'TOIL_S3_PORT="{port}" is no port', "Give a number")
    if "/" in host or "@" in host:
        raise UsageError(f'TOIL_S3_HOST="{host}" is no name of a host', "Give the name alone, such as s3.example.org")
    scheme = "http" if word in _FALSE else "https"
    return f"{scheme}://{host}{':' + port if port else ''}"
