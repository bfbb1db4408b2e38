"""The Common Workflow Language for the toil-core workflow engine."""
