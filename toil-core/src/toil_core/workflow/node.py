"""A job's place in the graph that is being built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from toil_core.errors import UsageError
from toil_core.workflow.settings import Declared, JobSettings


@dataclass(eq=False, slots=True)
class Node:
    """One job and its neighbours. ``work`` is what is pickled for the worker, ``None`` for a node
    that only holds others together, and has the value of the one it ``stands_for``, if any.
    ``declared`` is what the settings began as, and where that is said. Nodes are told apart by identity.

    Neighbours are the keys of dicts, which keep their order and let none in twice.
    """

    label: str
    work: object = None
    settings: JobSettings = field(default_factory=JobSettings)
    children: dict[Node, None] = field(default_factory=dict)
    follow_ons: dict[Node, None] = field(default_factory=dict)
    services: dict[Node, None] = field(default_factory=dict)
    predecessors: dict[Node, None] = field(default_factory=dict)
    stands_for: Node | None = None
    declared: Declared | None = None

    @property
    def name(self) -> str:
        """What people call the job."""
        return self.settings.name or self.label

    @property
    def is_linked(self) -> bool:
        """Whether the job has a place in a graph already."""
        return bool(self.has_successors or self.predecessors)

    @property
    def has_successors(self) -> bool:
        """Whether anything has been added to the job."""
        return bool(self.children or self.follow_ons or self.services)

    def add_child(self, other: Node) -> None:
        """Have ``other`` run after this one. Saying it twice changes nothing."""
        self.children[other] = None
        other.predecessors[self] = None

    def add_follow_on(self, other: Node) -> None:
        """Have ``other`` run after this one's children's subtrees. Saying it twice changes nothing."""
        self.follow_ons[other] = None
        other.predecessors[self] = None

    def add_service(self, other: Node) -> None:
        """Have ``other`` run while the jobs after this one do. Raises ``UsageError`` if it serves already."""
        if other.predecessors:
            raise UsageError(
                f'the service "{other.name}" has been added to "{next(iter(other.predecessors)).name}" already',
                "Make one for each job, or add it to a job above both",
            )
        self.services[other] = None
        other.predecessors[self] = None

    def all_services(self) -> Iterator[Node]:
        """The job's services, and theirs."""
        for service in self.services:
            yield service
            yield from service.all_services()


def is_service(node: Node) -> bool:
    """Whether this is the place of a service."""
    return any(node in above.services for above in node.predecessors)


def reachable(root: Node) -> Iterator[Node]:
    """The root and everything after it, each once, in the order in which people added them."""
    seen = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        fresh = [other for other in {**node.children, **node.follow_ons, **node.services} if other not in seen]
        seen.update(fresh)
        stack.extend(reversed(fresh))
