"""The contract kit of provisioners. A backend's test inherits ``ProvisionerContract``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest

from toil_core.api.provisioner import ClusterRequest, Node, Provisioner
from toil_core.errors import ToilError, UsageError

Cluster = Callable[[str], Provisioner]

_GIB = 1024**3


class ProvisionerContract:
    """What every provisioner promises, as tests to inherit::

        class TestMyProvisioner(ProvisionerContract):
            small = "m.small"

            @pytest.fixture
            def cluster(self, service) -> Callable[[str], Provisioner]:
                return lambda name: MyProvisioner(name, MyOptions(endpoint=service.url))

    ``cluster`` makes a new client of the cluster of that name, at a service where there is none yet.
    """

    small: ClassVar[str] = "small"
    """A node type that the service has."""

    storage: ClassVar[int] = 20 * _GIB
    """A root volume that the service grants, in bytes."""

    @pytest.fixture
    def cluster(self) -> Cluster:
        """Makes clients of clusters."""
        raise NotImplementedError("override the fixture `cluster`")

    @pytest.fixture
    def launched(self, cluster: Cluster) -> Iterator[Provisioner]:
        """A client of a cluster that was launched."""
        provisioner = cluster("kit")
        self._launch(provisioner)
        yield provisioner
        cluster("kit").destroy()

    def test_a_node_type_tells_what_it_has(self, cluster: Cluster) -> None:
        stays, preemptible = cluster("kit").describe(self.small), cluster("kit").describe(self.small, 0.5)
        assert stays.resources.cores > 0
        assert stays.resources.memory > 0
        assert not stays.is_preemptible
        assert preemptible.is_preemptible
        assert preemptible.bid == 0.5

    def test_a_node_type_that_is_not_offered_is_a_mistake(self, cluster: Cluster) -> None:
        with pytest.raises(UsageError, match="no-such-type"):
            cluster("kit").describe("no-such-type")

    def test_a_launched_cluster_has_a_ready_leader_that_every_client_sees(
        self, launched: Provisioner, cluster: Cluster
    ) -> None:
        (leader,) = cluster("kit").nodes()
        assert leader.is_leader
        assert leader.is_ready
        assert leader.address

    def test_workers_are_added_and_given_back(self, launched: Provisioner, cluster: Cluster) -> None:
        granted = launched.add(launched.describe(self.small), 3, self.storage)
        assert len({node.id for node in granted}) == 3
        assert not any(node.is_leader for node in granted)
        assert {node.id for node in granted} <= _ids(cluster("kit"))
        launched.remove(granted[:2])
        assert not {node.id for node in granted[:2]} & _ids(cluster("kit"))
        assert granted[2].id in _ids(cluster("kit"))

    def test_giving_back_what_is_gone_is_no_error(self, launched: Provisioner) -> None:
        granted = launched.add(launched.describe(self.small), 1, self.storage)
        launched.remove(granted)
        launched.remove(granted)
        launched.remove([])

    def test_asking_for_no_worker_grants_none(self, launched: Provisioner) -> None:
        assert list(launched.add(launched.describe(self.small), 0, self.storage)) == []

    def test_destroy_gives_back_everything_and_may_be_repeated(self, launched: Provisioner, cluster: Cluster) -> None:
        launched.add(launched.describe(self.small), 2, self.storage)
        cluster("kit").destroy()
        cluster("kit").destroy()
        with pytest.raises(ToilError, match="kit"):
            launched.nodes()

    def test_a_cluster_does_not_touch_another(self, launched: Provisioner, cluster: Cluster) -> None:
        other = cluster("kit-2")
        self._launch(other)
        try:
            launched.add(launched.describe(self.small), 1, self.storage)
            assert not _ids(other) & _ids(launched)
            launched.destroy()
            assert len(other.nodes()) == 1
        finally:
            other.destroy()

    def test_a_cluster_that_does_not_exist_is_told_of(self, cluster: Cluster) -> None:
        with pytest.raises(ToilError, match="absent"):
            cluster("absent").nodes()
        with pytest.raises(ToilError, match="absent"):
            cluster("absent").add(cluster("absent").describe(self.small), 1, self.storage)

    def test_a_destroyed_cluster_can_be_launched_again(self, launched: Provisioner) -> None:
        before = _ids(launched)
        launched.destroy()
        self._launch(launched)
        assert not before & _ids(launched)

    def _launch(self, provisioner: Provisioner) -> Node:
        return provisioner.launch(ClusterRequest(provisioner.describe(self.small), self.storage, owner="kit"))


def _ids(provisioner: Provisioner) -> set[str]:
    return {node.id for node in provisioner.nodes()}
