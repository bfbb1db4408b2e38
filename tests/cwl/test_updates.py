"""Tools that update their inputs in place: those who come later see the update, and nothing that is stored changes."""

from __future__ import annotations

import json
from pathlib import Path

from toil_cwl.updates import updated, updates_of, with_updates, without_updates


def run(toil_cwl, documents, tmp_path, *words):
    (tmp_path / "file.txt").write_text("a")
    order = {"file": {"class": "File", "path": "file.txt"}, "words": ["x", "y"]}
    (tmp_path / "order.json").write_text(json.dumps(order))
    told = toil_cwl("--outdir", "out", *words, documents / "update.cwl", "order.json")
    assert told.code == 0, told.text
    return told.outputs


def test_jobs_after_an_update_see_it_under_the_old_name(toil_cwl, documents, tmp_path):
    outputs = run(toil_cwl, documents, tmp_path)
    assert outputs["before"] == "a"
    assert outputs["original"] == outputs["last"] == "abc"
    assert outputs["scattered"] == ["abc", "abc"]


def test_a_persons_own_file_is_not_changed(toil_cwl, documents, tmp_path):
    outputs = run(toil_cwl, documents, tmp_path)
    assert (tmp_path / "file.txt").read_text() == "a"
    assert Path(outputs["handed"]["path"]).read_text() == "abc"  # what the workflow calls it now


def file(location, **more):
    return {"class": "File", "location": location, **more}


def test_the_last_of_several_updates_holds():
    updates = updates_of([{"@updates": {"1": file("2", size=2)}}, {"@updates": {"2": file("3", size=3)}}, {}])
    assert updated([file("1", basename="name", format="f")], updates) == [
        file("3", size=3, basename="name", format="f")
    ]


def test_updates_reach_into_directories_and_secondary_files():
    updates = {"1": file("2")}
    directory = {"class": "Directory", "location": "_:d", "listing": [file("1"), file("4", secondaryFiles=[file("1")])]}
    assert updated(directory, updates)["listing"] == [file("2"), file("4", secondaryFiles=[file("2")])]


def test_outputs_tell_of_updates_only_if_there_are_any():
    assert with_updates({"a": 1}, {}) == {"a": 1}
    assert without_updates(with_updates({"a": 1}, {"1": file("2")})) == {"a": 1}
