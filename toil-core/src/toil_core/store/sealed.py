"""Text objects that tell whether they are whole: a header line with length, SHA-256 and run, then lines.

Journal segments and snapshots are sealed. A cut, a flipped bit or a foreign object is found when it
is read, and the error names the object.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from toil_core.errors import StoreDamaged

FORMAT = 1


def seal(kind: str, number: int, lines: Iterable[str], run: str) -> bytes:
    """The bytes of a sealed object. ``kind``, ``number`` and ``run`` say which one it is."""
    body = "".join(line + "\n" for line in lines).encode()
    digest = hashlib.sha256(body).hexdigest()
    return f"toil-{kind} {FORMAT} {number} {len(body)} {digest} {run}\n".encode() + body


def unseal(kind: str, number: int, content: bytes, name: str, run: str) -> list[str]:
    """The lines of a sealed object. Raises ``StoreDamaged`` naming ``name`` unless every byte is right, and if it
    is another run's. Some have no run: they were sealed when none was told."""
    header, newline, body = content.partition(b"\n")
    parts = header.split(b" ")
    expected = [f"toil-{kind}".encode(), str(FORMAT).encode(), str(number).encode()]
    if not newline or len(parts) not in (5, 6) or parts[:3] != expected:
        raise _damaged(name, "its first line is not that of such an object")
    if parts[5:] not in ([], [run.encode()]):
        raise StoreDamaged(
            f"{name} is not this run's: the leader of a run whose job store is gone has written it",
            "End that leader, and remove this object",
        )
    if str(len(body)).encode() != parts[3]:
        raise _damaged(name, f"it holds {len(body)} bytes where {parts[3].decode(errors='replace')} were written")
    if hashlib.sha256(body).hexdigest().encode() != parts[4]:
        raise _damaged(name, "its bytes are not those that were written")
    return body.decode().split("\n")[:-1]


def _damaged(name: str, why: str) -> StoreDamaged:
    return StoreDamaged(
        f"{name} is damaged: {why}",
        "Everything before it is intact. Restore this object from a backup, or start the run anew",
    )
