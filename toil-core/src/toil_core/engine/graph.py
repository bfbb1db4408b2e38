"""Who waits for whom: the edges between the jobs of a run, as they come true. Pure, used by one thread.

A job waits for its edges (see ``model.description.EdgeKind``). Its children are done when each is
``DONE``; it is ``DONE`` itself when it ran and its children, follow-ons and services are done. Its value is
known when it ran and the values it promises are known; that of a service, when it has started.
"""

from __future__ import annotations

from collections.abc import Iterable

from toil_core.engine.node import DONE, FAILED, ISSUED, RAN, READY, WAITING, Node
from toil_core.engine.services import Serving
from toil_core.model.description import EdgeKind, JobDescription
from toil_core.model.ids import JobId
from toil_core.model.payload import EMPTY, Payload


class Graph:
    """All jobs of a run: ``jobs`` by id, in the order in which they were added, and ``counts`` by phase."""

    def __init__(self) -> None:
        self.jobs: dict[JobId, Node] = {}
        self.serving = Serving(self.jobs)
        self.counts = [0] * 6
        self._ready: list[Node] = []

    def add(self, jobs: Iterable[JobDescription], maker: JobId | None) -> None:
        """Add jobs, whose edges may lead to each other and to any job that is there."""
        nodes = []
        for job in jobs:
            node = Node(job, maker)
            self.jobs[job.id] = node
            self.counts[WAITING] += 1
            nodes.append(node)
        for node in nodes:
            self._count_subtree(node)
        for node in nodes:
            self._wire(node)

    def put_back(self, node: Node) -> None:
        """Add a job that stands where it stood in an earlier life; ``rebuild`` follows."""
        self.jobs[node.description.id] = node
        self.counts[node.phase] += 1

    def remove(self, node: Node) -> None:
        """Take a job away; ``rebuild`` follows."""
        del self.jobs[node.description.id]
        self.counts[node.phase] -= 1
        node.phase = FAILED  # it may still be in the list of those that are ready

    def move(self, node: Node, phase: int) -> None:
        """Have a job stand elsewhere; what waits for it is not told."""
        self.counts[node.phase] -= 1
        self.counts[phase] += 1
        node.phase = phase

    def make_ready(self, node: Node) -> None:
        """Have a job run again."""
        self.move(node, READY)
        self._ready.append(node)

    def take_ready(self) -> list[Node]:
        """The jobs that have become ready since this was last asked. One that waited again in between may
        be there twice, or not be ready any more: its phase tells."""
        ready, self._ready = self._ready, []
        return ready

    def revive(self, node: Node) -> None:
        """Have a job that failed wait, or run, again."""
        self.move(node, WAITING)
        self._unblock(node, 0)

    def ran(self, node: Node, made: Iterable[JobDescription]) -> None:
        """A job has run, with the value and needs it has now, and made jobs."""
        was_up = self.serving.ended(node)
        self.move(node, RAN)
        node.open_needs = len(node.needs)  # new jobs that read this value may have to wait for it
        self.add(made, node.description.id)
        node.open_needs = self._watch_needs(node)
        self._tell_services(node)
        if not node.starting:
            self._tell_children(node)
        if node.open_needs == 0:
            self._value_known(node)
        if not was_up:
            self._started(node)
        self._settle(node)

    def up(self, service: Node) -> None:
        """A service that was issued has started, with the value it has now."""
        self.serving.up.add(service)
        self._tell_services(service)
        self._value_known(service)
        self._started(service)

    def let_go(self, service: Node) -> bool:
        """Make no more of a service that runs no more, if those that it served are done; whether they are."""
        served = self.serving.served(service)
        if served is None or served.phase != RAN or served.open_children or served.open_follow_ons:
            return False
        self.move(service, WAITING)
        self._settle(served)
        return True

    def hold(self, service: Node) -> None:
        """Have nothing that a service serves begin until it has started anew; what has begun is not told."""
        served = self.serving.served(service)
        if served is None:
            return
        waiting = [node for node in self.jobs.values() if node.phase in (WAITING, READY)]
        for node in self._hold_below(served, waiting):
            self.move(node, WAITING)

    def rebuild(self) -> list[Node]:
        """Work out anew, from edges and phases, who waits for whom; the jobs that began too early, which
        wait again."""
        nodes = self.jobs.values()
        for node in nodes:
            node.forget_waiting()
        for node in nodes:
            self._count_subtree(node)
        ran = [node for node in nodes if RAN <= node.phase <= DONE]
        for node in ran:
            node.open_needs = len(node.needs)
            for need in node.needs:
                other = self.jobs[need]
                other.on_value = _with(other.on_value, node)
        for node in [node for node in ran if not node.needs]:
            self._value_known(node)
        others = [node for node in nodes if not RAN <= node.phase <= DONE]
        for served in [node for node in ran if node.starting]:
            self._hold_below(served, others)
        for node in others:
            self._wire(node)
        for node in ran:
            self._settle(node)
        early = []
        for node in others:
            if node.blockers and node.phase in (READY, ISSUED):
                self.move(node, WAITING)
                early.append(node)
        return early

    def values_for(self, job: JobDescription) -> tuple[tuple[JobId, Payload], ...]:
        """The values a job's DATA edges promise, with those promised inside them."""
        found: dict[JobId, Payload] = {}
        todo = [edge.job for edge in job.edges if edge.kind is EdgeKind.DATA]
        while todo:
            wanted = todo.pop()
            if wanted not in found:
                node = self.jobs[wanted]
                found[wanted] = node.value or EMPTY
                todo.extend(node.needs)
        return tuple(found.items())

    def _hold_below(self, served: Node, among: list[Node]) -> list[Node]:
        """Have what is below wait for the services of a job that ran, whatever of it has run."""
        found = self.serving.below(served, among)
        for node in found:
            node.blockers += 1
            served.on_ran = _with(served.on_ran, node)
        return found

    def _count_subtree(self, node: Node) -> None:
        if node.phase == DONE:
            return
        for edge in node.description.edges:
            above = self.jobs[edge.job]
            if above.phase == DONE:
                continue
            if edge.kind is EdgeKind.CHILD:
                above.open_children += 1
            elif edge.kind is EdgeKind.FOLLOW_ON:
                above.open_follow_ons += 1
            elif edge.kind is EdgeKind.SERVICE:
                self.serving.count(node, above)

    def _wire(self, node: Node) -> None:
        for edge in node.description.edges:
            other = self.jobs[edge.job]
            if other.satisfies(edge):
                continue
            node.blockers += 1
            if edge.kind is EdgeKind.DATA:
                other.on_value = _with(other.on_value, node)
            elif edge.kind is EdgeKind.CHILD:
                other.on_ran = _with(other.on_ran, node)
            elif edge.kind is EdgeKind.SERVICE:
                if other.services is not None:
                    other.services.waiting.append(node)
            else:
                other.on_children_done = _with(other.on_children_done, node)
        self._unblock(node, 0)

    def _watch_needs(self, node: Node) -> int:
        """Wait for the values promised in this job's value; how many are not known yet."""
        missing = 0
        for need in node.needs:
            other = self.jobs[need]
            if not other.has_value:
                other.on_value = _with(other.on_value, node)
                missing += 1
        return missing

    def _value_known(self, first: Node) -> None:
        todo = [first]
        while todo:
            node = todo.pop()
            readers, node.on_value = node.on_value, None
            for reader in readers or ():
                if RAN <= reader.phase <= DONE:
                    reader.open_needs -= 1
                    if reader.open_needs == 0:
                        todo.append(reader)
                else:
                    self._unblock(reader)

    def _started(self, node: Node) -> None:
        """If this is a service, tell those that waited for it to start."""
        served = self.serving.started(node)
        if served is not None and served.phase == RAN and not served.starting:
            self._tell_children(served)
            self._settle(served)

    def _tell_services(self, node: Node) -> None:
        if node.services is not None:
            told, node.services.waiting = node.services.waiting, []
            self._tell(told)

    def _tell_children(self, node: Node) -> None:
        told, node.on_ran = node.on_ran, None
        self._tell(told)

    def _tell(self, waiting: list[Node] | None) -> None:
        for node in waiting or ():
            self._unblock(node)

    def _unblock(self, node: Node, gone: int = 1) -> None:
        node.blockers -= gone
        if node.blockers == 0 and node.phase == WAITING:
            self.make_ready(node)

    def _settle(self, first: Node) -> None:
        """Tell follow-ons that children are done, services that they may stop, and those above that a
        subtree is done."""
        todo = [first]
        while todo:
            node = todo.pop()
            if node.phase != RAN or node.open_children or (node.starting and node.open_follow_ons):
                continue
            told, node.on_children_done = node.on_children_done, None
            self._tell(told)
            if node.open_follow_ons:
                continue
            if node.services is not None:
                if node.description.serves is None:  # services of a service stop when the job is done
                    for idle in self.serving.idle(node):
                        self.move(idle, DONE)
                if any(service.phase != DONE for service in node.services.nodes):
                    continue
            self.move(node, DONE)
            for edge in node.description.edges:
                if edge.kind is EdgeKind.DATA:
                    continue
                above = self.jobs.get(edge.job)
                if above is None or above.phase == DONE:
                    continue
                if edge.kind is EdgeKind.CHILD:
                    above.open_children -= 1
                elif edge.kind is EdgeKind.FOLLOW_ON:
                    above.open_follow_ons -= 1
                else:
                    above = self.serving.served(node) or above
                todo.append(above)


def _with(waiting: list[Node] | None, node: Node) -> list[Node]:
    if waiting is None:
        return [node]
    waiting.append(node)
    return waiting
