"""Software that tools ask for by name (``SoftwareRequirement``), found or installed by galaxy-tool-util."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from typing import Any

from cwltool.process import supportedProcessRequirements
from cwltool.software_requirements import (
    SOFTWARE_REQUIREMENTS_ENABLED,
    DependenciesConfiguration,
    get_container_from_software_requirements,
)

from toil_core.errors import UnsupportedFeature, UsageError
from toil_cwl.options import CwlOptions

_REQUIREMENT = "SoftwareRequirement"


def with_software_settings(options: CwlOptions) -> CwlOptions:
    """The options with absolute paths, once it is clear that they can be followed.

    Raises ``UsageError`` for a file that is not there, ``UnsupportedFeature`` without the library.
    """
    file, folder = options.beta_dependency_resolvers_configuration, options.beta_dependencies_directory
    if not (file or folder or _finds_software(options)):
        return options
    if not SOFTWARE_REQUIREMENTS_ENABLED:
        raise UnsupportedFeature(
            "Software that tools ask for is found by galaxy-tool-util, which is not installed",
            "Try: pip install galaxy-tool-util; or leave out --beta-...",
        )
    if file and not os.path.isfile(file):
        raise UsageError(f"There is no file of resolvers {file}")
    return replace(
        options,
        beta_dependency_resolvers_configuration=os.path.abspath(file) if file else "",
        beta_dependencies_directory=os.path.abspath(folder) if folder else "",
    )


def accept_software(options: CwlOptions) -> None:
    """Have cwltool accept that a tool requires software, and not only as a hint, if it can be found."""
    if _finds_software(options) and _REQUIREMENT not in supportedProcessRequirements:
        supportedProcessRequirements.append(_REQUIREMENT)


def use_software(context: Any, options: CwlOptions) -> None:
    """Have cwltool's runtime context find a tool's software, or a container that has it."""
    folder = options.beta_dependencies_directory or None
    if options.beta_dependency_resolvers_configuration or options.beta_conda_dependencies:
        context.job_script_provider = DependenciesConfiguration(
            argparse.Namespace(
                beta_dependency_resolvers_configuration=options.beta_dependency_resolvers_configuration or None,
                beta_dependencies_directory=folder,
                beta_conda_dependencies=options.beta_conda_dependencies or None,
            )
        )
    elif options.beta_use_biocontainers and not options.default_container:
        context.find_default_container = lambda builder: get_container_from_software_requirements(
            True, builder, folder or "."
        )


def _finds_software(options: CwlOptions) -> bool:
    return bool(
        options.beta_dependency_resolvers_configuration
        or options.beta_conda_dependencies
        or options.beta_use_biocontainers
    )
