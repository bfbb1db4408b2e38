"""More scripts in the manners of upstream's tutorials, run as their authors run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "scripts"
EXPECTED = "[{'left': ['left0', 'left1'], 'below': 4, 'cores': 1}, ((1,), [('z', 4)]), 'analysed', 5]\n"


def ended(folder, *command):
    environment = {**os.environ, "TMPDIR": str(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def ran(folder, *command):
    done = ended(folder, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_jobs_and_services_are_made_when_the_script_is_read(tmp_path):
    done = ran(tmp_path, str(SCRIPTS / "module_level.py"))
    assert done.stdout == "None\n"
    assert done.stderr.endswith("told: the answer is CREDENTIALS\n")


@pytest.mark.parametrize("name", ["manners.py", "with-dashes and blanks.py", "no_suffix"])
def test_a_script_is_called_as_its_author_likes(tmp_path, name):
    shutil.copy(SCRIPTS / "manners.py", tmp_path / name)
    done = ran(tmp_path, name, "file:store")
    assert done.stdout == EXPECTED
    assert "hello from 3" in done.stderr


def test_a_script_is_a_module_of_a_package(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    shutil.copy(SCRIPTS / "manners.py", tmp_path / "package" / "workflow.py")
    assert ran(tmp_path, "-m", "package.workflow", "file:store", "--logOff").stdout == EXPECTED


def test_jobs_run_a_document_by_the_command_of_its_language(tmp_path):
    if not (Path(sys.executable).parent / "toil-cwl-runner").exists():
        pytest.skip("toil-cwl is not installed")
    ran(tmp_path, str(SCRIPTS / "cwl_steps.py"), "file:store")
    assert [(tmp_path / f"sample_{number}.txt").read_text() for number in (1, 2)] == ["hello 1\n", "hello 2\n"]


LOGGING = """
import asyncio
import logging
from toil.common import Toil
from toil.job import Job
{first}
log = logging.getLogger("mine")

if __name__ == "__main__":
    options = Job.Runner.getDefaultOptions("store")
    options.logLevel = "{level}"
    with Toil(options) as toil:
        asyncio.new_event_loop().close()  # which is logged, for who debugs
        log.info("begun")
        toil.start(Job())
    log.warning("ended")
"""


@pytest.mark.parametrize(
    ("first", "level", "lines"),
    [
        ("", "INFO", ["INFO begun", "WARNING ended"]),
        ("", "WARNING", ["WARNING ended"]),
        ("", "DEBUG", ["INFO begun", "WARNING ended"]),
        ("", "OFF", []),
        ("logging.basicConfig(format='own %(message)s', level=logging.ERROR)", "INFO", []),
        ("logging.basicConfig(format='own %(message)s')", "INFO", ["own ended"]),
    ],
)
def test_what_a_script_logs_itself_is_written_as_the_run_is_unless_it_arranges_that(tmp_path, first, level, lines):
    (tmp_path / "flow.py").write_text(LOGGING.format(first=first, level=level))
    told = ran(tmp_path, "flow.py").stderr.splitlines()
    assert [line if line.startswith("own") else line.partition(" ")[2] for line in told] == lines


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("toil.start(Job())", "the run has not been entered"),
        ("Job().addChild(5)", "not a job: 5"),
        ("options.provisioner = 'aws'; toil.__enter__()", "toil-compat does not have the option --provisioner"),
    ],
)
def test_a_mistake_that_is_made_before_the_run_is_told_in_one_line(tmp_path, line, message):
    begin = "from toil.common import Toil\nfrom toil.job import Job\n"
    script = tmp_path / "flow.py"
    script.write_text(f"{begin}options = Job.Runner.getDefaultOptions('store')\ntoil = Toil(options)\n{line}\n")
    done = ended(tmp_path, "flow.py")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith(f"{script}:5: error: {message}")


def test_names_of_a_script_may_be_used_again_for_what_was_made_of_them(tmp_path):
    assert ran(tmp_path, str(SCRIPTS / "names_twice.py"), "store").stdout == "('first', Found(number=0)) True\n"


THREADS = """
import os
from toil.common import Toil
from toil.job import Job

def told(job):
    return os.environ["OMP_NUM_THREADS"]

def main(job):
    return [job.addChildJobFn(told, cores=cores).rv() for cores in (0.5, 2, 1.5, 1)]

if __name__ == "__main__":
    with Toil(Job.Runner.getDefaultArgumentParser().parse_args()) as toil:
        print(*toil.start(Job.wrapJobFn(main)))
"""


def test_programs_of_openmp_are_told_the_cores_of_their_job(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (tmp_path / "flow.py").write_text(THREADS)
    assert ran(tmp_path, "flow.py", "store", "--scale=0.25").stdout == "1 2 2 1\n"
    assert ran(tmp_path, "flow.py", "store", "--scale=0.25", "--setEnv", "OMP_NUM_THREADS=3").stdout == "3 3 3 3\n"
