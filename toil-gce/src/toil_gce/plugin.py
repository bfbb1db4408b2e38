"""What toil-gce brings to the core."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from toil_core.api.specs import StorageSpec, UrlAccessSpec
from toil_core.plugins.markers import hookimpl
from toil_gce.options import GoogleOptions


def _class(module: str, name: str) -> Callable[[], Any]:
    """A descriptor's ``load``: imports the module, and with it Google's libraries, when its class is chosen."""
    return lambda: getattr(importlib.import_module(f"toil_gce.{module}"), name)


@hookimpl
def toil_job_stores() -> Sequence[StorageSpec]:
    """The job store in a bucket."""
    summary = "a bucket of Google Cloud Storage (google:PROJECT:NAME)"
    return [StorageSpec("google", summary, _class("storage", "GoogleStorage"), options=GoogleOptions)]


@hookimpl
def toil_url_accesses() -> Sequence[UrlAccessSpec]:
    """Objects in buckets."""
    summary = "objects in Google Cloud Storage"
    load = _class("gs_url", "GsUrlAccess")
    return [UrlAccessSpec("gs", summary, load, options=GoogleOptions, schemes=("gs",))]
