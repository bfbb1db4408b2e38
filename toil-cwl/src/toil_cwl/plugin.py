"""What toil-cwl brings to the core."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from toil_core.api.specs import LanguageSpec
from toil_core.plugins.markers import hookimpl
from toil_cwl.command_options import COMMAND_OPTIONS
from toil_cwl.options import CwlOptions


def _language() -> Callable[[], Any]:
    factory: Callable[[], Any] = importlib.import_module("toil_cwl.language").CwlLanguage
    return factory


@hookimpl
def toil_languages() -> Sequence[LanguageSpec]:
    """CWL documents."""
    summary = "Common Workflow Language v1.0 to v1.2"
    return [LanguageSpec("cwl", summary, _language, 1, CwlOptions, (".cwl",), COMMAND_OPTIONS)]
