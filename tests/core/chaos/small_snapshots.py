"""The workload with a snapshot every few segments."""

from __future__ import annotations

import sys

import workload

from toil_core.engine import leader

if __name__ == "__main__":
    leader.SNAPSHOT_BYTES = 4000
    sys.exit(workload.main())
