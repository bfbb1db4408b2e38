"""What options of a run do to real jobs: time, places, logs."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from toil_core.cli.options import all_options
from toil_core.config.declared import declared
from toil_core.errors import UsageError
from toil_core.local.single_machine import SingleMachineBatchSystem
from toil_core.local.single_machine_options import SingleMachineOptions
from toil_core.plugins.manager import PluginManager
from toil_core.run import Run
from toil_core.system import hardware

Script = Callable[..., "subprocess.CompletedProcess[str]"]

SCRIPT = """
import argparse, signal
from toil_core.errors import RunFailed
from toil_core.run import Run
from toil_core.workflow import job_function

@job_function
def limited(context):
    print("tried with", context.resources.time_limit_seconds, flush=True)
    if context.resources.time_limit_seconds < 2:
        signal.pause()
    return context.resources.time_limit_seconds, context.resources.cores

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    Run.add_arguments(parser)
    with Run(parser.parse_args()) as run:
        try:
            print(run.start(limited()))
        except RunFailed as error:
            print(error.jobs[0].message)
"""


DEVICES = """
import os, time
from pathlib import Path
from toil_core.run import Run
from toil_core.system import hardware
from toil_core.workflow import job, job_function

hardware.nvidia_devices = lambda: ("0", "1", "GPU-2")

@job(cores=0.1, memory="50M", disk="1M", accelerators=1)
def uses():
    mine = Path(os.environ["CUDA_VISIBLE_DEVICES"])
    mine.touch(exist_ok=False)  # nobody else has it now
    while len(list(Path().glob("[0-9]*")) + list(Path().glob("GPU*"))) < 3 and not Path("all").exists():
        time.sleep(0.01)
    Path("all").touch()
    mine.unlink()
    return str(mine)

@job(cores=0.1, memory="50M", disk="1M")
def sees():
    return os.environ.get("CUDA_VISIBLE_DEVICES")

@job_function(cores=0.1, memory="50M", disk="1M")
def fan_out(context):
    return [context.add_child(one).rv() for one in [sees(), *(uses() for _ in range(6))]]

if __name__ == "__main__":
    with Run(job_store="./store", retry_count=0) as run:
        seen, *used = run.start(fan_out())
        print(seen, sorted(set(used)), len(used))
"""


def test_jobs_that_ask_for_devices_get_some_that_no_other_job_has(run_script: Script) -> None:
    done = run_script(DEVICES)
    assert done.stdout == "None ['0', '1', 'GPU-2'] 6\n", done.stderr


def test_a_job_that_took_too_long_is_given_twice_the_time(run_script: Script) -> None:
    done = run_script(SCRIPT, "--defaultWalltime=1", "--doubleTime")
    assert done.stdout == "(2.0, 1.0)\n", done.stderr


def test_no_attempt_takes_longer_than_the_longest(run_script: Script) -> None:
    done = run_script(SCRIPT, "--max-job-duration=0.5", "--retry-count=0")
    assert "longer than its limit of 0.5 s" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("default_cores", "nan", "not a number of cores above 0"),
        ("default_cores", 0, "not a number of cores above 0"),
        ("max_cores", "many", "not a number of cores"),
        ("max_job_duration", "nan", "not a number of seconds from 0 on"),
        ("default_time_limit", -1, "not a number of seconds from 0 on"),
        ("max_jobs", 0, "not above 0"),
        ("retry_count", -1, "below 0"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(name: str, value: object, said: str) -> None:
    with pytest.raises(UsageError, match=f'--{name.replace("_", "-")} is "{value}": {said}'):
        Run(**{name: value})  # type: ignore[arg-type]


def test_a_limit_of_months_is_one(run_script: Script) -> None:
    done = run_script(SCRIPT, f"--default-time-limit={60 * 24 * 60 * 60}", "--retry-count=0")
    assert done.stdout == "(5184000.0, 1.0)\n", done.stderr


def test_logs_are_kept_compressed(run_script: Script, tmp_path: Path) -> None:
    options = ("--default-time-limit=7", "--write-logs-gzip=logs", "--write-logs-from-all-jobs")
    done = run_script(SCRIPT, *options)
    assert done.stdout == "(7.0, 1.0)\n", done.stderr
    (log,) = (tmp_path / "logs").iterdir()
    assert log.name.endswith(".log.gz")
    assert gzip.decompress(log.read_bytes()) == b"tried with 7.0\n"


def test_all_of_a_run_can_be_kept_below_one_directory(run_script: Script, tmp_path: Path) -> None:
    done = run_script(SCRIPT, "--run-dir=here", "--clean=never", "--default-time-limit=5")
    assert done.stdout == "(5.0, 1.0)\n", done.stderr
    assert {path.name.partition("-")[0] for path in (tmp_path / "here").iterdir()} == {"toil", "work"}
    assert not list((tmp_path / "here" / "work").iterdir())


def test_logs_go_to_one_folder_compressed_or_not(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="compressed"):
        Run(write_logs=tmp_path, write_logs_gzip=tmp_path)


def test_cores_can_count_as_more_or_less_than_there_are() -> None:
    batch_system = SingleMachineBatchSystem(SingleMachineOptions(scale=0.5))
    assert batch_system._measured(Path.cwd()).cores == 2 * hardware.cores()
    with pytest.raises(UsageError, match="not above 0"):
        Run(scale="0")


def test_a_file_of_options_may_speak_of_other_programs_too(tmp_path: Path) -> None:
    file = tmp_path / "options.yaml"
    front_ends = {option.name for owner in all_options(PluginManager.load()) for option in declared(owner)}
    front_ends -= {option.name for option in Run.options()}
    file.write_text(
        "".join(f"{name}: x\n" for name in ("retry_count", "strange-key", *front_ends)).replace("x", "7", 1)
    )
    assert Run.resolved(config=file, of_others=["strangeKey"])["retry_count"] == 7
    with pytest.raises(UsageError, match='unknown key "strange-key"'):
        Run(config=file)
