"""Move a whole SmugMug account into S3-compatible storage, and prove that everything arrived."""

from importlib.metadata import version

__version__ = version("smug2s3")
