"""Frozen data and pure functions: what the rooms above speak about."""
