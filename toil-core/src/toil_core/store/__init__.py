"""The rich job store, written once over the narrow storage contract."""
