"""Which web server a URL is of."""

from __future__ import annotations

from urllib.parse import urlsplit


def web_host(url: str) -> str:
    """The name of the host of an ``http`` or ``https`` URL in small letters; empty for all other URLs."""
    if url.partition("://")[0].lower() not in ("http", "https"):
        return ""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
