"""From resolved options to what the engine is told."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toil_core.config.reading import Options
from toil_core.config.run_options import RUN_OPTIONS, LogOptions, ResourceOptions, ScheduleOptions, StoreOptions
from toil_core.engine.policy import Policy
from toil_core.engine.settings import Clean, RunSettings
from toil_core.model.requirements import Resources
from toil_core.plugins.manager import PluginManager


def option_classes(plugins: PluginManager) -> Sequence[type[Any]]:
    """The classes whose options a run has: the core's, then those of installed job stores and batch systems."""
    specs = [*plugins.all("job store"), *plugins.all("batch system")]
    return list(dict.fromkeys([*RUN_OPTIONS, *(spec.options for spec in specs if spec.options is not None)]))


def run_settings(options: Options, plugins: PluginManager) -> RunSettings:
    """What the options ask for. Without a job store, a new one below the work directory.

    Raises ``UnknownPlugin``, ``PluginError``.
    """
    store, schedule, logs = options.get(StoreOptions), options.get(ScheduleOptions), options.get(LogOptions)
    work_dir = (store.work_dir or Path(tempfile.gettempdir())).absolute()
    locator = store.job_store or f"file:{work_dir}/toil-store-{uuid.uuid4().hex[:12]}"
    batch_options = plugins.batch_system(schedule.batch_system).options
    store_options = plugins.storage(locator)[0].options
    return RunSettings(
        locator=locator,
        work_dir=work_dir,
        restart=store.restart,
        clean=Clean(store.clean.value),
        batch_system=schedule.batch_system,
        batch_options=None if batch_options is None else options.get(batch_options),
        store_options=None if store_options is None else options.get(store_options),
        policy=_policy(schedule, options.get(ResourceOptions)),
        write_logs=logs.write_logs,
        write_all_logs=logs.write_logs_from_all_jobs,
        write_events=logs.write_events,
        max_active=schedule.max_jobs,
    )


def _policy(schedule: ScheduleOptions, resources: ResourceOptions) -> Policy:
    return Policy(
        retries=schedule.retry_count,
        defaults=Resources(
            cores=resources.default_cores,
            memory=resources.default_memory,
            disk=resources.default_disk,
            accelerators=resources.default_accelerators,
            preemptible=resources.default_preemptible,
            enforce_memory=resources.enforce_memory,
        ),
        double_memory=schedule.double_mem,
        stop_on_first_failure=schedule.stop_on_first_failure,
        unlimited_preemptible=schedule.enable_unlimited_preemptible_retries,
    )
