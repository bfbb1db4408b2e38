"""A run's durable home: what the engine and workers keep, by name, in any storage.

========================  ==========================================================
``format``                format number and run id; written first, so that its presence is the store
``journal/<n>``           the run's truth, see ``store.journal``
``snapshots/<n>``         the state after segment ``n``
``orders/<run>/...``      ``<attempt>``: what a detached worker is to do
``channel/<run>/...``     ``<epoch>``: where a detached worker reaches its leader while it runs
``results/<run>/...``     ``<job>/<attempt>``: what it came to; the put is the attempt's commit
``files/...``             whole files; ``packs/...`` many small ones
``shared/<name>``         what a program keeps by name
``code/<hash>``           code that workers may lack, see ``model.deployment``
``code/leader-<epoch>``   which of it the jobs of this leader run with
========================  ==========================================================
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, NoSuchStore, ObjectExists, StoreDamaged, StoreFormatError
from toil_core.model.channel import ChannelAddress
from toil_core.model.deployment import CODE
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import Outcome
from toil_core.model.wire import WireError, decode, decode_order, decode_outcome, encode, encode_order, encode_outcome

FORMAT = 1
RESULTS_MARK = "reuse"
"""An object of stores that keep results of any number of runs."""

_LEADERS_CODE = f"{CODE}leader-"


class JobStore:
    """The objects of one run. Safe for use by any number of threads and processes."""

    def __init__(self, storage: Storage, locator: str, *, appends: bool) -> None:
        self.storage = storage
        self.locator = locator
        self.appends = appends
        self._run: RunId | None = None

    def create(self) -> RunId:
        """Make the store for a new run. Raises ``StoreExists``."""
        self.storage.create()
        run = RunId(str(uuid.uuid4()))
        self.storage.put("format", json.dumps({"format": FORMAT, "run": run}).encode(), if_absent=True)
        self._run = run
        return run

    def open(self) -> RunId:
        """The run whose store this is. Raises ``NoSuchStore``, ``StoreFormatError``, ``StoreDamaged``."""
        self.storage.open()
        try:
            self._run = self._read_run()
        except NoSuchObject as error:
            if self.keeps_results():
                raise NoSuchStore(f"{self.locator} keeps results for --reuse-results, and no run") from error
            raise NoSuchStore(
                f"The job store {self.locator} was never finished being made",
                f"Remove it with: toil clean {self.locator}",
            ) from error
        return self._run

    def run(self) -> RunId:
        """The run whose store this was when it was made, opened, or asked for this first.

        Orders and results are those of a run: a leader or a worker that outlived its run, whose store has
        gone, may find the store of another one in its place. Unlike ``open`` this waits for a server that is
        away. Raises ``NoSuchObject``, and what ``open`` raises.
        """
        if self._run is None:
            self._run = self._read_run()
        return self._run

    def is_replaced(self) -> bool:
        """Whether the store of another run is in the place of this one, which has been removed meanwhile."""
        try:
            return self._run is not None and self._read_run() != self._run
        except (NoSuchObject, NoSuchStore, StoreDamaged, StoreFormatError):
            return False

    def _read_run(self) -> RunId:
        content = self.read("format")
        try:
            facts = json.loads(content)
            number, run = int(facts["format"]), RunId(str(facts["run"]))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(f'The object "format" of {self.locator} is damaged') from error
        if number != FORMAT:
            newer = number > FORMAT
            raise StoreFormatError(
                f"The job store {self.locator} has format {number}; this version reads format {FORMAT}",
                "Try: pip install --upgrade toil-core" if newer else "Finish the run with the version that began it",
            )
        return run

    def keeps_results(self) -> bool:
        """Whether the store, which is there, is no job store but one of results (``files.reuse_store``)."""
        return RESULTS_MARK in self.storage.list(RESULTS_MARK)

    def destroy(self) -> None:
        """Remove the store and everything in it; no error if there is none. The store of another run that was made
        in its place since is left alone."""
        if not self.is_replaced():
            self.storage.destroy()

    def read(self, key: str) -> bytes:
        """A whole object. Raises ``NoSuchObject``."""
        with self.storage.get(key) as stream:
            return stream.read()

    def put_order(self, order: WorkOrder) -> None:
        """Lay down what a detached worker is to do."""
        self.storage.put(self._order_key(order.attempt), encode_order(order).encode())

    def put_channel(self, epoch: int, address: ChannelAddress) -> None:
        """Say where the leader of this epoch is reached."""
        self.storage.put(self._channel_key(epoch), json.dumps(encode(address)).encode())

    def channel(self, epoch: int) -> ChannelAddress:
        """Where the leader of this epoch is reached. Raises ``NoSuchObject``, ``StoreDamaged``."""
        key = self._channel_key(epoch)
        try:
            address: ChannelAddress = decode(ChannelAddress, json.loads(self.read(key)))
        except ValueError as error:
            raise StoreDamaged(f"{key} in {self.locator} is damaged: {error}") from error
        return address

    def put_deployment(self, epoch: int, key: str) -> None:
        """Say which code the leader of this epoch has sent, by the key of its ``Deployment``."""
        self.storage.put(f"{_LEADERS_CODE}{epoch}", key.encode())

    def deployment(self) -> str:
        """The key of the ``Deployment`` that the newest leader which said so has sent; empty if none did."""
        keys = list(self.storage.list(_LEADERS_CODE))
        newest = max(keys, key=lambda key: int(key.removeprefix(_LEADERS_CODE)), default="")
        return self.read(newest).decode() if newest else ""

    def order(self, attempt: AttemptId) -> WorkOrder:
        """What the attempt's worker is to do. Raises ``NoSuchObject``, ``StoreDamaged``."""
        key = self._order_key(attempt)
        try:
            return decode_order(self.read(key).decode())
        except (WireError, UnicodeDecodeError) as error:
            raise StoreDamaged(f"{key} in {self.locator} is damaged: {error}") from error

    def put_outcome(self, outcome: Outcome) -> None:
        """Commit an attempt; a second commit of the same attempt changes nothing."""
        key = self._result_key(outcome.job, outcome.attempt)
        try:
            self.storage.put(key, encode_outcome(outcome).encode(), if_absent=True)
        except ObjectExists:
            return

    def outcome(self, job: JobId, attempt: AttemptId) -> Outcome | None:
        """What an attempt came to, if its worker committed. Raises ``StoreDamaged``."""
        return self._outcome(self._result_key(job, attempt))

    def outcomes(self) -> Iterator[Outcome]:
        """All committed outcomes that have not been removed."""
        for key in self.storage.list(f"results/{self.run()}/"):
            outcome = self._outcome(key)
            if outcome is not None:
                yield outcome

    def forget_attempts(self, outcomes: Iterable[Outcome]) -> None:
        """Remove the orders and results of attempts that the journal knows."""
        keys: list[str] = []
        for outcome in outcomes:
            keys += (self._order_key(outcome.attempt), self._result_key(outcome.job, outcome.attempt))
        self.storage.delete(keys)

    def forget_orders(self, epoch: int) -> None:
        """Remove the orders of leaders before that epoch: workers that begin late find nothing to do."""
        prefixes = (f"{kind}/{self.run()}/" for kind in ("orders", "channel"))
        keys = [key for prefix in prefixes for key in self.storage.list(prefix)]
        self.storage.delete([key for key in keys if epoch_of(key.rpartition("/")[2]) < epoch])

    def contents(self) -> set[str]:
        """The keys of all objects with files of jobs."""
        return {key for prefix in ("files/", "packs/") for key in self.storage.list(prefix)}

    def collect_garbage(self, found: set[str], kept: set[str]) -> int:
        """Remove those of the ``found`` contents that are not in ``kept``; how many objects went.

        For a leader that listed the contents before it took the run: should it be late, and another
        lead by now, it removes nothing that was made since. Workers of earlier leaders may still
        write, and what they write is collected the next time.
        """
        unwanted = found - kept
        if not unwanted or self.is_replaced():
            return 0
        self.storage.delete(sorted(unwanted))
        return len(unwanted)

    def _order_key(self, attempt: AttemptId) -> str:
        return f"orders/{self.run()}/{attempt}"

    def _channel_key(self, epoch: int) -> str:
        return f"channel/{self.run()}/{epoch}"

    def _result_key(self, job: JobId, attempt: AttemptId) -> str:
        return f"results/{self.run()}/{job}/{attempt}"

    def _outcome(self, key: str) -> Outcome | None:
        try:
            return decode_outcome(self.read(key).decode())
        except NoSuchObject:
            return None
        except (WireError, UnicodeDecodeError) as error:
            raise StoreDamaged(f"{key} in {self.locator} is damaged: {error}") from error


def epoch_of(attempt: str) -> int:
    """Which leader of the run issued an attempt; 0 for what was not named by a leader."""
    epoch = attempt.partition(".")[0]
    return int(epoch) if epoch.isdecimal() else 0
