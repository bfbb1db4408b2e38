"""Refuses graphs that could never finish, with the names of the jobs, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from toil_core.errors import IllegalGraph
from toil_core.workflow.node import Node


class Phase(Enum):
    """What happens to a job, in the order in which it happens; a service ``ran`` when it has started."""

    RAN = "ran"
    CHILDREN_DONE = "children done"
    DONE = "done"
    VALUE_KNOWN = "value known"


Moment = tuple[Node, Phase]


def check_places(nodes: Sequence[Node]) -> None:
    """Every job is reached from the first, and no checkpoint job has successors beside it.

    Raises ``IllegalGraph``.
    """
    root, known = nodes[0], set(nodes)
    for node in nodes:
        for other in node.predecessors:
            if other not in known:
                raise IllegalGraph(
                    f'job "{node.name}" follows "{other.name}", which cannot be reached from "{root.name}"',
                    f'A workflow has one root: add "{other.name}" to it, or start from a job that leads to both',
                )


def check_checkpoints(nodes: Sequence[Node]) -> None:
    """No checkpoint job has successors before it runs. Raises ``IllegalGraph``."""
    for node in nodes:
        if node.settings.checkpoint and node.has_successors:
            successor = next(iter({**node.children, **node.follow_ons, **node.services}))
            raise IllegalGraph(
                f'checkpoint job "{node.name}" has the successor "{successor.name}" before it runs',
                "Have it add its successors while it runs, or encapsulate it and add them to that",
            )


def check_order(nodes: Sequence[Node], reads: Mapping[Node, Sequence[Node]], needs: Sequence[Node] = ()) -> None:
    """Every job can run at some time. ``reads`` tells whose values a job waits for; ``needs`` are the
    jobs whose promises the first job returned.

    Raises ``IllegalGraph`` that names the jobs of a circle, or the promise that comes too late.
    """
    circle = _circle(_Waiting(nodes[0], reads, needs), nodes)
    if not circle:
        return
    for (node, phase), (other, other_phase) in zip(circle, circle[1:] + circle[:1], strict=True):
        if phase is Phase.RAN and other_phase is Phase.VALUE_KNOWN:
            raise IllegalGraph(
                f'job "{node.name}" reads the promise of "{other.name}", which cannot have run by then',
                "A job can read promises of jobs that run before it; make it follow them",
            )
    names = list(dict.fromkeys(node.name for node, _ in circle))
    raise IllegalGraph(f"jobs wait for each other in a circle: {' -> '.join([*names, names[0]])}")


class _Waiting:
    """What has to happen before what."""

    def __init__(self, root: Node, reads: Mapping[Node, Sequence[Node]], needs: Sequence[Node]) -> None:
        self._root = root
        self._reads = reads
        self._needs = needs

    def before(self, moment: Moment) -> Iterator[Moment]:
        node, phase = moment
        if phase is Phase.RAN:
            for parent in node.predecessors:
                if node in parent.follow_ons:
                    yield parent, Phase.CHILDREN_DONE
                else:
                    yield parent, Phase.RAN
                if node not in parent.services:
                    for service in parent.all_services():
                        yield service, Phase.RAN
            for producer in self._reads.get(node, ()):
                yield producer, Phase.VALUE_KNOWN
            return
        if phase is Phase.DONE:
            yield node, Phase.CHILDREN_DONE
            for other in {**node.follow_ons, **node.services}:
                yield other, Phase.DONE
            return
        yield node, Phase.RAN
        if phase is Phase.CHILDREN_DONE:
            for child in node.children:
                yield child, Phase.DONE
        elif node is self._root:
            for producer in self._needs:
                yield producer, Phase.VALUE_KNOWN


def _circle(waiting: _Waiting, nodes: Sequence[Node]) -> list[Moment]:
    """Moments that each wait for the next, the last for the first; empty if there are none."""
    finished: set[Moment] = set()
    for start in ((nodes[0], Phase.VALUE_KNOWN), *((node, Phase.DONE) for node in nodes)):
        path: dict[Moment, Iterator[Moment]] = {}
        moment: Moment | None = start
        while moment is not None:
            if moment in path:
                trail = list(path)
                return trail[trail.index(moment) :]
            if moment not in finished:
                path[moment] = waiting.before(moment)
            moment = None
            while path and moment is None:
                last = next(reversed(path))
                moment = next((before for before in path[last] if before not in finished), None)
                if moment is None:
                    finished.add(last)
                    del path[last]
    return []
