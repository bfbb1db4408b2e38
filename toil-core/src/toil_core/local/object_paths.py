"""Where an object's file lies: below the store's root, by its key.

Keys are paths already, with two exceptions that file systems force. A part longer than a file name
may be goes on in a folder whose name ends in ``+``. A part that begins with ``.nfs`` is written
``+.nfs``, because NFS clients keep removed but still open files under such names. Keys cannot
contain ``+``, so nothing else is ever taken for either, nor for the store's own files.
"""

from __future__ import annotations

MARK = "+"

# File names may have 255 bytes nearly everywhere; one is for the mark.
_LONGEST_NAME = 254
_SILLY_RENAME = ".nfs"


def object_path(root: str, key: str) -> str:
    """The file of a valid key."""
    path = f"{root}/{key}"
    if len(key) <= _LONGEST_NAME and _SILLY_RENAME not in key:
        return path
    return "/".join([root, *(name for part in key.split("/") for name in _names(part))])


def folder_of_prefix(root: str, prefix: str) -> tuple[str, str]:
    """The deepest folder that holds all keys with the prefix, and how those keys begin there."""
    head, slash, _ = prefix.rpartition("/")
    return (object_path(root, head), head + slash) if slash else (root, "")


def key_of_file(above: str, name: str) -> str | None:
    """The key of a file in a folder whose keys begin with ``above``; ``None`` if it is no object."""
    if name.startswith(_SILLY_RENAME):
        return None
    plain = _plain(name)
    return None if MARK in plain else above + plain


def keys_of_folder(above: str, name: str) -> str | None:
    """How keys in a folder within a folder begin; ``None`` if it holds no objects."""
    continued = name.endswith(MARK)
    plain = _plain(name[:-1] if continued else name)
    if not plain or MARK in plain:
        return None
    return above + plain + ("" if continued else "/")


def _names(part: str) -> list[str]:
    if part.startswith(_SILLY_RENAME):
        part = MARK + part
    names = []
    while len(part) > _LONGEST_NAME:
        names.append(part[:_LONGEST_NAME] + MARK)
        part = part[_LONGEST_NAME:]
        if part.startswith(_SILLY_RENAME):
            part = MARK + part
    return [*names, part]


def _plain(name: str) -> str:
    return name[1:] if name.startswith(MARK + _SILLY_RENAME) else name
