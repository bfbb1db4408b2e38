"""How tools that ask for MPI (``cwltool:MPIRequirement``) are started here."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from typing import Any

from cwltool.mpi import MpiConfig
from ruamel.yaml.error import YAMLError
from schema_salad.utils import yaml_no_ts

from toil_core.errors import UsageError
from toil_cwl.messages import one_line
from toil_cwl.numbers import plain_json
from toil_cwl.options import CwlOptions


def with_mpi_settings(options: CwlOptions) -> CwlOptions:
    """The options with the MPI file's content, as JSON, in place of its path: workers elsewhere have no
    such file. Raises ``UsageError``."""
    path = options.mpi_config_file
    if not path:
        return options
    try:
        with open(path) as file:
            found = plain_json(yaml_no_ts().load(file))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the MPI settings {path}: {one_line(str(error))}") from error
    if not isinstance(found, dict):
        raise UsageError(f"The MPI settings {path} are no mapping")
    known = list(inspect.signature(MpiConfig).parameters)
    for name in found:
        if name not in known:
            raise UsageError(f"The MPI settings {path} have {name}, which is unknown", f"Known: {', '.join(known)}")
    return replace(options, mpi_config_file=json.dumps(found))


def mpi_settings(options: CwlOptions) -> Any:
    """What cwltool takes MPI settings from, of options that came through ``with_mpi_settings``."""
    return MpiConfig(**json.loads(options.mpi_config_file or "{}"))
