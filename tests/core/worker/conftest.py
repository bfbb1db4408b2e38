"""What workers are given."""

from __future__ import annotations

import pytest

from toil_core.local.file_storage import FileStorage
from toil_core.store.job_store import JobStore


@pytest.fixture
def store(tmp_path):
    """A job store that has been made, in a directory."""
    made = JobStore(FileStorage(str(tmp_path / "store")), f"file:{tmp_path / 'store'}", appends=True)
    made.create()
    return made
