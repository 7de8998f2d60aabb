"""`smug2s3 worker` and `smug2s3 cluster`, and the options they share with `smug2s3 sync`."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file
from smug2s3.cli.help_formatter import GroupedCommands

WORKERS = "More processes, more machines"

Processes = Annotated[
    str | None,
    typer.Option(
        metavar="N", help="Copy with N processes on this computer; auto: one a core.", rich_help_panel=WORKERS
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Copy with the workers of this Dask scheduler.", rich_help_panel=WORKERS),
]
Certs = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        callback=settings_file.as_meant,
        help="The folder with the cluster's certificates, instead of CLUSTER_CERTS.",
        rich_help_panel=WORKERS,
    ),
]
Insecure = Annotated[
    bool,
    typer.Option(
        "--insecure",
        help="Allow a scheduler elsewhere without TLS, in a network that is yours alone.",
        rich_help_panel=WORKERS,
    ),
]

cluster_app = typer.Typer(
    cls=GroupedCommands, help="Make the certificates of a cluster.", no_args_is_help=True, rich_markup_mode=None
)


@cluster_app.callback()
def _cluster() -> None:
    """Make the certificates of a cluster."""


@cluster_app.command("certs")
def cluster_certs(
    folder: Annotated[str, typer.Argument(metavar="PATH", callback=settings_file.as_meant, help="The folder to make.")],
) -> None:
    """Make certificates and keys for a scheduler, its workers and this computer.

    \b
    Examples:
      smug2s3 cluster certs certs
      smug2s3 cluster certs archive-certs
    """
    from smug2s3.cli.worker import certs as command  # noqa: PLC0415

    command(folder)


def worker(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The scheduler's, such as tls://host:8786.")],
    certs: Certs = None,
    insecure: Insecure = False,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the worker is called in displays; its address otherwise.")
    ] = None,
    port: Annotated[
        int,
        typer.Option(metavar="PORT", min=0, max=65535, help="The port the scheduler reaches it at; any free one if 0."),
    ] = 0,
) -> None:
    """Copy files for a sync that runs elsewhere, with this computer's own settings. Ends with the scheduler.

    \b
    Examples:
      smug2s3 worker tls://scheduler.example:8786
      smug2s3 worker tls://scheduler.example:8786 --certs certs
    """
    from smug2s3.cli.worker import worker as command  # noqa: PLC0415

    command(address, certs=certs, insecure=insecure, name=name, port=port)
