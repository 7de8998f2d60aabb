"""`smug2s3 health`, and the options of a `smug2s3 sync` that runs by itself."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file
from smug2s3.cli.options import OUTPUT

REPEAT = "Again and again"
"""The group of these options in the help."""

Every = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION", help="Run for ever, with a start every 6h, 90m or 1d; at least 5m.", rich_help_panel=REPEAT
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="Run for ever, with a start every day at this time: 03:00.", rich_help_panel=REPEAT
    ),
]
HealthFile = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        callback=settings_file.as_meant,
        help="Keep in this file how the last run went, for `smug2s3 health`.",
        rich_help_panel=OUTPUT,
    ),
]


def health(
    file: Annotated[
        str,
        typer.Option(
            metavar="PATH", callback=settings_file.as_meant, help="The file that `sync --health-file` writes."
        ),
    ],
    max_age: Annotated[
        str,
        typer.Option(
            metavar="DURATION", help="How old its last sign of life may be; longer than the time between two runs."
        ),
    ] = "26h",
) -> None:
    """Tell whether the last sync went well, for containers and monitors. Exit code 1 if not.

    \b
    Examples:
      smug2s3 health --file health.json
      smug2s3 health --file health.json --max-age 8h
    """
    from smug2s3.cli.health import health as command  # noqa: PLC0415

    command(file, max_age=max_age)
