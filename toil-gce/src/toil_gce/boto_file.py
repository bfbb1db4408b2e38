"""HMAC interoperability keys, where gsutil and boto keep them: the section ``Credentials`` of a ``.boto`` file."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toil_core.errors import UsageError


@dataclass(frozen=True, slots=True)
class HmacKey:
    """An access id, the secret that goes with it, which is never shown, and the file that both are in."""

    access_id: str
    secret: str = field(repr=False)
    path: str


def find_key(environment: Mapping[str, str]) -> HmacKey | None:
    """The key of the last file that has one, as gsutil reads them; ``None`` if none has.

    A service account's file, or what ``gcloud auth application-default login`` left, goes before: then
    ``None`` too. Raises ``UsageError`` for a file that cannot be read.
    """
    if environment.get("GOOGLE_APPLICATION_CREDENTIALS") or environment.get("STORAGE_EMULATOR_HOST"):
        return None
    home = Path(environment.get("HOME") or Path.home())
    gcloud = Path(environment.get("CLOUDSDK_CONFIG") or home / ".config" / "gcloud")
    if (gcloud / "application_default_credentials.json").exists():
        return None
    found = None
    for path in _files(environment, home):
        found = _key_in(path) or found
    return found


def _files(environment: Mapping[str, str], home: Path) -> Iterator[Path]:
    if named := environment.get("BOTO_CONFIG"):
        yield Path(named)
        return
    yield Path("/etc/boto.cfg")
    yield home / ".boto"
    yield from (Path(one).expanduser() for one in environment.get("BOTO_PATH", "").split(os.pathsep) if one)


def _key_in(path: Path) -> HmacKey | None:
    reader = configparser.RawConfigParser()
    try:
        with path.open(encoding="utf-8") as file:
            reader.read_file(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"The file {path} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        # What the parser says repeats the line, which may be the secret.
        raise UsageError(
            f"The file {path} is not what boto reads", "It has lines NAME = VALUE below [SECTION]"
        ) from error
    access_id = reader.get("Credentials", "gs_access_key_id", fallback="").strip()
    secret = reader.get("Credentials", "gs_secret_access_key", fallback="").strip()
    return HmacKey(access_id, secret, str(path)) if access_id and secret else None
