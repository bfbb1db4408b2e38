"""Jobs on this machine."""

from __future__ import annotations

import pytest

from toil_core.local.single_machine import SingleMachineBatchSystem
from toil_core.local.single_machine_options import SingleMachineOptions
from toil_core.testing.batch_system import BatchSystemContract
from toil_core.worker.local_host import LocalHost
from toil_core.worker.settings import HostSettings


class TestSingleMachine(BatchSystemContract):
    slots = 1

    @pytest.fixture
    def batch_system(self):
        return SingleMachineBatchSystem(SingleMachineOptions(max_cores=1.0))

    @pytest.fixture
    def host(self, tmp_path):
        work_dir = tmp_path / "work"
        work_dir.mkdir()
        host = LocalHost(HostSettings(f"file:{tmp_path / 'store'}", work_dir, "run"))
        yield host
        host.close()
