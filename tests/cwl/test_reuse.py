"""A tool that ran before on the same inputs is not run again, whatever lies between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

RUNNER = Path(sys.executable).parent / "toil-cwl"
LARGE = 70_000  # bytes; more than an entry holds of one file
TEXT = {"text": "string"}


def tool(name, script, inputs, outputs, **more):
    """A tool that tells the counter file of each of its runs; ``$1`` and so on are its inputs."""
    arguments = [
        "sh",
        "-c",
        f"echo {name} >> COUNTER; {script}",
        name,
        *(f"$(inputs.{key}{'.path' if kind in ('File', 'Directory') else ''})" for key, kind in inputs.items()),
    ]
    return {
        "class": "CommandLineTool",
        "arguments": arguments,
        "inputs": {key: {"type": kind} for key, kind in inputs.items()},
        "outputs": {key: {"type": kind, "outputBinding": {"glob": glob}} for key, (kind, glob) in outputs.items()},
        **more,
    }


def workflow(inputs, steps, **more):
    """A workflow of ``name: (tool, sources, further fields)``; its outputs are all those of the last step."""
    *_, last = steps
    return {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "requirements": {"ScatterFeatureRequirement": {}, "InlineJavascriptRequirement": {}},
        "inputs": inputs,
        "outputs": {key: {"type": "Any", "outputSource": f"{last}/{key}"} for key in steps[last][0]["outputs"]},
        "steps": {
            name: {"run": run, "in": sources, "out": list(run["outputs"]), **dict(*rest)}
            for name, (run, sources, *rest) in steps.items()
        },
        **more,
    }


@pytest.fixture
def ran(tmp_path, toil_cwl):
    """Runs a document with reuse; its output object, and how often each tool ran."""
    counter = tmp_path / "counter"

    def run(document, *words, name="document.cwl", **order):
        counter.write_text("")
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        text = json.dumps({"cwlVersion": "v1.2", **document}).replace("COUNTER", str(counter))
        path.write_text(text)
        (tmp_path / "order.json").write_text(json.dumps(order))
        told = toil_cwl(
            "--reuse-results", tmp_path / "reuse", "--outdir", tmp_path / "out", *words, path, tmp_path / "order.json"
        )
        run.said = told.text
        assert told.code == 0, told.text
        return told.outputs, Counter(counter.read_text().split())

    return run


def edited(tool, old, new):
    """The tool with something else in its script."""
    return {**tool, "arguments": [one.replace(old, new) for one in tool["arguments"]]}


def printing(name, **more):
    """A tool that leaves its input in a file with its own name."""
    return tool(name, f'echo "$1" > {name}.txt', TEXT, {"out": ("File", f"{name}.txt")}, **more)


UPPER = tool("upper", 'echo "$1" | tr a-z A-Z > upper.txt', TEXT, {"big": ("File", "upper.txt")})
COUNT = tool("count", 'wc -c < "$1" > count.txt', {"of": "File"}, {"number": ("File", "count.txt")})
LAST = tool("last", 'cat "$1" > last.txt', {"of": "File"}, {"out": ("File", "last.txt")})


def test_only_what_an_edit_touches_is_run_again(ran, tmp_path):
    steps = {
        "upper": (UPPER, {"text": "text"}),
        "count": (COUNT, {"of": "upper/big"}),
        "last": (LAST, {"of": "count/number"}),
    }
    first, counted = ran(workflow(TEXT, steps), text="hello")
    assert counted == {"upper": 1, "count": 1, "last": 1}

    renamed = {
        "shout": (UPPER, {"text": "text"}),
        "number": ({**COUNT, "label": "counts"}, {"of": "shout/big"}),
        "end": (LAST, {"of": "number/number"}),
    }
    events = tmp_path / "events"
    again, counted = ran(workflow(TEXT, renamed), "--write-events", events, name="elsewhere/moved.cwl", text="hello")
    assert (again, counted) == (first, {})
    assert Path(again["out"]["path"]).read_text() == "6\n"
    kinds = Counter(json.loads(line)["event"] for line in events.read_text().splitlines())
    assert (kinds["job-reused"], kinds["job-succeeded"]) == (3, 0)

    same_output = edited(UPPER, "tr a-z A-Z", "tr '[a-z]' '[A-Z]'")
    assert ran(workflow(TEXT, {**steps, "upper": (same_output, {"text": "text"})}), text="hello")[1] == {"upper": 1}

    other_output = edited(COUNT, "wc -c", "wc -w")
    found, counted = ran(workflow(TEXT, {**steps, "count": (other_output, {"of": "upper/big"})}), text="hello")
    assert counted == {"count": 1, "last": 1}
    assert Path(found["out"]["path"]).read_text() == "1\n"


def test_a_restart_with_an_edited_document_goes_on_from_what_the_edit_left(ran, tmp_path, toil_cwl):
    broken = edited(COUNT, "wc -c", "false; exit 3; wc -c")
    steps = {"upper": (UPPER, {"text": "text"}), "count": (broken, {"of": "upper/big"})}
    words = ("--job-store", tmp_path / "store", "--retry-count", "0")
    with pytest.raises(AssertionError, match="exited with status 3"):
        ran(workflow(TEXT, steps), *words, text="hello")
    with pytest.raises(AssertionError, match="exited with status 3"):
        ran(workflow(TEXT, steps), *words, "--restart", text="hello")
    assert "starts over" not in ran.said
    steps["count"] = (COUNT, {"of": "upper/big"})
    found, counted = ran(workflow(TEXT, steps), *words, "--restart", text="hello")
    assert counted == {"count": 1}
    assert "starts over" in ran.said
    assert Path(found["number"]["path"]).read_text() == "6\n"


def test_a_tool_or_its_step_can_refuse_reuse(ran):
    never = {"WorkReuse": {"enableReuse": False}}
    asking = {"WorkReuse": {"enableReuse": "$(inputs.text == 'hello')"}}
    source = {"text": "text"}
    steps = {
        "hinted": (printing("hinted", hints=never), source),
        "required": (printing("required", requirements=never), source),
        "by_step": (printing("by_step"), source, {"requirements": never}),
        "allowed_by_step": (
            printing("allowed_by_step", hints=never),
            source,
            {"requirements": {"WorkReuse": {"enableReuse": True}}},
        ),
        "asked": (printing("asked", requirements={**asking, "InlineJavascriptRequirement": {}}), source),
        "arvados": (printing("arvados", hints={"http://arvados.org/cwl#ReuseRequirement": never["WorkReuse"]}), source),
        "silent": (printing("silent"), source),
    }
    assert set(ran(workflow(TEXT, steps), text="hello")[1]) == set(steps)
    assert set(ran(workflow(TEXT, steps), text="hello")[1]) == {"hinted", "required", "by_step", "arvados"}


def entry_of(store, name):
    """The entry of the tool that leaves a file of that name."""
    return next(path for path in (store / "entries").iterdir() if f"{name}.txt".encode() in path.read_bytes())


def test_a_damaged_entry_is_told_and_made_again(ran, tmp_path):
    large = f'head -c {LARGE} /dev/zero | tr "\\0" "$1" > large.txt'
    names = ("cut", "altered", "newer", "whole")
    steps = {name: (printing(name), {"text": "text"}) for name in names}
    steps["large"] = (tool("large", large, TEXT, {"out": ("File", "large.txt")}), {"text": "text"})
    store = tmp_path / "reuse"
    first, counted = ran(workflow(TEXT, steps), text="x")
    assert set(counted) == set(steps)
    for name, damage in (
        ("cut", lambda content: content[:-1]),
        ("altered", lambda content: content.replace(b"altered.txt", b"ALTERED.txt")),
        ("newer", lambda content: content.replace(b"toil-result 1 ", b"toil-result 2 ")),
    ):
        entry = entry_of(store, name)
        entry.chmod(0o600)
        entry.write_bytes(damage(entry.read_bytes()))
    (content,) = (path for path in (store / "contents").rglob("*") if path.is_file())
    content.chmod(0o600)
    content.write_bytes(b"y" * LARGE)

    again, counted = ran(workflow(TEXT, steps), text="x")
    assert set(counted) == {"cut", "altered", "newer", "large"}
    assert again == first
    assert ran.said.count(" WARNING ") == 4
    for told in ("is damaged: its bytes are not", 'its file "large.txt" is gone', "has format 2"):
        assert told in ran.said
    found, counted = ran(workflow(TEXT, steps), text="x")
    assert (found, set(counted)) == (first, {"newer"})
    assert Path(found["out"]["path"]).read_bytes() == b"x" * LARGE


def test_two_runs_that_keep_the_same_result_at_once_harm_each_other_in_nothing(tmp_path):
    started, go = tmp_path / "started", tmp_path / "go"
    for fifo in (started, go):
        os.mkfifo(fifo)
    script = f"echo x > {started}; read line < {go}; head -c {LARGE} /dev/zero > zeros"
    document = tool("meet", script, {}, {"out": ("File", "zeros")})
    (tmp_path / "tool.cwl").write_text(json.dumps({"cwlVersion": "v1.2", **document}).replace("COUNTER", "/dev/null"))
    runs = [
        subprocess.Popen(
            [RUNNER, "--work-dir", tmp_path, "--reuse-results", tmp_path / "reuse", "--outdir", name, "tool.cwl"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]
    with started.open("r+b", buffering=0) as both, go.open("r+b", buffering=0) as gate:
        met = b""
        while len(met) < 4:  # both tools run, so neither run has found a result
            met += both.read(4)
        gate.write(b"\n\n")
        said = [run.communicate(timeout=60)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert b"could not" not in b"".join(said)
    assert len(list((tmp_path / "reuse" / "entries").iterdir())) == 1
    for name in ("one", "two"):
        assert (tmp_path / name / "zeros").read_bytes() == bytes(LARGE)


def test_directories_secondary_files_and_inputs_that_are_handed_through(ran, tmp_path):
    make = (
        f"mkdir -p tree/empty tree/deep; echo a > tree/deep/a.txt; head -c {LARGE} /dev/zero > tree/zeros; "
        "echo i > index.txt; echo i > index.txt.idx; chmod +x tree/deep/a.txt"
    )
    makes = tool("make", make, {"text": "File"}, {"tree": ("Directory", "tree"), "index": ("File", "index.txt")})
    makes["outputs"]["index"]["secondaryFiles"] = ".idx"
    makes["outputs"]["same"] = {"type": "File", "outputBinding": {"outputEval": "$(inputs.text)"}}
    uses = tool(
        "use",
        'rm -r "$5"; cat "$2" "$2.idx" "$3" > all; (cd "$1" && ls -R . && test -x deep/a.txt && cat zeros) >> all',
        {"tree": "Directory", "index": "File", "same": "File", "text": "File", "store": "string"},
        {"all": ("File", "all")},
        hints={"WorkReuse": {"enableReuse": False}},
    )
    uses["inputs"]["index"]["secondaryFiles"] = ".idx"
    steps = {
        "make": (makes, {"text": "text"}),
        "use": (uses, {**{key: f"make/{key}" for key in ("tree", "index", "same")}, "text": "text", "store": "store"}),
    }
    whole = workflow({"text": "File", "store": "string"}, steps)
    given = tmp_path / "given.txt"
    given.write_text("g" * (LARGE + 1))
    (tmp_path / "nothing").mkdir()
    text = {"class": "File", "path": str(given)}
    first, counted = ran(whole, text=text, store=str(tmp_path / "nothing"))
    assert counted == {"make": 1, "use": 1}
    kept = [path.parent.name for path in (tmp_path / "reuse" / "contents").rglob("*") if path.is_file()]
    assert [name.rpartition("-")[2] for name in kept] == [str(LARGE)], "what a tool only hands through was stored"

    # The second step removes the store of results before it reads what the first one took from there.
    again, counted = ran(whole, text=text, store=str(tmp_path / "reuse"))
    assert counted == {"use": 1}
    assert (again["all"]["checksum"], again["all"]["size"]) == (first["all"]["checksum"], first["all"]["size"])


def test_what_an_update_in_place_makes_is_an_input_like_any_other(ran, tmp_path):
    update = tool("update", 'echo more >> "$1"', {"of": "File"}, {"big": ("File", "lines.txt")})
    update["requirements"] = {
        "InplaceUpdateRequirement": {"inplaceUpdate": True},
        "InitialWorkDirRequirement": {"listing": [{"entry": "$(inputs.of)", "writable": True}]},
    }
    lines = tmp_path / "lines.txt"
    steps = {"update": (update, {"of": "lines"}), "count": (COUNT, {"of": "update/big"})}
    lines.write_text("one\n")
    for counted in ({"update": 1, "count": 1}, {"update": 1}):
        found, ran_now = ran(workflow({"lines": "File"}, steps), lines={"class": "File", "path": str(lines)})
        assert ran_now == counted
        assert Path(found["number"]["path"]).read_text() == "9\n"


def test_equal_elements_of_a_scatter_run_once_and_status_tells_it(ran, tmp_path):
    steps = {"say": (printing("say"), {"text": "words"}, {"scatter": "text"})}
    store = tmp_path / "store"
    whole = workflow({"words": "string[]"}, steps)
    found, counted = ran(
        whole, "--max-cores", "1", "--job-store", store, "--clean", "never", words=["a", "b", "a", "a"]
    )
    assert counted == {"say": 2}
    assert [Path(one["path"]).read_text() for one in found["out"]] == ["a\n", "b\n", "a\n", "a\n"]
    toil = RUNNER.with_name("toil")
    told = subprocess.run([toil, "status", store], capture_output=True, text=True, check=True)
    assert told.stdout == "finished: 4 done, 2 of them reused\n"
    assert "2 of 4 jobs took the result of earlier work" in ran.said


def test_a_place_that_holds_something_else_is_refused_before_anything_runs(tmp_path, toil_cwl):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("meow")
    (tmp_path / "tool.cwl").write_text(json.dumps({"cwlVersion": "v1.2", **printing("say")}))
    told = toil_cwl("--cachedir", "photos", "tool.cwl", "--text", "hello")
    assert told.code == 2
    assert "holds something else" in told.text
