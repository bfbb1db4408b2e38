"""Where scripts asked for the image of upstream's appliance."""

from __future__ import annotations

from typing import Any, NoReturn

from toil.exceptions import not_there


def applianceSelf(*args: Any, **kwargs: Any) -> NoReturn:
    """Not there. Raises ``UnsupportedFeature``."""
    raise not_there("toil.applianceSelf", "There is no appliance: workers run in an environment that has toil-core")
