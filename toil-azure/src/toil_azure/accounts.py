"""Where a storage account is served, and what opens it, as the person's environment says.

In this order: ``AZURE_STORAGE_CONNECTION_STRING`` if it is the account's own; ``AZURE_ACCOUNT_KEY``;
the account's line in the section ``AzureStorageCredentials`` of ``~/.toilAzureCredentials``; what
azure-identity finds, where that is installed. ``AZURE_STORAGE_SERVICE_ENDPOINT`` says where accounts
are served if that is not the public cloud.
"""

from __future__ import annotations

import base64
import binascii
import configparser
import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from toil_azure.locator import is_account
from toil_core.errors import UsageError

CONNECTION_STRING = "AZURE_STORAGE_CONNECTION_STRING"
ACCOUNT_KEY = "AZURE_ACCOUNT_KEY"
ENDPOINT = "AZURE_STORAGE_SERVICE_ENDPOINT"
DEFAULT_ACCOUNT = "AZURE_STORAGE_ACCOUNT"
CREDENTIALS_FILE = "~/.toilAzureCredentials"
SECTION = "AzureStorageCredentials"
IDENTITY = "azure-identity"

_PUBLIC_CLOUD = "core.windows.net"
# The account, its key and its place in every emulator (https://learn.microsoft.com/azure/storage/common/storage-use-azurite).
_EMULATED = {
    "AccountName": "devstoreaccount1",
    "AccountKey": "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "BlobEndpoint": "http://127.0.0.1:10000/devstoreaccount1",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A storage account. ``endpoint`` is a URL without a slash at its end; of ``key`` and ``signature``
    (a shared access signature) one is there, or ``source`` is ``azure-identity``, or nothing is and the
    account is asked without credentials. ``source`` says in errors where the credential comes from."""

    name: str
    endpoint: str
    key: str = field(default="", repr=False)
    signature: str = field(default="", repr=False)
    source: str = ""

    def without_credentials(self) -> Account:
        """The account as strangers see it."""
        return replace(self, key="", signature="", source="")


class Accounts:
    """Finds accounts in an environment and a home directory. Thread-safe; reads them anew each time."""

    def __init__(self, environment: Mapping[str, str] | None = None, home: Path | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._home = home

    def find(self, name: str, endpoint: str = "") -> Account:
        """The account, without credentials if there are none. ``endpoint`` holds unless the environment says
        another. Raises ``UsageError`` for credentials that cannot be any, without telling them."""
        told = self._connection_string()
        if told.get("AccountName") == name:
            key = _checked(told.get("AccountKey", ""), CONNECTION_STRING)
            signature = told.get("SharedAccessSignature", "").lstrip("?")
            if key or signature:
                return Account(name, _endpoint_in(told), key, "" if key else signature, CONNECTION_STRING)
            endpoint = _endpoint_in(told)
        account = Account(name, self._endpoint(name) or endpoint or _cloud(name))
        if key := self._environment.get(ACCOUNT_KEY, "").strip():
            return replace(account, key=_checked(key, ACCOUNT_KEY), source=ACCOUNT_KEY)
        if key := self._keys_in_file().get(name, ""):
            return replace(account, key=_checked(key, CREDENTIALS_FILE), source=CREDENTIALS_FILE)
        # Tokens are only ever sent encrypted.
        if account.endpoint.startswith("https:") and importlib.util.find_spec("azure.identity") is not None:
            return replace(account, source=IDENTITY)
        return account

    def default(self) -> str:
        """The name of the account of URLs that name none. Raises ``UsageError`` if nothing says it."""
        found = self._environment.get(DEFAULT_ACCOUNT, "") or self._connection_string().get("AccountName", "")
        names = list(self._keys_in_file())
        if not found and len(names) == 1:
            found = names[0]
        if not is_account(found):
            raise UsageError(
                "az:// URLs name no account, and nothing else does"
                if not found
                else f"{found} is no name of an account",
                f"Set {DEFAULT_ACCOUNT}, or write az://CONTAINER@ACCOUNT/BLOB",
            )
        return found

    def _connection_string(self) -> dict[str, str]:
        text = self._environment.get(CONNECTION_STRING, "").strip()
        if not text:
            return {}
        pieces = [piece.partition("=") for piece in text.split(";") if piece.strip()]
        told = {key.strip(): value.strip() for key, _, value in pieces}
        if not all(equals for _, equals, _ in pieces):
            raise UsageError(
                f"{CONNECTION_STRING} is no connection string",
                "Copy it anew: az storage account show-connection-string",
            )
        if told.get("UseDevelopmentStorage", "").lower() == "true":
            return _EMULATED
        if "AccountName" not in told and "BlobEndpoint" in told:
            told["AccountName"] = account_at(told["BlobEndpoint"])
        return told

    def _endpoint(self, name: str) -> str:
        told = self._environment.get(ENDPOINT, "").strip().rstrip("/").replace("{account}", name)
        if not told:
            return ""
        parts = urlsplit(told)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise UsageError(f"{ENDPOINT} is no URL", "Try: https://{account}.blob.core.windows.net")
        # Another account's place, when it names one, is not this one's.
        return told if account_at(told) in ("", name) else ""

    def _keys_in_file(self) -> Mapping[str, str]:
        path = (self._home or Path.home()) / CREDENTIALS_FILE.removeprefix("~/")
        parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        try:
            parser.read_string(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise UsageError(f"Cannot read {CREDENTIALS_FILE}: {reason}", "Make it yours: chmod 600") from error
        except (configparser.Error, UnicodeDecodeError):  # whose words repeat what is in the file
            raise UsageError(
                f"{CREDENTIALS_FILE} is no INI file", f"Write lines ACCOUNT=KEY below a line [{SECTION}]"
            ) from None
        if not parser.has_section(SECTION):
            raise UsageError(
                f"{CREDENTIALS_FILE} has no section {SECTION}", f"Write lines ACCOUNT=KEY below a line [{SECTION}]"
            )
        return dict(parser.items(SECTION))


def account_at(endpoint: str) -> str:
    """The account that is served at a URL: the first part of the name of a blob host, of the path for any
    other, as emulators have it; empty if there is none."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    name = host.partition(".")[0] if ".blob." in host else parts.path.strip("/").partition("/")[0]
    return name if is_account(name) else ""


def _cloud(name: str, suffix: str = _PUBLIC_CLOUD, protocol: str = "https") -> str:
    return f"{protocol}://{name}.blob.{suffix}"


def _endpoint_in(told: Mapping[str, str]) -> str:
    if endpoint := told.get("BlobEndpoint", "").rstrip("/"):
        return endpoint
    suffix, protocol = told.get("EndpointSuffix", _PUBLIC_CLOUD), told.get("DefaultEndpointsProtocol", "https")
    return _cloud(told["AccountName"], suffix, protocol)


def _checked(key: str, source: str) -> str:
    try:
        base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        # Not the cause either: it may repeat the key.
        raise UsageError(
            f"The account key in {source} is not whole: it is not base64", "Copy it anew from the account's page"
        ) from None
    return key
