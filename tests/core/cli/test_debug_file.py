"""The files of a run are listed and fetched, whether it goes on, has failed or has finished."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from toil_core.cli.fetching import fetch, targets
from toil_core.engine.policy import Policy
from toil_core.engine.recovery import take_over
from toil_core.engine.run_files import RunFile
from toil_core.engine.session import open_store
from toil_core.engine.snapshots import snapshot_lines
from toil_core.errors import StoreDamaged, UsageError
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.local.file_storage import FileStorage
from toil_core.model.file import FileRef
from toil_core.plugins.manager import PluginManager
from toil_core.store.journal import Journal

TOIL = Path(sys.executable).parent / "toil"
SMALL, LONG = b"small\n", b"long\n" * 100_000
SCRIPT = """
import os
import sys
from toil_core.errors import RunFailed
from toil_core.run import Run
from toil_core.workflow import job_function

@job_function(memory="50M", cores=0.1, disk="1M")
def write(context, name, size):
    path = context.work_dir / name
    path.write_bytes((name.partition(".")[0] + "\\n").encode() * size)
    path.chmod(0o755)
    return context.files.write(path)

@job_function(memory="50M", cores=0.1, disk="1M")
def drop(context, ref):
    context.files.delete(ref)

@job_function(memory="50M", cores=0.1, disk="1M")
def fail(context, how):
    print("about to fail")
    if how == "hang":
        with open("/dev/null") as silence, open(sys.argv[2], "w") as ready:
            ready.write("up")
        import signal
        signal.pause()
    if how == "fail":
        raise ValueError("as asked")

@job_function(memory="50M", cores=0.1, disk="1M")
def plan(context, how):
    long = context.add_child(write("long.txt", 100_000))
    context.add_child(write("small.txt", 1))
    context.add_child(write("twice.txt", 1))
    context.add_child(write("twice.txt", 2))
    gone = context.add_child(write("gone.txt", 100_000))
    gone.add_child(drop(gone.rv()))
    context.add_follow_on(fail(how))
    return "x" * 100_000

with Run(job_store="store", clean="never", retry_count=0) as run:
    run.start(plan(sys.argv[1]))
"""


def toil(*words, cwd):
    environment = {**os.environ, "HOME": str(cwd), "TMPDIR": str(cwd)}
    return subprocess.run([TOIL, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


def run(how, cwd):
    (cwd / "script.py").write_text(SCRIPT)
    words = [sys.executable, "script.py", how]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """The folder of a run that has failed."""
    place = tmp_path_factory.mktemp("failed")
    assert run("fail", place).returncode == 1
    return place


@pytest.fixture(scope="module")
def listed(failed):
    """Its files."""
    done = toil("debug-file", "store", "--json", cwd=failed)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_files_are_listed_with_size_and_maker_and_those_of_failed_jobs_with_their_logs(listed):
    made = [one for one in listed if one["name"].endswith(".txt")]
    told = sorted((one["name"], one["bytes"], one["job_name"]) for one in made)
    assert told == [
        ("long.txt", len(LONG), "write"),
        ("small.txt", len(SMALL), "write"),
        ("twice.txt", 6, "write"),
        ("twice.txt", 12, "write"),
    ]
    assert len({one["id"] for one in listed}) == len(listed)
    assert [one["bytes"] for one in listed if one["job_name"] == "fail"], "the log"


def test_list_for_people_has_a_line_for_each(failed, listed):
    done = toil("debug-file", "store", cwd=failed)
    lines = done.stdout.splitlines()
    assert len(lines) == 1 + len(listed)
    assert any("long.txt" in line and f"write ({listed[0]['job'][:1]}" in line for line in lines)


def test_values_that_jobs_hand_on_are_no_files(failed, listed):
    """The long text that ``plan`` returned is in the store."""
    assert not [one for one in listed if one["job_name"] == "plan"]


def test_file_is_fetched_by_name_by_id_and_by_pattern(failed, listed, tmp_path):
    (own,) = [one["id"] for one in listed if one["name"] == "long.txt"]
    for number, name in enumerate(("long.txt", own, "l?ng.*")):
        place = tmp_path / str(number)
        done = toil("debug-file", "store", "--fetch", name, "--local-file-path", str(place), cwd=failed)
        assert (done.returncode, done.stdout) == (0, f"{place / 'long.txt'}\t{own}\n"), done.stderr
        assert [path.name for path in place.iterdir()] == ["long.txt"]
        assert (place / "long.txt").read_bytes() == LONG
        assert os.access(place / "long.txt", os.X_OK)


@pytest.mark.parametrize("name", ["twice.txt", "write/twice.txt", "wr*/tw*"])
def test_files_of_one_name_are_fetched_into_folders_of_their_jobs(failed, listed, tmp_path, name):
    done = toil("debug-file", "store", "--fetch", name, f"--localFilePath={tmp_path}", cwd=failed)
    assert done.returncode == 0, done.stderr
    found = {path.parent.name: path.read_bytes() for path in tmp_path.glob("*/twice.txt")}
    assert sorted(found.values()) == [b"twice\n", b"twice\n" * 2]
    assert set(found) == {one["job"] for one in listed if one["name"] == "twice.txt"}


def test_files_of_one_name_and_one_job_are_fetched_into_folders_of_their_own(tmp_path):
    made = [RunFile(FileRef(f"files/{number}", 1, name="a"), "1.1-1", "job") for number in range(2)]
    assert list(targets(made, tmp_path)) == [tmp_path / "files_0" / "a", tmp_path / "files_1" / "a"]


@pytest.mark.parametrize("flag", ["--fetch-entire-job-store", "--fetchEntireJobStore", "--fetchEntireJobStore=True"])
def test_all_files_are_fetched(failed, listed, tmp_path, flag):
    done = toil("debug-file", "store", flag, "--local-file-path", str(tmp_path), cwd=failed)
    assert done.returncode == 0, done.stderr
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.stat().st_size for path in found) == sorted(one["bytes"] for one in listed)


def test_what_is_there_is_replaced_only_by_force_and_nothing_is_fetched_otherwise(failed, tmp_path):
    (tmp_path / "small.txt").write_text("mine")
    words = ["debug-file", "store", "--fetch", "long.txt", "small.txt", "--local-file-path", str(tmp_path)]
    done = toil(*words, cwd=failed)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path / 'small.txt'} is there already. Replace it by --force" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["small.txt"]
    assert (tmp_path / "small.txt").read_text() == "mine"
    assert toil(*words, "--force", cwd=failed).returncode == 0
    assert (tmp_path / "small.txt").read_bytes() == SMALL


def test_symbolic_links_lead_to_what_the_store_keeps_by_itself(failed, tmp_path):
    words = ["debug-file", "store", "--fetch", "long.txt", "small.txt", "--useSymlinks=true"]
    assert toil(*words, "--local-file-path", str(tmp_path), cwd=failed).returncode == 0
    assert (tmp_path / "long.txt").is_symlink()
    assert (tmp_path / "long.txt").read_bytes() == LONG
    assert not (tmp_path / "small.txt").is_symlink(), "it shares an object with others"
    assert (tmp_path / "small.txt").read_bytes() == SMALL


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["nowhere"], 1, "nowhere"),
        (["store", "--fetch", "*.bam"], 2, 'No file of the run fits "*.bam". List them: toil debug-file store'),
        (["store", "--fetch", "long.txt", "no"], 2, 'No file of the run fits "no"'),
        (["store", "--fetch", "long.txt", "--local-file-path", "script.py"], 1, "Cannot write script.py/long.txt"),
        (["store", "--useSymlink"], 2, "Did you mean --useSymlinks?"),
        (["store", "--use-symlinks=maybe"], 2, "neither true nor false"),
        ([], 2, "LOCATOR"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(failed, words, code, expected):
    done = toil("debug-file", *words, cwd=failed)
    assert (done.returncode, done.stdout) == (code, "")
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_running_run_tells_what_is_done_and_is_not_disturbed(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    os.mkfifo(tmp_path / "ready")
    leading = subprocess.Popen(
        [sys.executable, "script.py", "hang", str(tmp_path / "ready")], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    try:
        assert (tmp_path / "ready").read_text() == "up"
        done = toil("debug-file", "store", "--fetch", "long.txt", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "long.txt").read_bytes() == LONG
        assert leading.poll() is None
    finally:
        leading.send_signal(signal.SIGTERM)
        leading.wait(60)


def test_a_finished_run_keeps_its_files_and_a_damaged_one_has_them_still(tmp_path):
    assert run("well", tmp_path).returncode == 0
    assert "long.txt" in toil("debug-file", "store", cwd=tmp_path).stdout
    for segment in (tmp_path / "store" / "journal").iterdir():
        segment.chmod(0o600)
        segment.write_bytes(segment.read_bytes()[:-1])
    for words in ((), ("--fetch", "long.txt"), ("--fetch-entire-job-store",)):
        done = toil("debug-file", "store", *words, "--local-file-path", "all", cwd=tmp_path)
        assert done.returncode == 1
        assert "journal/" in done.stderr
        assert "is damaged" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert LONG in [path.read_bytes() for path in (tmp_path / "all").rglob("*") if path.is_file()]


def test_what_a_snapshot_has_replaced_is_known_by_its_object_and_its_job(tmp_path):
    assert run("well", tmp_path).returncode == 0
    store = open_store(PluginManager.load(), str(tmp_path / "store"))
    journal = Journal(store)
    journal.write_snapshot(snapshot_lines(take_over(journal, store.open(), Policy())))
    listed = json.loads(toil("debug-file", "store", "--json", cwd=tmp_path).stdout)
    (long,) = [one for one in listed if one["bytes"] == len(LONG)]
    assert long["job_name"] == "write"
    assert toil("debug-file", "store", "--fetch", long["id"], cwd=tmp_path).returncode == 0
    (fetched,) = tmp_path.glob("files_*/file")
    assert fetched.read_bytes() == LONG


@pytest.fixture
def node(tmp_path):
    """A store that holds the object ``files/1/a``."""
    storage = FileStorage(str(tmp_path / "store"))
    storage.create()
    storage.put("files/1/a", LONG)
    return NodeFiles(storage, appends=True, cache_dir=tmp_path / "cache", writer="w", urls=Urls(lambda url: None))


@pytest.mark.parametrize("ref", [FileRef("files/1/a", 7), FileRef("files/1/a", len(LONG), "sha1$" + "0" * 40)])
def test_content_that_is_not_what_was_written_is_told_and_not_left(node, tmp_path, ref):
    with pytest.raises(StoreDamaged, match="files/1/a"):
        fetch(node, {tmp_path / "out" / "a": RunFile(ref)}, replace=False, link=False)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "..", ".", "", "a\0b", "x/y"])
def test_name_that_leads_elsewhere_is_not_followed(tmp_path, name):
    one = RunFile(FileRef("files/1/a", 1, name=name))
    assert list(targets([one], tmp_path)) == [tmp_path / "files_1_a" / "file"]


def test_file_that_is_made_meanwhile_is_not_replaced(node, tmp_path, monkeypatch):
    path = tmp_path / "a"
    opened = node.open

    def made_first(ref):
        path.write_text("mine")
        return opened(ref)

    monkeypatch.setattr(node, "open", made_first)
    with pytest.raises(UsageError, match="is there already"):
        fetch(node, {path: RunFile(FileRef("files/1/a", len(LONG)))}, replace=False, link=False)
    assert path.read_text() == "mine"
    assert not list(tmp_path.glob(".toil-*"))
