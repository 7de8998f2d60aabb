"""The commands and their options; each is imported only when it runs, so that `--help` is fast."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file
from smug2s3.cli.archive_commands import browse, find, get, ls
from smug2s3.cli.bucket_commands import bucket_app
from smug2s3.cli.cluster_commands import Certs, Insecure, Processes, Scheduler, cluster_app, worker
from smug2s3.cli.gallery_commands import gallery
from smug2s3.cli.groups import config_app, ledger_app
from smug2s3.cli.help_formatter import GroupedOptions, Root
from smug2s3.cli.options import (
    BandwidthLimit,
    Concurrency,
    LogFile,
    LogFormat,
    MaxBytes,
    NotifyUrl,
    Order,
    Previews,
    Quiet,
    Raw,
    Sidecars,
    Until,
    Verbose,
)
from smug2s3.cli.proof_commands import report, status, verify
from smug2s3.cli.repeat_commands import At, Every, HealthFile, health
from smug2s3.cli.selection import Selection, selecting

app = typer.Typer(
    cls=Root,
    help="Copy a whole SmugMug account to S3-compatible storage or a folder, and prove that everything arrived.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

SET_UP, COPY, PROVE, HOME, MORE = "Set up", "Copy", "Prove", "Get back", "More"
"""The groups of the root help, in the order of use."""

app.add_typer(config_app, name="config", rich_help_panel=SET_UP)
app.add_typer(bucket_app, name="bucket", rich_help_panel=SET_UP)


def _version(wanted: bool) -> None:
    if wanted:
        from smug2s3 import __version__  # noqa: PLC0415

        typer.echo(f"smug2s3 {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    env_file: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", callback=settings_file.name, help="Read the settings from this file instead of .env."
        ),
    ] = None,
) -> None:
    """Global options."""


@app.command(short_help="Sign in to SmugMug and save the credentials in .env.", rich_help_panel=SET_UP)
def auth(
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Offer to open SmugMug's page in a browser.")
    ] = True,
) -> None:
    """Sign in to SmugMug and save the credentials in .env.

    \b
    Examples:
      smug2s3 auth
      smug2s3 auth --no-open
      smug2s3 --env-file jane.env auth
    """
    from smug2s3.cli.auth import auth as command  # noqa: PLC0415

    command(open_browser=open_browser)


@app.command(short_help="Test the SmugMug sign-in and the bucket.", rich_help_panel=SET_UP)
def check(
    policy: Annotated[
        bool, typer.Option("--policy", help="Print an IAM policy with the permissions an AWS key needs, and exit.")
    ] = False,
    raw_shapes: Annotated[
        bool,
        typer.Option(
            "--raw-shapes", help="Print how SmugMug answers for RAW files, without names, addresses or keys, and exit."
        ),
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Test the SmugMug sign-in and the bucket. Leaves nothing behind.

    \b
    Examples:
      smug2s3 check
      smug2s3 check --policy
      smug2s3 check --raw-shapes
    """
    if raw_shapes:
        from smug2s3.cli.raw_shapes import show  # noqa: PLC0415

        show()
        return
    from smug2s3.cli.check import check as command  # noqa: PLC0415

    command(policy=policy, json_output=json_output)


@app.command(short_help="Estimate size, time and cost before copying.", cls=GroupedOptions, rich_help_panel=COPY)
@selecting
def plan(
    *,
    items: Annotated[
        bool, typer.Option("--items", help="List every item, for exact sizes and for what is not available.")
    ] = False,
    raw: Raw = None,
    previews: Previews = None,
    rate: Annotated[
        str | None, typer.Option(metavar="RATE", help="The speed of your connection in bytes per second, such as 20M.")
    ] = None,
    prices: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            callback=settings_file.as_meant,
            help="Use your own price list (TOML).",
        ),
    ] = None,
    print_prices: Annotated[
        bool, typer.Option("--print-prices", help="Print the built-in price list and exit.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    selection: Selection,
) -> None:
    """Estimate size, time and cost before copying. Copies nothing.

    \b
    Examples:
      smug2s3 plan
      smug2s3 plan --rate 20M
      smug2s3 plan --items --folder Family
    """
    from smug2s3.cli.plan import Options  # noqa: PLC0415
    from smug2s3.cli.plan import plan as command  # noqa: PLC0415

    command(
        Options(
            selection=selection,
            items=items,
            raw=raw,
            previews=previews,
            rate=rate,
            prices=prices,
            print_prices=print_prices,
            json=json_output,
        )
    )


@app.command(short_help="Copy everything that is not in the bucket yet.", cls=GroupedOptions, rich_help_panel=COPY)
@selecting
def sync(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be copied, and copy nothing.")] = False,
    concurrency: Concurrency = None,
    bwlimit: BandwidthLimit = None,
    order: Order = "album",
    until: Until = None,
    max_bytes: MaxBytes = None,
    full: Annotated[
        bool, typer.Option("--full", help="List every album again, even those SmugMug reports as unchanged.")
    ] = False,
    follow_renames: Annotated[
        bool, typer.Option("--follow-renames", help="Rename files in the bucket that were renamed on SmugMug.")
    ] = False,
    collected: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            autocompletion=lambda: ["copy", "reference"],
            help="For a photo that is already in another album: copy it, or reference it. Importers lose albums that only refer.",
        ),
    ] = "copy",
    raw: Raw = None,
    sidecars: Sidecars = None,
    previews: Previews = None,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt", help="Go on without the ledger of an archive that is already there; copies everything again."
        ),
    ] = False,
    every: Every = None,
    at: At = None,
    processes: Processes = None,
    scheduler: Scheduler = None,
    certs: Certs = None,
    insecure: Insecure = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    log_file: LogFile = None,
    log_format: LogFormat = None,
    notify_url: NotifyUrl = None,
    health_file: HealthFile = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    selection: Selection,
) -> None:
    """Copy everything that is not in the bucket yet. Run it again to continue, or to catch up.

    \b
    Examples:
      smug2s3 sync
      smug2s3 sync --folder Family --dry-run
      smug2s3 sync --order newest --until 08:00
      smug2s3 sync --at 03:00 --health-file health.json
    """
    from smug2s3.cli.repeated import sync_repeatedly  # noqa: PLC0415
    from smug2s3.cli.reporters import Verbosity  # noqa: PLC0415
    from smug2s3.cli.sync import Options  # noqa: PLC0415
    from smug2s3.cli.sync import sync as sync_once  # noqa: PLC0415

    command = sync_once if every is None and at is None else sync_repeatedly
    command(
        Options(
            selection=selection,
            concurrency=concurrency,
            bwlimit=bwlimit,
            collected=collected,
            raw=raw,
            sidecars=sidecars,
            previews=previews,
            order=order,
            until=until,
            max_bytes=max_bytes,
            full=full,
            follow_renames=follow_renames,
            adopt=adopt,
            dry_run=dry_run,
            every=every,
            at=at,
            processes=processes,
            scheduler=scheduler,
            certs=certs,
            insecure=insecure,
            verbosity=Verbosity(verbose=verbose, quiet=quiet, log_file=log_file, log_format=log_format),
            notify_url=notify_url,
            health_file=health_file,
            json=json_output,
        )
    )


app.command(short_help="Show progress, failures and what to do next.", rich_help_panel=COPY)(status)
app.command(short_help="List the folders, albums and files of the archive.", rich_help_panel=COPY)(ls)
app.command(short_help="Find files by title, caption, keyword or name.", rich_help_panel=COPY)(find)
app.command(short_help="Prove that everything arrived.", rich_help_panel=PROVE)(verify)
app.command(short_help="Write one HTML page of what was copied.", rich_help_panel=PROVE)(report)
app.command(short_help="Look at the archive in a browser.", rich_help_panel=HOME)(browse)
app.command(short_help="Copy albums from the bucket to a folder.", cls=GroupedOptions, rich_help_panel=HOME)(get)
app.command(short_help="Write pages to look at a copy with.", cls=GroupedOptions, rich_help_panel=HOME)(gallery)


@app.command(short_help="Try it with a simulated account.", rich_help_panel=MORE)
def demo(
    folder: Annotated[
        str,
        typer.Option(metavar="PATH", callback=settings_file.as_meant, help="Keep the demo's bucket and ledger here."),
    ] = "smug2s3-demo",
    processes: Annotated[
        str | None, typer.Option(metavar="N", help="Copy with N processes on this computer; auto: one a core.")
    ] = None,
) -> None:
    """Try it with a simulated account: SmugMug and S3 servers on this computer, a real sync and verify.

    \b
    Examples:
      smug2s3 demo
      smug2s3 demo --folder /tmp/demo
    """
    from smug2s3.cli.demo import demo as command  # noqa: PLC0415

    command(folder, processes)


app.command(short_help="Tell whether the last sync went well.", rich_help_panel=MORE)(health)
app.add_typer(ledger_app, name="ledger", rich_help_panel=MORE)
app.command(short_help="Copy files for a sync that runs elsewhere.", rich_help_panel=MORE)(worker)
app.add_typer(cluster_app, name="cluster", rich_help_panel=MORE)
