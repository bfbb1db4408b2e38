"""What toil-aws brings to the core."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from toil_aws.s3_options import S3Options
from toil_core.api.specs import StorageSpec, UrlAccessSpec
from toil_core.plugins.markers import hookimpl


def _class(module: str, name: str) -> Callable[[], Any]:
    """A descriptor's ``load``: imports the module, and boto3, when its class is chosen."""
    return lambda: getattr(importlib.import_module(f"toil_aws.{module}"), name)


@hookimpl
def toil_job_stores() -> Sequence[StorageSpec]:
    """Job stores in buckets."""
    return [
        StorageSpec(
            "aws", "a bucket of Amazon S3 or a compatible server", _class("s3_storage", "S3Storage"), options=S3Options
        )
    ]


@hookimpl
def toil_url_accesses() -> Sequence[UrlAccessSpec]:
    """Objects in buckets."""
    return [UrlAccessSpec("s3", "objects of S3", _class("s3_url", "S3UrlAccess"), schemes=("s3",))]
