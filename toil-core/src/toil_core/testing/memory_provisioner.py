"""A provisioner whose machines are entries of a table: a double that keeps the contract."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from toil_core.api.provisioner import ClusterRequest, Node, NodeType, Provisioner
from toil_core.errors import ToilError, UsageError
from toil_core.model.requirements import Resources

_GIB = 1024**3


@dataclass
class MemoryCloud:
    """A service: what it offers, what it has granted by cluster, and how many machines it has in all."""

    catalogue: dict[str, Resources] = field(
        default_factory=lambda: {
            "small": Resources(cores=2, memory=4 * _GIB, disk=20 * _GIB),
            "large": Resources(cores=32, memory=128 * _GIB, disk=500 * _GIB),
        }
    )
    clusters: dict[str, dict[str, Node]] = field(default_factory=dict)
    limit: int = 1000
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def granted(self) -> int:
        """How many machines are in use."""
        return sum(map(len, self.clusters.values()))


class MemoryProvisioner(Provisioner):
    """One cluster of a ``MemoryCloud``. Machines are ready as soon as they are granted."""

    def __init__(self, cloud: MemoryCloud, cluster: str) -> None:
        self._cloud = cloud
        self._cluster = cluster

    def describe(self, name: str, bid: float | None = None) -> NodeType:
        """A node type of the catalogue."""
        resources = self._cloud.catalogue.get(name)
        if resources is None:
            known = ", ".join(sorted(self._cloud.catalogue))
            raise UsageError(f'There is no node type "{name}"', f"There are: {known}")
        return NodeType((name,), bid, replace(resources, preemptible=bid is not None))

    def launch(self, request: ClusterRequest) -> Node:
        """A cluster with its leader. Raises ``ToilError`` if there is one of that name."""
        if self._cluster in self._cloud.clusters:
            raise ToilError(f"There is a cluster {self._cluster} already", "Destroy it, or choose another name")
        self._cloud.clusters[self._cluster] = {}
        return self._new(request.leader, is_leader=True)

    def add(self, node_type: NodeType, count: int, storage: int) -> Sequence[Node]:
        """As many as the service has left."""
        self._nodes()
        return [self._new(node_type) for _ in range(min(count, self._cloud.limit - self._cloud.granted))]

    def remove(self, nodes: Sequence[Node]) -> None:
        """Forget them."""
        for node in nodes:
            self._cloud.clusters.get(self._cluster, {}).pop(node.id, None)

    def nodes(self) -> Sequence[Node]:
        """The cluster's entries."""
        return list(self._nodes().values())

    def destroy(self) -> None:
        """Forget the cluster."""
        self._cloud.clusters.pop(self._cluster, None)

    def _nodes(self) -> dict[str, Node]:
        if self._cluster not in self._cloud.clusters:
            raise ToilError(f"There is no cluster {self._cluster}", "Launch it first")
        return self._cloud.clusters[self._cluster]

    def _new(self, node_type: NodeType, is_leader: bool = False) -> Node:
        number = next(self._cloud.numbers)
        node = Node(f"node-{number}", node_type, f"node-{number}.example", is_leader, is_ready=True)
        self._nodes()[node.id] = node
        return node
