"""Keys of objects as names of blobs that the service takes.

The service advises against parts of names that end in a dot, and allows 254 parts. Both can be had
in keys; characters that no key has stand for them: ``.~`` for a dot that ends a part, ``!`` for a
slash behind the 200th. All other keys are the names themselves.
"""

from __future__ import annotations

_MOST_SLASHES = 200


def blob_name(key: str) -> str:
    """The name of the blob that holds an object."""
    return _encoded(f"{key}/")[:-1]


def blob_prefix(prefix: str) -> str:
    """What the names of all blobs begin with whose keys begin with ``prefix``."""
    whole, slash, last = prefix.rpartition("/")
    return _encoded(whole + slash) + last if slash else last


def key_of_blob(name: str) -> str:
    """The key of the object that a blob holds."""
    return name.replace(".~", ".").replace("!", "/")


def _encoded(parts: str) -> str:
    """``parts`` ends in a slash, or is empty."""
    pieces = parts.replace("./", ".~/").split("/")
    return "/".join(pieces[: _MOST_SLASHES + 1]) + "".join(f"!{piece}" for piece in pieces[_MOST_SLASHES + 1 :])
