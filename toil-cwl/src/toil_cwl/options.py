"""Options of CWL runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from toil_core.api.options import option


@dataclass(frozen=True)
class CwlOptions:
    """How documents are read, tools are run, and outputs are left."""

    GROUP: ClassVar[str] = "CWL"

    outdir: Path | None = option(
        None, "Leave output files in this folder; by default in the current one.", metavar="DIR"
    )
    basedir: Path | None = option(None, "Take relative paths of a job order from this folder.", metavar="DIR")
    no_container: bool = option(False, "Run tools without containers; those that require one are refused.")
    podman: bool = option(False, "Run containers by podman instead of docker.")
    singularity: bool = option(False, "Run containers by singularity or apptainer instead of docker.")
    user_space_docker_cmd: str = option("", "Run containers by this command, which must take docker's arguments.")
    default_container: str = option("", "Run tools that name no container in this image.", metavar="IMAGE")
    force_docker_pull: bool = option(False, "Pull images even if they are here.")
    no_match_user: bool = option(False, "Do not run containers as the user who runs this command.")
    no_read_only: bool = option(False, "Do not make the root of containers read-only.")
    custom_net: str = option("", "Connect docker containers to this network.", metavar="NETWORK")
    preserve_environment: tuple[str, ...] = option((), "Pass this environment variable to tools.", metavar="NAME")
    preserve_entire_environment: bool = option(False, "Pass the whole environment to tools.")
    strict_memory_limit: bool = option(False, "Limit the memory of containers to what the tool asked for.")
    strict_cpu_limit: bool = option(False, "Limit the processors of containers to what the tool asked for.")
    relax_path_checks: bool = option(True, "Allow spaces and other characters in the names of input files.")
    eval_timeout: float = option(60.0, "End a JavaScript expression that runs this many seconds.", metavar="SECONDS")
    enable_dev: bool = option(False, "Accept development versions of the language.")
    not_strict: bool = option(False, "Accept fields the language does not know.", aliases=("--non-strict",))
    skip_schemas: bool = option(False, "Do not load the ontologies in $schemas.")
    no_compute_checksum: bool = option(False, "Leave checksums out of the output object.")
    validate: bool = option(False, "Only check the document.")
    quiet: bool = option(False, "Say nothing but errors.")
