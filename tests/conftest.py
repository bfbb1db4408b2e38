"""What tests of several distributions share: a container image made of this machine's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

PROGRAMS = ("sh", "cat", "env", "sleep", "id", "ls", "touch", "mkdir", "wc")
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "{runtime}"
"""
STORAGE_CONF = """
[storage]
driver = "{driver}"
graphroot = "{place}/graph"
runroot = "{place}/run"
"""
REGISTRIES_CONF = 'unqualified-search-registries = []\nshort-name-mode = "disabled"\n'


@pytest.fixture(scope="session")
def podman_image(tmp_path_factory):
    """A small image in a podman store of this session's own; where podman does not run, tests are skipped."""
    if shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    place = tmp_path_factory.mktemp("podman")
    runtime = "runc" if shutil.which("runc") else "crun"
    driver = "overlay" if os.geteuid() == 0 else "vfs"
    with pytest.MonkeyPatch.context() as patch:
        for variable, name, text in (
            ("CONTAINERS_CONF", "containers.conf", CONTAINERS_CONF.format(runtime=runtime)),
            ("CONTAINERS_STORAGE_CONF", "storage.conf", STORAGE_CONF.format(driver=driver, place=place)),
            ("CONTAINERS_REGISTRIES_CONF", "registries.conf", REGISTRIES_CONF),
        ):
            (place / name).write_text(text)
            patch.setenv(variable, str(place / name))
        image = "localhost/toil-test:latest"
        archive = make_archive(place / "root.tar")
        for command in (["import", str(archive), image], ["run", "--rm", "--network=none", image, "sh", "-c", "true"]):
            done = subprocess.run(["podman", *command], capture_output=True, text=True, check=False, timeout=120)
            if done.returncode != 0:
                pytest.skip(f"podman does not run here: {done.stderr.strip().splitlines()[-1:]}")
        yield image
        subprocess.run(["podman", "system", "reset", "--force"], capture_output=True, check=False, timeout=120)


def make_archive(path):
    """A root folder with a few of this machine's programs and the libraries they are linked to."""
    files = set()
    for program in PROGRAMS:
        found = os.path.realpath(shutil.which(program) or program)
        linked = subprocess.run(["ldd", found], capture_output=True, text=True, check=False).stdout
        files |= {(found, f"bin/{program}")}
        files |= {(word, word[1:]) for word in linked.split() if word.startswith("/")}
    with tarfile.open(path, "w") as archive:
        for folder in ("bin", "tmp", "var", "etc", "proc", "dev", "sys", "root"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            archive.addfile(entry)
        for source, name in sorted(files):
            archive.add(os.path.realpath(source), name)
    return Path(path)
