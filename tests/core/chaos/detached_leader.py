"""The workload on workers that are on their own and live on when their leader dies."""

from __future__ import annotations

import sys

import workload

from toil_core.plugins.manager import PluginManager
from toil_core.testing.detached import SPEC

if __name__ == "__main__":
    plugins = PluginManager.load()
    plugins.batch_system = lambda name: SPEC  # type: ignore[method-assign]
    sys.exit(workload.main(plugins, SPEC.name))
