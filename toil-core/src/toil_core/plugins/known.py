"""Names that are known to be provided by distributions which may not be installed."""

from __future__ import annotations

_EXTRAS = {
    ".cwl": "cwl",
    ".wdl": "wdl",
    "aws": "aws",
    "aws_batch": "aws",
    "az": "azure",
    "azure": "azure",
    "cwl": "cwl",
    "gce": "google",
    "google": "google",
    "grid_engine": "hpc",
    "gs": "google",
    "k8s": "kubernetes",
    "kubernetes": "kubernetes",
    "mesos": "mesos",
    "s3": "aws",
    "slurm": "hpc",
    "wasb": "azure",
    "wasbs": "azure",
    "wdl": "wdl",
}


def extra_for(name: str) -> str:
    """What to install for a known name; empty for others."""
    extra = _EXTRAS.get(name)
    return f"Try: pip install 'toil-core[{extra}]'" if extra else ""
