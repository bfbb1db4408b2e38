"""Distributions that a workflow imports and a worker lacks are sent to it."""

from __future__ import annotations

import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

SUFFIX = f".{sysconfig.get_config_var('SOABI')}.so"
PARTS = """
@job
def parts():
    from importlib.metadata import version
    import words
    return words.text(), version("words"), version("letters")
"""


def install_words(apart):
    apart.install("letters", "1.5", {"letters/__init__.py": "A = 'a'\n", "letters/late.py": "B = 'b'\n"})
    text = "def text():\n    from letters import A\n    from letters.late import B\n    return A + B\n"
    apart.install("words", "2", {"words.py": text, "words_extra.txt": "x"}, "letters>=1; python_version>'3'")
    apart.install("unrelated", "1", {"unrelated.py": ""})


def test_a_distribution_goes_with_what_it_needs(apart):
    install_words(apart)
    apart.script(PARTS, "parts()")
    assert apart.run("flow.py").stdout == "('ab', '2', '1.5')\n"
    assert {name for name in apart.arrived() if "dist-info" not in name} == {
        "0/flow.py",
        "words.py",
        "words_extra.txt",
        "letters/__init__.py",
        "letters/late.py",
    }


def test_one_that_was_loaded_without_an_import_statement_goes_too(apart):
    install_words(apart)
    apart.script(
        PARTS.replace("import words", "import sys\n    words = sys.modules['words']").replace(
            "@job", "import importlib\nname = 'wo' + 'rds'\nimportlib.import_module(name)\n\n@job"
        ),
        "parts()",
    )
    assert apart.run("flow.py").stdout == "('ab', '2', '1.5')\n"


def test_what_the_worker_has_in_this_version_and_what_the_core_needs_stay(apart):
    apart.script("@job\ndef nothing():\n    import pluggy, yaml, pytest\n    return pytest.__name__\n", "nothing()")
    assert apart.run("flow.py").stdout == "pytest\n"
    assert apart.arrived() == {"0/flow.py"}


def test_the_leaders_version_is_the_one_that_is_imported(apart):
    apart.install("sortedcontainers", "99", {"sortedcontainers.py": "VERSION = 'the leader has'\n"})
    assert version("sortedcontainers") != "99"
    apart.script("import sortedcontainers\n\n@job\ndef version():\n    return sortedcontainers.VERSION\n", "version()")
    assert apart.run("flow.py").stdout == "the leader has\n"


@pytest.fixture
def compiled() -> bytes:
    """Some compiled module of this Python."""
    found = Path(sysconfig.get_path("stdlib"), "lib-dynload", f"_bisect{SUFFIX}")
    if not found.exists():
        pytest.skip("this Python has no compiled module that could be copied")
    return found.read_bytes()


def test_compiled_code_goes_to_workers_of_the_same_python(apart, compiled):
    apart.install("quick", "1", {"quick/__init__.py": "", f"quick/_bisect{SUFFIX}": compiled})
    apart.script(
        "from quick import _bisect\n\n@job\ndef found():\n    return _bisect.bisect_right([1, 3], 2)\n", "found()"
    )
    assert apart.run("flow.py").stdout == "1\n"


def test_a_worker_of_another_python_says_what_it_lacks(apart, compiled):
    apart.install("quick", "1", {"quick/__init__.py": "", f"quick/_bisect{SUFFIX}": compiled})
    head = "from quick import _bisect\nimport sysconfig\nsysconfig.get_platform = lambda: 'another'\n"
    apart.script(head + "\n@job\ndef found():\n    return _bisect.bisect_right([1, 3], 2)\n", "found()")
    done = apart.run("flow.py", status=1)
    assert "quick 1 was sent for " in done.stderr
    assert "have workers with the leader's Python and platform, or install it there" in done.stderr


def test_an_editable_installation_is_sent_from_where_its_source_is(apart):
    apart.write(
        "../source/tool/src/gadget/__init__.py", "from importlib.metadata import version\nV = version('gadget')\n"
    )
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
