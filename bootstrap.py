"""Run a command of this repository in an environment of its own: ``python3 bootstrap.py COMMAND ...``.

Makes ``.venv`` beside this file on the first call and installs our distributions from this
checkout; what the tests need comes along when the command asks for it. Uses nothing but Python.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HOME = ROOT / ".venv"
DISTRIBUTIONS = tuple(sorted(project.parent.name for project in ROOT.glob("toil-*/pyproject.toml")))
OUR_COMMANDS = frozenset({"toil", "toil-cwl", "toil-cwl-runner", "cwltoil", "python"})
TEST_REQUIREMENTS = ROOT / "tests" / "requirements.txt"


def main(arguments: Sequence[str]) -> int:
    """Install what is missing, then become the command. Returns an exit code only if that fails."""
    if not arguments:
        print("Usage: python3 bootstrap.py COMMAND [ARGUMENT...]", file=sys.stderr)
        return 2
    pip = make_environment()
    if not pip:
        print("Python's venv module is not complete here. Try: apt-get install python3-venv", file=sys.stderr)
        return 1
    groups = {"ours": [part for name in DISTRIBUTIONS for part in ("-e", str(ROOT / name))]}
    if arguments[0] == "nox":
        groups["nox"] = ["nox"]
    elif arguments[0] not in OUR_COMMANDS:
        groups["tests"] = ["-r", str(TEST_REQUIREMENTS)]
    for name, packages in groups.items():
        status = install(pip, name, packages)
        if status:
            return status
    environment = {**os.environ, "PATH": f"{HOME / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    command = HOME / "bin" / arguments[0]
    if not command.exists():
        print(f"There is no command {arguments[0]} in {HOME / 'bin'}", file=sys.stderr)
        return 127
    sys.stdout.flush()
    return os.execve(command, [str(command), *arguments[1:]], environment)


def make_environment() -> list[str]:
    """Make ``.venv`` if it is not there; the pip command for it, or nothing if there is no pip at all.

    Debian ships ``venv`` without ``ensurepip`` until python3-venv is installed; a pip of the system's
    own Python can serve instead.
    """
    python = HOME / "bin" / "python"
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if not python.exists():
        print(f"Making an environment in {HOME}", file=sys.stderr)
        venv.create(HOME, with_pip=has_ensurepip, symlinks=True)
    if any(HOME.glob("lib/python*/site-packages/pip")):
        return [str(python), "-m", "pip"]
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "--python", str(python)]
    shutil.rmtree(HOME)
    return []


def install(pip: Sequence[str], name: str, packages: Sequence[str]) -> int:
    """Install one group of packages unless that was done already from the same files."""
    stamp = HOME / f"installed-{name}"
    sources = [ROOT / distribution / "pyproject.toml" for distribution in DISTRIBUTIONS] + [TEST_REQUIREMENTS]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return 0
    print(f"Installing into {HOME}: {' '.join(packages)}", file=sys.stderr)
    command = [*pip, "install", "--quiet", "--disable-pip-version-check", *packages]
    status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode
    if status == 0:
        stamp.write_text(digest)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
