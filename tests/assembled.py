"""Checks an environment that was assembled by an extra of toil-core: ``python -I assembled.py toil-aws ...``.

Exactly the named distributions are there beside toil-core, all their modules import with what they declare
to depend on, each plugin's classes load, and a workflow runs. Uses nothing that is not installed by the extra.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import distribution, distributions
from pathlib import Path, PurePath

PROVIDES = {
    "toil-aws": {("job store", "aws"), ("URL access", "s3")},
    "toil-azure": {("job store", "azure")},
    "toil-compat": set[tuple[str, str]](),
    "toil-core": {("job store", "file"), ("batch system", "single_machine")},
    "toil-cwl": {("language", "cwl")},
    "toil-gce": {("job store", "google")},
}
LEFT_OUT = {
    "toil_core.testing": "is for tests, and needs pytest",
    "toil_core.worker.__main__": "becomes a program",
    "toil_azure.door.identity": "is for toil-azure[identity]",
}
BIN = Path(sys.executable).parent
WORKFLOW = """
from toil_core.run import Run
from toil_core.workflow import job

@job
def greet(name):
    return f"Hello, {name}!"

if __name__ == "__main__":
    with Run() as run:
        print(run.start(greet("world")))
"""
COMPAT_WORKFLOW = """
from toil.common import Toil
from toil.job import Job

def greet(name):
    return f"Hello, {name}!"

if __name__ == "__main__":
    options = Job.Runner.getDefaultOptions("./store")
    with Toil(options) as toil:
        print(toil.start(Job.wrapFn(greet, "world")))
"""
CWL_WORKFLOW = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [echo, "Hello, world!"]
inputs: []
outputs: {greeting: stdout}
"""


def main(expected: Sequence[str]) -> None:
    """Check everything; an ``AssertionError`` tells what is wrong."""
    names = {"toil-core", *expected}
    installed = {one.metadata["Name"] for one in distributions() if one.metadata["Name"].startswith("toil-")}
    assert installed == names, f"installed are {sorted(installed)}, not {sorted(names)}"
    assert not any(one.metadata["Name"] == "pytest" for one in distributions()), "pytest came along"
    packages = sorted({path.parts[0] for name in names for path in distribution(name).files or () if is_code(path)})
    count = sum(import_all(package) for package in packages)
    check_plugins(names)
    check_runs(names)
    print(f"{', '.join(sorted(names))}: {count} modules import, plugins load, a workflow runs")


def is_code(path: PurePath) -> bool:
    """Whether a file of a distribution is a module."""
    return path.suffix == ".py" and len(path.parts) > 1


def import_all(package: str) -> int:
    """Import every module of a package but those left out; how many there are."""
    found = [package]
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not any(module.name == name or module.name.startswith(f"{name}.") for name in LEFT_OUT):
            importlib.import_module(module.name)
            found.append(module.name)
    return len(found)


def check_plugins(names: set[str]) -> None:
    """Everything is offered that should be, and every class that is offered can be imported."""
    told = json.loads(output(str(BIN / "toil"), "plugins", "--json"))
    offered = {(kind, name) for plugin in told["installed"] for kind, name in plugin["provides"]}
    wanted = {offer for name in names for offer in PROVIDES[name]}
    assert wanted <= offered, f"missing: {wanted - offered}"
    assert told["broken"] == []
    manager = importlib.import_module("toil_core.plugins.manager").PluginManager.load()
    for kind in sorted({kind for kind, _ in offered}):
        for spec in manager.all(kind):
            assert callable(spec.load()), spec.name


def check_runs(names: set[str]) -> None:
    """A workflow in each language that is there."""
    with tempfile.TemporaryDirectory() as place:
        scripts = {"workflow.py": WORKFLOW}
        if "toil-compat" in names:
            scripts["compat_workflow.py"] = COMPAT_WORKFLOW
        for name, text in scripts.items():
            Path(place, name).write_text(text)
            assert output(sys.executable, name, cwd=place).strip() == "Hello, world!"
        if "toil-cwl" in names:
            Path(place, "hello.cwl").write_text(CWL_WORKFLOW)
            printed = json.loads(output(str(BIN / "toil-cwl"), "hello.cwl", cwd=place))
            assert Path(printed["greeting"]["path"]).read_text() == "Hello, world!\n"


def output(*command: str, cwd: str | None = None) -> str:
    """What a command prints; an error that shows what it said if it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1:])
