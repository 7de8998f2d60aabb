"""Names of test objects, which every listing leaves out."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

BEGINNING = ".smug2s3-check-"

ABANDONED_AFTER = timedelta(hours=1)
"""The age from which a test object is a leftover of a killed run; a younger one may be in use."""

_TRIAL = re.compile(rf"(?:^|/){re.escape(BEGINNING)}[0-9a-f]{{12}}/")


def new_folder(prefix: str) -> str:
    """The folder for the test objects of one probe, with its slash."""
    return f"{prefix}{BEGINNING}{uuid4().hex[:12]}/"


def is_hidden(key: str, prefix: str) -> bool:
    """Whether a listing of ``prefix`` leaves ``key`` out."""
    return bool(_TRIAL.search(key)) and not _TRIAL.search(prefix)
