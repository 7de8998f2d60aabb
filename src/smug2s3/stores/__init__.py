"""The destinations: S3 buckets and folders."""
