"""Make the container images that a conformance suite names, without a registry.

``conformance_images.py SUITE PLACE`` looks for the names in the documents below SUITE, and makes those
images that the podman store in PLACE has not got. To stdout go, as JSON, the variables that make podman
use that store; or, where containers cannot be run and the exit code is 33, the reason.

Every image is a minimal Debian with what the tests call: nothing in the suites needs more of the
Alpine, Python or Bash images that they name.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from private_podman import configure

UNSUPPORTED = 33
NAMED = re.compile(r"""dockerPull["']?\s*:\s*["']?([^"'\s,}]+)""")
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENTRY = "/usr/local/bin/entry"
ENTRYPOINT = """#!/bin/sh
case "$1" in ""|-*) exec bash "$@";; *) exec "$@";; esac
"""


@dataclass(frozen=True)
class Recipe:
    """A Debian release, packages beside the minimal ones, and links to make in it."""

    release: str
    packages: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


COMMON = ("procps", "ca-certificates")
BASH = ("usr/local/bin/bash", "/bin/bash")
PYTHON_3 = (("usr/bin/python", "python3"), ("usr/local/bin/python", "/usr/bin/python3"))
PYTHON_2 = (("usr/bin/python", "python2"), ("usr/local/bin/python", "/usr/bin/python2"))
CURRENT = Recipe("bookworm", (*COMMON, "python3"), (BASH, *PYTHON_3))
LAST_WITH_PYTHON_2 = Recipe("bullseye", (*COMMON, "python2"), (BASH, *PYTHON_2))
RECIPES = {
    "alpine": CURRENT,
    "alpine:latest": CURRENT,
    "bash:4.4": CURRENT,
    "bash:4.4.12": CURRENT,
    "debian:stable-slim": CURRENT,
    "debian:stretch-slim": CURRENT,
    "python:2-slim": LAST_WITH_PYTHON_2,
    "python:2.7.15-alpine3.7": LAST_WITH_PYTHON_2,
    "python:3": CURRENT,
    "python:3-slim": CURRENT,
}


def main() -> int:
    """Make what is missing; the exit code says whether containers can be run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("place", type=Path)
    arguments = parser.parse_args()
    place = arguments.place.resolve()
    place.mkdir(parents=True, exist_ok=True)
    variables = configure(place)
    os.environ.update(variables)
    reason = make_missing(named_images(arguments.suite))
    if reason:
        print(reason)
        return UNSUPPORTED
    print(json.dumps(variables))
    return 0


def named_images(suite: Path) -> set[str]:
    """The images that the documents of a suite name."""
    documents = [path for path in suite.rglob("*") if path.suffix in (".cwl", ".json", ".yml", ".yaml")]
    return {found for path in documents for found in NAMED.findall(path.read_text(errors="replace"))}


def make_missing(images: set[str]) -> str | None:
    """Make the images that are not there; why that cannot be done."""
    if shutil.which("podman") is None:
        return "podman is not installed"
    missing = {image for image in images if not succeeds("podman", "image", "exists", full_name(image))}
    unknown = sorted(image for image in missing if short_name(image) not in RECIPES)
    for image in unknown:
        print(f"no recipe for the image {image}", file=sys.stderr)
    wanted: dict[Recipe, list[str]] = {}
    for image in sorted(missing.difference(unknown)):
        wanted.setdefault(RECIPES[short_name(image)], []).append(full_name(image))
    try:
        for recipe, names in wanted.items():
            make(recipe, names)
        if known := sorted(images.difference(unknown)):
            run("podman", "run", "--rm", "--network=none", full_name(known[0]), "bash", "-c", "true")
    except (OSError, subprocess.CalledProcessError) as error:
        said = str(getattr(error, "stderr", None) or error).strip()
        return f"podman cannot run containers here: {said.splitlines()[-1]}"
    return None


def make(recipe: Recipe, names: Sequence[str]) -> None:
    """Make an image and give it its names. Raises ``OSError``, ``CalledProcessError``."""
    if os.geteuid() != 0:
        raise PermissionError("only root can make the images")
    print(f"making {', '.join(names)}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="toil-image-") as scratch:
        root, archive = Path(scratch) / "root", Path(scratch) / "root.tar"
        packages = ",".join(recipe.packages)
        run("debootstrap", "--variant=minbase", f"--include={packages}", recipe.release, str(root))
        for folder in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(root / folder)
        for name, target in recipe.links:
            (root / name).unlink(missing_ok=True)
            (root / name).symlink_to(target)
        entry = root / ENTRY.lstrip("/")
        entry.write_text(ENTRYPOINT)
        entry.chmod(0o755)
        run("tar", "--directory", str(root), "--create", "--file", str(archive), ".")
        for name in names:
            changes = [f"ENV PATH={SEARCH_PATH}", 'CMD ["bash"]']
            if short_name(name).startswith("bash:"):
                changes.append(f'ENTRYPOINT ["{ENTRY}"]')
            run("podman", "import", *(f"--change={change}" for change in changes), str(archive), name)


def full_name(image: str) -> str:
    """The name by which podman stores an image of Docker Hub."""
    return f"docker.io/library/{short_name(image)}"


def short_name(image: str) -> str:
    """The name without the registry."""
    return image.removeprefix("docker.io/").removeprefix("library/")


def run(*command: str) -> None:
    """Run a command, and say nothing. Raises ``OSError``, ``CalledProcessError``."""
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)


def succeeds(*command: str) -> bool:
    """Whether a command ends with status 0."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
