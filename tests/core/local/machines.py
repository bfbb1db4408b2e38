"""File storages on machines of their own, in a module that other processes can import."""

from __future__ import annotations

from toil_core.local.file_storage import FileStorage
from toil_core.testing.network_file_system import NetworkFileSystem


def machine(path: str, seed: int, often: int = 3) -> FileStorage:
    """A client that remembers by itself what it has seen of the store at a path."""
    return FileStorage(path, None, NetworkFileSystem(seed, often))
