"""A job's neighbours, for those who ask; what runs when is the core's to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class Place(Generic[T]):
    """One job's neighbours in the part of the graph that this process has made."""

    children: list[T] = field(default_factory=list)
    follow_ons: list[T] = field(default_factory=list)
    predecessors: list[T] = field(default_factory=list)
    services: list[Any] = field(default_factory=list)


def roots(job: T, place: Callable[[T], Place[T]]) -> set[T]:
    """The jobs from which everything connected to a job starts."""
    return {found for found in _connected(job, place) if not place(found).predecessors}


def in_order(job: T, place: Callable[[T], Place[T]]) -> Sequence[T]:
    """A job and all its successors, each after those that it follows; children before follow-ons."""
    ordered: list[T] = []
    seen = {job}
    stack = [(job, _last_first(place(job)))]
    while stack:
        current, successors = stack[-1]
        fresh = next((one for one in successors if one not in seen), None)
        if fresh is None:
            ordered.append(current)
            stack.pop()
        else:
            seen.add(fresh)
            stack.append((fresh, _last_first(place(fresh))))
    return ordered[::-1]


def _last_first(place: Place[T]) -> Iterator[T]:
    return iter([*reversed(place.follow_ons), *reversed(place.children)])


def _connected(job: T, place: Callable[[T], Place[T]]) -> set[T]:
    seen, waiting = {job}, [job]
    while waiting:
        here = place(waiting.pop())
        fresh = {*here.children, *here.follow_ons, *here.predecessors} - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen
