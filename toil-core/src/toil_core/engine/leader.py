"""The shell around the state machine: it waits for something to happen, and does what follows.

One thread runs it. Everything that happens reaches it through one queue: what batch systems report,
what has become durable, and a request to stop. It never polls.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from toil_core.api.batch_system import BatchSystem, Ended, Stalled, Started, Update, WorkerHost
from toil_core.engine import announce
from toil_core.engine.actions import Action, Cancel, End, Issue, Stop, Write
from toil_core.engine.channel import Channel, Said, ServiceUp
from toil_core.engine.committer import CommitFailed, Committer, Durable
from toil_core.engine.node import DONE, RAN
from toil_core.engine.snapshots import snapshot_lines
from toil_core.engine.state import State
from toil_core.errors import InternalError, NoSuchObject
from toil_core.model.description import JobDescription, Placement
from toil_core.model.event import Event, EventKind
from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import Failure, FailureKind, Log, Outcome
from toil_core.model.record import AttemptIssued, JobFailed, JobsAdded, OutcomeAccepted, Record, RunEnded
from toil_core.model.wire import encode_record
from toil_core.store.job_store import JobStore, epoch_of
from toil_core.store.journal import Journal, fenced
from toil_core.worker.attempt import tail_of

SNAPSHOT_BYTES = 8 * 1024**2
"""The least journal that is worth replacing by a snapshot."""


@dataclass(frozen=True, slots=True)
class StopRequested:
    """A person wants the run to stop; a second time, at once."""


Happening = Update | Durable | CommitFailed | StopRequested | Said | ServiceUp


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the work: the batch system, whether its workers hand outcomes back themselves, the
    host for bookkeeping jobs, how many attempts the batch system and the host may hold, and the
    channel by which running attempts reach the leader."""

    batch: BatchSystem
    returns_outcomes: bool
    host: WorkerHost
    max_active: int
    max_beside: int
    channel: Channel
    deployment: str = ""
    """The key of the code that the batch system's workers may lack; empty for none."""


class Leader:
    """Drives one run to its end. Others put what happens into ``queue``, from any thread or signal handler."""

    def __init__(
        self,
        store: JobStore,
        journal: Journal,
        state: State,
        crew: Crew,
        queue: SimpleQueue[Happening],
        observe: Callable[[Event], None],
        keep_log: Callable[[str, Outcome, str], None],
    ) -> None:
        self._store = store
        self._journal = journal
        self._state = state
        self._crew = crew
        self._observe = observe
        self._keep_log = keep_log
        self._queue = queue
        self._committer: Committer | None = None
        self._capacity = crew.batch.capacity()
        self._jobs: dict[AttemptId, JobDescription] = {}
        self._held: OrderedDict[AttemptId, Issue] = OrderedDict()
        self._held_beside: OrderedDict[AttemptId, Issue] = OrderedDict()
        self._at_batch: set[AttemptId] = set()
        self._beside: set[AttemptId] = set()
        self._end: End | None = None
        self._stops = 0
        self._last_snapshot_bytes = 0
        self.is_interrupted = False

    def drive(self, jobs: JobsAdded | None) -> bool:
        """Run to the end; whether everything succeeded. All that happened is durable on return.

        ``jobs`` are those of a new run, journaled already; ``None`` goes on with a run taken over.
        Raises ``Fenced``, or what the job store raises when the journal cannot be written.
        """
        self._committer = Committer(self._store, self._journal, self._queue.put)
        try:
            if jobs is None:
                self._adopt_orphans()
                finished = sum(self._state.counts[RAN : DONE + 1])
                text = f"{finished} job{'' if finished == 1 else 's'} had finished earlier" if finished else ""
                self._greet([node.description for node in self._state.jobs.values() if node.phase < RAN], text)
                self._do(self._state.resume())
            else:
                text = "What the run is made of has changed since it began, and it starts over" if jobs.anew else ""
                self._greet(jobs.jobs, text)
                self._do(self._state.apply(jobs))
            while self._end is None:
                self._handle(self._queue.get())
            self._finish(self._end)
            return self._end.succeeded
        except NoSuchObject as error:
            self._committer.close()
            if self._journal.is_taken():  # the new leader removes what our workers have left
                raise fenced(self._store.locator) from error
            raise
        finally:
            self._committer.close()

    def _greet(self, jobs: Sequence[JobDescription], text: str) -> None:
        at = time.time()
        self._observe(Event(EventKind.RUN_STARTED, at, text=text))
        for event in announce.added(jobs, at):
            self._observe(event)

    def _finish(self, end: End) -> None:
        if end.stuck:
            names = ", ".join(f'"{name}"' for name in end.stuck)
            raise InternalError(f"These jobs wait for each other, so that none can run: {names}")
        if not self.is_interrupted:
            ended = RunEnded(end.succeeded, time.time())
            finished = Event(EventKind.RUN_FINISHED, ended.at, text=str(end.succeeded).lower())
            self._log([ended], [*announce.reused(self._state.jobs.values(), ended.at), finished])
        self._writer.flush()
        self._crew.channel.close()
        while not self._queue.empty():
            happening = self._queue.get()
            if isinstance(happening, Durable):
                self._tell(happening)
            elif isinstance(happening, Said):
                self._said(happening)

    # What happens

    def _handle(self, happening: Happening) -> None:
        if isinstance(happening, Ended):
            self._ended(happening)
        elif isinstance(happening, Started):
            self._started(happening)
        elif isinstance(happening, Durable):
            self._tell(happening)
            self._snapshot_if_due()
        elif isinstance(happening, CommitFailed):
            raise happening.error
        elif isinstance(happening, Stalled):
            self._observe(Event(EventKind.STALLED, time.time(), text=happening.reason))
        elif isinstance(happening, Said):
            self._said(happening)
        elif isinstance(happening, ServiceUp):
            self._service_up(happening)
        else:
            self._stop()
        if self._state.graph.serving.up:
            self._end_deadlock()

    def _ended(self, ended: Ended) -> None:
        job = self._jobs.pop(ended.attempt, None)
        if ended.attempt in self._at_batch or ended.attempt in self._beside:
            self._at_batch.discard(ended.attempt)
            self._beside.discard(ended.attempt)
            self._hand_over()
        if job is None:
            return
        outcome = ended.outcome
        printed = ended.log if os.path.isfile(ended.log) else ""  # somebody may have emptied the work directory
        is_detached = outcome is None and not self._crew.returns_outcomes and job.placement is Placement.BATCH
        if is_detached:
            outcome = self._store.outcome(job.id, ended.attempt)
        if outcome is None:
            detail = ended.detail or "the worker vanished"
            failure = Failure(ended.kind, detail, "", ended.exit_status)
            outcome = Outcome(job.id, ended.attempt, failure=failure, log=Log(tail_of(printed)))
        self._accept(outcome, is_detached, printed)

    def _accept(self, outcome: Outcome, is_detached: bool, printed: str) -> None:
        if not self._state.wants(outcome):
            return
        refusal = self._state.refusal(outcome)
        if refusal:
            refused = Failure(FailureKind.PERMANENT, refusal)
            outcome = Outcome(outcome.job, outcome.attempt, failure=refused, log=outcome.log)
        record = OutcomeAccepted(outcome, time.time())
        job = self._state.jobs[outcome.job].description
        actions = self._state.apply(record)
        failure = outcome.failure
        if failure is not None and failure.kind is FailureKind.CANCELLED and self._state.is_stopping:
            self._do(actions)  # no fact about the job, and no news
            return
        self._keep_log(job.name, outcome, printed)
        is_retried = failure is not None and job.id not in self._state.failures
        packs = [ref.key for ref in announce.stored_files(outcome) if ref.offset is not None]
        self._writer.add(
            [encode_record(record)],
            announce.outcome_events(record, job, is_retried),
            packs if self._store.appends else (),
            outcome if is_detached else None,
        )
        self._do(actions)

    def _started(self, started: Started) -> None:
        job = self._jobs.get(started.attempt)
        if job is not None:
            event = Event(EventKind.JOB_STARTED, time.time(), job.id, job.name, started.attempt, started.node)
            self._log([], [event])

    def _said(self, said: Said) -> None:
        node = self._state.jobs.get(said.job)
        if node is not None:
            name, message = node.description.name, said.message
            at = time.time()
            self._observe(Event(EventKind.MESSAGE, at, said.job, name, said.attempt, message.text, level=message.level))

    def _service_up(self, up: ServiceUp) -> None:
        job = self._jobs.get(up.attempt)
        actions = self._state.up(up.attempt, up.value)
        if job is not None:
            self._log([], [Event(EventKind.SERVICE_STARTED, time.time(), job.id, job.name, up.attempt)])
        self._do(actions)

    def _end_deadlock(self) -> None:
        """Fail the jobs that wait for room which only services have, which wait for these jobs."""
        serving = self._state.graph.serving
        if serving.asked:
            return  # there will be room when these have stopped
        waiting = {*self._crew.batch.waiting_for_room(), *self._held}
        up = {node.attempt: node.description.name for node in serving.up}
        running = {*self._at_batch, *self._beside} - waiting
        if not waiting or not running or not running <= up.keys() or self._held_beside:
            return
        names = ", ".join(sorted({f'"{up[attempt]}"' for attempt in running}))
        for attempt in waiting:
            job = self._jobs.get(attempt)
            if job is None:
                continue
            text = f'the job "{job.name}" can never start: the services {names} have what it needs until it has run'
            failure = Failure(FailureKind.PERMANENT, text)
            self._held.pop(attempt, None)
            self._queue.put(Ended(attempt, Outcome(job.id, attempt, failure=failure)))
        self._crew.batch.cancel([attempt for attempt in waiting if attempt in self._at_batch])

    def _tell(self, durable: Durable) -> None:
        for event in durable.events:
            self._observe(event)

    def _stop(self) -> None:
        self._stops += 1
        self.is_interrupted = True
        self._held.clear()
        self._held_beside.clear()
        if self._stops == 1:
            self._do(self._state.stop())
        else:
            self._end = End(False)

    def _adopt_orphans(self) -> None:
        """Accept what workers of an earlier leader committed and it did not live to accept.

        An attempt that finished while an earlier restart collected garbage may lack files: it is not
        accepted, and the job is run again.
        """
        earlier = (outcome for outcome in self._store.outcomes() if epoch_of(outcome.attempt) < self._state.epoch)
        left = {outcome.attempt: outcome for outcome in earlier}
        before = -1
        while len(left) != before:  # jobs made by adopted outcomes may have outcomes themselves
            before = len(left)
            for outcome in list(left.values()):
                if outcome.failure is None and self._state.wants(outcome) and self._is_whole(outcome):
                    self._adopt(left.pop(outcome.attempt))
        self._store.forget_attempts(left.values())
        self._store.forget_orders(self._state.epoch)

    def _adopt(self, outcome: Outcome) -> None:
        record = OutcomeAccepted(outcome, time.time())
        job = self._state.jobs[outcome.job].description
        self._state.replay(record)
        self._writer.add([encode_record(record)], announce.outcome_events(record, job), (), outcome)

    def _is_whole(self, outcome: Outcome) -> bool:
        if self._state.refusal(outcome):
            return False
        try:
            for key in {ref.key for ref in announce.stored_files(outcome)}:
                self._store.storage.size(key)
        except NoSuchObject:
            return False
        return True

    # What is done about it

    def _do(self, actions: Sequence[Action]) -> None:
        for action in actions:
            if isinstance(action, Issue):
                self._issue(action)
            elif isinstance(action, Cancel):
                self._cancel(action.attempt)
            elif isinstance(action, Stop):
                self._crew.channel.stop(action.attempt)
            elif isinstance(action, Write):
                self._decide(action.record)
            else:
                self._end = action
        self._hand_over()

    def _issue(self, issue: Issue) -> None:
        job = issue.job
        self._jobs[issue.attempt] = job
        if job.placement is Placement.LEADER:
            self._held_beside[issue.attempt] = issue
            return
        shortfall = issue.resources.shortfall(self._capacity)
        if shortfall:
            failure = Failure(
                FailureKind.PERMANENT, f'the job "{job.name}" can never run here: it asks for {shortfall}'
            )
            self._queue.put(Ended(issue.attempt, Outcome(job.id, issue.attempt, failure=failure)))
            return
        self._held[issue.attempt] = issue

    def _hand_over(self) -> None:
        """Give the host and the batch system what they may hold; values are looked up as late as here."""
        while self._held_beside and len(self._beside) < self._crew.max_beside:
            attempt, issue = self._held_beside.popitem(last=False)
            self._beside.add(attempt)
            self._crew.host.run(self._order(issue), self._queue.put)
        orders = []
        while self._held and len(self._at_batch) < self._crew.max_active:
            attempt, issue = self._held.popitem(last=False)
            orders.append(self._order(issue))
            self._at_batch.add(attempt)
        if not orders:
            return
        if not self._crew.returns_outcomes:
            for order in orders:
                self._store.put_order(order)
        at = time.time()
        self._log(
            [AttemptIssued(order.job.id, order.attempt) for order in orders],
            [Event(EventKind.JOB_ISSUED, at, order.job.id, order.job.name, order.attempt) for order in orders],
        )
        self._crew.batch.issue(orders)

    def _order(self, issue: Issue) -> WorkOrder:
        values = self._state.graph.values_for(issue.job)
        deployment = self._crew.deployment if issue.job.placement is Placement.BATCH else ""
        return WorkOrder(issue.attempt, issue.job, issue.resources, values, deployment)

    def _cancel(self, attempt: AttemptId) -> None:
        if attempt in self._at_batch:
            self._crew.batch.cancel([attempt])
            return
        if attempt in self._beside:
            self._crew.host.cancel(attempt)
            return
        job = self._jobs.get(attempt)
        if job is not None:
            self._held.pop(attempt, None)
            self._held_beside.pop(attempt, None)
            failure = Failure(FailureKind.CANCELLED, "cancelled before it began")
            self._queue.put(Ended(attempt, Outcome(job.id, attempt, failure=failure)))

    def _decide(self, record: Record) -> None:
        events = []
        if isinstance(record, JobFailed):
            job = self._state.jobs[record.job].description
            events = [announce.job_failed(record, job.name, time.time())]
        self._log([record], events)

    def _log(self, records: Sequence[Record], events: Sequence[Event]) -> None:
        self._writer.add([encode_record(record) for record in records], events)

    def _snapshot_if_due(self) -> None:
        if self._journal.bytes_since_snapshot < max(SNAPSHOT_BYTES, self._last_snapshot_bytes):
            return
        self._writer.flush()
        lines = snapshot_lines(self._state)
        self._journal.write_snapshot(lines)
        self._log([AttemptIssued(self._jobs[attempt].id, attempt) for attempt in self._at_batch], [])
        self._last_snapshot_bytes = sum(map(len, lines))

    @property
    def _writer(self) -> Committer:
        if self._committer is None:
            raise InternalError("the leader is not driving")
        return self._committer
