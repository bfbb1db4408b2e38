"""Random graphs run in the order that the edges promise, and illegal ones are told from legal ones."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from toil_core.errors import UsageError
from toil_core.workflow import Context, Job, PythonProgram, job_function

# A graph: for each job but the first, one or two links to earlier jobs, and the jobs it reads.
Link = tuple[int, bool]
Plan = list[tuple[list[Link], list[int]]]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    size = draw(st.integers(1, 8))
    plan: Plan = []
    for number in range(1, size):
        links = draw(
            st.lists(
                st.tuples(st.integers(0, number - 1), st.booleans()), min_size=1, max_size=2, unique_by=lambda x: x[0]
            )
        )
        reads = draw(st.lists(st.integers(0, size - 1), max_size=2, unique=True))
        plan.append((links, reads))
    return plan


@job_function
def work(context: Context, number: int, grows: int, *read: Any) -> Any:
    """Return the job's number, by way of a job that is added only now if the graph is to grow."""
    for value in read:
        assert isinstance(value, int), "a promise was read before it was fulfilled"
    if grows == 0:
        return number
    child = context.add_child(work(number, grows - 1, *read).configure(name=f"{context.name}+"))
    context.add_follow_on(work(number, 0, child.rv()).configure(name=f"{context.name}*"))
    return child.rv()


def built(plan: Plan, grows: list[int]) -> list[Job[Any]]:
    jobs = [work(number, grows[number]).configure(name=str(number)) for number in range(len(plan) + 1)]
    for number, (links, reads) in enumerate(plan, 1):
        jobs[number].args += tuple(jobs[read].rv() for read in reads)
        for parent, is_child in links:
            (jobs[parent].add_child if is_child else jobs[parent].add_follow_on)(jobs[number])
    return list(jobs)


def is_legal(plan: Plan) -> bool:
    """By brute force: let run whatever can, and see whether something is left."""
    size = len(plan) + 1
    children: list[set[int]] = [set() for _ in range(size)]
    follow_ons: list[set[int]] = [set() for _ in range(size)]
    for number, (links, _) in enumerate(plan, 1):
        for parent, is_child in links:
            (children if is_child else follow_ons)[parent].add(number)
    ran: set[int] = set()

    def children_done(number: int) -> bool:
        return number in ran and all(done(child) for child in children[number])

    def done(number: int) -> bool:
        return children_done(number) and all(done(other) for other in follow_ons[number])

    def can_run(number: int) -> bool:
        if number == 0:
            return True
        links, reads = plan[number - 1]
        return all(other in ran for other in reads) and all(
            parent in ran if is_child else children_done(parent) for parent, is_child in links
        )

    while fresh := {number for number in range(size) if number not in ran and can_run(number)}:
        ran |= fresh
    return len(ran) == size


@settings(deadline=None, max_examples=150)
@given(plans(), st.integers(0, 3))
def test_jobs_run_after_what_they_wait_for(run: Any, plan: Plan, seed: int) -> None:
    jobs = built(plan, [0] * (len(plan) + 1))
    if not is_legal(plan):
        return
    position = {name: place for place, name in enumerate(run(jobs[0], seed=seed).names)}
    assert len(position) == len(jobs)
    for number, (links, reads) in enumerate(plan, 1):
        for other in [parent for parent, _ in links] + reads:
            assert position[str(other)] < position[str(number)]
        for parent, is_child in links:
            if not is_child:
                assert all(position[name] < position[str(number)] for name in subtree_of_children(plan, parent))


def subtree_of_children(plan: Plan, root: int) -> set[str]:
    found: set[int] = set()
    front = [number for number, (links, _) in enumerate(plan, 1) if (root, True) in links]
    while front:
        number = front.pop()
        found.add(number)
        front += [after for after, (links, _) in enumerate(plan, 1) if any(parent == number for parent, _ in links)]
    return {str(number) for number in found}


@settings(deadline=None, max_examples=100)
@given(plans(), st.lists(st.integers(0, 2), min_size=8, max_size=8), st.integers(0, 3))
def test_graphs_that_grow_give_every_reader_its_values(run: Any, plan: Plan, grows: list[int], seed: int) -> None:
    if is_legal(plan):
        assert run(built(plan, grows)[0], seed=seed).value == 0


@settings(deadline=None, max_examples=300)
@given(plans())
def test_exactly_the_illegal_graphs_are_refused(plan: Plan) -> None:
    files: Any = None
    try:
        PythonProgram(built(plan, [0] * 8)[0]).jobs(files)
    except UsageError:
        assert not is_legal(plan)
    else:
        assert is_legal(plan)
