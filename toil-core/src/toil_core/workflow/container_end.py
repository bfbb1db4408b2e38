"""Ends a container whose job was ended: ``python -m toil_core.workflow.container_end ENGINE NAME``."""

from __future__ import annotations

import sys

from toil_core.workflow.container import end_container

if __name__ == "__main__":
    end_container(*sys.argv[1:])
