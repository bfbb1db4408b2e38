"""Finding plugins costs no more than reading their descriptors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ALLOWED_LIBRARIES = {"pluggy"}
ALLOWED_MODULES = ("toil_core.api", "toil_core.model", "toil_core.errors", "toil_core.plugins.markers")
FACES = sorted(Path(__file__).resolve().parents[2].glob("toil-*/src/*/__init__.py"))
PACKAGES = [face.parent.name for face in FACES]
ALLOWED_FACES = {"toil_core.plugins", "toil_core.local", *PACKAGES}
PLUGINS = [f"{face.parent.name}.plugin" for face in FACES if (face.parent / "plugin.py").exists()]
CLOUD_LIBRARIES = {"boto3", "botocore", "google", "azure", "requests"}

MEASURE = """
import importlib, json, sys
before = set(sys.modules)
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def imported_by(module):
    done = subprocess.run([sys.executable, "-c", MEASURE, module], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def is_allowed(name, plugin):
    top = name.split(".")[0]
    if top in sys.stdlib_module_names or top in ALLOWED_LIBRARIES or top.startswith("__editable__"):
        return True
    if name in ALLOWED_FACES or name == plugin:
        return True
    own = plugin.rpartition(".")[0]
    is_own_options = name.startswith(f"{own}.") and name.endswith("options")
    return is_own_options or any(name == one or name.startswith(f"{one}.") for one in ALLOWED_MODULES)


@pytest.mark.parametrize("plugin", ["toil_core.local.plugin", *PLUGINS])
def test_a_plugin_module_imports_markers_specs_and_its_options_only(plugin):
    assert [name for name in imported_by(plugin) if not is_allowed(name, plugin)] == []


WORKFLOW = """
import sys
from toil_core.run import Run
from toil_core.workflow import job

@job
def loaded() -> list[str]:
    return sorted({name.split(".")[0] for name in sys.modules})

if __name__ == "__main__":
    with Run(job_store="./store") as run:
        print(*run.start(loaded()))
    print(*{name.split(".")[0] for name in sys.modules})
"""


def test_a_run_in_a_directory_imports_no_library_of_a_cloud(tmp_path):
    (tmp_path / "workflow.py").write_text(WORKFLOW)
    done = subprocess.run(
        [sys.executable, "workflow.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    of_the_job, of_the_leader = (set(line.split()) for line in done.stdout.splitlines())
    assert {"toil_core"} <= of_the_job & of_the_leader
    assert (of_the_job | of_the_leader) & CLOUD_LIBRARIES == set()
