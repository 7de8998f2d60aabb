"""The commands `ls`, `find`, `get` and `browse` and their options; what they do is imported only when they run, as in `main`."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file
from smug2s3.cli.options import BandwidthLimit, Concurrency, LogFile, LogFormat, Quiet, Sidecars, Verbose
from smug2s3.cli.selection import Selection, selecting

Keys = Annotated[
    bool, typer.Option("--keys", help="Print only the keys of the stored files, one per line, for other tools.")
]


def ls(
    place: Annotated[
        str,
        typer.Argument(
            metavar="[FOLDER]", help="A folder, an album or a file, such as Family/2019; without one, the top."
        ),
    ] = "",
    keys: Keys = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the folders, albums and files of the archive. Uses no network.

    \b
    Examples:
      smug2s3 ls
      smug2s3 ls 'Family/Summer 2019'
      smug2s3 ls Family --keys
    """
    from smug2s3.cli.archive import ls as command  # noqa: PLC0415

    command(place, keys=keys, json=json_output)


def find(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="Words that a file must all have; * stands for any letters.")
    ],
    keys: Keys = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Find files by title, caption, keyword, name or album. Ignores case and accents, and uses no network.

    \b
    Examples:
      smug2s3 find 'grandma*'
      smug2s3 find beach '"new year"'
      smug2s3 find IMG_1234 --keys
    """
    from smug2s3.cli.archive import find as command  # noqa: PLC0415

    command(words, keys=keys, json=json_output)


@selecting
def get(
    folder_path: Annotated[
        str,
        typer.Argument(metavar="PATH", callback=settings_file.as_meant, help="The folder to copy to; created if new."),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be copied, and copy nothing.")] = False,
    zip_albums: Annotated[bool, typer.Option("--zip", help="Write one ZIP per album.")] = False,
    zip_size: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Start another ZIP before one exceeds this: 4G.")
    ] = None,
    times: Annotated[
        str,
        typer.Option(
            metavar="WHICH",
            autocompletion=lambda: ["taken", "uploaded", "none"],
            help="Set the files' times to when they were taken or uploaded, or to none of these.",
        ),
    ] = "taken",
    sidecars: Sidecars = None,
    restore_tier: Annotated[
        str | None,
        typer.Option(
            metavar="TIER",
            autocompletion=lambda: ["bulk", "standard"],
            help="Have files in an archive storage class restored: bulk or standard.",
        ),
    ] = None,
    concurrency: Concurrency = None,
    bwlimit: BandwidthLimit = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
    log_file: LogFile = None,
    log_format: LogFormat = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    selection: Selection,
) -> None:
    """Copy albums from the bucket to a folder, and compare every MD5. Run it again to continue. Needs no SmugMug.

    \b
    Examples:
      smug2s3 get ~/Pictures
      smug2s3 get ~/Pictures --album 'Family/*'
      smug2s3 get ~/Downloads --zip --folder Family
    """
    from smug2s3.cli.get import Options  # noqa: PLC0415
    from smug2s3.cli.get import get as command  # noqa: PLC0415
    from smug2s3.cli.reporters import Verbosity  # noqa: PLC0415

    command(
        Options(
            target=folder_path,
            selection=selection,
            concurrency=concurrency,
            bwlimit=bwlimit,
            times=times,
            sidecars=sidecars,
            zip=zip_albums,
            zip_size=zip_size,
            restore_tier=restore_tier,
            dry_run=dry_run,
            verbosity=Verbosity(verbose=verbose, quiet=quiet, log_file=log_file, log_format=log_format),
            json=json_output,
        )
    )


def browse(
    *,
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="Answer at this port; a free one by default.")
    ] = 0,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the browser, or only print the address.")
    ] = True,
    idle: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="End when nobody has looked for so long, like 30m; never by default."),
    ] = None,
    cache: Annotated[
        str, typer.Option(metavar="SIZE", help="How much to keep of the small pictures that are made here; 0 for none.")
    ] = "1G",
) -> None:
    """Look at the archive in a browser, with your own credentials. Only this computer can open it.

    \b
    Examples:
      smug2s3 browse
      smug2s3 browse --idle 30m
      smug2s3 browse --no-open --port 8080
    """
    from smug2s3.cli.browse import browse as command  # noqa: PLC0415

    command(port=port, show=open_browser, idle=idle, cache=cache)
