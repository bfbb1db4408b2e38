"""Random histories of calls on one store, by several clients, and a dictionary that says what each must come to."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, ObjectExists

_KEYS = ("a", "a-b", "d/1", "d/1.x", "d/12", "D/1", "e/f/g", "e/f.g")
_PREFIXES = ("", "a", "d/", "d/1", "e", "e/f", "e/f/", "D", "x")
_CLIENTS = 3


class History:
    """One store, which begins empty, and what it must hold. Each step raises ``AssertionError`` if it does not.

    The same ``seed`` makes the same calls.
    """

    def __init__(self, client: Callable[[], Storage], seed: int, lengths: Sequence[int]) -> None:
        self._chance = random.Random(seed)
        self._clients = [client() for _ in range(_CLIENTS)]
        self._lengths = lengths
        self._model: dict[str, bytes] = {}
        self.told: list[str] = []

    def step(self) -> None:
        """Make one call, and look at what it has left."""
        act = self._chance.choice(
            (self._put, self._put, self._put_stream, self._put_new, self._delete, self._read, self._read, self._list)
        )
        act(self._chance.choice(self._clients), self._chance.choice(_KEYS))

    def check(self) -> None:
        """Compare all that there is."""
        self._list(self._clients[0], "")
        for key in _KEYS:
            for storage in self._clients:
                self._compare(storage, key, 0, None)

    def _put(self, storage: Storage, key: str) -> None:
        content = self._content()
        self._tell(f"put {key} {len(content)}")
        storage.put(key, content)
        self._model[key] = content
        self._look(key)

    def _put_stream(self, storage: Storage, key: str) -> None:
        content = self._content()
        skipped = self._chance.choice((0, 0, min(3, len(content))))
        self._tell(f"put {key} {len(content)} from a stream at {skipped}")
        stream = io.BytesIO(content)
        stream.seek(skipped)
        storage.put(key, stream)
        self._model[key] = content[skipped:]
        self._look(key)

    def _put_new(self, storage: Storage, key: str) -> None:
        content = self._content()
        is_stream = self._chance.random() < 0.5
        self._tell(f"put {key} {len(content)} if absent{', from a stream' if is_stream else ''}")
        try:
            storage.put(key, io.BytesIO(content) if is_stream else content, if_absent=True)
        except ObjectExists:
            assert key in self._model, self.told
        else:
            assert key not in self._model, self.told
            self._model[key] = content
        self._look(key)

    def _delete(self, storage: Storage, key: str) -> None:
        keys = [key, *self._chance.sample(_KEYS, self._chance.randrange(3))]
        self._tell(f"delete {keys}")
        storage.delete(keys)
        for one in keys:
            self._model.pop(one, None)
            self._look(one)

    def _read(self, storage: Storage, key: str) -> None:
        size = len(self._model.get(key, b""))
        start = self._chance.choice((0, 0, 1, size // 2, max(0, size - 1), size, size + 1))
        length = self._chance.choice((None, 0, 1, size // 2, size, size + 1))
        self._compare(storage, key, start, length)

    def _list(self, storage: Storage, key: str) -> None:
        prefix = self._chance.choice(_PREFIXES) if key else ""
        self._tell(f"list {prefix}")
        found = list(storage.list(prefix))
        assert sorted(found) == sorted(one for one in self._model if one.startswith(prefix)), self.told

    def _look(self, key: str) -> None:
        """At what a call has left, by another client."""
        self._compare(self._chance.choice(self._clients), key, 0, None)

    def _compare(self, storage: Storage, key: str, start: int, length: int | None) -> None:
        self._tell(f"read {key} from {start}, {length}")
        content = self._model.get(key)
        try:
            size = storage.size(key)
            with storage.get(key, start, length) as stream:
                found = stream.read()
        except NoSuchObject:
            assert content is None, self.told
            return
        assert content is not None, self.told
        assert size == len(content), self.told
        assert found == content[start : None if length is None else start + length], self.told

    def _content(self) -> bytes:
        return self._chance.randbytes(self._chance.choice(self._lengths))

    def _tell(self, what: str) -> None:
        self.told.append(what)
