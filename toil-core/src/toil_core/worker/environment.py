"""What a worker process needs of the run: its store and files, found by the locator."""

from __future__ import annotations

from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.plugins.manager import PluginManager
from toil_core.worker.settings import HostSettings


def node_files(settings: HostSettings, writer: str) -> NodeFiles:
    """The node's files for one process; ``writer`` names its packs, and no living process shares it."""
    plugins = PluginManager.load()
    spec, rest = plugins.storage(settings.locator)
    storage = spec.load()(rest, None)
    urls = Urls(lambda url: plugins.url_access(url).load()(None))
    return NodeFiles(storage, appends=spec.appends, cache_dir=settings.work_dir / "cache", writer=writer, urls=urls)
