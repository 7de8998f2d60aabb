"""The command as it is, killed by the system at one ledger transition: METHOD before|after, then its arguments."""

from __future__ import annotations

import os
import signal
import sys
from functools import wraps
from typing import Any

from smug2s3.__main__ import main
from smug2s3.ledger.ledger import SqliteLedger


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash_at(method: str, when: str, *, of: type = SqliteLedger) -> None:
    """Have the first call of ``method`` kill this process, before it begins or once it is committed."""
    real = getattr(of, method)

    @wraps(real)
    async def deadly(*arguments: Any, **named: Any) -> None:
        if when == "before":
            _die()
        await real(*arguments, **named)
        _die()

    setattr(of, method, deadly)


if __name__ == "__main__":
    crash_at(sys.argv.pop(1), sys.argv.pop(1))
    main()
