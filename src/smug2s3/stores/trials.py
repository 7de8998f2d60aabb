"""The names of what is stored only to find out what a store does: it is nobody's, and no listing tells of it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

BEGINNING = ".smug2s3-check-"

ABANDONED_AFTER = timedelta(hours=1)
"""Age from which a trial is what somebody left who was killed; a younger one may be another's who is at it."""

_TRIAL = re.compile(rf"(?:^|/){re.escape(BEGINNING)}[0-9a-f]{{12}}/")


def new_folder(prefix: str) -> str:
    """The folder of one trial, with its slash."""
    return f"{prefix}{BEGINNING}{uuid4().hex[:12]}/"


def is_hidden(key: str, prefix: str) -> bool:
    """Whether a listing of ``prefix`` leaves it out."""
    return bool(_TRIAL.search(key)) and not _TRIAL.search(prefix)
