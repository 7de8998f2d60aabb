"""The command as it is, at a disk that never answers, with a hundredth of its patience."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from unittest.mock import patch

from smug2s3.__main__ import main
from smug2s3.app import checking
from smug2s3.cli import check
from smug2s3.stores.local.blocking_io import FolderIO


def _hang(_io: FolderIO) -> None:
    time.sleep(3600)


if __name__ == "__main__":
    with ExitStack() as changes:
        changes.enter_context(patch.object(FolderIO, "look", _hang))
        changes.enter_context(patch.object(checking, "LETTING_GO", 0.1))
        changes.enter_context(patch.object(check, "run_check", partial(checking.run_check, longest=1.0)))
        main()
