"""Types of paths, and other small things."""

from __future__ import annotations

import datetime
import os
import socket

StrPath = str | os.PathLike[str]
"""A path as text or as an object."""

FileDescriptorOrPath = int | bytes | str | os.PathLike[str] | os.PathLike[bytes]
"""What ``open`` takes."""


def utc_now() -> datetime.datetime:
    """Now, with its time zone."""
    return datetime.datetime.now(datetime.timezone.utc)


def get_public_ip() -> str:
    """An address at which other machines of the network reach this one; ``127.0.0.1`` without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 1))  # RFC 5737: nobody's address; connecting sends nothing
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
