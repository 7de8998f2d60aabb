"""Copy a whole SmugMug account to S3-compatible storage, and prove that everything arrived."""

# A constant, since asking the installed package costs every command a thirtieth of a second.
__version__ = "0.1.0"
