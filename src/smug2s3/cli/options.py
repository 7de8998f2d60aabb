"""The options of `sync`, and those that `get` shares with it, about order, limits, output and logging."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file

LIMITS, OUTPUT = "Order and limits", "Output and logging"
"""The groups of these options in the help."""

Order = Annotated[
    str,
    typer.Option(
        metavar="ORDER",
        autocompletion=lambda: ["album", "newest", "oldest", "smallest", "largest"],
        help="Copy in this order: album, newest, oldest, smallest or largest.",
        rich_help_panel=LIMITS,
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Stop at this time, or after this long: 08:00, '2026-11-30 08:00' or 8h.",
        rich_help_panel=LIMITS,
    ),
]
MaxBytes = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Stop before copying more than this: 50G.", rich_help_panel=LIMITS),
]
Concurrency = Annotated[
    int | None, typer.Option(metavar="N", help="Copy N files at once, instead of MAX_CONCURRENT_DOWNLOADS.")
]
BandwidthLimit = Annotated[
    str | None, typer.Option(metavar="LIMIT", help="Limit the bandwidth: 2M, or by time of day '08:00,2M 23:00,off'.")
]
Sidecars = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        autocompletion=lambda: ["xmp"],
        help="xmp: store titles, captions, keywords and places in a file beside each photo, for other programs.",
    ),
]
Previews = Annotated[
    str | None,
    typer.Option(
        metavar="SIZES",
        autocompletion=lambda: ["S", "S,X2", "off"],
        help="Copy SmugMug's reduced pictures, too, for viewing: sizes of Ti, Th, S, M, L, XL, X2 to X5, 4K and 5K, or off.",
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print a line for every file.", rich_help_panel=OUTPUT)]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print only failures and the final line.", rich_help_panel=OUTPUT)
]
LogFile = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        callback=settings_file.as_meant,
        help="Append every event to this file, one per line.",
        rich_help_panel=OUTPUT,
    ),
]
LogFormat = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        autocompletion=lambda: ["text", "json"],
        help="Format of the log file: text (default) or json.",
        rich_help_panel=OUTPUT,
    ),
]
NotifyUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Post the result to this address, instead of NOTIFY_URL.", rich_help_panel=OUTPUT),
]
Raw = Annotated[
    str | None,
    typer.Option(
        metavar="WHICH",
        autocompletion=lambda: ["auto", "all", "off"],
        help="RAW and other files of SmugMug Source: auto where SmugMug hints at them, all to ask for each photo, off.",
    ),
]
