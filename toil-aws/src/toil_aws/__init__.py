"""Amazon Web Services for toil-core: job stores on S3, and ``s3://`` URLs."""
