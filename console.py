"""Sign in to SmugMug: the same as `smug2s3 auth`."""

import sys

from smug2s3.cli.entry_point import run

run(["auth", *sys.argv[1:]])
