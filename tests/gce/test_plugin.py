"""The plugin is light, and found under its names."""

from __future__ import annotations

import subprocess
import sys

from toil_core.plugins.manager import PluginManager

ASK = """
import sys
from toil_core.plugins.manager import PluginManager
plugins = PluginManager.load()
plugins.storage("google:project:name"), plugins.url_access("gs://bucket/name")
print([name for name in sys.modules if name.split(".")[0] in ("google", "requests", "urllib3", "google_crc32c")])
"""
RUN = """
import sys
from toil_core.cli.main import main
code = main(["status", "file:" + sys.argv[1]])
print(code, [name for name in sys.modules if name.split(".")[0] in ("google", "requests", "urllib3", "google_crc32c")])
"""


def printed(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_finding_the_plugin_imports_nothing_of_googles() -> None:
    assert printed(ASK) == "[]\n"


def test_command_on_another_store_imports_nothing_of_googles(tmp_path: object) -> None:
    assert printed(RUN, f"{tmp_path}/none") == "1 []\n"


def test_store_and_urls_are_found_by_their_names() -> None:
    plugins = PluginManager.load()
    spec, rest = plugins.storage("google:project:name")
    assert (spec.name, rest, spec.appends) == ("google", "project:name", False)
    assert spec.load()(rest, None).public_url("a") is None
    assert plugins.url_access("GS://bucket/name").load()(None) is not None
