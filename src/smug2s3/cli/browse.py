"""`smug2s3 browse`: the archive in a browser, from this machine."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from smug2s3.app.browse_runner import BrowseOptions, run_browse
from smug2s3.cli.archive import current_ledger
from smug2s3.cli.browser import can_open, leading_to, open_page
from smug2s3.cli.console import error_boundary, finished, note, put_text, say
from smug2s3.cli.needed import settings_for
from smug2s3.errors import UsageError
from smug2s3.rules import filter_parsing
from smug2s3.rules.durations import read_duration
from smug2s3.settings import Settings


def browse(*, port: int, show: bool, idle: str | None, cache: str) -> None:
    """Run the command."""
    with error_boundary():
        options = BrowseOptions(port=port, idle=_seconds(idle), cache=filter_parsing.size("--cache", cache) or 0)
        settings = settings_for("store")
        if Path(settings.ledger_path).exists():
            current_ledger(settings)
        finished(lambda: serve(settings, options, show=show), lambda _code: "stopping")


async def serve(settings: Settings, options: BrowseOptions, *, show: bool) -> None:
    """Show the archive until it is cancelled, or until nobody has looked for long enough."""
    with ExitStack() as opened:

        def answering(address: str) -> None:
            put_text(f"The archive is at {address}\nIt ends with Ctrl-C.\n")
            if show and not can_open():
                say("No browser can be opened here: open this address in one.")
            elif show:
                open_page(opened.enter_context(leading_to(address, _folder(settings))))

        await run_browse(settings, options, answering, note)


def _folder(settings: Settings) -> Path:
    """Where the ledger is, if possible: browsers that may read but a part of the disk may read that of their user."""
    beside = Path(settings.ledger_path).absolute().parent
    return beside if os.access(beside, os.W_OK) else Path(tempfile.gettempdir())


def _seconds(idle: str | None) -> float | None:
    if idle is None:
        return None
    found = read_duration(idle)
    if not found:
        raise UsageError(f"--idle {idle!r} is not a valid duration", hint="Examples: 30m, 2h.")
    return found.total_seconds()
