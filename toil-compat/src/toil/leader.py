"""Where old scripts find the error of a failed workflow."""

from __future__ import annotations

from toil.exceptions import FailedJobsException

__all__ = ["FailedJobsException"]
