"""The commands `ls` and `find` and their options; what they do is imported only when they run, as in `main`."""

from __future__ import annotations

from typing import Annotated

import typer

Keys = Annotated[
    bool, typer.Option("--keys", help="Print only the keys of the stored files, one per line, for other tools.")
]


def ls(
    place: Annotated[
        str, typer.Argument(metavar="[FOLDER]", help="A folder or album, such as Family/2019; without one, the top.")
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
