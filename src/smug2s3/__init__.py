"""Move a whole SmugMug account into S3-compatible storage, and prove that everything arrived."""

# Written here and not asked of the installed package: that costs every command a thirtieth of a second.
__version__ = "0.1.0"
