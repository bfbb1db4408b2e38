"""What cwltool's users say, in the engine's words."""

from __future__ import annotations

import os
from pathlib import Path

from toil_core.config.reading import Options
from toil_core.config.run_options import LogLevel, LogOptions, ScheduleOptions, StoreOptions
from toil_core.errors import UsageError
from toil_cwl.command_options import EngineOptions, TellingOptions
from toil_cwl.options import CwlOptions


def translated(options: Options) -> Options:
    """The options with those of the engine set that cwltool has other names for. Folders that are named by
    the engine's own options stay. Raises ``UsageError``."""
    return _engine(_telling(options))


def _telling(options: Options) -> Options:
    said = options.get(TellingOptions)
    if said.quiet and said.debug:
        raise UsageError("--quiet and --debug exclude each other")
    if said.quiet:
        options = options.replaced(LogOptions, log_level=LogLevel.ERROR)
    if said.debug:
        options = options.replaced(LogOptions, log_level=LogLevel.DEBUG)
    if said.log_dir is not None and options.get(LogOptions).write_logs is None:
        options = options.replaced(LogOptions, write_logs=said.log_dir, write_logs_from_all_jobs=True)
    return options


def _engine(options: Options) -> Options:
    said = options.get(EngineOptions)
    prefix = said.tmp_outdir_prefix or said.tmpdir_prefix
    if prefix and options.get(StoreOptions).work_dir is None:
        options = options.replaced(StoreOptions, work_dir=_folder(prefix))
    if said.parallel_max > 0:
        most = min(said.parallel_max, options.get(ScheduleOptions).max_jobs)
        options = options.replaced(ScheduleOptions, max_jobs=most)
    if said.on_error == "stop":
        options = options.replaced(ScheduleOptions, stop_on_first_failure=True)
    if said.udocker and not options.get(CwlOptions).user_space_docker_cmd:
        options = options.replaced(CwlOptions, user_space_docker_cmd="udocker")
    return options


def _folder(prefix: str) -> Path:
    """The folder that names which start with ``prefix`` are in, made if it is not there."""
    folder = Path(os.path.abspath(prefix if prefix.endswith("/") else os.path.dirname(prefix) or "."))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Cannot make the folder {folder}: {error.strerror}", "Name another one") from error
    return folder
