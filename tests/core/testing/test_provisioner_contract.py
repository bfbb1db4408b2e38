"""The provisioner kit accepts a provisioner that keeps its promises, and catches one that doesn't."""

from __future__ import annotations

import pytest

from toil_core.testing import MemoryCloud, MemoryProvisioner, ProvisionerContract


class TestMemoryProvisioner(ProvisionerContract):
    @pytest.fixture
    def cluster(self):
        cloud = MemoryCloud()
        return lambda name: MemoryProvisioner(cloud, name)


def test_a_service_that_has_few_left_grants_fewer():
    provisioner = MemoryProvisioner(MemoryCloud(limit=3), "kit")
    ProvisionerContract()._launch(provisioner)
    assert len(provisioner.add(provisioner.describe("large"), 5, 1)) == 2


class Forgetful(MemoryProvisioner):
    """Destroys what it knows of, which is not all that bears the name."""

    def destroy(self):
        for node in self.nodes()[:1]:
            self.remove([node])


def test_the_kit_catches_machines_that_are_left_behind():
    cloud = MemoryCloud()

    def cluster(name):
        return Forgetful(cloud, name)

    kit = ProvisionerContract()
    kit._launch(cluster("kit"))
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        kit.test_destroy_gives_back_everything_and_may_be_repeated(cluster("kit"), cluster)
