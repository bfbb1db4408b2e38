"""What toil-azure brings to the core."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from toil_core.api.specs import StorageSpec, UrlAccessSpec
from toil_core.plugins.markers import hookimpl

BLOB_HOSTS = (
    ".blob.core.windows.net",
    ".blob.core.chinacloudapi.cn",
    ".blob.core.usgovcloudapi.net",
    ".blob.storage.azure.net",
)
"""Where accounts are served, in the public cloud, in those of China and the US government, and in DNS zones."""


def _storage() -> Callable[..., Any]:
    factory: Callable[..., Any] = importlib.import_module("toil_azure.blob_storage").AzureStorage
    return factory


def _url_access() -> Callable[..., Any]:
    factory: Callable[..., Any] = importlib.import_module("toil_azure.blob_url").AzureUrlAccess
    return factory


@hookimpl
def toil_job_stores() -> Sequence[StorageSpec]:
    """The job store in a container of a storage account."""
    return [StorageSpec("azure", "a container of an Azure storage account", _storage)]


@hookimpl
def toil_url_accesses() -> Sequence[UrlAccessSpec]:
    """Blobs."""
    schemes = ("az", "wasb", "wasbs")
    return [UrlAccessSpec("azure", "blobs of Azure", _url_access, schemes=schemes, hosts=BLOB_HOSTS)]
