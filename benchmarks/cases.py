"""What is measured: each case names a command for each contestant that can run it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import inputs

HERE = Path(__file__).resolve().parent
DOCUMENTS = HERE / "documents"
OURS = "ours"
CWLTOOL = "cwltool"
UPSTREAM = "upstream"


@dataclass(frozen=True)
class Peers:
    """The ``bin`` folders of the contestants' environments; ``None`` for one that stays out."""

    ours: Path = Path(sys.executable).parent
    cwltool: Path | None = None
    upstream: Path | None = None


@dataclass(frozen=True)
class Case:
    """A task, and how each contestant does it. ``operations`` says how many jobs it holds. ``inputs`` makes
    what the commands need in a folder, and returns the words to put behind each."""

    name: str
    summary: str
    commands: Mapping[str, tuple[str, ...]]
    operations: int = 1
    slow: frozenset[str] = field(default_factory=frozenset)
    inputs: Callable[[Path], list[str]] | None = None


def cases(peers: Peers) -> list[Case]:
    """All cases, with the commands of the contestants that are there."""
    found = [
        _documents(peers, "echo", "one echo tool", "echo.cwl", 1, ()),
        _documents(peers, "scatter-100", "scatter of 100 echo", "scatter.cwl", 100, ("--count=100",)),
        _documents(peers, "scatter-1000", "scatter of 1,000 echo", "scatter.cwl", 1000, ("--count=1000",)),
        _documents(peers, "scatter-10000", "scatter of 10,000 echo", "scatter.cwl", 10_000, ("--count=10000",)),
        _documents(peers, "product", "nested cross product of 40 x 40 echo", "product.cwl", 1600, ("--count=40",)),
        _generated(peers, "layers", "200 steps in 20 levels", 200, inputs.layers),
        _generated(peers, "many-files", "5,000 input files in a working directory", 1, inputs.many_files),
        _generated(peers, "directory", "an input directory of 10,000 files", 1, inputs.directory),
        _loading(peers, inputs.packed),
        _scripts(peers, "fan-out", "1,000 trivial Python jobs, fan-out", 1000),
        _scripts(replace(peers, upstream=None), "fan-out-shared", "the same, in processes that jobs may share", 1000),
        _scripts(peers, "chain", "chain of 100 Python jobs, chaining off", 100),
        _scripts(peers, "tree", "binary tree of depth 10 that grows", 2**11 - 1),
        _scripts(peers, "sort", "sort of a 20 MB file, 1 MB a job", 20, inputs.lines),
        _scripts(peers, "values", "200 jobs that pass 1 MB values", 200),
        _scripts(peers, "shared", "500 jobs that read one 100 MB file", 500, inputs.large_file),
        _help(peers, "toil", "toil --help"),
        _help(peers, "toil-cwl", "toil-cwl --help"),
    ]
    return [case for case in found if case.commands]


def _documents(
    peers: Peers, name: str, summary: str, document: str, operations: int, arguments: tuple[str, ...]
) -> Case:
    tail = (str(DOCUMENTS / document), *arguments) if document else ()
    commands = {OURS: (str(peers.ours / "toil-cwl"), "--no-container", "--outdir", "out", *tail)}
    if peers.cwltool:
        parallel = ("--parallel",) if operations > 1 else ()
        commands[CWLTOOL] = (str(peers.cwltool / "cwltool"), *parallel, "--no-container", "--outdir", "out", *tail)
    if peers.upstream:
        runner = str(peers.upstream / "toil-cwl-runner")
        commands[UPSTREAM] = (runner, "--no-container", "--outdir", "out", *tail)
    return Case(name, summary, commands, operations, frozenset({UPSTREAM} if operations >= 1000 else ()))


def _generated(peers: Peers, name: str, summary: str, operations: int, made: Callable[[Path], list[str]]) -> Case:
    document = f"{name}.cwl" if (DOCUMENTS / f"{name}.cwl").exists() else ""
    return replace(_documents(peers, name, summary, document, operations, ()), slow=frozenset({UPSTREAM}), inputs=made)


def _loading(peers: Peers, made: Callable[[Path], list[str]]) -> Case:
    commands = {
        "ours, first": (str(peers.ours / "toil-cwl"), "--no-doc-cache", "--no-container"),
        OURS: (str(peers.ours / "toil-cwl"), "--no-container"),
    }
    if peers.cwltool:
        commands[CWLTOOL] = (str(peers.cwltool / "cwltool"), "--no-container")
    return Case("packed", "loading a packed workflow of 200 tools", commands, inputs=made)


def _scripts(
    peers: Peers, shape: str, summary: str, operations: int, made: Callable[[Path], list[str]] | None = None
) -> Case:
    commands = {OURS: (str(peers.ours / "python"), str(HERE / "python_ours.py"), shape, str(operations))}
    script = str(HERE / "python_upstream.py")
    if shape != "fan-out-shared":
        commands["ours, theirs unchanged"] = (str(peers.ours / "python"), script, shape, str(operations))
    if peers.upstream:
        commands[UPSTREAM] = (str(peers.upstream / "python"), script, shape, str(operations))
    return Case(f"python-{shape}", summary, commands, operations, frozenset({UPSTREAM}), made)


def _help(peers: Peers, command: str, summary: str) -> Case:
    commands = {OURS: (str(peers.ours / command), "--help")}
    if peers.upstream:
        theirs = "toil-cwl-runner" if command == "toil-cwl" else command
        commands[UPSTREAM] = (str(peers.upstream / theirs), "--help")
    if peers.cwltool and command == "toil-cwl":
        commands[CWLTOOL] = (str(peers.cwltool / "cwltool"), "--help")
    return Case(f"{command}-help", summary, commands)
