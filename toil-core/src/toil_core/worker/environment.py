"""What worker processes need of the run: its store and files, found by the locator."""

from __future__ import annotations

from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.plugins.manager import PluginManager
from toil_core.worker.settings import HostSettings


class Environment:
    """Made once, before processes are forked that use it: what it holds they need not make again."""

    def __init__(self, settings: HostSettings) -> None:
        plugins = PluginManager.load()
        spec, rest = plugins.storage(settings.locator)
        self._storage = spec.load()(rest, None)
        self._appends = spec.appends
        self._shares_files = settings.shares_files
        self._cache_dir = settings.work_dir / "cache"
        self._urls = Urls(lambda url: plugins.url_access(url).load()(None))

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
