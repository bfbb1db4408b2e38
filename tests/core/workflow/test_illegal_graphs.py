"""Graphs that could never finish are refused before anything runs, with the jobs' names."""

from __future__ import annotations

from typing import Any

import pytest

from toil_core.errors import IllegalGraph, UsageError
from toil_core.workflow import Job, PythonProgram, job


@job
def work(*values: Any) -> Any:
    return values


def named(name: str, *values: Any) -> Job[Any]:
    return work(*values).configure(name=name)


def refused(root: Job[Any], error: type[UsageError] = IllegalGraph) -> str:
    files: Any = None
    with pytest.raises(error) as caught:
        PythonProgram(root).jobs(files)
    return str(caught.value)


def test_a_circle_names_its_jobs() -> None:
    root, left, right = named("root"), named("left"), named("right")
    root.add_child(left).add_child(right).add_child(left)
    message = refused(root)
    assert "wait for each other in a circle" in message
    assert "left" in message
    assert "right" in message


def test_a_circle_through_a_follow_on() -> None:
    root, child, last = named("root"), named("child"), named("last")
    root.add_child(child)
    root.add_follow_on(last)
    last.add_child(child)
    assert "circle" in refused(root)


def test_a_job_that_is_child_and_follow_on_of_the_same_parent() -> None:
    root, both = named("root"), named("both")
    root.add_child(both)
    root.add_follow_on(both)
    assert "circle" in refused(root)


def test_a_parent_that_reads_its_childs_promise() -> None:
    child = named("child")
    root = named("root", child.rv())
    root.add_child(child)
    assert 'job "root" reads the promise of "child"' in refused(root)


def test_a_child_that_reads_the_promise_of_its_parents_follow_on() -> None:
    root, last = named("root"), named("last")
    root.add_follow_on(last)
    root.add_child(named("child", [last.rv()]))
    assert 'job "child" reads the promise of "last", which cannot have run by then' in refused(root)


def test_siblings_that_read_each_others_promises() -> None:
    root = named("root")
    one = named("one")
    other = named("other", one.rv())
    one.args = (other.rv(),)  # type: ignore[attr-defined]
    root.add_child(one)
    root.add_child(other)
    assert "reads the promise of" in refused(root)


def test_siblings_may_read_one_way() -> None:
    root, one = named("root"), named("one")
    root.add_child(named("other", one.rv()))
    root.add_child(one)
    files: Any = None
    assert len(PythonProgram(root).jobs(files)) == 3


def test_a_requirement_promised_by_a_later_job() -> None:
    root, child = named("root"), named("child")
    root.configure(memory=child.rv())
    root.add_child(child)
    assert 'job "root" reads the promise of "child"' in refused(root)


def test_a_promise_of_a_job_that_was_never_added() -> None:
    root = named("root", named("stray").rv())
    assert '"root" reads the promise of "stray", which cannot be reached from the root' in refused(root)


def test_a_checkpoint_with_a_static_successor() -> None:
    root = named("root").configure(checkpoint=True)
    root.add_child(named("child"))
    assert 'checkpoint job "root" has the successor "child" before it runs' in refused(root)


def test_a_second_root() -> None:
    root, second, shared = named("root"), named("second"), named("shared")
    root.add_child(shared)
    second.add_child(shared)
    assert 'job "shared" follows "second", which cannot be reached from "root"' in refused(root)


def test_a_root_that_follows_another_job() -> None:
    root, child = named("root"), named("child")
    root.add_child(child)
    assert 'job "child" follows "root" and cannot be the root' in refused(child)


def test_a_job_with_a_place_in_the_graph_is_no_argument() -> None:
    root, child = named("root"), named("child")
    root.add_child(child)
    root.add_child(named("holder", child))
    assert 'job "holder" holds the job "child"' in refused(root, UsageError)


def test_a_long_chain_is_no_problem() -> None:
    root = last = named("root")
    for _ in range(5000):
        last = last.add_child(work(last.rv()))
    files: Any = None
    assert len(PythonProgram(root).jobs(files)) == 5001
