"""Services inside the graph: whom they serve, which have started, which may stop. Pure, used by one thread.

The services of a job start when it has run, those of a service when that has started. The job's successors
wait for all of them. When these are done the services are asked to stop, each after its own services,
and the job is done when they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from toil_core.engine.node import DONE, ISSUED, RAN, READY, WAITING, Node, Services
from toil_core.model.description import EdgeKind
from toil_core.model.ids import JobId


class Serving:
    """The services of a run: ``up`` are those that have started and have not ended, ``asked`` those of
    them that have been asked to stop."""

    def __init__(self, jobs: Mapping[JobId, Node]) -> None:
        self._jobs = jobs
        self.up: set[Node] = set()
        self.asked: set[Node] = set()
        self._to_stop: list[Node] = []

    def served(self, service: Node) -> Node | None:
        """The job whose successors a service serves, or ``None`` for a job that is no service."""
        node: Node | None = None
        above = service.description.serves
        while above is not None:
            node = self._jobs[above]
            above = node.description.serves
        return node

    def count(self, service: Node, above: Node) -> None:
        """Take note of a service of ``above`` that is not done."""
        if above.services is None:
            above.services = Services()
        above.services.nodes.append(service)
        served = self.served(service)
        if served is not None and served.phase != DONE and not service.is_up and service.phase != RAN:
            if served.services is None:
                served.services = Services()
            served.services.starting += 1

    def started(self, service: Node) -> Node | None:
        """A service has started; the job whose successors it serves."""
        served = self.served(service)
        if served is not None and served.services is not None:
            served.services.starting -= 1
        return served

    def ended(self, service: Node) -> bool:
        """A service, or another job, does not run any more; whether it was a service that was up."""
        was_up = service in self.up
        self.up.discard(service)
        self.asked.discard(service)
        return was_up

    def died(self, service: Node) -> None:
        """A service that was up must start anew before others may rely on it."""
        self.ended(service)
        service.value = None
        served = self.served(service)
        if served is not None and served.services is not None:
            served.services.starting += 1

    def idle(self, node: Node) -> Iterator[Node]:
        """Of the services of a job whose successors are done, those that are done as well: because they
        ended, or nobody has begun to make them or waits for them. Those that run are asked to stop."""
        if node.services is None:
            return
        for service in node.services.nodes:
            yield from self.idle(service)
            if any(below.phase != DONE for below in _below(service)):
                continue
            if service.phase == ISSUED:
                self._to_stop.append(service)
            elif service.phase == RAN or (service.phase in (WAITING, READY) and not service.on_value):
                yield service

    def give_up(self) -> None:
        """Nothing but services is under way: ask them to stop, each when its own have ended, for
        whatever they wait for will not happen. If some are stopping already, what follows is waited for."""
        if self.asked or self._to_stop:
            return
        for service in self.up:
            if not any(below in self.up for below in _below(service)):
                self._to_stop.append(service)

    def take_stopping(self) -> list[Node]:
        """The services to be asked to stop since this was last called; asking twice does no harm."""
        stopping = [service for service in self._to_stop if service.phase == ISSUED]
        self._to_stop = []
        self.asked.update(self.up.intersection(stopping))
        return stopping

    def clients(self, service: Node, among: Iterable[Node]) -> list[Node]:
        """Those of the jobs that are successors of the job which the service serves, services apart."""
        served = self.served(service)
        if served is None:
            return []
        return [node for node in self.below(served, among) if node.description.serves is None]

    def below(self, served: Node, among: Iterable[Node]) -> list[Node]:
        """Those of the jobs that are successors of the one which is served, with services of theirs."""
        known: dict[Node, bool] = {}
        return [node for node in among if self.served(node) is not served and self._is_below(node, served, known)]

    def of_unfinished(self) -> list[Node]:
        """The services that ended before the jobs that they serve were done."""
        return [
            node
            for node in self._jobs.values()
            if RAN <= node.phase <= DONE and (served := self.served(node)) is not None and served.phase != DONE
        ]

    def _is_below(self, first: Node, wanted: Node, known: dict[Node, bool]) -> bool:
        todo, seen = [first], {first}
        while todo:
            node = todo.pop()
            for edge in node.description.edges:
                if edge.kind is EdgeKind.DATA:
                    continue
                above = self._jobs[edge.job]
                if above is wanted or known.get(above):
                    known[first] = True
                    return True
                if above not in seen:
                    seen.add(above)
                    todo.append(above)
        return False


def _below(service: Node) -> list[Node]:
    return [] if service.services is None else service.services.nodes
