"""Names that are known to be provided by distributions which may not be installed."""

from __future__ import annotations

_EXTRAS = {
    ".cwl": "cwl",
    "aws": "aws",
    "az": "azure",
    "azure": "azure",
    "cwl": "cwl",
    "google": "google",
    "gs": "google",
    "s3": "aws",
    "wasb": "azure",
    "wasbs": "azure",
}


def extra_for(name: str) -> str:
    """What to install for a known name; empty for others."""
    extra = _EXTRAS.get(name)
    return f"Try: pip install 'toil-core[{extra}]'" if extra else ""
