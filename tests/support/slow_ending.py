"""The command as it is, but a minute long busy with saving when it is asked to stop; a file `saving` tells of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from smug2s3.__main__ import main
from smug2s3.ledger.ledger import SqliteLedger


async def _slowly(_ledger: SqliteLedger, _run: str, _summary: Any) -> None:
    Path("saving").touch()
    await asyncio.sleep(60)


if __name__ == "__main__":
    SqliteLedger.end = _slowly  # type: ignore[assignment,method-assign]
    main()
