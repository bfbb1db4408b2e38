"""What can go wrong between a client and a service, as data for a ``FaultProxy``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the proxy saw it. ``path`` has the query; names of ``headers`` are in small letters.

    ``length`` is that of the body, ``None`` if it comes in chunks.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    length: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The proxy answers in the server's place. ``is_late``: after the server has carried the request out."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (TCP RST). ``is_late``: after the server has carried the request out."""

    is_late: bool = False


@dataclass(frozen=True, slots=True)
class CutUpload:
    """The connection is reset when so many bytes of the request's body have come; shorter bodies pass."""

    after_bytes: int = 1


@dataclass(frozen=True, slots=True)
class CorruptUpload:
    """A bit of the request's body is turned over on its way; bodies shorter than that pass."""

    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Truncate:
    """Half of the answer's body is sent, then the connection ends; bodies shorter than that pass."""

    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Corrupt:
    """A bit of the answer's body is turned over on its way; bodies shorter than that pass."""

    at_least: int = 1


Fault: TypeAlias = Answer | Reset | CutUpload | CorruptUpload | Truncate | Corrupt


@dataclass(frozen=True, slots=True)
class ServiceErrors:
    """A service's own words for what goes wrong: status, body and headers as it sends them.

    ``skewed`` says that the client's clock is wrong; ``None`` where the service never says so.
    """

    internal: Answer
    slow_down: Answer
    denied: Answer
    expired: Answer
    skewed: Answer | None = None


@dataclass(slots=True)
class Rule:
    """A fault that waits for its requests. ``left`` is how often it still strikes, ``None`` for ever."""

    fault: Fault
    when: Callable[[Request], bool]
    left: int | None

    def fits(self, request: Request, body_length: int, is_late: bool) -> bool:
        """Whether it strikes this request, before (``is_late`` false) or after the server was asked."""
        fault = self.fault
        strikes_late = fault.is_late if isinstance(fault, Answer | Reset) else isinstance(fault, Truncate | Corrupt)
        if strikes_late is not is_late or self.left == 0 or body_length < smallest_body(fault):
            return False
        return self.when(request)


def smallest_body(fault: Fault) -> int:
    """The shortest body that the fault touches: of the answer if it strikes late, else of the request."""
    if isinstance(fault, CutUpload):
        return fault.after_bytes
    return 0 if isinstance(fault, Answer | Reset) else fault.at_least
