"""What lies beside code and is none, or cannot be read, or is nobody's business, stays, and is named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from toil_core.deployment import own_files
from toil_core.deployment.own_files import SECRET, TOO_LARGE, TOO_MUCH, UNREADABLE, OwnFiles

HEAD = """
import json, sys
from toil_core.deployment.collecting import collect
from toil_core.deployment.started import started_script
from toil_core.workflow.script import main_script
"""
END = """
found = collect(started_script(main_script()))
left_out = [(one.path, one.why) for one in found.left_out]
print(json.dumps([[file.name for file in found.own.files], left_out, found.like_pythons]))
"""
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@dataclass
class Folder:
    """A script's folder."""

    path: Path

    def write(self, name: str, content: str | bytes = "") -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def collected(self, text: str = "", script: str = "flow.py", before: tuple[str, ...] = (), **variables: str):
        """The names of what is sent of a script, what is left out, and what is named like Python's own."""
        self.write(script, HEAD + text + END)
        words = ["-m", "lab.flow"] if script == "lab/flow.py" else [script]
        command = [*before, sys.executable, "-W", "error", *words]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            command, cwd=self.path, env={**environment, **variables}, capture_output=True, text=True, check=True
        )
        sent, left_out, like_pythons = json.loads(done.stdout)
        told = {(path.removeprefix(f"{self.path}/"), why) for path, why in left_out}
        return {name.removeprefix("0/") for name in sent}, told, like_pythons


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path.resolve())


@pytest.fixture
def unprivileged() -> tuple[str, ...]:
    """What a command begins with that is to be refused what it may not read."""
    if os.geteuid():
        return ()
    if shutil.which("setpriv") is None or subprocess.run([*UNPRIVILEGED, "true"], check=False).returncode:
        pytest.skip("root can read everything here")
    return tuple(UNPRIVILEGED)


def test_keys_and_passwords_in_a_package_stay_here(folder):
    folder.write("steps/__init__.py")
    folder.write("steps/secrets.py", "is code")
    sent = {"steps/table.csv", "steps/cacert.pem", "steps/id_rsa.pub", "steps/keyboard.key"}
    secret = {
        "credentials",
        "credentials.json",
        "client-secret.json",
        "id_ed25519",
        "store.p12",
        "prod.env",
        "deep/my.pem",
    }
    for name in sent:
        folder.write(name, "-----BEGIN CERTIFICATE-----")
    for name in secret:
        folder.write(f"steps/{name}", "-----BEGIN PRIVATE KEY-----" if name == "deep/my.pem" else "")
    assert folder.collected() == (
        {"flow.py", "steps/__init__.py", "steps/secrets.py", *sent},
        {(f"steps/{name}", SECRET) for name in secret},
        [],
    )


def test_a_module_named_like_a_secret_goes_only_if_it_is_imported(folder):
    for name in ("passwords.py", "secrets_of_trade.py", "credentials.py"):
        folder.write(name)
    sent, told, _ = folder.collected("def later():\n    import passwords\n")
    assert sent == {"flow.py", "passwords.py", "secrets_of_trade.py"}
    assert told == {("credentials.py", SECRET)}


def test_beside_a_started_module_only_code_is_taken(folder):
    for name in ("lab/.env", "lab/credentials", "lab/results.csv", "lab/data/part.bin"):
        folder.write(name, "private")
    folder.write("lab/near.py")
    assert folder.collected(script="lab/flow.py") == ({"lab/flow.py", "lab/near.py"}, set(), [])


def test_what_may_not_be_read_is_named_and_the_rest_goes(folder, unprivileged):
    folder.write("theirs.py").chmod(0)
    folder.write("package/__init__.py")
    folder.write("package/theirs.txt").chmod(0)
    for name in ("package/closed", "shut"):
        folder.write(f"{name}/__init__.py").parent.chmod(0)
    told = {(name, UNREADABLE) for name in ("theirs.py", "package/theirs.txt", "package/closed")}
    try:
        assert folder.collected(before=unprivileged) == ({"flow.py", "package/__init__.py"}, told, [])
        folder.path.chmod(0o300)
        assert folder.collected(before=unprivileged)[0] == {"flow.py"}
    finally:
        for name in ("", "package/closed", "shut"):
            (folder.path / name).chmod(0o700)


def test_in_a_folder_that_all_may_write_to_only_what_is_imported_is_taken(folder):
    for name in ("named.py", "theirs.py", "package/__init__.py"):
        folder.write(name)
    folder.path.chmod(0o1777)
    assert folder.collected("def later():\n    import named\n") == ({"flow.py", "named.py"}, set(), [])


def test_what_was_installed_beside_a_script_is_a_distribution_and_no_code_of_its_author(folder):
    files = ["idle/__init__.py", "idle/data", "used.py", "both-1.dist-info/METADATA", "both-1.dist-info/RECORD"]
    for name in files:
        folder.write(name, "Name: both\nVersion: 1\n")
    folder.write("both-1.dist-info/RECORD", "".join(f"{name},,\n" for name in files))
    folder.write("used.py")
    folder.write("mine.py")
    assert folder.collected("import used\n") == ({"flow.py", "mine.py"}, set(), [])


def test_a_command_that_was_installed_for_a_user_goes_without_those_beside_it(folder):
    folder.write("bin/another.py")
    sent, _, _ = folder.collected(script="bin/tool", PYTHONUSERBASE=str(folder.path))
    assert sent == {"tool"}


def test_what_is_no_file_is_passed_over(folder):
    os.mkfifo(folder.path / "pipe.py")
    os.symlink("loop.py", folder.path / "loop.py")
    os.symlink("absent", folder.path / "dangling.py")
    folder.write("package/__init__.py")
    os.mkfifo(folder.path / "package" / "pipe")
    os.symlink("loop", folder.path / "package" / "loop")
    os.symlink(".", folder.path / "package" / "again")
    assert folder.collected() == ({"flow.py", "package/__init__.py"}, set(), [])


def test_the_data_of_a_package_with_very_much_of_it_stays_here(folder, monkeypatch):
    folder.write("package/__init__.py", " " * 1000)
    folder.write("package/deep/module.py", " " * 1000)
    for name in ("one", "deep/two"):
        folder.write(f"package/{name}", "x" * 60)
    monkeypatch.setattr(own_files, "PACKAGE_DATA_BYTES", 120)
    whole = {f"0/package/{name}" for name in ("__init__.py", "deep/module.py", "one", "deep/two")}
    assert {file.name for file in OwnFiles().of(str(folder.path), "package", "0")} == whole
    folder.write("package/three", "x")
    finder = OwnFiles()
    assert {file.name for file in finder.of(str(folder.path), "package", "0") if not file.is_code} == set()
    assert [(one.path, one.why) for one in finder.left_out] == [(str(folder.path / "package"), TOO_MUCH)]
    os.truncate(folder.write("package/large.bin"), own_files.DATA_BYTES + 1)
    finder.of(str(folder.path), "package", "0")
    assert finder.left_out[1].why == TOO_LARGE


def test_a_folder_of_data_costs_nothing(folder):
    for number in range(3000):
        folder.write(f"data/{number % 10}/{number}.csv")
        folder.write(f"{number}.csv")
    assert folder.collected() == ({"flow.py"}, set(), [])


def test_a_module_that_takes_the_place_of_pythons_own_is_sent_and_named(folder):
    folder.write("this.py")
    folder.write("antigravity.py", "")
    folder.write("test.py")
    sent, _, like_pythons = folder.collected("import this\n\ndef later():\n    import antigravity, json\n")
    assert sent == {"flow.py", "this.py", "antigravity.py", "test.py"}
    assert like_pythons == [str(folder.path / "antigravity.py"), str(folder.path / "this.py")]


def test_an_imported_module_inside_an_archive_is_named(folder):
    shutil.make_archive(str(folder.path / "archive"), "zip", folder.write("zipped/inside.py").parent)
    text = f"sys.path.append({str(folder.path / 'archive.zip')!r})\n\ndef later():\n    import inside\n"
    _, told, _ = folder.collected(text)
    assert told == {("archive.zip/inside.py", "modules that do not lie in a folder where their names say")}
