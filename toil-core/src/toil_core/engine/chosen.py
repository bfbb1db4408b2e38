"""From resolved options to what the engine is told."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import Any

from toil_core.config.reading import Options
from toil_core.config.run_options import LogOptions, ResourceOptions, ScheduleOptions, StoreOptions
from toil_core.engine.policy import Policy
from toil_core.engine.settings import Clean, RunSettings
from toil_core.errors import UsageError
from toil_core.model.requirements import Resources
from toil_core.plugins.manager import PluginManager


def backend_options(plugins: PluginManager) -> list[type[Any]]:
    """The options classes of installed job stores, URL accesses and batch systems."""
    specs = [*plugins.all("job store"), *plugins.all("URL access"), *plugins.all("batch system")]
    return list(dict.fromkeys(spec.options for spec in specs if spec.options is not None))


def run_settings(options: Options, plugins: PluginManager) -> RunSettings:
    """The engine's settings. Raises ``UsageError`` and ``UnknownPlugin``."""
    store, schedule = options.get(StoreOptions), options.get(ScheduleOptions)
    logs = options.get(LogOptions)
    if logs.write_logs and logs.write_logs_gzip:
        raise UsageError("Logs can be written as they are or compressed", "Say --write-logs or --write-logs-gzip")
    work_dir = _work_dir(store)
    if store.restart and not store.job_store:
        raise UsageError("--restart needs to know which run to go on with", "Name its job store by --job-store")
    place = (store.run_dir or work_dir) / f"toil-store-{uuid.uuid4().hex[:12]}"
    locator = absolute_locator(store.job_store or str(place))
    plugins.storage(locator)  # or else it says what to install
    folder = logs.write_logs or logs.write_logs_gzip
    batch_spec = plugins.batch_system(schedule.batch_system)
    return RunSettings(
        locator=locator,
        work_dir=work_dir,
        restart=store.restart,
        clean=Clean(store.clean.value),
        batch_system=schedule.batch_system,
        batch_options=options.get(batch_spec.options) if batch_spec.options else None,
        options={kind: options.get(kind) for kind in backend_options(plugins) if kind is not batch_spec.options},
        policy=_policy(options),
        write_logs=folder.absolute() if folder else None,
        write_all_logs=logs.write_logs_from_all_jobs,
        compress_logs=logs.write_logs_gzip is not None,
        max_active=schedule.max_jobs,
        auto_deployment=not schedule.disable_auto_deployment,
        shares_processes=not schedule.disable_chaining,
    )


def absolute_locator(locator: str) -> str:
    """A locator that means the same in every directory: plain paths become ``file:`` ones."""
    scheme, colon, rest = locator.partition(":")
    if not colon or "/" in scheme:
        scheme, rest = "file", locator
    return f"file:{Path(rest).absolute()}" if scheme == "file" else locator


def _policy(options: Options) -> Policy:
    schedule, resources = options.get(ScheduleOptions), options.get(ResourceOptions)
    return Policy(
        retries=schedule.retry_count,
        defaults=Resources(
            cores=resources.default_cores,
            memory=resources.default_memory,
            disk=resources.default_disk,
            accelerators=resources.default_accelerators,
            preemptible=resources.default_preemptible,
            time_limit_seconds=resources.default_time_limit,
            enforce_memory=resources.enforce_memory,
        ),
        double_memory=schedule.double_mem,
        double_time=schedule.double_time,
        longest_seconds=schedule.max_job_duration,
        stop_on_first_failure=schedule.stop_on_first_failure,
        unlimited_preemptible=schedule.enable_unlimited_preemptible_retries,
    )


def _work_dir(store: StoreOptions) -> Path:
    if store.work_dir is None and store.run_dir is not None:
        below = store.run_dir.absolute() / "work"
        below.mkdir(parents=True, exist_ok=True)
        return below
    work_dir = (store.work_dir or Path(tempfile.gettempdir())).absolute()
    if not work_dir.is_dir():
        raise UsageError(f"The work directory {work_dir} is not there", "Make it, or name another by --work-dir")
    return work_dir
