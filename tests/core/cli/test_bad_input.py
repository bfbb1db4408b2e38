"""A person's mistake is one line that says what and what to try, and an exit code; nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from toil_core.files.reuse_store import open_reuse_store

TOIL = Path(sys.executable).parent / "toil"


def toil(*words, cwd):
    environment = {**os.environ, "HOME": str(cwd), "TMPDIR": str(cwd)}
    return subprocess.run([TOIL, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["stauts", "x"], 2, 'There is no command "toil stauts". Did you mean toil status?'),
        (["status"], 2, "The following arguments are required: LOCATOR"),
        (["status", "nowhere"], 1, "nowhere"),
        (["status", "pantry:shelf"], 2, "Install the plugin that brings it"),
        (["kill", "nowhere"], 1, "nowhere"),
        (["status", "x", "--jsno"], 2, "Unknown option --jsno. Did you mean --json?"),
        (["run", "nothing.cwl"], 2, "There is no document nothing.cwl"),
        (["config", "no/such/folder/c.yaml"], 2, "Cannot write no/such/folder/c.yaml: No such file or directory"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(tmp_path, words, code, expected):
    done = toil(*words, cwd=tmp_path)
    assert done.returncode == code
    assert expected in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_clean_of_nothing_is_no_error(tmp_path):
    assert toil("clean", "nowhere", cwd=tmp_path).returncode == 0


def test_clean_refuses_a_folder_that_is_no_job_store(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1").write_text("years of work")
    done = toil("clean", "thesis", cwd=tmp_path)
    assert done.returncode == 1
    assert (tmp_path / "thesis" / "chapter1").read_text() == "years of work"


def test_a_store_of_results_is_not_taken_for_a_run_and_not_removed_by_the_way(tmp_path):
    open_reuse_store(f"file:{tmp_path / 'results'}").prepare()
    for words in (("status", "results"), ("clean", "results")):
        done = toil(*words, cwd=tmp_path)
        assert done.returncode in (1, 2)
        assert "keeps results for --reuse-results, and no run" in done.stderr
    assert (tmp_path / "results").exists()
    assert toil("clean", "--force", "results", cwd=tmp_path).returncode == 0
    assert not (tmp_path / "results").exists()


def test_config_writes_a_file_once_and_again_only_by_force(tmp_path):
    assert toil("config", cwd=tmp_path).returncode == 0
    again = toil("config", cwd=tmp_path)
    assert again.returncode == 2
    assert "config.yaml is there already" in again.stderr
    assert toil("config", "--force", cwd=tmp_path).returncode == 0


def test_a_damaged_journal_names_the_object(tmp_path):
    store = tmp_path / "store"
    code = (
        "from toil_core.run import Run\n"
        "from toil_core.workflow import job\n"
        "@job\n"
        "def one():\n    return 1\n"
        f"with Run(job_store={str(store)!r}, clean='never') as run:\n    print(run.start(one()))\n"
    )
    (tmp_path / "script.py").write_text(code)
    ran = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.stdout == "1\n", ran.stderr
    segment = sorted((store / "journal").iterdir())[-1]
    segment.chmod(0o600)
    segment.write_bytes(segment.read_bytes()[:-1])
    done = toil("status", str(store), cwd=tmp_path)
    assert done.returncode == 1
    assert f"journal/{segment.name}" in done.stderr
    assert "Everything before it is intact" in done.stderr


def test_a_store_of_a_newer_format_asks_to_upgrade(tmp_path):
    code = "from toil_core.local.file_storage import FileStorage as F; s = F('store'); s.create(); "
    code += 's.put(\'format\', b\'{"format": 99, "run": "x"}\')'
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    done = toil("status", "store", cwd=tmp_path)
    assert done.returncode == 1
    assert "has format 99" in done.stderr
    assert "pip install --upgrade toil-core" in done.stderr


def test_help_lists_the_commands_and_costs_no_backend(tmp_path):
    done = toil("--help", cwd=tmp_path)
    assert done.returncode == 0
    for name in ("run", "status", "kill", "clean", "plugins", "config", "debug-job", "debug-file"):
        assert f"  {name}" in done.stdout
