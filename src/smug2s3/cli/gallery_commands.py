"""The command `gallery` and its options; what it does is imported only when it runs, as in `main`."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file
from smug2s3.cli.selection import Selection, selecting


@selecting
def gallery(
    folder_path: Annotated[
        str | None,
        typer.Argument(metavar="[PATH]", callback=settings_file.as_meant, help="The folder that `smug2s3 get` filled."),
    ] = None,
    *,
    into_bucket: Annotated[
        bool, typer.Option("--into-bucket", help="Write the pages beside the archive in the bucket instead.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    selection: Selection,
) -> None:
    """Write pages to look at the archive with, into a folder that `get` filled. They need no program and no network.

    \b
    Examples:
      smug2s3 gallery ~/Pictures
      smug2s3 gallery --into-bucket
    """
    from smug2s3.cli.gallery import Options  # noqa: PLC0415
    from smug2s3.cli.gallery import gallery as command  # noqa: PLC0415

    command(Options(target=folder_path, into_bucket=into_bucket, selection=selection, json=json_output))
