"""The commands `config` and `ledger`, each a group of commands; imported only when they run, as in `main`."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file
from smug2s3.cli.help_formatter import GroupedCommands

config_app = typer.Typer(
    cls=GroupedCommands, help="Create or show the settings.", no_args_is_help=True, rich_markup_mode=None
)
ledger_app = typer.Typer(
    cls=GroupedCommands,
    help="Export the ledger, or rebuild it from the bucket.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@ledger_app.command("export")
def ledger_export(
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            autocompletion=lambda: ["jsonl", "csv"],
            help="jsonl (one JSON object per line) or csv.",
        ),
    ] = "jsonl",
    output: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", callback=settings_file.as_meant, help="Write to this new file instead of standard output."
        ),
    ] = None,
    bom: Annotated[
        bool,
        typer.Option(
            "--bom",
            help="Write the CSV for Excel and LibreOffice: with a byte order mark, so that accents are read right, "
            "and an apostrophe before texts that would be run as formulas.",
        ),
    ] = False,
) -> None:
    """Export everything the ledger knows, one line per file.

    \b
    Examples:
      smug2s3 ledger export
      smug2s3 ledger export --format csv --bom --output photos.csv
    """
    from smug2s3.cli.ledger import export as command  # noqa: PLC0415

    command(form=form, output=output, bom=bom)


@ledger_app.command("rebuild")
def ledger_rebuild() -> None:
    """Rebuild a lost ledger from the bucket alone. Reads no photo.

    \b
    Examples:
      smug2s3 ledger rebuild
      smug2s3 --env-file jane.env ledger rebuild
    """
    from smug2s3.cli.ledger import rebuild as command  # noqa: PLC0415

    command()


@config_app.command("init")
def config_init() -> None:
    """Ask for the SmugMug API key and the bucket, write the answers to .env, and test both.

    \b
    Examples:
      smug2s3 config init
      smug2s3 --env-file jane.env config init
    """
    from smug2s3.cli.wizard import init as command  # noqa: PLC0415

    command()


@config_app.command("show")
def config_show(
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show every setting, where it comes from, and what each command still needs. Hides secrets.

    \b
    Examples:
      smug2s3 config show
      smug2s3 --env-file jane.env config show
    """
    from smug2s3.cli.config import show as command  # noqa: PLC0415

    command(json=json_output)
