"""Code on its way to workers that see no file of the leader's machine, as data."""

from __future__ import annotations

from dataclasses import dataclass

CODE = "code/"
"""What the keys of code in a job store begin with; a hash of the content follows."""


@dataclass(frozen=True, slots=True)
class Part:
    """An archive in the job store. ``folders`` inside it are to be imported from, in this order.

    ``name`` and ``version`` are those of a distribution, which a worker may have already; empty for an
    author's own code. ``abi`` tells what compiled code in it was made for; empty if there is none.
    """

    key: str
    folders: tuple[str, ...] = ("",)
    name: str = ""
    version: str = ""
    abi: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """All that a run's workers are sent. ``script`` is the started script inside the first part, as
    ``workflow.script`` names scripts; empty if jobs use nothing of it."""

    script: str = ""
    parts: tuple[Part, ...] = ()
