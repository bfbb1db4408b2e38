"""A job's place in the graph that is being built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from toil_core.workflow.settings import JobSettings


@dataclass(eq=False, slots=True)
class Node:
    """One job and its neighbours. ``work`` is what is pickled for the worker, ``None`` for a node
    that only holds others together, and has the value of the one it ``stands_for``, if any. Nodes are
    told apart by identity.

    Neighbours are the keys of dicts, which keep their order and let none in twice.
    """

    label: str
    work: object = None
    settings: JobSettings = field(default_factory=JobSettings)
    children: dict[Node, None] = field(default_factory=dict)
    follow_ons: dict[Node, None] = field(default_factory=dict)
    predecessors: dict[Node, None] = field(default_factory=dict)
    stands_for: Node | None = None

    @property
    def name(self) -> str:
        """What people call the job."""
        return self.settings.name or self.label

    @property
    def is_linked(self) -> bool:
        """Whether the job has a place in a graph already."""
        return bool(self.children or self.follow_ons or self.predecessors)

    def add_child(self, other: Node) -> None:
        """Have ``other`` run after this one. Saying it twice changes nothing."""
        self.children[other] = None
        other.predecessors[self] = None

    def add_follow_on(self, other: Node) -> None:
        """Have ``other`` run after this one's children's subtrees. Saying it twice changes nothing."""
        self.follow_ons[other] = None
        other.predecessors[self] = None


def reachable(root: Node) -> Iterator[Node]:
    """The root and everything after it, each once, in the order in which people added them."""
    seen = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        fresh = [other for other in {**node.children, **node.follow_ons} if other not in seen]
        seen.update(fresh)
        stack.extend(reversed(fresh))
