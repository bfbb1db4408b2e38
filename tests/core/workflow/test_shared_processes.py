"""Jobs that may share a process: what they leave behind, and what becomes of those beside a broken one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HEAD = """
import os, random, resource, signal, sys, tempfile, threading, time
from toil_core.errors import RunFailed
from toil_core.run import Run
from toil_core.workflow import Context, job, job_function

SMALL = {"cores": 0.1, "memory": "100M", "disk": "1M", "shares_process": True}

@job_function(cores=0.1, memory="50M", disk="1M")
def after_each_other(context, functions):
    jobs = [function() for function in functions]
    last = context.add_child(jobs[0])
    for one in jobs[1:]:
        last = last.add_child(one)
    return [one.rv() for one in jobs]

def run(*functions):
    with Run(job_store="./store", retry_count=0) as run:
        return run.start(after_each_other(functions))
"""

Script = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def script(run_script: Script) -> Script:
    """Runs a script of the jobs above and what it is given, which has to work."""

    def run(text: str) -> subprocess.CompletedProcess[str]:
        done = run_script(HEAD + text)
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_jobs_that_may_share_a_process_do_and_others_do_not(script: Script) -> None:
    done = script("""
@job(**SMALL)
def shared():
    return os.getpid()

@job(cores=0.1, memory="50M", disk="1M")
def alone():
    return os.getpid()

if __name__ == "__main__":
    print(len(set(run(*[shared] * 5))))
    print(len(set(run(*[alone] * 5))))
""")
    assert done.stdout == "1\n5\n"


def test_what_a_job_changes_in_its_process_is_put_right(script: Script) -> None:
    done = script("""
def seen(context):
    umask = os.umask(0o22)
    os.umask(umask)
    return [
        os.environ.get("MARK"), os.getcwd() == str(context.work_dir), umask, "/mark" in sys.path,
        sys.stdout is sys.__stdout__, signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL,
        signal.getitimer(signal.ITIMER_REAL)[0] == 0, tempfile.gettempdir(), sorted(os.listdir(context.work_dir)),
        random.random(),
    ]

@job_function(**SMALL)
def look(context):
    return os.getpid(), seen(context)

@job_function(**SMALL)
def change(context):
    found = seen(context)
    os.environ["MARK"] = "left"
    os.chdir(context.work_dir)
    os.umask(0)
    sys.path.append("/mark")
    sys.stdout = sys.stderr
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.alarm(1000)
    (context.work_dir / "left").touch()
    random.seed(7)
    tempfile.tempdir = str(context.work_dir)
    return os.getpid(), found

if __name__ == "__main__":
    before, changed, after = run(look, change, look)
    assert before[0] == changed[0] == after[0]
    assert before[1][:-1] == after[1][:-1], (before, after)
    random.seed(7)
    assert after[1][-1] != random.random()
    print("the same")
""")
    assert done.stdout == "the same\n"


def test_no_job_draws_the_numbers_of_another(script: Script, tmp_path: Path) -> None:
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy/__init__.py").touch()
    (tmp_path / "numpy/random.py").write_text("""
from random import Random
own = Random(1)
seed, rand = own.seed, own.random
""")
    done = script("""
import numpy.random

@job(**SMALL)
def shared():
    return numpy.random.rand(), random.random()

@job(cores=0.1, memory="50M", disk="1M")
def forked():
    return numpy.random.rand(), random.random()

if __name__ == "__main__":
    drawn = run(shared, shared, shared, forked, forked)
    print([len(set(numbers)) for numbers in zip(*drawn)])
""")
    assert done.stdout == "[5, 5]\n", done.stderr


def test_a_service_has_a_process_of_its_own_and_so_has_every_job_if_the_run_says_so(script: Script) -> None:
    done = script("""
from toil_core.workflow import Service

class Serving(Service):
    def start(self, context):
        return os.getpid()

@job(**SMALL)
def shared():
    return os.getpid()

@job_function(**SMALL)
def served(context):
    found = [shared(), shared()]
    service = context.add_service(Serving().configure(**SMALL))
    context.add_child(found[0]).add_child(found[1])
    return [os.getpid(), service.rv(), *(one.rv() for one in found)]

if __name__ == "__main__":
    for together in True, False:
        with Run(job_store="./store", disable_chaining=not together) as run:
            found = run.start(served())
        print([found.index(pid) for pid in found])
""")
    assert done.stdout == "[0, 1, 0, 0]\n[0, 1, 2, 3]\n"


def test_a_job_that_leaves_a_thread_or_much_memory_or_lower_limits_is_the_last_of_its_process(script: Script) -> None:
    done = script("""
KEPT = []

@job(**SMALL)
def thread():
    threading.Thread(target=time.sleep, args=(50,), daemon=True).start()
    return os.getpid()

@job(**SMALL)
def memory():
    KEPT.append(bytearray(80_000_000))
    return os.getpid()

@job(**SMALL)
def limits():
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    return os.getpid()

@job(**SMALL)
def plain():
    return os.getpid()

if __name__ == "__main__":
    found = run(plain, thread, plain, memory, limits, plain)
    print([found.index(pid) for pid in found])
""")
    assert done.stdout == "[0, 0, 2, 2, 4, 5]\n"


def test_a_job_that_kills_its_process_takes_no_other_job_with_it(script: Script, tmp_path: Path) -> None:
    done = script("""
@job(**SMALL)
def dies(number):
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number

@job_function(cores=0.1, memory="50M", disk="1M")
def fan_out(context):
    return [context.add_child(dies(number)).rv() for number in range(30)]

if __name__ == "__main__":
    try:
        with Run(job_store="./store", retry_count=0, write_events="events") as run:
            run.start(fan_out())
    except RunFailed as error:
        print(len(error.jobs), error.jobs[0].message)
""")
    assert done.stdout == "1 its process was killed by signal 9\n"
    assert (tmp_path / "events").read_text().count('"job-succeeded"') == 30  # the root, and all but one


def test_limits_of_memory_and_time_hold_for_each_job_by_itself(script: Script) -> None:
    done = script("""
@job(**{**SMALL, "memory": "30M"})
def greedy():
    return len(bytearray(60_000_000))

@job(**SMALL)
def modest():
    return len(bytearray(60_000_000))

@job(**{**SMALL, "time_limit": 0.5})
def slow():
    time.sleep(50)

@job_function(cores=0.1, memory="50M", disk="1M")
def root(context):
    for one in (modest(), greedy(), slow()):
        context.add_child(one)
    return context.add_child(modest()).rv()

if __name__ == "__main__":
    try:
        with Run(job_store="./store", retry_count=0, max_cores=0.1) as run:
            run.start(root())
    except RunFailed as error:
        print(sorted(failed.name for failed in error.jobs))
        print(*sorted(failed.message for failed in error.jobs), sep="\\n")
""")
    lines = done.stdout.splitlines()
    assert lines[0] == "['greedy', 'slow']"
    assert "it ran longer than its limit of 0.5 s" in done.stdout
    assert "it needed more than the 28.6 MiB" in done.stdout
