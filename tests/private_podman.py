"""A podman store that shares nothing with the machine's own, or with any other: no images, no state, no locks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

# Without a temporary directory and locks of its own, a store's reset would pull those from under the others'.
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "{runtime}"
lock_type = "file"
tmp_dir = "{place}/tmp"
"""
STORAGE_CONF = """
[storage]
driver = "{driver}"
graphroot = "{place}/graph"
runroot = "{place}/run"
"""
REGISTRIES_CONF = 'unqualified-search-registries = []\nshort-name-mode = "disabled"\n'


def configure(place: Path) -> dict[str, str]:
    """Write the configuration of a store in a folder; the variables that make podman use it."""
    values = {
        "place": place,
        "runtime": "runc" if shutil.which("runc") else "crun",
        "driver": "overlay" if os.geteuid() == 0 else "vfs",
    }
    variables = {}
    for variable, name, text in (
        ("CONTAINERS_CONF", "containers.conf", CONTAINERS_CONF.format(**values)),
        ("CONTAINERS_STORAGE_CONF", "storage.conf", STORAGE_CONF.format(**values)),
        ("CONTAINERS_REGISTRIES_CONF", "registries.conf", REGISTRIES_CONF),
    ):
        (place / name).write_text(text)
        variables[variable] = str(place / name)
    return variables
