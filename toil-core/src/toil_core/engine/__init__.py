"""The pure state machine, and the shell that drives a run with it."""
