"""Jobs, promises and graphs, run by the reference interpreter."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from toil_core.api.job import JobFailure
from toil_core.errors import UsageError
from toil_core.model.description import Placement
from toil_core.model.file import FileRef
from toil_core.model.outcome import FailureKind
from toil_core.model.requirements import Accelerator
from toil_core.workflow import Context, Job, current, job, job_function
from toil_core.workflow.promise import follow

EVENTS: list[str] = []


@pytest.fixture(autouse=True)
def _no_events() -> None:
    EVENTS.clear()


@dataclass
class Sample:
    name: str
    values: list[Any] = field(default_factory=list)


class Point(NamedTuple):
    x: int
    kind: type = int


class Named(dict[str, int]):
    unit = "m"


@job
def give(value: Any) -> Any:
    return value


@job(cores=2, memory="1Gi", name="adder")
def add(left: int, right: int = 0) -> int:
    return left + right


def double(number: int) -> int:
    return 2 * number


class Multiply(Job[int]):
    def __init__(self, left: Any, right: Any) -> None:
        super().__init__(memory="10M", name="multiply")
        self.left = left
        self.right = right

    def run(self, context: Context) -> int:
        return int(self.left * self.right)


@dataclass(frozen=True)
class Frozen(Job[int]):
    number: int

    def run(self, context: Context) -> int:
        return self.number


@dataclass(slots=True)
class Slotted(Job[int]):
    number: int

    def run(self, context: Context) -> int:
        return self.number


class Private(Job[int]):
    __slots__ = ("__number", "never")

    def __init__(self, number: int) -> None:
        super().__init__()
        self.__number = number

    def run(self, context: Context) -> int:
        return self.__number


class Careless(Job[str]):
    def __init__(self, text: str) -> None:
        self.text = text

    def run(self, context: Context) -> str:
        return self.text


@job_function
def fan_out(context: Context, width: int) -> list[Any]:
    return [context.add_child(add(number, number)).rv() for number in range(width)]


@job_function
def tree(context: Context, depth: int) -> Any:
    if depth == 0:
        return 1
    left, right = (context.add_child(tree(depth - 1)) for _ in range(2))
    return context.add_follow_on(add(left.rv(), right.rv())).rv()


@job_function
def returns_itself(context: Context) -> Any:
    return context.job.rv()


@job_function
def child_reads_parent_that_returns_child(context: Context) -> Any:
    return context.add_child(give(context.job.rv())).rv()


@job_function
def returns_a_job(context: Context) -> Any:
    return context.add_child(give(1))


@job_function
def hands_on_its_context(context: Context) -> Any:
    return context.add_child(give(context)).rv()


@job
def returns_a_lock() -> Any:
    return threading.Lock()


@job_function
def uses_all(context: Context, ref: FileRef) -> FileRef:
    assert current() is context
    assert context.name == "uses_all"
    assert context.resources.cores == 1
    folder = context.temp_dir()
    path = context.temp_file(".txt")
    assert folder.is_dir()
    assert path.suffix == ".txt"
    context.files.read(ref, path)
    path.write_bytes(path.read_bytes().upper())
    context.log("written")
    context.log(ValueError(3))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not a level of logging: 'loud'"):
        context.log("never", "loud")  # type: ignore[arg-type]
    return context.files.write(path)


@job_function
def with_cleanup(context: Context, fails: bool) -> None:
    context.defer(EVENTS.append, "first deferred")
    context.defer(fail, "in the cleanup")
    context.defer(sys.exit, "by a cleanup")
    context.defer(EVENTS.append, "last deferred")
    if fails:
        fail("in the job")


def fail(text: str) -> None:
    raise ValueError(text)


@job
def store(content: str) -> FileRef:
    return current().files.write_bytes(content.encode())


def test_root_value_is_returned(run: Any) -> None:
    assert run(add(1, right=2)).value == 3


def test_a_plain_function_and_a_method_can_be_jobs(run: Any) -> None:
    assert run(Job.of(double, 4)).value == 8
    assert run(Job.of("abc".upper)).value == "ABC"
    assert run(Job.of(add.function, 4, 5)).value == 9


def test_a_job_of_a_class_carries_its_attributes(run: Any) -> None:
    root = give(6)
    product = root.add_child(Multiply(root.rv(), 7))
    product.add_child(Careless("x"))
    result = run(root)
    assert result.names == ["give", "multiply", "Careless"]
    assert result.jobs["1"].requirements.memory == 10_000_000


@pytest.mark.parametrize("kind", [Frozen, Slotted, Private])
def test_attributes_travel_wherever_a_class_keeps_them(run: Any, kind: Callable[[Any], Job[int]]) -> None:
    root = give(7)
    read = root.add_child(kind(root.rv()))
    assert run(kind(3)).value == 3
    assert run(root).names == ["give", read._node.name]


def test_promises_are_fulfilled_anywhere_in_arguments(run: Any) -> None:
    root = give({"a": [10, 20], "sample": Sample("s")})
    reader = give(
        {
            "list": [root.rv("a", 1)],
            "tuple": (root.rv("a"), 1),
            "set": {root.rv("sample", "name")},
            "key": {root.rv("a", 0): "v"},
            "data": Sample("t", [root.rv("sample")]),
        }
    )
    last = root.add_child(reader).add_follow_on(give(reader.rv()))
    root.add_follow_on(Multiply(last.rv("list", 0), 2))
    done = run(root)
    found = done.program.__class__(None)
    found.conclude(done.values["2"], done._known("2"), done.files)
    assert found.value == {
        "list": [20],
        "tuple": ([10, 20], 1),
        "set": {"s"},
        "key": {10: "v"},
        "data": Sample("t", [Sample("s")]),
    }


@pytest.mark.parametrize(
    ("value", "path", "part"),
    [
        (Point(1), ("x",), 1),
        (Point(1, str), ("kind",), str),
        ([Point(2)], (0, "x"), 2),
        (Named(a=3), ("a",), 3),
        (Named(a=3), ("unit",), "m"),
    ],
)
def test_a_path_leads_to_attributes_of_containers_too(value: Any, path: tuple[Any, ...], part: Any) -> None:
    assert follow(value, path) == part


@pytest.mark.parametrize(("value", "step"), [({"a": 1}, "items"), ([1], "append"), ("text", "upper")])
def test_a_method_of_a_container_is_no_part_of_it(value: Any, step: str) -> None:
    with pytest.raises(UsageError, match="no such part"):
        follow(value, (step,))


def test_a_path_that_leads_nowhere_says_so(run: Any) -> None:
    root = give([1])
    root.add_child(give(root.rv(3)))
    with pytest.raises(UsageError, match="asks for 3 of a list"):
        run(root)


def test_a_job_returns_promises_of_jobs_it_added(run: Any) -> None:
    assert run(fan_out(3)).value == [0, 2, 4]


def test_a_tree_grows_while_it_runs(run: Any) -> None:
    assert run(tree(5), seed=3).value == 32


def test_children_run_before_follow_ons_whatever_is_ready_first(run: Any) -> None:
    for seed in range(10):
        root = give(0)
        child = root.add_child(give(1).configure(name="child"))
        child.add_follow_on(give(2).configure(name="child's follow-on"))
        root.add_follow_on(give(3).configure(name="follow-on"))
        assert run(root, seed=seed).names == ["give", "child", "child's follow-on", "follow-on"]


def test_a_job_with_two_parents_runs_once_after_both(run: Any) -> None:
    for seed in range(5):
        root = give(0)
        left, right = root.add_child(add(1, 1)), root.add_child(add(2, 2))
        both = add(left.rv(), right.rv()).configure(name="both")
        left.add_child(both)
        right.add_child(both)
        right.add_child(both)
        assert run(root, seed=seed).names == ["give", "adder", "adder", "both"]


def test_what_follows_an_encapsulated_job_runs_after_all_of_it(run: Any) -> None:
    for seed in range(5):
        inner = tree(2)
        whole = inner.encapsulate()
        root = give(0)
        root.add_child(whole)
        whole.add_child(give(whole.rv()).configure(name="last"))
        done = run(root, seed=seed)
        assert done.names[-1] == "last"
        assert [one.placement for one in done.order if one.name.startswith("before")] == [Placement.LEADER]


def test_requirements_become_the_description(run: Any) -> None:
    root = give(0).configure(cores="0.5", disk="3Gi", accelerators=2, preemptible=True, time_limit=5, retries=4)
    described = run(root).order[0]
    assert described.requirements.cores == 0.5
    assert described.requirements.disk == 3 * 1024**3
    assert described.requirements.accelerators == (Accelerator(2),)
    assert described.requirements.preemptible is True
    assert described.requirements.time_limit_seconds == 5
    assert described.retries == 4


def test_promised_requirements_are_known_when_the_job_is_issued(run: Any) -> None:
    for seed in range(5):
        root = give({"memory": "5M", "argument": 4})
        measured = root.add_child(give(2).configure(name="measure"))
        wanting = add(measured.rv(), 1).configure(memory=root.rv("memory"), cores=measured.rv(), name="wanting")
        root.add_follow_on(wanting)
        wanting.add_child(give(wanting.rv()).configure(name="child"))
        done = run(root, seed=seed)
        assert done.names == ["give", "measure", "requirements of wanting", "wanting", "child"]
        assert done.order[3].requirements.memory == 5_000_000
        assert done.order[3].requirements.cores == 2
        assert done.order[2].placement is Placement.LEADER


def test_files_temporary_paths_and_messages(run: Any) -> None:
    root = store("content")
    child = root.add_child(uses_all(root.rv()))
    done = run(root)
    assert child.rv() is not None
    assert list(done.files.contents.values()) == [b"content", b"CONTENT"]
    assert [text for _, text in done.logged] == ["written", "3"]


def test_deferred_functions_run_in_reverse_and_their_errors_change_nothing(run: Any, capfd: Any) -> None:
    run(with_cleanup(False))
    assert EVENTS == ["last deferred", "first deferred"]
    assert "in the cleanup" in capfd.readouterr().err


def test_deferred_functions_run_when_the_job_fails(run: Any) -> None:
    with pytest.raises(ValueError, match="in the job"):
        run(with_cleanup(True))
    assert EVENTS == ["last deferred", "first deferred"]


def test_there_is_no_context_outside_of_a_job() -> None:
    with pytest.raises(UsageError, match="no job is running"):
        current()


def test_a_large_payload_goes_to_a_file(run: Any) -> None:
    done = run(give(Path("x" * 100_000)))
    assert done.jobs["0"].payload.file is not None
    assert done.value == Path("x" * 100_000)


def test_an_unlinked_job_may_be_an_argument(run: Any) -> None:
    assert run(adds_what_it_is_given(add(2, 3))).value == 5


@job_function
def adds_what_it_is_given(context: Context, given: Job[int]) -> Any:
    return context.add_child(given).rv()


@pytest.mark.parametrize("graph", [returns_itself, child_reads_parent_that_returns_child])
def test_values_that_wait_for_themselves_fail_the_job_at_once(run: Any, graph: Any) -> None:
    with pytest.raises(JobFailure) as caught:
        run(graph())
    assert caught.value.failure.kind is FailureKind.PERMANENT


def test_a_job_that_returns_a_job_and_not_its_promise_is_told(run: Any) -> None:
    with pytest.raises(JobFailure, match=r'holds the job "give".*Use its promise, rv\(\)'):
        run(returns_a_job())


def test_a_context_that_is_handed_to_another_job_is_told(run: Any) -> None:
    with pytest.raises(JobFailure, match=r'context of job "hands_on_its_context" cannot be sent.*@job_function'):
        run(hands_on_its_context())


def test_what_a_job_returns_and_cannot_be_sent_is_told_as_that(run: Any) -> None:
    with pytest.raises(JobFailure, match='job "returns_a_lock" returned something that cannot be sent'):
        run(returns_a_lock())


@pytest.mark.parametrize("make", [threading.Lock, multiprocessing.get_context("fork").Lock])
def test_what_cannot_be_pickled_is_refused_by_name(run: Any, make: Callable[[], object]) -> None:
    with pytest.raises(UsageError, match='job "give" holds something that cannot be sent'):
        run(give(make()))


def test_a_lambda_is_refused_by_name(run: Any) -> None:
    with pytest.raises(UsageError, match=r"<lambda>.* cannot be sent to a worker\. Define it at module level"):
        run(Job.of(lambda: 1))


def test_a_closure_is_refused_by_name(run: Any) -> None:
    @job
    def inner() -> int:
        return 1

    with pytest.raises(UsageError, match=r"inner.* cannot be sent to a worker\. Define it at module level"):
        run(inner())


def test_a_call_that_does_not_fit_is_refused_when_the_job_is_made() -> None:
    with pytest.raises(UsageError, match=r'job "add" cannot be called like this: .*left'):
        add(right=2)
    with pytest.raises(UsageError, match="missing"):
        Job.of(double)


def test_settings_that_make_no_sense_name_the_job(run: Any) -> None:
    with pytest.raises(UsageError, match=r'job "give" asks for .* not a size'):
        run(give(1).configure(memory="lots"))
    with pytest.raises(UsageError, match="not a number of cores above 0: 0"):
        run(give(1).configure(cores=0))
    with pytest.raises(UsageError, match="not a job's setting: colour"):
        give(1).configure(colour="red")  # type: ignore[call-arg]


def test_what_is_no_function_makes_no_job() -> None:
    for make in (lambda: job(5), lambda: job("2Gi"), lambda: Job.of(give(1))):  # type: ignore[call-overload,arg-type]
        with pytest.raises(UsageError, match="not a function: "):
            make()


def test_a_decorated_function_makes_its_own_job_wherever_it_is_used(run: Any) -> None:
    made = Job.of(give, 3)
    assert (run(made).value, made._node.declared) == (3, give.declared)


def test_only_jobs_can_be_added() -> None:
    with pytest.raises(UsageError, match="not a job"):
        give(1).add_child(double)  # type: ignore[type-var]
