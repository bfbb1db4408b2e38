"""What is told of a run: by the log, by the event file, and to observers."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading

import pytest

from toil_core.cli.telling import log_event, telling
from toil_core.config.run_options import LogLevel, LogOptions
from toil_core.errors import UsageError
from toil_core.model.event import Event, EventKind
from toil_core.model.ids import AttemptId, JobId


def event(kind, text="", **more):
    return Event(kind, 1.5, JobId("1"), "align", AttemptId("1.1"), text, **more)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (event(EventKind.MESSAGE, "half way"), "INFO align: half way"),
        (event(EventKind.MESSAGE, "odd", level=logging.WARNING), "WARNING align: odd"),
        (event(EventKind.ATTEMPT_FAILED, "no", is_retried=True), "WARNING align: no; it is tried again"),
        (event(EventKind.JOB_FAILED, "no"), "ERROR align: no"),
        (Event(EventKind.STALLED, 1.5, text="no node is free"), "WARNING toil: no node is free"),
    ],
)
def test_news_for_people_go_to_the_log_file(tmp_path, told, line):
    with telling(LogOptions(log_file=tmp_path / "log"), log_event) as tell:
        tell(told)
    assert (tmp_path / "log").read_text().partition(" ")[2] == line + "\n"


def test_a_last_failed_attempt_is_told_once_as_the_failure_of_its_job(tmp_path):
    with telling(LogOptions(log_file=tmp_path / "log"), log_event) as tell:
        tell(event(EventKind.ATTEMPT_FAILED, "no"))
        tell(event(EventKind.JOB_FAILED, "no"))
    assert (tmp_path / "log").read_text().count("no") == 1


def test_the_log_level_decides_what_is_said(tmp_path):
    with telling(LogOptions(log_file=tmp_path / "log", log_level=LogLevel.ERROR), log_event) as tell:
        tell(event(EventKind.MESSAGE, "half way"))
        tell(event(EventKind.JOB_FAILED, "no"))
    assert "half way" not in (tmp_path / "log").read_text()
    assert "ERROR align: no" in (tmp_path / "log").read_text()


def test_the_event_file_has_a_line_of_json_for_every_event_and_is_appended_to(tmp_path):
    file = tmp_path / "events"
    for _ in range(2):
        with telling(LogOptions(write_events=file)) as tell:
            tell(event(EventKind.JOB_SUCCEEDED, wall_seconds=2.5))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines == 2 * [
        {"event": "job-succeeded", "at": 1.5, "job": "1", "name": "align", "attempt": "1.1", "wall_seconds": 2.5}
    ]


@pytest.mark.parametrize("field", ["log_file", "write_events"])
def test_a_file_that_cannot_be_written_is_one_clear_line(tmp_path, field):
    options = LogOptions(**{field: tmp_path / "absent" / "file"})
    with pytest.raises(UsageError, match=r"Cannot write .*absent/file: No such file or directory"), telling(options):
        raise AssertionError("the run began")


def test_the_log_is_as_it_was_when_telling_ends():
    logger = logging.getLogger("toil")
    before = (logger.level, list(logger.handlers))
    with telling(LogOptions(), log_event):
        pass
    assert (logger.level, list(logger.handlers)) == before


ON_A_TERMINAL = """
import logging
import sys
from pathlib import Path
from toil_core.errors import RunFailed
from toil_core.run import Run
from toil_core.workflow import job

logging.basicConfig(level=logging.INFO)

@job(retries=0)
def tell():
    print("[bold]" + 200 * "x")
    logging.info("logged")
    sys.stderr.write("without an end")
    raise ValueError

if __name__ == "__main__":
    with Run(job_store="store", write_logs=Path("logs"), clean="always") as run:
        print("result")
        try:
            run.start(tell())
        except RunFailed:
            print("failed")
"""


def on_a_terminal(folder, stdout):
    """What a script shows that runs on a terminal, by stderr at least."""
    (folder / "flow.py").write_text(ON_A_TERMINAL)
    shown: list[bytes] = []
    master, terminal = os.openpty()

    def read():
        try:
            while piece := os.read(master, 4096):
                shown.append(piece)
        except OSError:  # on Linux, the end: nobody has the terminal open
            pass

    reader = threading.Thread(target=read)
    reader.start()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    try:
        subprocess.run(
            [sys.executable, "flow.py"],
            cwd=folder,
            env=environment,
            stdout=stdout or terminal,
            stderr=terminal,
            check=True,
        )
    finally:
        os.close(terminal)
        reader.join()
        os.close(master)
    return b"".join(shown).decode()


def test_what_a_job_writes_is_in_its_log_as_it_is_also_on_a_terminal(tmp_path):
    shown = on_a_terminal(tmp_path, None)
    (log,) = (tmp_path / "logs").iterdir()
    assert log.read_text().startswith(f"[bold]{200 * 'x'}\nINFO:root:logged\nwithout an endTraceback")
    assert "result" in shown
    assert "ERROR:toil:tell: ValueError" in shown
    assert "waitingERROR" not in shown  # the script's own handler writes above the line, not behind it


def test_what_a_script_prints_for_a_file_goes_there_also_on_a_terminal(tmp_path):
    with (tmp_path / "out").open("wb") as out:
        shown = on_a_terminal(tmp_path, out)
    assert (tmp_path / "out").read_text() == "result\nfailed\n"
    assert "result" not in shown
