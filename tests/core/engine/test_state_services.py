"""Services in the state machine: when they start, when they stop, and what becomes of clients."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, note, settings
from hypothesis import strategies as st

from toil_core.engine.actions import Action, Cancel, End, Issue, Stop, Write
from toil_core.engine.node import DONE, FAILED, RAN
from toil_core.engine.policy import Policy
from toil_core.engine.snapshots import restore_state, snapshot_lines
from toil_core.engine.state import State
from toil_core.model.description import Edge, EdgeKind, JobDescription
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.outcome import Failure, FailureKind, Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import JobFailed, JobsAdded, Lead, OutcomeAccepted, Record

CHILD, FOLLOW_ON, DATA, SERVICE = EdgeKind.CHILD, EdgeKind.FOLLOW_ON, EdgeKind.DATA, EdgeKind.SERVICE


def job(name: str, *edges: tuple[EdgeKind, str], checkpoint: bool = False) -> JobDescription:
    found = tuple(Edge(kind, JobId(other)) for kind, other in edges)
    return JobDescription(JobId(name), name, "m:f", edges=found, checkpoint=checkpoint)


DATABASE = job("db", (SERVICE, "a"))
CLIENT = job("c", (CHILD, "a"), (DATA, "db"))
LATER = job("f", (FOLLOW_ON, "a"))


class Run:
    """A state, and what it has asked for."""

    def __init__(self, *jobs: JobDescription, policy: Policy = Policy(retries=0)) -> None:
        self.state = State(policy)
        self.records: list[Record] = [Lead(RunId("run"), 1)]
        self.state.replay(self.records[0])
        self.actions: list[Action] = []
        self.apply(JobsAdded(jobs))

    def apply(self, record: Record) -> None:
        self.records.append(record)
        self.act(self.state.apply(record))

    def act(self, actions: list[Action]) -> None:
        self.actions = actions
        self.records += [action.record for action in actions if isinstance(action, Write)]

    def attempt(self, name: str) -> AttemptId:
        found = self.state.jobs[JobId(name)].attempt
        assert found is not None, f"{name} is not under way"
        return found

    def ran(self, name: str, *jobs: JobDescription, needs: tuple[str, ...] = ()) -> None:
        value = Payload(f"value of {name}")
        self.apply(OutcomeAccepted(Outcome(JobId(name), self.attempt(name), value, tuple(map(JobId, needs)), jobs)))

    def failed(self, name: str, kind: FailureKind = FailureKind.ERROR) -> None:
        self.apply(OutcomeAccepted(Outcome(JobId(name), self.attempt(name), failure=Failure(kind, "it broke"))))

    def up(self, name: str) -> None:
        self.act(self.state.up(self.attempt(name), Payload(f"address of {name}")))

    @property
    def issued(self) -> list[str]:
        return [action.job.id for action in self.actions if isinstance(action, Issue)]

    @property
    def stopped(self) -> list[str]:
        asked = [action.attempt for action in self.actions if isinstance(action, Stop)]
        return [node.description.id for node in self.state.jobs.values() if node.attempt in asked]

    def taken_over(self) -> Run:
        run = Run(policy=self.state.policy)
        run.state = State(self.state.policy)
        restore_state(run.state, snapshot_lines(self.state))
        return run._led(self)

    def replayed(self) -> Run:
        """As ``taken_over``, by who finds no snapshot."""
        run = Run(policy=self.state.policy)
        run.state = State(self.state.policy)
        for record in self.records:
            run.state.replay(record)
        return run._led(self)

    def _led(self, earlier: Run) -> Run:
        lead = Lead(RunId("run"), earlier.state.epoch + 1)
        self.records = [*earlier.records, lead]
        self.state.replay(lead)
        self.act(self.state.resume())
        return self


def test_a_service_starts_when_its_job_ran_and_stops_when_the_successors_are_done() -> None:
    run = Run(job("a"), DATABASE, CLIENT, LATER)
    assert run.issued == ["a"]
    run.ran("a")
    assert run.issued == ["db"]
    run.up("db")
    assert run.issued == ["c"]
    assert dict(run.state.graph.values_for(CLIENT))[JobId("db")] == Payload("address of db")
    run.ran("c")
    assert run.issued == ["f"]
    assert run.stopped == []
    run.ran("f")
    assert run.stopped == ["db"]
    run.ran("db")
    assert run.actions == [End(True)]


def test_services_of_a_service_start_after_it_and_stop_before_it() -> None:
    run = Run(job("a"), DATABASE, job("web", (SERVICE, "db"), (DATA, "db")), CLIENT)
    run.ran("a")
    run.up("db")
    assert run.issued == ["web"]
    run.up("web")
    assert run.issued == ["c"]
    run.ran("c")
    assert run.stopped == ["web"]
    run.ran("web")
    assert run.stopped == ["db"]
    run.ran("db")
    assert run.actions == [End(True)]


def test_a_service_without_clients_never_starts() -> None:
    run = Run(job("a"), DATABASE)
    run.ran("a")
    assert run.actions == [End(True)]


def test_a_service_that_a_client_added_holds_up_only_that_clients_successors() -> None:
    run = Run(job("a"), CLIENT, DATABASE)
    run.ran("a")
    run.up("db")
    run.ran("c", job("inner", (SERVICE, "c")), job("d", (CHILD, "c")))
    assert run.issued == ["inner"]
    run.up("inner")
    assert run.issued == ["d"]
    run.ran("d")
    assert run.stopped == ["inner"]
    run.ran("inner")
    assert run.stopped == ["db"]


def test_a_service_that_dies_fails_itself_and_the_clients_that_run_and_nothing_else() -> None:
    other = job("o", (CHILD, "r"))
    run = Run(job("r"), job("a", (CHILD, "r")), other, DATABASE, CLIENT, LATER, policy=Policy(retries=3))
    run.ran("r")
    run.ran("a")
    run.up("db")
    client = run.attempt("c")
    run.failed("db")
    assert Cancel(client) in run.actions
    failed = {action.record.job for action in run.actions if isinstance(action, Write) and _is_failure(action)}
    assert failed == {"db", "c"}
    assert "its service" in run.state.failures[JobId("c")].message
    run.ran("o")
    assert run.actions == [End(False)]


def test_what_a_service_that_died_would_have_served_does_not_begin() -> None:
    above = (job("p"), job("a", (CHILD, "p")), job("o", (CHILD, "p")), DATABASE, CLIENT)
    run = Run(*above, job("d", (CHILD, "a"), (DATA, "o")), job("e", (CHILD, "c")), job("s", (SERVICE, "c")))
    run.ran("p")
    run.ran("a")
    run.up("db")
    run.ran("c")
    run.failed("db")
    run.up("s")
    assert run.issued == [], "e has its own service, and lacks the one above"
    run.ran("o")
    assert run.issued == [], "d has its value, and no database"
    run.ran("s")
    assert run.actions == [End(False)]
    again = run.taken_over()
    assert again.issued == ["db"]
    again.up("db")
    assert sorted(again.issued) == ["d", "s"]


def _is_failure(action: Write) -> bool:
    return isinstance(action.record, JobFailed)


def test_a_service_that_fails_before_it_has_started_is_tried_again() -> None:
    run = Run(job("a"), DATABASE, CLIENT, policy=Policy(retries=1))
    run.ran("a")
    run.failed("db")
    assert run.issued == ["db"]
    run.up("db")
    assert run.issued == ["c"]


def test_a_service_that_ends_by_itself_leaves_its_clients_alone() -> None:
    run = Run(job("a"), DATABASE, CLIENT, LATER)
    run.ran("a")
    run.up("db")
    run.ran("db")
    assert run.actions == []
    run.ran("c")
    assert run.issued == ["f"]
    run.ran("f")
    assert run.actions == [End(True)]


def test_services_stop_when_a_client_has_failed_for_good() -> None:
    run = Run(job("a"), DATABASE, CLIENT)
    run.ran("a")
    run.up("db")
    run.failed("c")
    assert run.stopped == ["db"]
    run.ran("db")
    assert run.actions == [End(False)]
    again = run.taken_over()
    assert again.issued == ["db"], "the database has stopped, and the client needs one"
    again.up("db")
    assert again.issued == ["c"]
    again.ran("c")
    again.ran("db")
    assert again.actions == [End(True)]


def test_a_leader_that_takes_over_starts_services_anew() -> None:
    run = Run(job("a"), DATABASE, CLIENT, LATER)
    run.ran("a")
    run.up("db")
    again = run.taken_over()
    assert again.issued == ["db"]
    again.up("db")
    assert again.issued == ["c"]
    again.ran("c")
    later = again.taken_over()
    assert later.issued == ["db"]
    later.up("db")
    assert later.issued == ["f"]


def test_a_leader_that_takes_over_leaves_out_services_whose_clients_are_done() -> None:
    run = Run(job("a"), DATABASE, CLIENT)
    run.ran("a")
    run.up("db")
    run.ran("c")
    again = run.taken_over()
    assert [action for action in again.actions if isinstance(action, End)] == [End(True)]


def test_what_follows_a_client_that_ran_waits_for_its_service_and_for_what_it_promised() -> None:
    run = Run(job("a"), DATABASE, CLIENT, job("r", (CHILD, "a"), (DATA, "c")))
    run.ran("a")
    run.up("db")
    run.ran("c", job("d", (CHILD, "c")), job("s", (SERVICE, "c")), needs=("d",))
    for again in (run.taken_over(), run.replayed()):
        assert again.issued == ["db"], "neither the service nor the job that c made has what it needs"
        again.up("db")
        assert again.issued == ["s"]
        again.up("s")
        assert again.issued == ["d"], "the value of c is not known yet"
        again.ran("d")
        assert again.issued == ["r"]


def test_the_value_of_a_client_stays_known_when_its_service_has_stopped() -> None:
    run = Run(job("p"), job("a", (CHILD, "p")), DATABASE, CLIENT, job("q", (FOLLOW_ON, "p")))
    run.ran("p")
    run.ran("a")
    run.up("db")
    run.ran("c")
    run.ran("db")
    run.ran("q", job("r", (CHILD, "q"), (DATA, "c")))
    assert run.issued == ["r"]
    assert run.replayed().issued == ["r"]


def test_a_service_that_stopped_with_a_failed_client_still_knows_what_to_start() -> None:
    started = Payload("what to start")
    run = Run(job("a"), replace(DATABASE, payload=started), CLIENT)
    run.ran("a")
    run.up("db")
    run.failed("c")
    run.ran("db")
    for again in (run.taken_over(), run.replayed()):
        assert [action.job.payload for action in again.actions if isinstance(action, Issue)] == [started]


def test_losing_a_service_that_nobody_needs_any_more_is_no_failure() -> None:
    run = Run(job("a"), DATABASE, CLIENT)
    run.ran("a")
    run.up("db")
    run.ran("c")
    run.failed("db", FailureKind.LOST)
    assert run.actions == [End(True)]


def test_stopping_the_run_cancels_clients_and_stops_services() -> None:
    run = Run(job("a"), DATABASE, CLIENT)
    run.ran("a")
    run.up("db")
    run.act(run.state.stop())
    assert Cancel(run.attempt("c")) in run.actions
    run.failed("c", FailureKind.CANCELLED)
    assert run.stopped == ["db"]
    run.ran("db")
    assert run.actions == [End(False)]
    assert run.taken_over().issued == ["db"]


def test_a_checkpoint_above_a_service_that_died_starts_both_over() -> None:
    run = Run(job("a", checkpoint=True), policy=Policy(retries=1))
    run.ran("a", DATABASE, CLIENT)
    run.up("db")
    client = run.attempt("c")
    run.failed("db")
    assert Cancel(client) in run.actions
    assert run.issued == ["a"]
    run.ran("a", DATABASE, CLIENT)
    assert run.issued == ["db"]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_client_runs_without_its_services_and_every_run_ends(data: st.DataObject) -> None:
    run = Run(*_graph(data), policy=Policy(retries=1))
    for number in range(80):
        state = run.state
        for name, node in state.jobs.items():
            if node.attempt is not None:
                _check_services(state, name)
        if state.ended is not None:
            break
        if data.draw(st.integers(0, 15)) == 7:
            jobs = [node for node in state.jobs.values() if node.description.serves is None]
            before = {node.description.id for node in jobs if node.phase == DONE}
            run = data.draw(st.sampled_from((run.taken_over, run.replayed)))()
            assert all(run.state.jobs[name].phase == DONE for name in before)
            continue
        name = data.draw(st.sampled_from(sorted(node.description.id for node in state.active.values())))
        node = state.jobs[JobId(name)]
        may_come_up = node.description.serves is not None and not node.is_up
        step = data.draw(st.sampled_from(("up", "ran", "ran", "failed") if may_come_up else ("ran", "ran", "failed")))
        note(f"{step} {name}: {[(n.description.id, n.phase, n.is_up) for n in state.jobs.values()]}")
        if step == "up":
            run.up(name)
        elif step == "ran" and node.description.serves is None and data.draw(st.integers(0, 3)) == 3:
            promised, reader = f"p{number}", job(f"r{number}", (CHILD, name), (DATA, name))
            run.ran(name, job(promised, (CHILD, name)), reader, needs=(promised,))
        elif step == "ran":
            run.ran(name)
        else:
            run.failed(name, data.draw(st.sampled_from((FailureKind.ERROR, FailureKind.LOST))))
    state = run.state
    if state.ended:
        assert all(node.phase == DONE for node in state.jobs.values())
    elif state.ended is False:
        assert state.failures
        assert all(state.jobs[name].phase == FAILED for name in state.failures)
    assert state.ended is None or not state.active
    json.dumps(list(snapshot_lines(state)), default=repr)


def _graph(data: st.DataObject) -> list[JobDescription]:
    """A tree of jobs, some with services, some of these with services of their own."""
    jobs = [job("0")]
    for number in range(1, data.draw(st.integers(1, 8))):
        above = data.draw(st.integers(0, number - 1))
        jobs.append(job(str(number), (data.draw(st.sampled_from((CHILD, FOLLOW_ON))), str(above))))
    for number in range(data.draw(st.integers(0, 4))):
        above = data.draw(st.sampled_from([one.id for one in jobs]))
        jobs.append(job(f"s{number}", (SERVICE, above)))
    return [replace(one, edges=(*one.edges, *_addresses(one, jobs))) for one in jobs]


def _addresses(client: JobDescription, jobs: list[JobDescription]) -> list[Edge]:
    """A client's promises of the values of the services above it."""
    above = {edge.job for edge in client.edges if edge.kind in (CHILD, FOLLOW_ON)}
    return [Edge(DATA, one.id) for one in jobs if one.serves in above]


def _check_services(state: State, name: JobId) -> None:
    """A job under way that is no service has all services of the jobs above it up, or ended by themselves; and what
    it reads is known."""
    node = state.jobs[name]
    assert all(value.text for _, value in state.graph.values_for(node.description)), f"{name} reads what is not known"
    if node.description.serves is not None:
        return
    above = [node]
    for below in above:
        above += [state.jobs[edge.job] for edge in below.description.edges if edge.kind is not DATA]
    for service in state.jobs.values():
        if state.graph.serving.served(service) in above[1:]:
            assert service.is_up or RAN <= service.phase <= DONE, f"{name} runs without {service.description.id}"
