"""`smug2s3 check --raw-shapes`: prints how SmugMug answers for RAW files, without content."""

from __future__ import annotations

import json
from typing import Any

from smug2s3 import __version__
from smug2s3.app.raw_shapes_runner import run_raw_shapes
from smug2s3.cli.console import error_boundary, finished, put_text
from smug2s3.cli.needed import settings_for


def show() -> None:
    """Run the command."""
    found: list[dict[str, Any]] = []

    with error_boundary():
        settings = settings_for("smugmug")

        async def work() -> None:
            found.append(await run_raw_shapes(settings))

        finished(work)
    put_text(json.dumps({"smug2s3": __version__, **found[0]}, indent=2) + "\n")
