"""Sizes as people write them, by an older name of the module."""

from toil.lib.conversions import bytes2human, human2bytes

__all__ = ["bytes2human", "human2bytes"]
