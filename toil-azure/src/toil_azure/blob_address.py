"""URLs of blobs, taken apart.

``az://CONTAINER/BLOB`` (of the account that the environment names), ``az://CONTAINER@ACCOUNT/BLOB``,
``wasb[s]://CONTAINER@ACCOUNT.blob.core.windows.net/BLOB`` and
``https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB``, to which a shared access signature may be
added. Names are percent-encoded like those of any URL; ``#`` and ``?`` need not be in the first two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from toil_azure.locator import is_account
from toil_azure.plugin import BLOB_HOSTS
from toil_core.errors import UrlError

_FORMS = {
    "az": "az://CONTAINER/BLOB or az://CONTAINER@ACCOUNT/BLOB",
    "wasb": "wasb://CONTAINER@ACCOUNT.blob.core.windows.net/BLOB",
    "wasbs": "wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/BLOB",
}


@dataclass(frozen=True, slots=True)
class BlobAddress:
    """Where a blob is; ``blob`` is empty for the container itself. As text, the URL without its signature.

    ``endpoint`` is empty if the URL names no host. ``is_web``: it is one that browsers know.
    """

    shown: str
    account: str
    container: str
    blob: str
    endpoint: str = ""
    signature: str = field(default="", repr=False)
    is_web: bool = False

    def __str__(self) -> str:
        return self.shown


def is_address(url: str) -> bool:
    """Whether a URL is of one of our kinds: of other web servers it is not."""
    if url.partition("://")[0] in _FORMS:
        return True
    parts = urlsplit(url)
    return parts.scheme == "https" and any((parts.hostname or "").endswith(suffix) for suffix in BLOB_HOSTS)


def parse_address(url: str, default_account: Callable[[], str]) -> BlobAddress:
    """A URL's parts. Raises ``UrlError``, and what ``default_account`` raises."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() in ("http", "https"):
        return _web(url)
    place, _, name = rest.partition("/")
    container, at, host = place.partition("@")
    form = f"Try: {_FORMS[scheme.lower()]}"
    if not container or (not at and scheme.lower() != "az"):
        raise UrlError(f"{url} names no container and account", form)
    account, endpoint = _served_at(host) if at else (default_account(), "")
    if not is_account(account):
        raise UrlError(f'{url}: "{host}" is no storage account of Azure', form)
    return BlobAddress(url, account, unquote(container), unquote(name), endpoint)


def _web(url: str) -> BlobAddress:
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = f"https://{host}{parts.path}"
    account, _ = _served_at(host)
    container, _, name = unquote(parts.path).lstrip("/").partition("/")
    if not is_account(account) or not container:
        raise UrlError(
            f"{shown} names no container of an account", f"Try: https://ACCOUNT{BLOB_HOSTS[0]}/CONTAINER/BLOB"
        )
    signature = parts.query if "sig=" in parts.query else ""
    return BlobAddress(shown, account, container, name, f"https://{host}", signature, True)


def _served_at(host: str) -> tuple[str, str]:
    """Account and endpoint of a host; only of the service's own, since credentials are shown to it."""
    if is_account(host):
        return host, ""
    is_known = any(host.endswith(suffix) for suffix in BLOB_HOSTS)
    return (host.partition(".")[0], f"https://{host}") if is_known else ("", "")
