"""What tools say of devices, of nodes that can be taken back, of MPI and of software, in the engine's words."""

from __future__ import annotations

import pytest

from toil_core.errors import UsageError
from toil_core.model.requirements import Accelerator
from toil_cwl import door, resources
from toil_cwl.options import CwlOptions

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
$namespaces: {{cwltool: "http://commonwl.org/cwltool#", arv: "http://arvados.org/cwl#"}}
{asked}
baseCommand: [sh, -c, 'echo $0 $WORD']
inputs: {{n: {{type: int, default: 3, inputBinding: {{}}}}}}
outputs: {{said: {{type: stdout}}}}
"""
CUDA = 'hints: {{"cwltool:CUDARequirement": {{cudaVersionMin: "1.0", cudaComputeCapability: "3.0"{more}}}}}'


@pytest.fixture
def write(tmp_path):
    def tool(asked):
        (tmp_path / "tool.cwl").write_text(TOOL.format(asked=asked))
        return tmp_path / "tool.cwl"

    return tool


@pytest.fixture
def needs(write):
    def found(asked):
        options = CwlOptions(enable_ext=True)
        root = door.load_document(write(asked).as_uri(), options).root
        if resources.is_dynamic(root):
            return resources.evaluated_requirements(root, {"n": 3}, None, options)
        return resources.static_requirements(root, options)

    return found


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ("", 1),
        (", cudaDeviceCountMin: 2", 2),
        (", cudaDeviceCountMax: 4", 4),
        (", cudaDeviceCountMin: 2, cudaDeviceCountMax: 4", 2),
        (", cudaDeviceCountMin: $(inputs.n)", 3),
    ],
)
def test_cuda_devices_are_accelerators(needs, more, count):
    assert needs(CUDA.format(more=more)).accelerators == (Accelerator(count, "gpu", "nvidia", "cuda"),)


def test_a_tool_that_asks_for_no_device_gets_none(needs):
    assert needs("").accelerators == ()


def test_a_tool_says_whether_its_node_may_be_taken_back(needs):
    assert needs("hints: {arv:UsePreemptible: {usePreemptible: true}}").preemptible is True
    assert needs("hints: {arv:UsePreemptible: {usePreemptible: false}}").preemptible is False
    assert needs("").preemptible is None


def test_devices_that_are_not_here_are_told_of(write, toil_cwl):
    told = toil_cwl("--enable-ext", write(CUDA.format(more=", cudaDeviceCountMin: 1000")))
    assert told.code == 1
    assert "it asks for 1000 gpu of" in told.text


MPI = "requirements: {InlineJavascriptRequirement: {}, cwltool:MPIRequirement: {processes: $(inputs.n)}}"


@pytest.fixture
def runner(tmp_path):
    """A program in the place of mpirun: it says how it was called, and runs the tool once."""
    (tmp_path / "runner").write_text('#!/bin/sh\necho "$1 $2 $3"\nshift 3\nexec "$@"\n')
    (tmp_path / "runner").chmod(0o755)
    return tmp_path / "runner"


def test_mpi_tools_are_started_as_the_file_says(write, toil_cwl, tmp_path, runner):
    settings = f"runner: {runner}\nnproc_flag: --np\nextra_flags: [--oversubscribe]\nenv_set: {{WORD: hello}}\n"
    (tmp_path / "mpi.yml").write_text(settings)
    told = toil_cwl("--enable-ext", "--mpi-config-file", "mpi.yml", write(MPI), "--n", "2")
    assert told.code == 0, told.text
    assert (tmp_path / told.outputs["said"]["path"]).read_text() == "--np 2 --oversubscribe\n2 hello\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("runer: mpirun", "have runer, which is unknown. Known: runner, nproc_flag"),
        ("[1]", "are no mapping"),
        (None, "Cannot read the MPI settings mpi.yml"),
    ],
)
def test_mpi_settings_that_are_wrong_are_told(tmp_path, monkeypatch, content, said):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "mpi.yml").write_text(content)
    with pytest.raises(UsageError) as error:
        door.with_mpi_settings(CwlOptions(mpi_config_file="mpi.yml"))
    assert said in str(error.value)


def test_a_program_that_starts_mpi_tools_and_is_not_here_is_named(write, toil_cwl, tmp_path):
    (tmp_path / "mpi.yml").write_text("runner: no-such-mpirun\n")
    told = toil_cwl("--enable-ext", "--retry-count=0", "--mpi-config-file", "mpi.yml", write(MPI))
    assert told.code == 1
    assert "no-such-mpirun" in told.text
    assert "not found" in told.text
