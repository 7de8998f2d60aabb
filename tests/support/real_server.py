"""The S3 server that the environment names for the contract suite and for whole accounts."""

from __future__ import annotations

import os

from tests.support.s3_account import S3Account

VARIABLE = "SMUG2S3_TEST_S3_{}"

# Read before every test's environment is cleaned.
REAL = {
    name: os.environ.get(VARIABLE.format(name), "") for name in ("ENDPOINT", "KEY", "SECRET", "BUCKET", "CA", "SERVER")
}
"""``SERVER`` is the name of its personality, if it has one."""


def real_account() -> S3Account:
    """Its address and keys."""
    return S3Account(
        endpoint=REAL["ENDPOINT"], access_key=REAL["KEY"], secret_key=REAL["SECRET"], personality=REAL["SERVER"]
    )
