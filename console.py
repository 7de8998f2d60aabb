"""Sign in to SmugMug: the same as `smug2s3 auth`."""

import sys

from smug2s3.cli.main import app

app(["auth", *sys.argv[1:]])
