"""What a person does wrong is told in one line that says what, and mostly what to try."""

from __future__ import annotations

import os

import pytest

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: {program}
requirements: {requirements}
arguments: {arguments}
inputs:
  message: {{type: string, inputBinding: {{}}}}
  number: int?
  file: File?
outputs: []
"""


def tool(program="echo", requirements="[]", arguments="[]"):
    return TOOL.format(program=program, requirements=requirements, arguments=arguments)


@pytest.fixture
def folder(tmp_path):
    """The documents and job orders that the command lines below name."""
    files = {
        "tool.cwl": tool(),
        "text.cwl": "hello there\n",
        "other.json": '{"a": 1}',
        "broken.cwl": "class: [1\ninputs: {}",
        "unversioned.cwl": "class: CommandLineTool\ninputs: {}\noutputs: {}\n",
        "old.cwl": tool().replace("v1.2", "draft-3"),
        "typo.cwl": tool().replace("inputs:", "inputz:"),
        "container.cwl": tool(requirements="{DockerRequirement: {dockerPull: debian}}"),
        "unknown.yml": "message: hi\nnumer: 3\n",
        "wrong.yml": "message: 3\n",
        "gone.yml": "message: hi\nfile: {class: File, path: gone.txt}\n",
        "lacks.yml": "number: 3\n",
        "broken.yml": "message: [1\nb: 2",
        "plain.txt": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


MISTAKES = {
    "missing.cwl": (2, "There is no document missing.cwl"),
    "": (2, "There is no document to run. See: toil-cwl --help"),
    "text.cwl": (2, "text.cwl is not a CWL document. CWL starts with"),
    "other.json": (2, "other.json is not a CWL document. CWL starts with"),
    "broken.cwl": (2, "broken.cwl:1:8"),
    "unversioned.cwl": (2, "does not say its cwlVersion. Add, for example: cwlVersion: v1.2"),
    "old.cwl": (2, "is of cwlVersion draft-3; v1.0, v1.1, v1.2 can be run"),
    "typo.cwl": (2, "invalid field 'inputz'"),
    "tool.cwl#part": (2, "Reference '#part' not found"),
    "container.cwl --message hi": (33, "requires a container (DockerRequirement). Leave out --no-container"),
    "tool.cwl missing.yml": (2, "There is no job order missing.yml"),
    "tool.cwl nobody://bucket/job.yml": (
        2,
        'Cannot read the job order nobody://bucket/job.yml: No URL access for "nobody"',
    ),
    "nobody://bucket/tool.cwl": (2, 'No URL access for "nobody". Installed: '),
    "tool.cwl broken.yml": (2, "Cannot read the job order broken.yml: broken.yml:1:10"),
    "tool.cwl unknown.yml": (2, 'no input "numer". Did you mean number?'),
    "tool.cwl wrong.yml": (2, "the 'message' field is not valid because the value is not string"),
    "tool.cwl gone.yml": (2, "gone.txt, which is not there"),
    "tool.cwl lacks.yml": (2, "Missing required input parameter 'message'"),
    "tool.cwl unknown.yml wrong.yml": (2, "There is one job order only, and then wrong.yml"),
    "tool.cwl --mesage hi": (2, "no input --mesage. Did you mean --message?"),
    "--outdri . tool.cwl": (2, "Unknown option --outdri. Did you mean --outdir?"),
    "--outdir plain.txt tool.cwl --message hi": (2, "plain.txt is not a folder. Name another folder by --outdir"),
    "--write-logs plain.txt/logs tool.cwl --message hi": (
        2,
        "plain.txt/logs: not a directory. Name another by --write-logs",
    ),
    "--log-dir plain.txt tool.cwl --message hi": (2, "Logs cannot be kept in "),
    "--job-store pantry:x tool.cwl --message hi": (2, 'No job store for "pantry"'),
    "--batch-system foo tool.cwl --message hi": (2, 'No batch system for "foo". Installed: single_machine'),
    "--restart tool.cwl": (2, "Name its job store by --job-store"),
    "--restart --job-store nothere tool.cwl --message hi": (1, "There is no job store at"),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_told_in_one_line(toil_cwl, folder, line):
    code, said = MISTAKES[line]
    told = toil_cwl("--log-level", "error", *line.split())
    assert (told.code, told.outputs) == (code, None), told.text
    assert said in told.text
    assert len(told.text.splitlines()) == 1, told.text
    assert told.text.startswith("toil-cwl: error: ")
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []  # no store, no work is left


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_output_folder_is_refused_before_anything_runs(toil_cwl, folder):
    (folder / "ro").mkdir(mode=0o500)
    told = toil_cwl("--outdir", "ro/out", "tool.cwl", "--message", "hi")
    assert told.code == 2
    assert "ro cannot be written to: permission denied. Name another folder by --outdir" in told.text


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (tool(program="no-such-tool"), "the tool's program 'no-such-tool' was not found; install it"),
        (
            tool(requirements="{InlineJavascriptRequirement: {}}", arguments='["$(inputs.nothing.deep)"]'),
            "TypeError: Cannot read properties of undefined (reading 'deep')",
        ),
    ],
)
def test_a_job_that_cannot_work_is_told_on_one_screen(toil_cwl, folder, document, said):
    (folder / "fails.cwl").write_text(document)
    told = toil_cwl("--log-level", "error", "--retry-count=0", "fails.cwl", "--message", "hi")
    assert (told.code, told.outputs) == (1, None)
    assert f"FAILED  fails: {said}" in told.text or f" {said}\n" in told.text
    assert "Go on from here with: --restart --job-store" in told.text
    assert len(told.text.splitlines()) < 25
    assert "at Script" not in told.text
    assert max(len(line) for line in told.text.splitlines()) < 250


def test_a_store_of_another_run_or_of_a_newer_version_is_not_taken(toil_cwl, folder):
    store = ["--job-store", "store", "--log-level", "error"]
    assert toil_cwl(*store, "--clean", "never", "tool.cwl", "--message", "hi").code == 0
    before = sorted(path.name for path in (folder / "store").iterdir())
    told = toil_cwl(*store, "tool.cwl", "--message", "hi")
    assert (told.code, told.outputs) == (1, None)
    assert len(told.text.splitlines()) == 1
    assert "--restart" in told.text
    assert sorted(path.name for path in (folder / "store").iterdir()) == before

    (folder / "store/format").chmod(0o600)
    (folder / "store/format").write_text('{"format": 999, "run": "r"}')
    told = toil_cwl(*store, "--restart", "tool.cwl", "--message", "hi")
    assert (told.code, told.outputs) == (1, None)
    assert len(told.text.splitlines()) == 1
    assert "has format 999" in told.text
    assert "Try: pip install --upgrade toil-core" in told.text


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that nobody can write to")
def test_an_output_folder_that_nobody_can_make_is_refused_before_anything_runs(toil_cwl, folder):
    told = toil_cwl("--outdir", "/proc/x", "--job-store", "store", "tool.cwl", "--message", "hi")
    assert (told.code, told.outputs) == (2, None)
    assert "Outputs cannot be left in /proc/x: /proc cannot be written to: " in told.text
    assert not (folder / "store").exists()


def test_outputs_that_could_not_be_left_are_left_by_a_restart(toil_cwl, folder):
    program = f'[sh, -c, "echo hi; touch {folder}/out"]'
    (folder / "makes.cwl").write_text(tool(program).replace("outputs: []", "stdout: o.txt\noutputs: {o: stdout}"))
    words = ["--job-store", "store", "--outdir", "out/here", "makes.cwl", "--message", "hi"]
    told = toil_cwl(*words)
    assert (told.code, told.outputs) == (2, None)
    assert f"Outputs cannot be left in {folder}/out/here: " in told.text
    (folder / "out").unlink()
    told = toil_cwl("--restart", *words)
    assert told.code == 0, told.text
    assert (folder / "out/here/o.txt").read_text() == "hi\n"


@pytest.mark.parametrize(
    ("engine", "script", "said"),
    [
        ("docker", None, "there is no docker here. Try: sudo systemctl start docker; or --podman"),
        ("docker", "echo 'Cannot connect to the daemon' >&2; exit 1", "cannot run any: Cannot connect to the daemon"),
        ("podman", None, "there is no podman here"),
        ("podman", "case $1 in version) ;; pull) echo 'no route' >&2; exit 125;; *) exit 1;; esac", "get it: no route"),
        ("singularity", None, "there is no singularity here"),
    ],
)
def test_an_engine_that_does_not_work_is_told_before_anything_runs(toil_cwl, folder, engine, script, said):
    path = folder / "programs"
    path.mkdir()
    if script:
        (path / engine).write_text(f"#!/bin/sh\n{script}\n")
        (path / engine).chmod(0o755)
    flags = [] if engine == "docker" else [f"--{engine}"]
    told = toil_cwl(*flags, "container.cwl", "--message", "hi", PATH=str(path), contained=True)
    assert told.code == 33
    assert said in told.text
    assert "FAILED" not in told.text
