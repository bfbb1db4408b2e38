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


def ran(folder, *command):
    environment = {**os.environ, "TMPDIR": str(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
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
