"""Options of CWL runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from toil_core.api.options import option
from toil_core.model.units import format_bytes, parse_bytes

_DOCUMENTS = "CWL: reading documents and inputs"
_PARTS = "CWL: running a part of a workflow"
_CONTAINERS = "CWL: containers"
_TOOLS = "CWL: what tools are given"
_OUTPUTS = "CWL: outputs"
_REUSE = "CWL: results of earlier runs"
_PROVENANCE = "CWL: provenance"


def _absolute(locator: str) -> str:
    """A locator that means the same in every folder; like those of job stores a path may stand for ``file:``."""
    scheme, colon, rest = locator.partition(":")
    if not colon or "/" in scheme:
        return os.path.abspath(os.path.expanduser(locator)) if locator else ""
    return f"file:{os.path.abspath(rest)}" if scheme == "file" and rest else locator


@dataclass(frozen=True)
class CwlOptions:
    """How documents are read, tools are run, and outputs are left."""

    GROUP: ClassVar[str] = "CWL"

    outdir: str = option(
        "",
        "Leave output files in this folder, or at this URL; by default in the current folder.",
        metavar="DIR",
        aliases=("--dest-bucket", "--destBucket"),
        topic=_OUTPUTS,
    )
    compute_checksum: bool = option(
        True, "Put checksums into the output object; --no-compute-checksum leaves them out.", topic=_OUTPUTS
    )

    reuse_results: str = option(
        "",
        "Take the results of tools that ran before on the same inputs from this store, and keep new ones there.",
        parse=_absolute,
        metavar="LOCATOR",
        aliases=("--cachedir",),
        topic=_REUSE,
    )

    provenance: Path | None = option(
        None,
        "Keep how the outputs came to be, with all data, in this new folder: a CWLProv research object.",
        metavar="DIR",
        topic=_PROVENANCE,
    )
    orcid: str = option(
        "",
        "With --provenance, say that the person with this ORCID ran it.",
        metavar="ID",
        environment="ORCID",
        topic=_PROVENANCE,
    )
    full_name: str = option(
        "",
        "With --provenance, say that the person of this name ran it.",
        metavar="NAME",
        environment="CWL_FULL_NAME",
        topic=_PROVENANCE,
    )
    enable_user_provenance: bool = option(
        False, "With --provenance, say which account of this machine ran it.", topic=_PROVENANCE
    )
    disable_user_provenance: bool = option(
        False, "Do not say which account ran it; wins over --enable-user-provenance.", topic=_PROVENANCE
    )
    enable_host_provenance: bool = option(False, "With --provenance, say the name of this machine.", topic=_PROVENANCE)
    disable_host_provenance: bool = option(
        False, "Do not say the name of this machine; wins over --enable-host-provenance.", topic=_PROVENANCE
    )

    target: tuple[str, ...] = option(
        (),
        "Run only what this output of the workflow needs, or what comes after this step or input.",
        metavar="NAME",
        aliases=("-t",),
        topic=_PARTS,
    )
    single_step: str = option(
        "",
        "Run only this step, with its scatter and its condition, on inputs of its own.",
        metavar="STEP",
        topic=_PARTS,
    )
    single_process: str = option(
        "", "Run only the tool or workflow that this step runs, on inputs of its own.", metavar="STEP", topic=_PARTS
    )

    basedir: Path | None = option(
        None, "Take relative paths of a job order from this folder.", metavar="DIR", topic=_DOCUMENTS
    )
    overrides: str = option(
        "",
        "Replace requirements of processes and steps by those in this file, or at this URL.",
        metavar="FILE",
        topic=_DOCUMENTS,
    )
    relax_path_checks: bool = option(
        True, "Allow spaces and other characters in the names of input files.", topic=_DOCUMENTS
    )
    not_strict: bool = option(
        False, "Accept fields the language does not know.", aliases=("--non-strict",), topic=_DOCUMENTS
    )
    skip_schemas: bool = option(False, "Do not load the ontologies in $schemas.", topic=_DOCUMENTS)
    enable_dev: bool = option(False, "Accept development versions of the language.", topic=_DOCUMENTS)
    doc_cache: bool = option(
        True, "Keep what was made of documents for later runs; --no-doc-cache does not.", topic=_DOCUMENTS
    )

    no_container: bool = option(
        False, "Run tools without containers; those that require one are refused.", topic=_CONTAINERS
    )
    podman: bool = option(False, "Run containers by podman instead of docker.", topic=_CONTAINERS)
    singularity: bool = option(
        False, "Run containers by singularity or apptainer instead of docker.", topic=_CONTAINERS
    )
    user_space_docker_cmd: str = option(
        "", "Run containers by this command, which must take docker's arguments.", topic=_CONTAINERS
    )
    default_container: str = option(
        "", "Run tools that name no container in this image.", metavar="IMAGE", topic=_CONTAINERS
    )
    force_docker_pull: bool = option(False, "Pull images even if they are here.", topic=_CONTAINERS)
    disable_pull: bool = option(False, "Pull no images: those that are not here are missing.", topic=_CONTAINERS)
    leave_container: bool = option(
        False, "Do not remove a container when its tool has ended by itself.", topic=_CONTAINERS
    )
    cidfile_dir: Path | None = option(
        None, "Write the id of each docker or podman container to a file here.", metavar="DIR", topic=_CONTAINERS
    )
    cidfile_prefix: str = option(
        "", "Begin the names of the files with containers' ids with this.", metavar="PREFIX", topic=_CONTAINERS
    )
    no_match_user: bool = option(False, "Do not run containers as the user who runs this command.", topic=_CONTAINERS)
    no_read_only: bool = option(False, "Do not make the root of containers read-only.", topic=_CONTAINERS)
    custom_net: str = option("", "Connect docker containers to this network.", metavar="NETWORK", topic=_CONTAINERS)
    strict_memory_limit: bool = option(
        False, "Limit the memory of containers to what the tool asked for.", topic=_CONTAINERS
    )
    strict_cpu_limit: bool = option(
        False, "Limit the processors of containers to what the tool asked for.", topic=_CONTAINERS
    )

    preserve_environment: tuple[str, ...] = option(
        (), "Pass this environment variable to tools.", metavar="NAME", topic=_TOOLS
    )
    preserve_entire_environment: bool = option(False, "Pass the whole environment to tools.", topic=_TOOLS)
    cwl_default_ram: bool = option(
        True,
        "Give tools that do not ask for memory what the language says; --no-cwl-default-ram gives --default-memory.",
        topic=_TOOLS,
    )
    cwl_min_ram: int = option(
        0, "Give tools at least this much memory.", parse=parse_bytes, show=format_bytes, metavar="SIZE", topic=_TOOLS
    )
    cwl_loop_iteration_limit: int = option(
        0, "Fail a step that would repeat itself more often than this; 0 sets no limit.", metavar="N", topic=_TOOLS
    )
    eval_timeout: float = option(
        60.0, "End a JavaScript expression that runs this many seconds.", metavar="SECONDS", topic=_TOOLS
    )

    enable_ext: bool = option(
        False, "Accept the extensions of the language that start with cwltool:.", topic=_DOCUMENTS
    )
    mpi_config_file: str = option(
        "", "Start tools that ask for MPI as this YAML file says.", metavar="FILE", topic=_TOOLS
    )
    beta_dependency_resolvers_configuration: str = option(
        "", "Find the software that tools ask for as this file of Galaxy resolvers says.", metavar="FILE", topic=_TOOLS
    )
    beta_dependencies_directory: str = option(
        "", "Keep the software that tools ask for in this folder.", metavar="DIR", topic=_TOOLS
    )
    beta_conda_dependencies: bool = option(False, "Get the software that tools ask for from conda.", topic=_TOOLS)
    beta_use_biocontainers: bool = option(
        False, "Run tools that name no container in the BioContainer of the software they ask for.", topic=_CONTAINERS
    )
