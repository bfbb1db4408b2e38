"""What cwltool is given to evaluate and to run tools: its view of files, and its context."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from cwltool.context import RuntimeContext
from cwltool.stdfsaccess import StdFsAccess

from toil_core.api.job import FileAccess
from toil_core.model.file import FileRef
from toil_cwl.door.mpi import mpi_settings
from toil_cwl.door.scripts import use_kept_engine
from toil_cwl.door.software import use_software
from toil_cwl.options import CwlOptions
from toil_cwl.values import is_remote, ref_of

use_kept_engine()


class StoreFsAccess(StdFsAccess):
    """cwltool's view of files: local ones, those of the job store, and, before they are imported, remote ones."""

    def __init__(self, basedir: str, files: FileAccess) -> None:
        super().__init__(basedir)
        self._files = files

    def open(self, fn: str, mode: str) -> Any:
        ref = FileRef(fn, 0) if is_remote(fn) else ref_of(fn)
        return super().open(fn, mode) if ref is None else self._files.open(ref)

    def exists(self, fn: str) -> bool:
        if is_remote(fn):
            return self._files.url_exists(fn)
        return ref_of(fn) is not None or super().exists(fn)

    def size(self, fn: str) -> int:
        ref = ref_of(fn)
        return super().size(fn) if ref is None else ref.size

    def isfile(self, fn: str) -> bool:
        return ref_of(fn) is not None or super().isfile(fn)

    def isdir(self, fn: str) -> bool:
        return ref_of(fn) is None and super().isdir(fn)


def runtime(options: CwlOptions, files: FileAccess, work_dir: Path | None) -> Any:
    context: Any = _runtime_of_options(options).copy()
    context.make_fs_access = lambda basedir: StoreFsAccess(basedir, files)
    context.basedir = os.getcwd()
    if work_dir is None:  # nothing is run: names are wanted, which cwltool would make directories for
        context.outdir = context.tmpdir = context.stagedir = context.basedir
    else:
        context.basedir = str(work_dir)
        context.outdir = f"{work_dir}/out"
        context.tmpdir = f"{work_dir}/tmp"
        context.stagedir = f"{work_dir}/stage"
        context.tmpdir_prefix = context.tmp_outdir_prefix = f"{work_dir}/tmp/"
        for folder in (context.outdir, context.tmpdir):
            with suppress(FileExistsError):
                os.mkdir(folder)
    return context


@cache
def _runtime_of_options(options: CwlOptions) -> RuntimeContext:
    """What is the same for all tools of a document: making it costs as much as starting a process."""
    context = RuntimeContext(
        {
            "use_container": not options.no_container,
            "podman": options.podman,
            "singularity": options.singularity,
            "user_space_docker_cmd": options.user_space_docker_cmd or None,
            "default_container": options.default_container or None,
            "force_docker_pull": options.force_docker_pull,
            "pull_image": not options.disable_pull,
            "rm_container": not options.leave_container,
            "cidfile_dir": str(options.cidfile_dir or "") or None,
            "cidfile_prefix": options.cidfile_prefix or None,
            "no_match_user": options.no_match_user,
            "no_read_only": options.no_read_only,
            "custom_net": options.custom_net or None,
            "preserve_environment": options.preserve_environment,
            "preserve_entire_environment": options.preserve_entire_environment,
            "strict_memory_limit": options.strict_memory_limit,
            "strict_cpu_limit": options.strict_cpu_limit,
            "eval_timeout": options.eval_timeout,
            "mpi_config": mpi_settings(options),
            "compute_checksum": False,  # made in the pass that stores a file
            "rm_tmpdir": False,  # the attempt's directory goes as a whole
        }
    )
    context.workflow_eval_lock = threading.Condition(threading.RLock())
    if options.default_container:
        context.find_default_container = lambda _: options.default_container
    use_software(context, options)
    return context
