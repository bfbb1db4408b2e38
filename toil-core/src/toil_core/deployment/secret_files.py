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
    "kubeconfig",
}
_SUFFIXES = (".env", ".jks", ".kdbx", ".keystore", ".p12", ".pfx", ".ppk")
_BEGINNING = 4096


def has_secret_name(name: str) -> bool:
    """Whether a file or folder of this name is likely to hold a key or a password."""
    name = name.lower().replace("-", "_")
    return (name.partition(".")[0] in _NAMES or name.endswith(_SUFFIXES)) and not name.endswith(".pub")


def looks_secret(path: str) -> bool:
    """Whether a file that is no code is likely to hold a key or a password. Raises ``OSError``."""
    if has_secret_name(os.path.basename(path)):
        return True
    with open(path, "rb") as file:
        return b"PRIVATE KEY-----" in file.read(_BEGINNING)
