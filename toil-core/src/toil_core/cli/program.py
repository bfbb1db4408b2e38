"""Running a program from a command line: what a person sees of it, and how it is stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from toil_core.api.language import Program
from toil_core.api.url_access import UrlAccess
from toil_core.cli.telling import log_event, telling
from toil_core.config.reading import Options
from toil_core.config.run_options import LogOptions
from toil_core.engine.chosen import backend_options, run_settings
from toil_core.engine.session import Hooks, Session
from toil_core.engine.stopping import StopSignals
from toil_core.files.urls import Urls
from toil_core.plugins.manager import PluginManager

_log = logging.getLogger("toil")


def run_program(program: Program, options: Options, plugins: PluginManager) -> Any:
    """Run a program as the options say; what it concludes with.

    Raises ``RunFailed``, ``Interrupted``, and everything else that ``Session.run`` raises. The process
    must have one thread, and this must be the main one.
    """
    settings = run_settings(options, plugins)
    with telling(options.get(LogOptions), log_event, plugins.event) as tell, StopSignals() as signals:
        _log.info("%s in %s", "Going on with the run" if settings.restart else "Running", settings.locator)
        return Session(plugins, settings, Hooks(tell, signals.route)).run(program)


def url_access(options: Options, plugins: PluginManager) -> Callable[[str], UrlAccess]:
    """What gives the access to a URL of any installed kind, with the options of its plugin."""
    chosen = {kind: options.get(kind) for kind in backend_options(plugins)}
    return Urls(lambda url: plugins.open_url(url, chosen)).access
