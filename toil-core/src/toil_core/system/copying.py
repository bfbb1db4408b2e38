"""Having one file's content at another path, as cheaply as the file system allows."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sys

_FICLONE = 0x40049409  # linux/fs.h; ioctl_ficlone(2)
_CANNOT_LINK = (errno.EXDEV, errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)


def copy_content(source: str, target: str) -> None:
    """Write a new file ``target`` with the content of ``source``, sharing blocks where the file system can.

    Raises ``OSError``; a part of the file may then be there.
    """
    with open(source, "rb") as reader, open(target, "xb") as writer:
        if sys.platform == "linux":
            try:
                fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
            except OSError:  # most file systems cannot
                shutil.copyfileobj(reader, writer, 1 << 20)
        else:
            shutil.copyfileobj(reader, writer, 1 << 20)


def link_or_copy(source: str, target: str) -> None:
    """Have the content at the new path ``target`` by hard link, or a copy where links cannot be made.

    Raises ``OSError``.
    """
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        copy_content(source, target)
