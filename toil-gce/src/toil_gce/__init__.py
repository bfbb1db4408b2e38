"""Google Cloud Storage for toil-core: ``google:`` job stores and ``gs://`` URLs."""
