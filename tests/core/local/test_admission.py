"""Who may run now: never more than there is, and nobody waits forever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from toil_core.local.admission import Admission, Device
from toil_core.model.description import Edge, EdgeKind, JobDescription
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.order import WorkOrder
from toil_core.model.requirements import Accelerator, Resources

MACHINE = Resources(cores=4.0, memory=100, disk=100, accelerators=(Accelerator(2, "gpu", "nvidia"),))
DEVICES = [Device(Accelerator(1, "gpu", "nvidia"), "VISIBLE", name) for name in "01"]


def order(name, cores=1.0, memory=1, disk=0, accelerators=(), serves=""):
    needs = Resources(cores=cores, memory=memory, disk=disk, accelerators=accelerators)
    edges = (Edge(EdgeKind.SERVICE, JobId(serves)),) if serves else ()
    return WorkOrder(AttemptId(name), JobDescription(JobId(name), name, "m:f", edges=edges), needs)


def admitting(*orders):
    admission = Admission(MACHINE, DEVICES)
    for one in orders:
        admission.add(one)
    return admission


def started(admission):
    return [one.attempt for one in admission.start()]


def test_as_many_start_as_fit_oldest_first():
    admission = admitting(*(order(str(number)) for number in range(6)))
    assert started(admission) == ["0", "1", "2", "3"]
    assert started(admission) == []
    admission.release(AttemptId("2"))
    assert started(admission) == ["4"]


def test_fractions_of_cores_add_up():
    admission = admitting(*(order(str(number), cores=0.1) for number in range(41)))
    assert len(started(admission)) == 40


def test_a_big_order_is_not_overtaken_by_small_ones_that_take_what_it_waits_for():
    admission = admitting(order("first"), order("big", cores=4.0), order("small"))
    assert started(admission) == ["first"]
    admission.release(AttemptId("first"))
    assert started(admission) == ["big"]


def test_what_services_wait_for_overtakes_who_waits_for_their_room():
    admission = admitting(order("first", cores=3.0, serves="x"), order("second", cores=3.0, serves="y"))
    assert started(admission) == ["first"]
    admission.add(order("below first", cores=0.5, serves="first"))
    assert started(admission) == ["below first"]
    admission.add(order("other", cores=0.5, serves="z"))
    admission.add(order("client", cores=0.5))
    admission.add(order("next client", cores=0.1))
    assert started(admission) == ["client"], "while a job runs, the oldest is not overtaken"
    admission.release(AttemptId("client"))
    assert started(admission) == ["next client"]


def test_an_order_that_takes_nothing_of_what_the_oldest_lacks_may_overtake_it():
    holds = order("holds", cores=1.0, memory=90)
    admission = admitting(holds, order("big", cores=1.0, memory=50), order("free", cores=1.0, memory=0))
    assert started(admission) == ["holds", "free"]


def test_an_order_may_take_only_so_much_that_the_oldest_still_finds_enough_of_the_rest():
    holds = order("holds", cores=1.0, memory=90)
    waits = order("waits", cores=2.0, memory=50)
    admission = admitting(holds, waits, order("much", cores=2.0, memory=0), order("little", cores=1.0, memory=0))
    assert started(admission) == ["holds", "little"]


def test_a_device_of_any_make_is_one_of_those_there_are():
    any_gpu = (Accelerator(1),)
    other = (Accelerator(1, "gpu", "amd"),)
    admission = admitting(
        *(order(str(number), accelerators=any_gpu) for number in range(3)), order("amd", accelerators=other)
    )
    assert started(admission) == ["0", "1"]
    admission.release(AttemptId("0"))
    assert started(admission) == ["2"]


def test_each_device_is_that_of_one_order_until_it_is_given_back():
    admission = admitting(*(order(str(number), accelerators=(Accelerator(1),)) for number in range(3)), order("none"))
    assert started(admission) == ["0", "1", "none"]
    held = [admission.devices_of(AttemptId(name)) for name in ("0", "1", "none")]
    assert held == [(DEVICES[0],), (DEVICES[1],), ()]
    admission.release(AttemptId("1"))
    assert started(admission) == ["2"]
    assert admission.devices_of(AttemptId("2")) == (DEVICES[1],)


def test_who_is_particular_about_a_device_gets_it_before_who_is_not():
    kinds = [Accelerator(1, "gpu", "nvidia", model=model) for model in ("k80", "a100", "a100")]
    devices = [Device(kind, "VISIBLE", str(number)) for number, kind in enumerate(kinds)]
    admission = Admission(MACHINE, devices)
    admission.add(order("first", accelerators=(Accelerator(2), Accelerator(1, model="k80"))))
    assert started(admission) == ["first"]
    assert sorted(device.name for device in admission.devices_of(AttemptId("first"))) == ["0", "1", "2"]


def test_an_order_that_was_withdrawn_never_starts_and_makes_room():
    admission = admitting(order("first", cores=4.0), order("gone", cores=4.0), order("last"))
    started(admission)
    assert admission.withdraw(AttemptId("gone"))
    assert not admission.withdraw(AttemptId("gone"))
    assert not admission.withdraw(AttemptId("first"))
    assert admission.waiting() == ["last"]
    admission.release(AttemptId("first"))
    assert started(admission) == ["last"]


def test_releasing_what_does_not_run_gives_back_nothing():
    admission = admitting(*(order(str(number), cores=4.0) for number in range(2)))
    started(admission)
    admission.release(AttemptId("1"))
    admission.release(AttemptId("unknown"))
    assert started(admission) == []


def needs():
    devices = st.sampled_from([(), (Accelerator(1),), (Accelerator(2, "gpu", "nvidia"),)])
    return st.tuples(st.sampled_from([0.1, 0.5, 1.0, 3.0, 4.0]), st.integers(0, 100), st.integers(0, 100), devices)


@given(st.lists(needs(), min_size=1, max_size=30), st.data())
def test_never_more_runs_than_there_is_and_everything_runs_at_last(wanted, data):
    orders = {str(number): order(str(number), *each) for number, each in enumerate(wanted)}
    late = data.draw(st.integers(0, len(orders)))
    waiting = list(orders.values())
    admission = admitting(*waiting[:late])
    running, done = {}, []
    while len(done) < len(orders):
        running.update({one.attempt: one.resources for one in admission.start()})
        for resource, there in (("cores", 4.0), ("memory", 100), ("disk", 100)):
            assert sum(getattr(one, resource) for one in running.values()) <= there + 1e-6
        assert sum(device.count for one in running.values() for device in one.accelerators) <= 2
        if late < len(orders):
            admission.add(waiting[late])
            late += 1
            continue
        assert running, "what waits could run"
        ended = data.draw(st.sampled_from(sorted(running)))
        del running[ended]
        done.append(ended)
        admission.release(AttemptId(ended))
    assert started(admission) == []


@given(st.lists(needs(), min_size=2, max_size=20))
def test_the_oldest_starts_as_soon_as_what_ran_before_it_is_over(wanted):
    """However many come after it."""
    first, *rest = [order(str(number), *each) for number, each in enumerate(wanted)]
    admission = admitting(order("full", 4.0, 100, 100, (Accelerator(2),)))
    assert started(admission) == ["full"]
    for one in (first, *rest):
        admission.add(one)
    assert started(admission) == [one.attempt for one in rest if not one.resources.cores and not one.resources.memory]
    admission.release(AttemptId("full"))
    assert started(admission)[0] == first.attempt
