"""Whether a server keeps the promise that a run's safety rests on: of several writers of one new object, one wins.

Google's service does. Emulators that ignore ``ifGenerationMatch`` exist, and on them two leaders could
both believe that the run is theirs.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from toil_gce.door.objects import Objects
from toil_gce.many import for_each
from toil_gce.refusal import Refusal
from toil_gce.upload import TOKEN

PREFIX = "toil+probe/"
"""What the names of probes begin with; no key of a job store has a plus sign."""

_RACERS = 8
_ROUNDS = 3


def keeps_conditions(objects: Objects) -> bool:
    """Whether writes with a condition are decided by the server, also when they race. Raises ``Refusal``."""
    names = [f"{PREFIX}{number}" for number in range(_ROUNDS)]
    try:
        return all(_is_decided(objects, name) for name in names)
    finally:
        for_each(objects.delete, names)


def _is_decided(objects: Objects, name: str) -> bool:
    start = threading.Barrier(_RACERS)

    def race(racer: int) -> bool:
        start.wait()
        return _wins(objects, name, racer)

    with ThreadPoolExecutor(_RACERS) as pool:
        winners = [racer for racer, wins in enumerate(pool.map(race, range(_RACERS))) if wins]
    # One whose answer was lost on its way back met its own object when it tried again.
    holder = int(objects.facts(name).metadata.get(TOKEN, "-1"))
    return winners in ([], [holder]) and holder in range(_RACERS) and not _wins(objects, name, _RACERS)


def _wins(objects: Objects, name: str, racer: int) -> bool:
    try:
        objects.put(name, b"", True, {TOKEN: str(racer)})
    except Refusal as refusal:
        if not refusal.is_precondition:
            raise
        return False
    return True
