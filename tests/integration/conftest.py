"""An S3 server for all of these tests, and a bucket for each."""

from tests.support.fixtures import bucket, s3

__all__ = ["bucket", "s3"]
