"""The state of a run as a pure machine: ``apply(record) -> actions``.

No clock, no I/O, no threads. The records are those of the journal, so that replaying a journal and
living through it are the same transitions; live, decisions follow (issue, retry, give up), and the
shell carries them out. One ``State`` is used by one thread.

``engine.graph`` knows who waits for whom. Here is what attempts come to: a job ``ran`` when an outcome
without failure was accepted; a failure uses up its tries, its checkpoint's, or fails it for good.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from toil_core.engine.actions import Action, Cancel, End, Issue, Stop, Write
from toil_core.engine.checkpoints import below, checkpoint_above, was_read
from toil_core.engine.graph import Graph
from toil_core.engine.node import DONE, FAILED, ISSUED, RAN, READY, WAITING, Node, NodeSnapshot
from toil_core.engine.policy import LOST_LIMIT, Policy, counts_as
from toil_core.errors import InternalError
from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.outcome import Failure, FailureKind, Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import (
    AttemptIssued,
    FailuresForgiven,
    JobFailed,
    JobsAdded,
    Lead,
    OutcomeAccepted,
    Record,
    RunEnded,
    SubtreeReset,
)
from toil_core.model.requirements import Resources


class State:
    """All jobs of a run, and what may happen next."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.epoch = 0
        self.root: JobId | None = None
        self.origin = ""
        self.graph = Graph()
        self.jobs = self.graph.jobs
        self.active: dict[AttemptId, Node] = {}
        self.failures: dict[JobId, Failure] = {}
        self.base_files: set[str] = set()
        self.deleted: set[str] = set()
        self.counts = self.graph.counts
        self.ended: bool | None = None
        self.issued = 0
        self.is_stopping = False
        self._revision: Callable[[JobDescription], JobDescription] | None = None

    # Live

    def apply(self, record: Record) -> list[Action]:
        """Take a fact, and say what is to be done about it."""
        actions: list[Action] = []
        if isinstance(record, OutcomeAccepted):
            self._outcome(record.outcome, actions)
        else:
            self.replay(record)
        self._issue_ready(actions)
        return actions

    def resume(self) -> list[Action]:
        """After replaying: give failed jobs their tries again, and issue all that is ready."""
        self.replay(FailuresForgiven())
        actions: list[Action] = [Write(FailuresForgiven())]
        self._issue_ready(actions)
        return actions

    def revise(self, change: Callable[[JobDescription], JobDescription]) -> None:
        """After replaying: have those jobs that have not run described anew, and those that outcomes will
        add, which attempts of an earlier leader may have left. Ids and edges must stay."""
        self._revision = change
        for node in self.jobs.values():
            if node.phase in (WAITING, READY, FAILED):
                revised = change(node.description)
                if revised is not node.description:
                    node.description, node.memory, node.time_limit = revised, None, None

    def stop(self) -> list[Action]:
        """Issue nothing more and cancel what runs; ``End`` follows when the last attempt has ended."""
        self.is_stopping = True
        up = self.graph.serving.up
        actions: list[Action] = [Cancel(attempt) for attempt, node in self.active.items() if node not in up]
        self._issue_ready(actions)
        return actions

    def up(self, attempt: AttemptId, value: Payload) -> list[Action]:
        """A service has started, with a value for those that read its promise. No record: whoever takes
        over the run starts it anew."""
        node = self.active.get(attempt)
        if node is None or node.is_up or node.description.serves is None:
            return []
        node.value = value
        self.graph.up(node)
        actions: list[Action] = []
        self._issue_ready(actions)
        return actions

    def wants(self, outcome: Outcome) -> bool:
        """Whether the outcome can still count: of a job that has none yet, by its own attempt unless
        it is a success, which counts whoever made it."""
        node = self.jobs.get(outcome.job)
        if node is None or node.phase not in (READY, ISSUED):
            return False
        return outcome.failure is None or node.attempt == outcome.attempt

    def refusal(self, outcome: Outcome) -> str:
        """Why the new jobs of an outcome cannot be added; empty if they can."""
        new = {job.id for job in outcome.jobs}
        if len(new) < len(outcome.jobs):
            return "two of the new jobs have the same id"
        for job in outcome.jobs:
            if job.id in self.jobs:
                return f'the new job "{job.name}" has the id of an earlier one'
            for edge in job.edges:
                if edge.job not in new and edge.job not in self.jobs:
                    return f'the new job "{job.name}" waits for a job that the run does not have'
        for need in outcome.needs:
            if need not in new and need not in self.jobs:
                return "the value promises that of a job that the run does not have"
        return ""

    # Replay

    def replay(self, record: Record) -> None:
        """Take a fact without deciding anything."""
        if isinstance(record, OutcomeAccepted):
            self._replay_outcome(record.outcome)
        elif isinstance(record, JobsAdded):
            if record.anew:
                self._start_over()
            if self.root is None and record.jobs:
                self.root, self.origin = record.jobs[0].id, record.origin
            self.graph.add(record.jobs, None)
            self.base_files.update(ref.key for ref in record.files if not ref.is_by_reference)
        elif isinstance(record, Lead):
            self.epoch = record.epoch
            self.ended = None
        elif isinstance(record, JobFailed):
            self._give_up(self.jobs[record.job], record.failure)
        elif isinstance(record, SubtreeReset):
            self._reset(self.jobs[record.job])
        elif isinstance(record, FailuresForgiven):
            self._forgive()
        elif isinstance(record, RunEnded):
            self.ended = record.succeeded
        elif not isinstance(record, AttemptIssued):
            raise InternalError(f"no such record: {record!r}")

    def snapshot(self) -> Iterator[NodeSnapshot]:
        """All jobs, in the order in which they were added."""
        for node in self.jobs.values():
            phase = WAITING if node.phase in (READY, ISSUED) else node.phase
            yield NodeSnapshot(
                node.description,
                phase,
                node.maker,
                node.tries,
                node.memory,
                None if node.is_up else node.value,
                node.needs,
                node.made,
                node.files,
                node.is_reused,
                node.time_limit,
            )

    def restore(self, snapshots: Iterable[NodeSnapshot]) -> None:
        """Take the jobs of a snapshot; the state must be empty."""
        for kept in snapshots:
            node = Node(kept.job, kept.maker)
            node.phase, node.tries, node.memory = kept.phase, kept.tries, kept.memory
            node.value, node.needs, node.made = kept.value, kept.needs, kept.made
            node.files = tuple(sys.intern(key) for key in kept.files)
            node.is_reused, node.time_limit = kept.is_reused, kept.time_limit
            self.graph.put_back(node)
        self.root = next(iter(self.jobs), None)
        self.graph.rebuild()

    # Questions

    def kept_objects(self) -> set[str]:
        """The keys of all stored objects that accepted outcomes refer to."""
        keys = {key for node in self.jobs.values() for key in node.files}
        return (keys | self.base_files) - self.deleted

    # Transitions

    def _outcome(self, outcome: Outcome, actions: list[Action]) -> None:
        node = self.jobs[outcome.job]
        current = node.attempt
        if current is not None:
            self.active.pop(current, None)
            if current != outcome.attempt:
                actions.append(Cancel(current))
        node.attempt = None
        if outcome.failure is None:
            self._ran(node, outcome)
        else:
            self._keep_files(node, outcome)
            if node in self.graph.serving.up:
                self._service_died(node, outcome.failure, actions)
            else:
                self._failed(node, outcome.failure, actions)

    def _replay_outcome(self, outcome: Outcome) -> None:
        node = self.jobs[outcome.job]
        self._bump_issued(outcome.attempt)
        if outcome.failure is None:
            self._ran(node, outcome)
        else:
            self._keep_files(node, outcome)
            if self._count(node, outcome.failure.kind):
                self._grow(node, outcome.failure.kind)

    def _ran(self, node: Node, outcome: Outcome) -> None:
        node.value, node.needs, node.is_reused = outcome.value, outcome.needs, outcome.is_reused
        node.made = tuple(job.id for job in outcome.jobs)
        self._keep_files(node, outcome)
        self.deleted.update(ref.key for ref in outcome.deleted if ref.offset is None)
        self.failures.pop(outcome.job, None)
        self.graph.ran(node, outcome.jobs if self._revision is None else map(self._revision, outcome.jobs))
        node.slim()

    def _failed(self, node: Node, failure: Failure, actions: list[Action]) -> None:
        if failure.kind is FailureKind.CANCELLED and self.is_stopping:
            self.graph.move(node, READY)
            return
        if self._count(node, failure.kind):
            self._grow(node, failure.kind)
            self.graph.make_ready(node)
            return
        self._failed_for_good(node, failure, actions)

    def _failed_for_good(self, node: Node, failure: Failure, actions: list[Action]) -> bool:
        """Whether it came to that: a checkpoint job above may try it all again."""
        checkpoint = checkpoint_above(self.graph, node, self.policy)
        if checkpoint is not None:
            actions.append(Write(SubtreeReset(checkpoint.description.id)))
            actions.extend(Cancel(attempt) for attempt in self._reset(checkpoint))
            return False
        self._give_up(node, failure)
        actions.append(Write(JobFailed(node.description.id, failure)))
        if self.policy.stop_on_first_failure and not self.is_stopping:
            actions.extend(self.stop())
        return True

    def _service_died(self, service: Node, failure: Failure, actions: list[Action]) -> None:
        """Fail it and those who relied on it: what it held may be lost, and was told to them by value."""
        serving = self.graph.serving
        clients = serving.clients(service, self.active.values())
        serving.died(service)
        if failure.kind is FailureKind.CANCELLED and self.is_stopping:
            self.graph.move(service, READY)
            return
        if failure.kind in (FailureKind.LOST, FailureKind.PREEMPTED) and self.graph.let_go(service):
            return
        if not self._failed_for_good(service, failure, actions):
            return
        self.graph.hold(service)
        reason = f'its service "{service.description.name}" ended: {failure.message}'
        for client in clients:
            actions.extend(Cancel(attempt) for attempt in self._void(client))
            self._give_up(client, Failure(FailureKind.PERMANENT, reason))
            actions.append(Write(JobFailed(client.description.id, self.failures[client.description.id])))

    def _count(self, node: Node, kind: FailureKind) -> bool:
        """Use up an allowance; whether the job may be tried again."""
        allowance = counts_as(kind, self.policy)
        if allowance == "all":
            return False
        if allowance == "lost":
            node.lost += 1
            return node.lost <= LOST_LIMIT
        if allowance == "tries":
            node.tries += 1
        retries = node.description.retries
        return node.tries <= (self.policy.retries if retries is None else retries)

    def _grow(self, node: Node, kind: FailureKind) -> None:
        if kind is FailureKind.MEMORY and self.policy.double_memory:
            node.memory = 2 * self._resources(node).memory
        elif kind is FailureKind.TIME and self.policy.double_time:
            node.time_limit = 2 * self._resources(node).time_limit_seconds

    def _give_up(self, node: Node, failure: Failure) -> None:
        self.failures[node.description.id] = failure
        self.graph.move(node, FAILED)

    def _forgive(self) -> None:
        for node in self.jobs.values():
            node.tries = node.lost = 0
            if node.phase == FAILED:
                self.graph.revive(node)
        self.failures.clear()
        ended = self.graph.serving.of_unfinished()
        for service in ended:
            service.value = None
            self.graph.move(service, WAITING)
        # No record tells that a service had started: clients that ran still wait for it, what follows them does not.
        behind = any(RAN <= node.phase <= DONE and (node.blockers or node.starting) for node in self.jobs.values())
        if ended or behind:
            self.graph.rebuild()

    def _start_over(self) -> None:
        """Only a leader that has just taken the run starts it over: no attempt is under way."""
        self.graph = Graph()
        self.jobs, self.counts = self.graph.jobs, self.graph.counts
        self.root = None
        self.failures, self.base_files, self.deleted = {}, set(), set()

    # Checkpoints

    def _reset(self, checkpoint: Node) -> list[AttemptId]:
        """Use up one of a checkpoint job's tries, drop everything it had made, and make it ready again; the
        attempts that are void.

        Jobs that waited for it and have not run wait again. Those that ran with its old value may
        pass on files named in it, so these are kept.
        """
        checkpoint.tries += 1
        void: list[AttemptId] = []
        files = set(checkpoint.files)
        for node in list(below(self.graph, checkpoint)):
            self.failures.pop(node.description.id, None)
            void += self._void(node)
            self.graph.remove(node)
            files.update(node.files)
        if was_read(self.graph, checkpoint.description.id):
            self.base_files |= files
        checkpoint.made = checkpoint.needs = checkpoint.files = ()
        checkpoint.value = None
        self.graph.move(checkpoint, WAITING)
        for node in self.graph.rebuild():
            void += self._void(node)
        return void

    def _void(self, node: Node) -> list[AttemptId]:
        attempt, node.attempt = node.attempt, None
        if attempt is None:
            return []
        if self.graph.serving.ended(node):
            node.value = None
        del self.active[attempt]
        return [attempt]

    # Issuing

    def _resources(self, node: Node) -> Resources:
        resources = node.description.requirements.filled(self.policy.defaults)
        if node.memory is not None:
            resources = resources.with_memory(node.memory)
        if node.time_limit is not None:
            resources = resources.with_time_limit(node.time_limit)
        return resources.within(self.policy.longest_seconds)

    def _issue_ready(self, actions: list[Action]) -> None:
        ready = self.graph.take_ready()
        if not self.is_stopping:
            for node in ready:
                if node.phase == READY:
                    self._issue(node, actions)
        if self.graph.serving.up and len(self.graph.serving.up) == len(self.active):
            self.graph.serving.give_up()
        for service in self.graph.serving.take_stopping():
            if service.attempt is not None:
                actions.append(Stop(service.attempt))
        if not self.active and self.ended is None and not any(isinstance(one, End) for one in actions):
            self._end(actions)

    def _issue(self, node: Node, actions: list[Action]) -> None:
        self.issued += 1
        attempt = AttemptId(f"{self.epoch}.{self.issued}")
        node.attempt = attempt
        self.graph.move(node, ISSUED)
        self.active[attempt] = node
        actions.append(Issue(node.description, attempt, self._resources(node)))

    def _end(self, actions: list[Action]) -> None:
        succeeded = self.counts[DONE] == len(self.jobs)
        self.ended = succeeded
        stuck: tuple[str, ...] = ()
        if not succeeded and not self.failures and not self.is_stopping:
            stuck = tuple(node.description.name for node in self.jobs.values() if node.phase == WAITING)[:10]
        actions.append(End(succeeded, stuck))

    def _keep_files(self, node: Node, outcome: Outcome) -> None:
        keys = {sys.intern(ref.key) for ref in outcome.files if not ref.is_by_reference}
        for ref in (outcome.log.file, outcome.value.file if outcome.value else None):
            if ref is not None:
                keys.add(sys.intern(ref.key))
        for job in outcome.jobs:
            if job.payload.file is not None:
                keys.add(sys.intern(job.payload.file.key))
        if keys:
            node.files = tuple(sorted(keys.union(node.files)))

    def _bump_issued(self, attempt: AttemptId) -> None:
        epoch, _, number = attempt.partition(".")
        if int(epoch) == self.epoch:
            self.issued = max(self.issued, int(number))
