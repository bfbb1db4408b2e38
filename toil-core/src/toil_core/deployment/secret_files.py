"""Files that are to stay on the machine they are on, told by their names and by what private keys begin with."""

from __future__ import annotations

import os

_NAMES = {
    "credential",
    "credentials",
    "secret",
    "secrets",
    "client_secret",
    "client_secrets",
    "service_account",
    "password",
    "passwords",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
}
_SUFFIXES = (".jks", ".kdbx", ".keystore", ".p12", ".pfx", ".ppk")
_BEGINNING = 4096


def looks_secret(path: str) -> bool:
    """Whether a file that is no code is likely to hold a key or a password. Raises ``OSError``."""
    name = os.path.basename(path).lower().replace("-", "_")
    if name.partition(".")[0] in _NAMES or name.endswith(_SUFFIXES):
        return not name.endswith(".pub")
    with open(path, "rb") as file:
        return b"PRIVATE KEY-----" in file.read(_BEGINNING)
