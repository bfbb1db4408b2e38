"""Whether a server keeps the promise that a run's safety rests on: of several writers of one new object, one wins.

Google's service does. Emulators that ignore ``ifGenerationMatch`` exist, and on them two leaders could
both believe that the run is theirs.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from toil_gce.door.objects import Objects
from toil_gce.refusal import Refusal
from toil_gce.upload import TOKEN

PREFIX = "toil+probe/"
"""What the names of probes begin with; no key of a job store has a plus sign."""

_RACERS = 8
_ROUNDS = 3


def keeps_conditions(objects: Objects) -> bool:
    """Whether writes with a condition are decided by the server, also when they race. Raises ``Refusal``."""
    try:
        return all(_winners(objects, f"{PREFIX}{number}") == 1 for number in range(_ROUNDS))
    finally:
        for number in range(_ROUNDS):
            objects.delete(f"{PREFIX}{number}")


def _winners(objects: Objects, name: str) -> int:
    start = threading.Barrier(_RACERS)

    def race(racer: int) -> bool:
        start.wait()
        return _wins(objects, name, str(racer))

    with ThreadPoolExecutor(_RACERS) as pool:
        first = sum(pool.map(race, range(_RACERS)))
    return first + _wins(objects, name, "late")


def _wins(objects: Objects, name: str, racer: str) -> bool:
    try:
        objects.put(name, b"", True, {TOKEN: racer})
    except Refusal as refusal:
        if not refusal.is_precondition:
            raise
        # An answer that was lost on its way back made this one race with itself.
        return objects.facts(name).metadata.get(TOKEN) == racer
    return True
