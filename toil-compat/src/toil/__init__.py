"""The documented Python API of upstream Toil, as thin adapters over ``toil_core``.

Names and signatures here are upstream's; a script written for it runs unchanged. New workflows are
better written with ``toil_core.workflow``.
"""

from toil.appliance import applianceSelf

__all__ = ["applianceSelf"]
