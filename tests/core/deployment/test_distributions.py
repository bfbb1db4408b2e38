"""Distributions that a workflow imports and a worker lacks are sent to it."""

from __future__ import annotations

import json
import sys
import sysconfig
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from toil_core.api.job import JobFailure
from toil_core.deployment.arrival import arrive
from toil_core.deployment.collecting import Collected, OwnCode
from toil_core.deployment.distributions import Environment
from toil_core.deployment.own_files import SentFile
from toil_core.deployment.sending import send
from toil_core.model.deployment import Deployment, Part
from toil_core.model.outcome import FailureKind
from toil_core.model.wire import encode
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage

SUFFIX = f".{sysconfig.get_config_var('SOABI')}.so"


def test_a_distribution_goes_with_what_it_needs(apart):
    apart.install("letters", "1.5", {"letters/__init__.py": "A = 'a'\n", "letters/late.py": "B = 'b'\n"})
    text = "def text():\n    from letters import A\n    from letters.late import B\n    return A + B\n"
    apart.install("words", "2", {"words.py": text, "words_extra.txt": "x"}, "letters>=1; python_version>'3'")
    apart.install("loaded", "3", {"loaded.py": "C = 'c'\n"})
    apart.install("unrelated", "1", {"unrelated.py": ""})
    points = {"lab-4.dist-info/entry_points.txt": "[toil]\nlab = lab.plugin\n"}
    apart.install("lab", "4", {"lab/__init__.py": "D = 'd'\n", "lab/plugin.py": "", **points})
    apart.script(
        """
import importlib, sys
loaded = "loaded"
importlib.import_module(loaded)

@job
def parts():
    from importlib.metadata import version
    import lab, words
    return words.text() + lab.D + importlib.import_module(loaded).C, version("words"), version("letters")
""",
        "parts()",
    )
    assert apart.run("flow.py").stdout == "('abdc', '2', '1.5')\n"
    assert {name for name in apart.arrived() if "dist-info" not in name} == {
        "0/flow.py",
        "words.py",
        "words_extra.txt",
        "letters/__init__.py",
        "letters/late.py",
        "loaded.py",
        "lab/__init__.py",
        "lab/plugin.py",
    }


def test_the_leaders_version_counts_and_what_the_worker_has_or_the_core_needs_stays(apart):
    apart.install("sortedcontainers", "99", {"sortedcontainers.py": "VERSION = 'the leader has'\n"})
    assert version("sortedcontainers") != "99"
    apart.script(
        """
import sortedcontainers

@job
def versions():
    import pluggy, pytest
    return sortedcontainers.VERSION, pytest.__name__
""",
        "versions()",
    )
    assert apart.run("flow.py").stdout == "('the leader has', 'pytest')\n"
    assert {name for name in apart.arrived() if "dist-info" not in name} == {"0/flow.py", "sortedcontainers.py"}


def test_compiled_code_goes_to_workers_of_the_same_python(apart):
    compiled = Path(sysconfig.get_path("stdlib"), "lib-dynload", f"_bisect{SUFFIX}")
    if not compiled.exists():
        pytest.skip("this Python has no compiled module that could be copied")
    apart.install("quick", "1", {"quick/__init__.py": "", f"quick/_bisect{SUFFIX}": compiled.read_bytes()})
    text = "from quick import _bisect\n\n@job\ndef found():\n    return _bisect.bisect_right([1, 3], 2)\n"
    apart.script(text, "found()", clean="never")
    assert apart.run("flow.py").stdout == "1\n"
    parts = [json.loads(path.read_bytes())["parts"] for path in apart.tables()]
    assert [part["abi"] for part in parts[0] if part.get("name") == "quick"] == [
        f"{sysconfig.get_config_var('SOABI')}@{sysconfig.get_platform()}"
    ]


def test_an_editable_installation_is_sent_from_where_its_source_is(apart):
    text = "from importlib.metadata import version\nV = version('gadget')\n"
    apart.write("../source/tool/src/gadget/__init__.py", text)
    source = apart.leader / "source" / "tool"
    apart.put(
        {
            "gadget.pth": f"{source / 'src'}\n",
            "gadget-7.dist-info/METADATA": "Metadata-Version: 2.1\nName: gadget\nVersion: 7\n",
            "gadget-7.dist-info/direct_url.json": f'{{"url": "{source.as_uri()}", "dir_info": {{"editable": true}}}}',
        },
        "gadget-7.dist-info/RECORD",
    )
    apart.script("import gadget\n\n@job\ndef version():\n    return gadget.V\n", "version()")
    done = apart.run("flow.py", PYTHONPATH=f"{apart.leader / 'site'}:{source / 'src'}")
    assert done.stdout == "7\n"


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A storage, and a node of its own for what comes from there."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = MemoryStorage(MemoryPlace())
    made.create()
    return made


def put(store, key, part):
    store.put(key, json.dumps(encode(Deployment(parts=(part,)))).encode())
    return key


@pytest.mark.parametrize(
    ("part", "what"),
    [
        (Part("code/x", name="quick", version="1", abi="other"), "quick 1"),
        (Part("code/x", abi="other"), "compiled code of the workflow"),
    ],
)
def test_a_worker_of_another_python_says_what_it_lacks(store, part, what):
    with pytest.raises(JobFailure) as failed:
        arrive(put(store, f"code/0123456789abcde{len(what)}", part), store)
    assert failed.value.failure.kind is FailureKind.PERMANENT
    assert str(failed.value).startswith(f"{what} was sent for other, and this worker is ")


def test_a_worker_of_another_python_uses_what_it_has_in_another_version(store, capsys):
    arrive(put(store, "code/0123456789abcde2", Part("code/x", name="pytest", version="1", abi="other")), store)
    assert capsys.readouterr().err == f"pytest {version('pytest')} is used: 1 was sent, for other\n"


def test_code_that_has_arrived_is_found_again_after_a_job_that_changed_the_path(store, tmp_path, monkeypatch):
    (tmp_path / "arrives_twice.py").write_text("")
    own = OwnCode("", ("0",), (SentFile(str(tmp_path / "arrives_twice.py"), "0/arrives_twice.py"),))
    key = send(Collected(own, ()), store)[0]
    before = list(sys.path)
    for _ in range(2):
        monkeypatch.setattr(sys, "path", list(before))
        arrive(key, store)
        assert find_spec("arrives_twice") is not None
        assert len(sys.path) == len(before) + 1


def test_a_distribution_without_a_list_of_files_has_what_lies_below_its_top_modules(tmp_path):
    folder = tmp_path / "dist-packages"
    info = "two_tops-3.egg-info"
    files = {
        f"{info}/PKG-INFO": "Metadata-Version: 2.1\nName: two-tops\nVersion: 3\n",
        f"{info}/top_level.txt": "first\nsecond\n",
        f"{info}/requires.txt": "plain>=1\n",
        "first/deep/module.py": "",
        "first/__pycache__/module.pyc": "",
        "second.py": "",
        "third.py": "",
        "plain.py": "",
        "plain-1.egg-info": "Metadata-Version: 2.1\nName: plain\nVersion: 1\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    environment = Environment([str(folder)])
    modules = ("first/deep/module.py", "second.py", "third.py", "plain.py")
    assert [environment.owner(str(folder / name)) for name in modules] == ["two-tops", "two-tops", "", "plain"]
    assert environment.with_needs(["two-tops"]) == {"two-tops", "plain"}
    sent = {file.name for name in ("two-tops", "plain") for file in environment.get(name).files()}
    assert sent == set(files) - {"first/__pycache__/module.pyc", "third.py"}
    assert environment.get("two-tops").version == "3"
    assert not Environment([str(folder.rename(tmp_path / "source"))]).with_needs(["two-tops"])
