"""What worker processes need of the run: its store and files, found by the locator."""

from __future__ import annotations

from toil_core.errors import LeaderLost, NoSuchObject
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.model.channel import ChannelAddress
from toil_core.model.ids import AttemptId
from toil_core.plugins.manager import PluginManager
from toil_core.store.job_store import JobStore, epoch_of
from toil_core.worker.settings import HostSettings


class Environment:
    """Made once, before processes are forked that use it: what it holds they need not make again."""

    def __init__(self, settings: HostSettings) -> None:
        plugins = PluginManager.load()
        spec, rest = plugins.storage(settings.locator)
        self._storage = spec.load()(rest, None if spec.options is None else settings.options.get(spec.options))
        self._appends = spec.appends
        self._locator = settings.locator
        self._channel = settings.channel
        self._shares_files = settings.shares_files
        self._cache_dir = settings.work_dir / "cache"
        self._urls = Urls(lambda url: plugins.open_url(url, settings.options))

    def node_files(self, writer: str) -> NodeFiles:
        """The node's files for one process; ``writer`` names its packs, and no living process shares it."""
        return NodeFiles(
            self._storage,
            appends=self._appends,
            cache_dir=self._cache_dir,
            writer=writer,
            urls=self._urls,
            shares_files=self._shares_files,
        )

    def leader_of(self, attempt: AttemptId) -> ChannelAddress:
        """Where the leader that issued an attempt is reached. Raises ``LeaderLost`` if it does not say."""
        if self._channel is not None:
            return self._channel
        store = JobStore(self._storage, self._locator, appends=self._appends)
        try:
            return store.channel(epoch_of(attempt))
        except NoSuchObject as error:
            raise LeaderLost(f"no leader of {self._locator} says where it is reached") from error
