"""The commands by name; each is imported only when it runs, so that `--help` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file
from smug2s3.cli.help_formatter import AnyPlace, Grouped
from smug2s3.cli.selection import Selection, selecting

app = typer.Typer(
    cls=AnyPlace,
    help="Move a whole SmugMug account into S3-compatible storage, and prove that everything arrived.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COURSE = "In which order, and for how long"

ledger_app = typer.Typer(help="Read the ledger, or make it anew.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(ledger_app, name="ledger")
config_app = typer.Typer(help="Show the settings, or fill them in.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(config_app, name="config")


TOLD = "What is told"


def _version(wanted: bool) -> None:
    if wanted:
        from smug2s3 import __version__  # noqa: PLC0415

        typer.echo(f"smug2s3 {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
    env_file: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", callback=settings_file.name, help="Take the settings from this file instead of .env."
        ),
    ] = None,
) -> None:
    """Global options."""


@app.command(short_help="Sign in to SmugMug and keep the access in .env.")
def auth(
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Offer to open SmugMug's page in the browser.")
    ] = True,
) -> None:
    """Sign in to SmugMug and keep the access in .env.

    Example: smug2s3 auth
    """
    from smug2s3.cli.auth import auth as command  # noqa: PLC0415

    command(open_browser=open_browser)


@app.command(short_help="Say before a move how much it is, how long it takes, what it costs.", cls=Grouped)
@selecting
def plan(
    *,
    items: Annotated[
        bool, typer.Option("--items", help="List every item too: exact bytes, what is not available, names.")
    ] = False,
    rate: Annotated[
        str | None, typer.Option(metavar="RATE", help="Bytes a second of your line, like 20M, to say how long.")
    ] = None,
    prices: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            callback=settings_file.as_meant,
            help="Your own list of prices (TOML), instead of the one inside.",
        ),
    ] = None,
    print_prices: Annotated[
        bool, typer.Option("--print-prices", help="Only print the list of prices, to copy and edit.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end.")] = False,
    selection: Selection,
) -> None:
    """Say before a move how much it is, how long it takes and what keeping it costs; moves nothing.

    Example: smug2s3 plan --rate 20M
    """
    from smug2s3.cli.plan import Options  # noqa: PLC0415
    from smug2s3.cli.plan import plan as command  # noqa: PLC0415

    command(
        Options(
            selection=selection,
            items=items,
            rate=rate,
            prices=prices,
            print_prices=print_prices,
            json=json_output,
        )
    )


@app.command(short_help="Move what is not in the store yet.", cls=Grouped)
@selecting
def sync(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would move: files and bytes.")] = False,
    concurrency: Annotated[
        int | None, typer.Option(metavar="N", help="Files moving at once, instead of MAX_CONCURRENT_DOWNLOADS.")
    ] = None,
    bwlimit: Annotated[
        str | None,
        typer.Option(metavar="LIMIT", help="Pass no more bytes a second: 2M, or by time of day '08:00,2M 23:00,off'."),
    ] = None,
    order: Annotated[
        str,
        typer.Option(
            metavar="ORDER",
            autocompletion=lambda: ["album", "newest", "oldest", "smallest", "largest"],
            help="What moves first: album, newest, oldest, smallest or largest.",
            rich_help_panel=COURSE,
        ),
    ] = "album",
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Stop then: 08:00, '2026-11-30 08:00' or 8h.", rich_help_panel=COURSE),
    ] = None,
    max_bytes: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Stop before more than this was moved: 50G.", rich_help_panel=COURSE),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="List every album again, also where SmugMug says nothing changed.")
    ] = False,
    follow_renames: Annotated[
        bool, typer.Option("--follow-renames", help="Also rename in the store what was renamed on SmugMug.")
    ] = False,
    collected: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            autocompletion=lambda: ["copy", "reference"],
            help="A photo that another album has already: copy it in the store, or reference it.",
        ),
    ] = "copy",
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="Copy everything again where your archive lies already and the ledger was lost."),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also a line for every file.", rich_help_panel=TOLD)
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only what failed, and the last line.", rich_help_panel=TOLD)
    ] = False,
    log_file: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            callback=settings_file.as_meant,
            help="Also append every event to this file, a line each.",
            rich_help_panel=TOLD,
        ),
    ] = None,
    log_format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=lambda: ["text", "json"],
            help="How to write the log file: text (usual) or json.",
            rich_help_panel=TOLD,
        ),
    ] = None,
    notify_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Post how it ended to this address, instead of NOTIFY_URL.", rich_help_panel=TOLD
        ),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end.")] = False,
    selection: Selection,
) -> None:
    """Move what is not in the store yet; run it again to go on, or to catch up.

    Example: smug2s3 sync --folder Family --dry-run
    """
    from smug2s3.cli.reporters import Verbosity  # noqa: PLC0415
    from smug2s3.cli.sync import Options  # noqa: PLC0415
    from smug2s3.cli.sync import sync as command  # noqa: PLC0415

    command(
        Options(
            selection=selection,
            concurrency=concurrency,
            bwlimit=bwlimit,
            collected=collected,
            order=order,
            until=until,
            max_bytes=max_bytes,
            full=full,
            follow_renames=follow_renames,
            adopt=adopt,
            dry_run=dry_run,
            verbosity=Verbosity(verbose=verbose, quiet=quiet, log_file=log_file, log_format=log_format),
            notify_url=notify_url,
            json=json_output,
        )
    )


@app.command(short_help="Try both sides before anything is moved.")
def check(
    policy: Annotated[
        bool, typer.Option("--policy", help="Only print the least rights an AWS key needs, as an IAM policy.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end.")] = False,
) -> None:
    """Try the sign-in and the bucket, and say what each finding means; leaves nothing behind.

    Example: smug2s3 check
    """
    from smug2s3.cli.check import check as command  # noqa: PLC0415

    command(policy=policy, json_output=json_output)


@app.command(short_help="Say what is done, what is left and why.")
def status(
    failed: Annotated[
        bool, typer.Option("--failed", help="Name every file that failed or is not available, and what to do.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say where things stand: done, failed and why, waiting, the last runs, what to do next. No network.

    Example: smug2s3 status --failed
    """
    from smug2s3.cli.status import status as command  # noqa: PLC0415

    command(failed=failed, json=json_output)


@app.command(short_help="Prove that everything arrived.")
def verify(
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask only the ledger whether everything was moved; no network.")
    ] = False,
    head: Annotated[bool, typer.Option("--head", help="Also look at every object's own metadata.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every object back and hash it.")] = False,
    sample: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="With --deep: read back only so many of the objects.")
    ] = None,
    source: Annotated[
        bool, typer.Option("--source", help="Walk SmugMug again and compare with what it has today.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Have the next sync move again what is missing or different.")
    ] = False,
    combined: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            callback=settings_file.as_meant,
            help="Write every file and how it is (= + - * !) to this file.",
        ),
    ] = None,
    certificate: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            callback=settings_file.as_meant,
            help="With --source: write a completeness certificate to this file.",
        ),
    ] = None,
    accept_unavailable: Annotated[
        bool, typer.Option("--accept-unavailable", help="You can do without the items that SmugMug does not give.")
    ] = False,
    accept_count: Annotated[
        bool, typer.Option("--accept-count", help="You know why SmugMug's count of the account is another one.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let an object that is not from smug2s3 count as a difference.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end.")] = False,
) -> None:
    """Prove that the store holds what the ledger says, and with --source what SmugMug has; exit code 1 if it does not.

    Example: smug2s3 verify --deep --sample 5 --certificate certificate.txt
    """
    from smug2s3.cli.verify import Options  # noqa: PLC0415
    from smug2s3.cli.verify import verify as command  # noqa: PLC0415

    command(
        Options(
            offline=offline,
            head=head,
            deep=deep,
            sample=sample,
            source=source,
            repair=repair,
            combined=combined,
            certificate=certificate,
            accept_unavailable=accept_unavailable,
            accept_count=accept_count,
            strict=strict,
            json=json_output,
        )
    )


@app.command(short_help="Write one page that shows what was moved.")
def report(
    path: Annotated[
        str,
        typer.Argument(
            metavar="[PATH]",
            callback=settings_file.as_meant,
            help="The file to write; an earlier report there is replaced.",
        ),
    ] = "smug2s3-report.html",
    thumbnails: Annotated[
        int,
        typer.Option(metavar="N", min=0, max=100, help="Read N photos' small previews from the store and show them."),
    ] = 0,
) -> None:
    """Write one HTML page, for any browser and without network, that shows what was moved and what is missing.

    Example: smug2s3 report
    """
    from smug2s3.cli.report import report as command  # noqa: PLC0415

    command(path, thumbnails=thumbnails)


@app.command(short_help="See it work without any account.")
def demo(
    folder: Annotated[
        str,
        typer.Option(metavar="PATH", callback=settings_file.as_meant, help="Where the demo's bucket and ledger go."),
    ] = "smug2s3-demo",
) -> None:
    """See it work without any account: a SmugMug and an S3 server on this machine, a real sync and verify.

    Example: smug2s3 demo
    """
    from smug2s3.cli.demo import demo as command  # noqa: PLC0415

    command(folder)


@ledger_app.command("export")
def ledger_export(
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            autocompletion=lambda: ["jsonl", "csv"],
            help="jsonl (a JSON object a line) or csv.",
        ),
    ] = "jsonl",
    output: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", callback=settings_file.as_meant, help="A new file to write to, instead of standard output."
        ),
    ] = None,
) -> None:
    """Write down everything the ledger knows, a line for every file.

    Example: smug2s3 ledger export --format csv --output moved.csv
    """
    from smug2s3.cli.ledger import export as command  # noqa: PLC0415

    command(form=form, output=output)


@ledger_app.command("rebuild")
def ledger_rebuild() -> None:
    """Make a lost ledger anew from the bucket alone; reads no photo.

    Example: smug2s3 ledger rebuild
    """
    from smug2s3.cli.ledger import rebuild as command  # noqa: PLC0415

    command()


@config_app.command("show")
def config_show(
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show every setting, where it comes from, and what is missing for which command. Secrets stay hidden.

    Example: smug2s3 config show
    """
    from smug2s3.cli.config import show as command  # noqa: PLC0415

    command(json=json_output)


@config_app.command("init")
def config_init() -> None:
    """Ask for SmugMug's key and for the store, and write the answers into .env.

    Example: smug2s3 --env-file jane.env config init
    """
    from smug2s3.cli.wizard import init as command  # noqa: PLC0415

    command()
