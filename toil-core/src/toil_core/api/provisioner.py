"""Contract: something that makes and removes machines of a cluster.

To write one: subclass ``Provisioner``, return a ``ProvisionerSpec`` from ``toil_provisioners``, and
inherit ``toil_core.testing.ProvisionerContract`` in a test. The scaling decisions are the core's.

Methods may take minutes and are called from one thread at a time for a cluster. Every machine is
tagged with the cluster's name when it is asked for, so that ``destroy`` finds it whatever crashed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from toil_core.model.requirements import Resources

CONTRACT = 1


@dataclass(frozen=True, slots=True)
class NodeType:
    """A kind of machine. ``names`` are interchangeable types of the service, most wanted first;
    ``bid`` is the highest price for an hour of a preemptible one, ``None`` for one that stays."""

    names: tuple[str, ...]
    bid: float | None = None
    resources: Resources = Resources()

    @property
    def is_preemptible(self) -> bool:
        """Whether the service may take such a machine back."""
        return self.bid is not None


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that was asked for. ``is_ready`` when it can take jobs."""

    id: str
    node_type: NodeType
    address: str = ""
    is_leader: bool = False
    is_ready: bool = False


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """A cluster to make: its leader's type, root volume in bytes, owner and extra tags."""

    leader: NodeType
    leader_storage: int
    owner: str = ""
    tags: dict[str, str] = field(default_factory=dict)


class Provisioner(ABC):
    """One cluster, named when the object is made; it need not exist yet."""

    @abstractmethod
    def describe(self, name: str, bid: float | None = None) -> NodeType:
        """The node type of that service name with its resources. Raises ``UsageError`` if unknown."""

    @abstractmethod
    def launch(self, request: ClusterRequest) -> Node:
        """Make the cluster with its leader, and wait until it is ready. Raises ``ToilError`` naming
        the step that failed; what was made can be destroyed."""

    @abstractmethod
    def add(self, node_type: NodeType, count: int, storage: int) -> Sequence[Node]:
        """Ask for workers with a root volume of ``storage`` bytes; returns those that were granted,
        which may be fewer, without waiting until they are ready."""

    @abstractmethod
    def remove(self, nodes: Sequence[Node]) -> None:
        """Give machines back; one that is gone already is no error."""

    @abstractmethod
    def nodes(self) -> Sequence[Node]:
        """The cluster's machines as the service tells now. Raises ``ToilError`` if it does not exist."""

    @abstractmethod
    def destroy(self) -> None:
        """Give back everything that bears the cluster's name; no error if there is nothing."""
