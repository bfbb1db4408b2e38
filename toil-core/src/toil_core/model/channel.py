"""Where running attempts reach their leader, as data."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """A TCP address, and the secret that the leader takes words with. Never logged, nor on a command line."""

    host: str
    port: int
    secret: str = field(repr=False)
