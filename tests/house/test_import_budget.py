"""Finding plugins costs no more than reading their descriptors."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

ALLOWED_LIBRARIES = {"pluggy"}
ALLOWED_MODULES = ("toil_core.api", "toil_core.model", "toil_core.errors", "toil_core.plugins.markers")
ALLOWED_FACES = {"toil_core", "toil_core.plugins", "toil_core.local", "toil_cwl"}

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


@pytest.mark.parametrize("plugin", ["toil_core.local.plugin", "toil_cwl.plugin"])
def test_a_plugin_module_imports_markers_specs_and_its_options_only(plugin):
    assert [name for name in imported_by(plugin) if not is_allowed(name, plugin)] == []
