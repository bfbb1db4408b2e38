"""Services of real runs, with real processes."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HEAD = """
import os, signal, socket, sys, threading, time
from toil_core.errors import RunFailed, ToilError
from toil_core.run import Run
from toil_core.workflow import Context, Service, job, job_function

def by_detached_workers():
    from toil_core.plugins.manager import PluginManager
    from toil_core.testing.detached import SPEC
    PluginManager.load().batch_system = lambda name: SPEC

def note(text):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(text + "\\n")

class Echo(Service[int]):
    '''Answers on a port of its own.'''

    def __init__(self, name="echo", **keywords):
        super().__init__(name=name, cores=0.1, memory="50M", disk="1M", **keywords)
        self.title = name

    def start(self, context):
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.answer, daemon=True).start()
        note(f"start {self.title}")
        return self.server.getsockname()[1]

    def answer(self):
        while True:
            caller, _ = self.server.accept()
            caller.sendall(self.title.encode())
            caller.close()

    def stop(self, context):
        self.server.close()
        note(f"stop {self.title}")

@job(cores=0.1, memory="50M", disk="1M")
def ask(port):
    with socket.create_connection(("127.0.0.1", port)) as channel:
        answer = channel.recv(100).decode()
    note(f"asked {answer}")
    return answer

@job(cores=0.1, memory="50M", disk="1M")
def nothing():
    pass
"""

Script = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def script(run_script: Script, tmp_path: Path) -> Script:
    """Runs a script of the jobs above and what it is given."""
    return lambda text, *arguments: run_script(HEAD + text, *arguments, NOTES=str(tmp_path / "notes"))


def notes(folder: Path) -> list[str]:
    return (folder / "notes").read_text().splitlines()


SERVED = """
@job_function(cores=0.1, memory="50M", disk="1M")
def root(context):
    echo = context.add_service(Echo())
    first = context.add_child(ask(echo.rv()))
    second = context.add_follow_on(ask(echo.rv()))
    return [first.rv(), second.rv()]

if __name__ == "__main__":
    with Run(job_store="./store", **options) as run:
        print(run.start(root()))
"""


@pytest.mark.parametrize("prepared", ["", "by_detached_workers()"])
def test_clients_reach_a_service_which_stops_after_them(script: Script, tmp_path: Path, prepared: str) -> None:
    done = script(f"options = {{}}\n{prepared}" + SERVED)
    assert done.stdout == "['echo', 'echo']\n", done.stderr
    assert notes(tmp_path) == ["start echo", "asked echo", "asked echo", "stop echo"]


def test_a_service_has_services_and_reads_their_promises(script: Script, tmp_path: Path) -> None:
    done = script("""
class Front(Echo):
    def __init__(self, port):
        super().__init__("front")
        self.port = port

    def start(self, context):
        with socket.create_connection(("127.0.0.1", self.port)) as channel:
            note("front asked " + channel.recv(100).decode())
        return super().start(context)

if __name__ == "__main__":
    root = nothing()
    back = root.add_service(Echo("back"))
    front = back.add_service(Front(back.rv()))
    root.add_child(ask(front.rv()))
    with Run(job_store="./store") as run:
        run.start(root)
""")
    assert done.returncode == 0, done.stderr
    assert notes(tmp_path) == [
        "start back", "front asked back", "start front", "asked front", "stop front", "stop back"
    ]  # fmt: skip


def test_a_service_that_is_killed_fails_its_clients_at_once_and_its_log_is_shown(
    script: Script, tmp_path: Path
) -> None:
    began = time.monotonic()
    done = script("""
class Doomed(Echo):
    def start(self, context):
        print("the disk of the database is on fire", flush=True)
        return os.getpid()

    def stop(self, context):
        pass

@job(cores=0.1, memory="50M", disk="1M", retries=0)
def kill(pid):
    os.kill(pid, signal.SIGKILL)
    time.sleep(50)

if __name__ == "__main__":
    root = nothing()
    root.add_child(kill(root.add_service(Doomed("doomed", retries=0)).rv()))
    try:
        with Run(job_store="./store") as run:
            run.start(root)
    except RunFailed as error:
        for failed in error.jobs:
            print(failed.name, "|", failed.message)
""")
    assert time.monotonic() - began < 30
    assert "doomed | its process was killed by signal 9" in done.stdout, done.stdout + done.stderr
    assert 'kill | its service "doomed" ended: its process was killed by signal 9' in done.stdout


def test_a_service_whose_check_raises_fails_with_its_log(script: Script, tmp_path: Path) -> None:
    done = script("""
class Broken(Echo):
    def check(self, context):
        print("the tables are gone")
        raise RuntimeError("no tables")

@job(cores=0.1, memory="50M", disk="1M")
def wait():
    time.sleep(50)

if __name__ == "__main__":
    root = nothing()
    root.add_service(Broken("broken", retries=0))
    root.add_child(wait())
    try:
        with Run(job_store="./store") as run:
            run.start(root)
    except RunFailed as error:
        for failed in error.jobs:
            print(failed.name, "|", failed.message, "|", "the tables are gone" in failed.log_tail)
""")
    assert "broken | RuntimeError: no tables | True" in done.stdout, done.stdout + done.stderr
    assert notes(tmp_path) == ["start broken", "stop broken"]


def test_services_and_a_client_that_cannot_fit_together_are_reported(script: Script, tmp_path: Path) -> None:
    done = script("""
if __name__ == "__main__":
    root = nothing()
    echo = root.add_service(Echo().configure(cores=0.7))
    root.add_child(ask(echo.rv()).configure(cores=0.7))
    try:
        with Run(job_store="./store", max_cores=1) as run:
            run.start(root)
    except RunFailed as error:
        for failed in error.jobs:
            print(failed.message)
""")
    assert 'the job "ask" can never start: the services "echo" have what it needs until it has run' in done.stdout, (
        done.stdout + done.stderr
    )
    assert notes(tmp_path) == ["start echo", "stop echo"]


def test_branches_whose_services_do_not_fit_together_take_turns(script: Script, tmp_path: Path) -> None:
    done = script("""
if __name__ == "__main__":
    root = nothing()
    for _ in range(3):
        branch = root.add_child(nothing())
        echo = branch.add_service(Echo().configure(cores=0.7))
        branch.add_child(ask(echo.rv()))
    with Run(job_store="./store", max_cores=1) as run:
        run.start(root)
    print("done")
""")
    assert done.stdout == "done\n", done.stderr
    assert notes(tmp_path) == ["start echo", "asked echo", "stop echo"] * 3


def test_a_run_whose_leader_was_killed_starts_its_services_anew(script: Script, tmp_path: Path) -> None:
    text = """
@job(cores=0.1, memory="50M", disk="1M")
def kill(pid):
    if not os.path.exists(os.environ["NOTES"] + ".killed"):
        open(os.environ["NOTES"] + ".killed", "w").close()
        os.kill(pid, signal.SIGKILL)
        time.sleep(50)

@job_function(cores=0.1, memory="50M", disk="1M")
def root(context, pid):
    echo = context.add_service(Echo())
    first = context.add_child(ask(echo.rv()))
    first.add_child(kill(pid))
    return context.add_follow_on(ask(echo.rv())).rv()

if __name__ == "__main__":
    with Run(job_store="./store", restart="restart" in sys.argv, clean="never") as run:
        print(run.restart() if "restart" in sys.argv else run.start(root(os.getpid())))
"""
    assert script(text).returncode == -signal.SIGKILL
    done = script(text, "restart")
    assert done.stdout == "echo\n", done.stderr
    assert notes(tmp_path).count("start echo") == 2
    assert notes(tmp_path)[-2:] == ["asked echo", "stop echo"]


def test_an_interrupted_run_stops_its_services(script: Script, tmp_path: Path) -> None:
    done = script("""
@job(cores=0.1, memory="50M", disk="1M")
def interrupt(pid):
    os.kill(pid, signal.SIGINT)
    time.sleep(50)

if __name__ == "__main__":
    root = nothing()
    root.add_service(Echo())
    root.add_child(interrupt(os.getpid()))
    try:
        with Run(job_store="./store") as run:
            run.start(root)
    except ToilError as error:
        print(type(error).__name__)
""")
    assert done.stdout == "Interrupted\n", done.stderr
    assert notes(tmp_path) == ["start echo", "stop echo"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo = Echo(); root.add_service(echo); root.add_child(nothing()).add_service(echo)", "has been added to"),
        ("echo = root.add_service(Echo()); root.child = echo.rv()", "cannot have run by then"),
        ("root.add_service(nothing())", "not a service"),
        ("root.add_child(Echo())", "not a job"),
        ("root.add_service(Echo().configure(cores=root.rv()))", "cannot have a promise as a requirement"),
        ("root.configure(checkpoint=True); root.add_service(Echo())", 'checkpoint job "nothing" has the successor'),
    ],
)
def test_services_that_cannot_be_are_refused_before_anything_runs(
    script: Script, tmp_path: Path, text: str, said: str
) -> None:
    done = script(f"""
@job(cores=0.1, memory="50M", disk="1M")
def nothing():
    note("ran")

if __name__ == "__main__":
    root = nothing()
    try:
        {text}
        with Run(job_store="./store") as run:
            run.start(root)
    except ToilError as error:
        print(error)
""")
    assert said in done.stdout, done.stdout + done.stderr
    assert not (tmp_path / "notes").exists()


@pytest.mark.parametrize("prepared", ["", "by_detached_workers()"])
def test_a_line_said_now_is_read_before_the_job_has_ended(script: Script, tmp_path: Path, prepared: str) -> None:
    done = script(f"""
{prepared}

@job_function(cores=0.1, memory="50M", disk="1M", retries=0)
def speak(context):
    context.say("now")
    for _ in range(1000):
        if os.path.exists("heard"):
            context.say("it was heard")
            raise SystemExit(1)
        time.sleep(0.02)

if __name__ == "__main__":
    def hear(event):
        if event.text == "now":
            open("heard", "w").close()
        if event.text in ("now", "it was heard"):
            print(event.name, event.text, flush=True)

    try:
        with Run(job_store="./store", observe=hear) as run:
            run.start(speak())
    except RunFailed:
        print("failed")
""")
    assert done.stdout == "speak now\nspeak it was heard\nfailed\n", done.stderr


def test_events_tell_when_services_started(script: Script, tmp_path: Path) -> None:
    done = script('options = {"write_events": "events"}\n' + SERVED)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    assert [event["name"] for event in events if event["event"] == "service-started"] == ["echo"]
