"""Scripts in the manner of upstream's tutorials, run by a real interpreter."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from toil.bus import replay_message_bus

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture
def run(tmp_path):
    """Runs one of the scripts in a folder of its own."""

    def run(name, *arguments, status=0, **variables):
        done = subprocess.run(
            [sys.executable, "-W", "error", str(SCRIPTS / f"{name}.py"), *arguments],
            cwd=tmp_path,
            env={**os.environ, "TMPDIR": str(tmp_path), **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


def test_functions_are_jobs_with_requirements_of_their_own(run, tmp_path):
    done = run("hello_functions", "file:store")
    assert done.stdout == "second with 300000000 bytes, 200M and 1 cores / plain third\n"
    assert "greet: Hello world, I have a message: second" in done.stderr
    assert not (tmp_path / "store").exists()


def test_a_class_is_a_job_and_nothing_is_said_with_logging_off(run, tmp_path):
    done = run("hello_class")
    assert done.stdout == "Hello, world! Here's a message: woot\n"
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_script_needs_no_main_guard(run):
    assert run("no_main_guard", "./store", "--logOff").stdout == "42\n"


def test_promises_reach_their_readers_wherever_they_stand(run):
    strings = [f"{number:03b}" for number in range(8)]
    expected = {"sum": 81, "strings": strings, "tuple": (4, [7])}
    assert run("promises", "file:store").stdout == f"{expected}\n"


def test_what_is_added_to_an_encapsulated_job_runs_after_it(run):
    assert run("encapsulation", "./store", "--notes", "notes").stdout == "inner\n"


def test_files_go_in_through_jobs_and_out(run, tmp_path):
    (tmp_path / "in.txt").write_text("a few words\n")
    done = run("files", "./store", "--input", "in.txt", "--output", "out.txt")
    for line in ("tool: said a line", "tool: and another", "WARNING everything: told by its older name"):
        assert line in done.stderr
    assert (tmp_path / "out.txt").read_text() == "A FEW WORDS\n"
    assert (tmp_path / "out.txt.binary").read_text() == "Out damned spot"


def test_requirements_are_promised_and_computed_by_lambdas(run):
    assert run("requirements", "./store").stdout == "as promised\n"


def test_a_file_is_sorted_by_splitting_it(run, tmp_path):
    lines = [f"line {number}\n" for number in range(2000)]
    random.Random(7).shuffle(lines)
    (tmp_path / "words").write_text("".join(lines))
    done = run("sort", "./store", "--fileToSort", "words", "--outputFile", "sorted", "--N=6000", "--defaultPreemptable")
    assert (tmp_path / "sorted").read_text() == "".join(sorted(lines))
    assert "Starting the merge sort" in done.stderr


def test_a_file_that_the_script_makes_is_sorted_with_checkpoints_on_the_way_down(run, tmp_path):
    sizes = ("--numLines=200", "--lineLength=20", "--N=1100", "--sortMemory=90M", "--mergeMemory", "95M")
    done = run("sort", "file:store", *sizes, "--downCheckpoints", "--realTimeLogging=True", "--logLevel", "critical")
    lines = (tmp_path / "fileToSort.txt").read_text().splitlines(keepends=True)
    assert (tmp_path / "sortedFile.txt").read_text() == "".join(sorted(lines))
    assert len(lines) == 200
    assert "Splitting file" in done.stderr
    assert "Starting the merge sort" not in done.stderr
    kept = run("sort", "file:store", "--overwriteOutput", "False")
    assert kept.stdout == "Output file sortedFile.txt already exists.\n"


def test_a_failed_run_is_gone_on_with(run, tmp_path):
    done = run("restart", "file:store", "--folder=.", "--retryCount", "0", status=1)
    assert done.stdout == "1 failed in file:store: RuntimeError: the wanted file is not there\n"
    run("restart", "file:store", "--folder=.", "--retryCount", "1", "--restart", status=1)
    (tmp_path / "wanted").touch()
    assert run("restart", "file:store", "--folder=.", "--restart").stdout == "2\n"
    assert (tmp_path / "counted").read_text() == "x"
    assert (tmp_path / "deferred").read_text() == "dddd"


def test_a_checkpoint_runs_again_when_a_job_below_it_failed(run, tmp_path):
    done = run("checkpoint", "./store", "--folder", ".", "--writeLogs", "logs", "--writeLogsFromAllJobs=True")
    assert "tried again" in done.stderr
    assert (tmp_path / "guarded").read_text() == "xx"
    assert any("round 2" in log.read_text() for log in (tmp_path / "logs").iterdir())


def test_a_job_store_of_an_unknown_kind_says_which_there_are(run):
    done = run("hello_functions", "nowhere:us-west-2:name", status=1)
    assert re.search(r'No job store for "nowhere". Installed: .*file', done.stderr.splitlines()[-1])


@pytest.mark.parametrize("name", ["no_main_guard", "plain_parser"])
def test_a_worker_that_reads_a_script_without_a_main_guard_knows_all_its_functions(run, tmp_path, name):
    reader = "import sys; from toil_core.workflow.script import module_of; print(module_of(sys.argv[1]).double(4))"
    path = SCRIPTS / f"{name}.py"
    command = [sys.executable, "-W", "error", "-c", reader, str(path), "--not-of-the-script"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("8\n", "")
    assert run(name, "./store", "--logOff").stdout == "42\n"


def test_ids_of_files_can_pass_as_plain_text_and_jobs_can_hold_jobs(run):
    assert run("passing", "./store").stdout == "['content', 'part', 3]\n"


def test_the_first_script_of_the_page_runs(tmp_path):
    page = (SCRIPTS.parents[2] / "docs" / "compat.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$\n\n```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert blocks
    for text, printed in blocks:
        script = tmp_path / "script.py"
        script.write_text(text)
        command = [sys.executable, "-W", "error", str(script), "./store", "--logOff"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout == printed, done.stderr


def test_a_run_that_was_stopped_says_how_to_go_on(run, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    command = [sys.executable, "-W", "error", str(SCRIPTS / "waiting.py"), "file:store"]
    script = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert (tmp_path / "fifo").read_text() == "up"
    script.send_signal(signal.SIGINT)
    _, said = script.communicate(timeout=60)
    assert said.splitlines()[-1].endswith("what finished is kept. Go on from here with: --restart file:store")
    (tmp_path / "go").touch()
    assert run("waiting", "file:store", "--restart").stdout == "gone on\n"


def test_memory_is_planned_with_and_enforced_only_if_asked_for(run):
    assert run("too_little", "./store").stdout == "50000000\n"
    assert "memory" in run("too_little", "./other", "--enforceMemory", status=1).stderr


def test_services_run_while_their_clients_do(run, tmp_path):
    done = run("services", "file:store")
    assert (tmp_path / "notes").read_text().splitlines() == [
        "back starts behind nobody",
        "front starts behind back",
        "front was asked",
        "back was asked",
        "front stops",
        "back stops",
    ]
    assert "client: asking at " in done.stderr
    assert "Server: front has stopped" in done.stderr


def test_what_is_kept_by_name_is_read_by_jobs_and_afterwards(run, tmp_path):
    (tmp_path / "source").write_text("given")
    found = ["given\u00e4".encode(), b"\x00\x01", b"given"]
    assert run("shared_files", "file:store").stdout == f"{found}\ngiven\u00e4\n"


def test_what_happens_to_jobs_is_written_as_messages(run, tmp_path):
    run("hello_functions", "file:store", "--writeMessages", "messages")
    jobs = replay_message_bus(str(tmp_path / "messages")).values()
    assert {job.name for job in jobs} >= {"greet"}
    assert {job.exit_code for job in jobs} == {0}
