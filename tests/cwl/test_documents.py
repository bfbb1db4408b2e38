"""What the language can do, by the real command."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest


def text(file):
    return Path(file["path"]).read_text()


def test_steps_of_every_kind(toil_cwl, documents, tmp_path):
    order = "{word: hi, letters: [a, b], digits: ['1', '2']}"
    told = toil_cwl("--quiet", documents / "everyday.cwl#main", "-", stdin=order)
    assert (told.code, told.text) == (0, "")
    assert told.outputs == {
        "nested_": "hi!",
        "dot_": ["a1", "b2"],
        "flat_": ["a1", "a2", "b1", "b2"],
        "grid_": [["a1", "a2"], ["b1", "b2"]],
        "none_": [],
        "inners_": ["a!", "b!"],
        "some_": [None, "b!"],
        "skipped_": None,
        "computed_": "hi!+hi/2",
        "counted_": 2,
        "picked_": "hi!",
        "merged_": ["hi", ["a1", "b2"]],
    }
    assert list(tmp_path.iterdir()) == []


def test_one_part_of_a_packed_document_runs_alone_with_flags(toil_cwl, documents, tmp_path):
    told = toil_cwl("--quiet", documents / "everyday.cwl#join", "--left=a b", "--right", "c")
    assert (told.code, told.outputs) == (0, {"joined": "a bc"})


@pytest.fixture
def given(tmp_path):
    folder = tmp_path / "inputs"
    (folder / "folder/sub").mkdir(parents=True)
    names = {"given.txt": "given", "given.txt.idx": "index", "given.meta": "meta", "folder/sub/deep.txt": "deep"}
    for name, content in names.items():
        (folder / name).write_text(content + "\n")
    (tmp_path / "job.json").write_text(
        '{"given": {"class": "File", "path": "given.txt"}, "folder": {"class": "Directory", "path": "folder"}}'
    )
    return folder


def test_files_and_folders(toil_cwl, documents, tmp_path, given):
    before = {path: path.read_bytes() for path in given.rglob("*") if path.is_file()}
    told = toil_cwl("--basedir", given, "--outdir", "made/out", documents / "files.cwl", "job.json")
    assert told.code == 0, told.text
    out = tmp_path / "made/out"
    found = told.outputs
    assert text(found["out"]) == "literal of given.txt\ngiven\n"
    assert text(found["err"]) == "to stderr\n"
    assert text(found["changed"]) == "given\nmore\n"
    assert text(found["sum"]) == "index\ndeep\nmade\n"
    assert [item["basename"] for item in found["sum"]["secondaryFiles"]] == ["sum.txt.i"]
    assert (out / "tree/empty").is_dir()
    assert (out / "tree/sub/sum.txt").read_text() == "index\ndeep\nmade\n"
    names = {item["basename"] for item in found["texts"]}
    assert names == {"changed.txt", "err.txt", "link.txt", "literal.txt", "out.txt", "sum.txt"}
    assert text(found["through"]) == "given\nmore\n"  # it was made writable at its place
    assert {item["basename"] for item in found["through"]["secondaryFiles"]} == {"given.txt.idx", "given.meta"}
    assert (out / "folder/sub/deep.txt").read_text() == "deep\n"
    assert found["seen"]["basename"] == "out.txt_2"  # another step's out.txt is there
    seen = text(found["seen"]).splitlines()
    assert "sum.txt.i" not in seen  # tree and sum lie in folders of their own
    assert seen[-1] == "116"  # the size of the input, and 100
    assert found["out"]["checksum"] == "sha1$" + hashlib.sha1((out / "out.txt").read_bytes()).hexdigest()
    assert {path: path.read_bytes() for path in given.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["../climbed", "{tmp}/climbed"])
def test_an_output_cannot_be_named_out_of_the_folder(toil_cwl, documents, tmp_path, name):
    name = name.format(tmp=tmp_path)
    told = toil_cwl("--outdir", "out", documents / "climb.cwl#name", "--name", name)
    assert (told.code, told.outputs) == (2, None)
    assert name in told.text
    assert not (tmp_path / "climbed").exists()


@pytest.mark.parametrize("glob", ["out.txt", "folder", "{target}"])
def test_an_output_cannot_be_a_link_to_what_the_tool_did_not_make(toil_cwl, documents, tmp_path, glob):
    (tmp_path / "precious.txt").write_text("secret")
    target = tmp_path / "precious.txt"
    told = toil_cwl(
        "--outdir", "out", documents / "climb.cwl#link", "--target", target, "--glob", glob.format(target=target)
    )
    assert (told.code, told.outputs) == (1, None)
    assert not (tmp_path / "out").exists()


@pytest.fixture
def fails(toil_cwl, documents, tmp_path):
    """Runs the failing workflow; which tools ran is in the second part."""

    def run(status, *options):
        log = tmp_path / "ran"
        log.unlink(missing_ok=True)
        words = ["--log", log, "--cured", tmp_path / "cured", f"--status={status}"]
        told = toil_cwl(*options, "--job-store", tmp_path / "store", documents / "fails.cwl", *words)
        return told, log.read_text().split() if log.exists() else []

    return run


def test_a_success_code_is_success(fails):
    told, ran = fails(7)
    assert (told.code, ran) == (0, ["first", "second"])
    assert told.outputs["done"] is True


def test_a_restart_does_again_only_what_failed(fails, tmp_path):
    told, ran = fails(9, "--retry-count", "3")
    assert (told.code, told.outputs) == (1, None)
    assert ran == ["first", "second"]  # permanentFailCodes: no retry
    for said in ("two", "exited with status 9", "what went wrong", f"--restart --job-store file:{tmp_path / 'store'}"):
        assert said in told.text
    (tmp_path / "cured").touch()
    told, ran = fails(9, "--restart")
    assert (told.code, ran) == (0, ["second"]), told.text
    assert text(told.outputs["out"]) == "done\n"
    assert not (tmp_path / "store").exists()


def test_a_temporary_failure_is_retried_as_often_as_asked(fails):
    told, ran = fails(8, "--retry-count", "2")
    assert (told.code, ran) == (1, ["first", "second", "second", "second"])
    assert "exited with status 8" in told.text
