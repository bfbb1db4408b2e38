"""What plugin authors test with: a contract kit for each kind of backend, and doubles.

A backend's test inherits the kit of its contract and overrides its fixtures. With
``pytest.register_assert_rewrite("toil_core.testing")`` in ``conftest.py`` the kits' failures show values.
"""

from __future__ import annotations

from toil_core.testing.batch_system import BatchSystemContract
from toil_core.testing.container import ContainerEngineContract
from toil_core.testing.detached import DetachedBatchSystem
from toil_core.testing.fault_proxy import FaultProxy
from toil_core.testing.faults import (
    Answer,
    Corrupt,
    CorruptUpload,
    CutUpload,
    Request,
    Reset,
    ServiceErrors,
    Truncate,
)
from toil_core.testing.language import Example, LanguageContract
from toil_core.testing.memory_provisioner import MemoryCloud, MemoryProvisioner
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage
from toil_core.testing.network_file_system import NetworkFileSystem
from toil_core.testing.power_loss import PowerLossFileSystem, PowerLost
from toil_core.testing.provisioner import ProvisionerContract
from toil_core.testing.remote_storage import RemoteStorageContract
from toil_core.testing.storage import StorageContract
from toil_core.testing.url_access import UrlAccessContract

__all__ = [
    "Answer",
    "BatchSystemContract",
    "ContainerEngineContract",
    "Corrupt",
    "CorruptUpload",
    "CutUpload",
    "DetachedBatchSystem",
    "Example",
    "FaultProxy",
    "LanguageContract",
    "MemoryCloud",
    "MemoryPlace",
    "MemoryProvisioner",
    "MemoryStorage",
    "NetworkFileSystem",
    "PowerLossFileSystem",
    "PowerLost",
    "ProvisionerContract",
    "RemoteStorageContract",
    "Request",
    "Reset",
    "ServiceErrors",
    "StorageContract",
    "Truncate",
    "UrlAccessContract",
]
