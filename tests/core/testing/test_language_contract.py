"""The language kit accepts a small language of its own, found as a stranger's plugin is."""

from __future__ import annotations

import importlib
import sys

import pytest

from toil_core.testing import Example, LanguageContract

PLUGIN = """
from toil_core.api.specs import LanguageSpec
from toil_core.plugins.markers import hookimpl

def load():
    from shouting import ShoutLanguage
    return ShoutLanguage

@hookimpl
def toil_languages():
    return [LanguageSpec("shout", "documents in capitals", load, suffixes=(".shout",))]
"""

LANGUAGE = """
from pathlib import Path

from toil_core.api.language import Language, Program
from toil_core.errors import UsageError
from toil_core.model.description import JobDescription
from toil_core.model.ids import JobId
from toil_core.model.payload import Payload


def shout(context, payload, values):
    return payload.upper()


class ShoutProgram(Program):
    name = "shout"

    def __init__(self, text):
        self._text = text

    def jobs(self, files):
        return [JobDescription(JobId("0"), "shout", "shouting:shout", Payload(text=self._text))]

    def conclude(self, value, values, files):
        return value


class ShoutLanguage(Language):
    def recognizes(self, document, head):
        return head.startswith(b"shout")

    def load(self, document, inputs, options):
        try:
            first, _, text = Path(document).read_text().partition(" ")
        except OSError as error:
            raise UsageError(f"There is no {document}") from error
        if first != "shout" or not text:
            raise UsageError(f"{document}:1:1: there is nothing to shout")
        return ShoutProgram(" ".join([text.strip(), *inputs]))
"""


class TestShout(LanguageContract):
    @pytest.fixture
    def installed(self, tmp_path):
        folder = tmp_path / "site"
        info = folder / "toil_shout-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / "shouting_plugin.py").write_text(PLUGIN)
        (folder / "shouting.py").write_text(LANGUAGE)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toil-shout\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[toil]\nshout = shouting_plugin\n")
        return folder

    @pytest.fixture
    def environment(self, installed, tmp_path):
        return {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(tmp_path / "caches")}

    @pytest.fixture
    def language(self, installed, monkeypatch):
        monkeypatch.syspath_prepend(str(installed))
        yield importlib.import_module("shouting").ShoutLanguage()
        del sys.modules["shouting"]

    @pytest.fixture
    def example(self, tmp_path):
        (tmp_path / "hello.shout").write_text("shout hello\n")
        return Example(tmp_path / "hello.shout", ["world"], "HELLO WORLD")

    @pytest.fixture
    def broken(self, tmp_path):
        (tmp_path / "broken.shout").write_text("shout")
        return tmp_path / "broken.shout"
