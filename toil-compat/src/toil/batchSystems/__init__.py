"""Errors of batch systems, by upstream's names. New batch systems are plugins of ``toil_core``."""

from toil.batchSystems.abstractBatchSystem import InsufficientSystemResources

__all__ = ["InsufficientSystemResources"]
