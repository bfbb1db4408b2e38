"""CWL keeps the contract of languages."""

from __future__ import annotations

import pytest

from toil_core.testing import Example, LanguageContract
from toil_cwl.language import CwlLanguage

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
stdout: said.txt
inputs: {word: {type: string, inputBinding: {}}}
outputs: {said: stdout}
"""


class TestCwl(LanguageContract):
    options = ("--no-container",)

    @pytest.fixture
    def language(self):
        return CwlLanguage()

    @pytest.fixture
    def example(self, tmp_path):
        (tmp_path / "echo.cwl").write_text(TOOL)
        return Example(tmp_path / "echo.cwl", ["--word", "hello"], ["sha1$f572d396fae9206628714fb2ce00f72e94f2258f"])

    @pytest.fixture
    def broken(self, tmp_path):
        (tmp_path / "broken.cwl").write_text(TOOL.replace("baseCommand", "baseComand"))
        return tmp_path / "broken.cwl"

    def comparable(self, result):
        return [result["said"]["checksum"]]
