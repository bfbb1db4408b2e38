"""Job stores for toil-core that are one SQLite file."""
