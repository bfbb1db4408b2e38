"""Which checkpoint job answers for a failure, and what running it again would undo. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from toil_core.engine.graph import Graph
from toil_core.engine.node import DONE, RAN, Node
from toil_core.engine.policy import Policy
from toil_core.model.description import EdgeKind
from toil_core.model.ids import JobId


def checkpoint_above(graph: Graph, node: Node, policy: Policy) -> Node | None:
    """The nearest checkpoint job that made this one and has tries left."""
    maker = node.maker
    while maker is not None:
        above = graph.jobs[maker]
        if above.description.checkpoint:
            retries = above.description.retries
            allowed = policy.retries if retries is None else retries
            if above.tries < allowed and _is_alone(graph, above):
                return above
        maker = above.maker
    return None


def below(graph: Graph, node: Node) -> Iterator[Node]:
    """All jobs that this one made, and that those made."""
    todo = list(node.made)
    while todo:
        found = graph.jobs[todo.pop()]
        todo.extend(found.made)
        yield found


def was_read(graph: Graph, job: JobId) -> bool:
    """Whether a job that ran had the value of this one."""
    return any(
        job in node.needs or any(edge.job == job and edge.kind is EdgeKind.DATA for edge in node.description.edges)
        for node in graph.jobs.values()
        if RAN <= node.phase <= DONE
    )


def _is_alone(graph: Graph, checkpoint: Node) -> bool:
    """Whether nobody outside refers to what the checkpoint job had made, so that it can go."""
    made = {node.description.id for node in below(graph, checkpoint)}
    inside = made | {checkpoint.description.id}
    return not any(
        not made.isdisjoint(node.needs) or any(edge.job in made for edge in node.description.edges)
        for node in graph.jobs.values()
        if node.description.id not in inside
    )
