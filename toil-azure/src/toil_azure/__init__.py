"""Job stores and URLs on Azure Blob Storage for the toil-core workflow engine."""
