"""The double of a cluster's batch system keeps the contract of the real ones."""

from __future__ import annotations

import pytest

from toil_core.testing.batch_system import BatchSystemContract
from toil_core.testing.detached import DetachedBatchSystem


class TestDetached(BatchSystemContract):
    @pytest.fixture
    def batch_system(self):
        return DetachedBatchSystem(slots=2)
