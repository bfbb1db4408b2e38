"""What a tool asks for, in the engine's words (CWL CommandLineTool v1.2, section 5.16)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from toil_core.api.job import FileAccess
from toil_core.model.requirements import Accelerator, Requirements
from toil_cwl import door
from toil_cwl.options import CwlOptions
from toil_cwl.values import Object

_MIB = 1024**2
_CUDA = "http://commonwl.org/cwltool#CUDARequirement"
_PREEMPTIBLE = "http://arvados.org/cwl#UsePreemptible"
_FIELDS = ("cores", "ram", "tmpdir", "outdir")


def is_dynamic(process: door.Process) -> bool:
    """Whether what the process asks for depends on its inputs."""
    asked = [*_asked(process).values(), *(door.requirement(process, _CUDA) or {}).values()]
    return any(isinstance(value, str) and ("$(" in value or "${" in value) for value in asked)


def static_requirements(process: door.Process, options: CwlOptions) -> Requirements:
    """What the process asks for, if that does not depend on its inputs."""
    asked = _asked(process)
    found = {}
    for name in _FIELDS:
        value = _least(asked, name, None)
        if value is not None:
            found[name] = float(value)
    is_old = process.metadata.get("http://commonwl.org/cwltool#original_cwlVersion") == "v1.0"
    ram = found.get("ram", 1024 if is_old else 256)
    devices = _least(door.requirement(process, _CUDA) or {}, "cudaDeviceCount", 1)
    return _requirements(process, found.get("cores", 1.0), _memory(asked, ram, options), _disk(found), devices)


def evaluated_requirements(
    process: door.Process, inputs: Object, files: FileAccess, options: CwlOptions
) -> Requirements:
    """What the process asks for on these inputs. Raises ``JobFailure``."""
    found = door.evaluated_resources(process, inputs, files, options)
    disk = found["tmpdirSize"] + found["outdirSize"]
    memory = _memory(_asked(process), found["ram"], options)
    return _requirements(process, float(found["cores"]), memory, disk, found.get("cudaDeviceCount", 1))


def _memory(asked: Mapping[str, Any], ram: float, options: CwlOptions) -> int | None:
    """Bytes, or ``None`` for what the engine gives to jobs that do not say."""
    if not options.cwl_default_ram and "ramMin" not in asked and "ramMax" not in asked:
        return None
    return max(math.ceil(ram) * _MIB, options.cwl_min_ram)


def _requirements(
    process: door.Process, cores: float, memory: int | None, disk: float | None, devices: float
) -> Requirements:
    if door.requirement(process, _CUDA) is None:
        devices = 0
    return Requirements(
        cores=cores,
        memory=memory,
        disk=None if disk is None else math.ceil(disk) * _MIB,
        accelerators=(Accelerator(math.ceil(devices), "gpu", "nvidia", "cuda"),) if devices else (),
        preemptible=_is_preemptible(process),
        enforce_memory=False,  # a reservation; tools in containers are limited by --strict-memory-limit
    )


def _least(asked: Mapping[str, Any], name: str, default: Any) -> Any:
    least, most = asked.get(name + "Min"), asked.get(name + "Max")
    return least if least is not None else most if most is not None else default


def _is_preemptible(process: door.Process) -> bool | None:
    """Whether the tool says that a node which can be taken back will do; ``None``: it says nothing."""
    asked = door.requirement(process, _PREEMPTIBLE)
    return None if asked is None else bool(asked.get("usePreemptible", True))


def _disk(found: Mapping[str, float]) -> float | None:
    if "tmpdir" not in found and "outdir" not in found:
        return None
    return found.get("tmpdir", 0.0) + found.get("outdir", 0.0)


def _asked(process: door.Process) -> Mapping[str, Any]:
    return door.requirement(process, "ResourceRequirement") or {}
