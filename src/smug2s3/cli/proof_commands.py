"""The commands `status`, `verify` and `report` and their options; what they do is imported only when they run, as in `main`."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli import settings_file


def status(
    failed: Annotated[
        bool, typer.Option("--failed", help="List every file that failed or is not available, and what to do.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show progress, failures, the last runs and what to do next. Uses no network.

    \b
    Examples:
      smug2s3 status
      smug2s3 status --failed
    """
    from smug2s3.cli.status import status as command  # noqa: PLC0415

    command(failed=failed, json=json_output)


def verify(
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask only the ledger whether everything was copied; no network.")
    ] = False,
    head: Annotated[bool, typer.Option("--head", help="Check every object's own metadata as well.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read back and hash every object.")] = False,
    sample: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", help="With --deep: read back only this percentage of the objects."),
    ] = None,
    source: Annotated[
        bool, typer.Option("--source", help="List SmugMug again and compare with what it has today.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Queue what is missing or different for the next sync.")
    ] = False,
    combined: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            callback=settings_file.as_meant,
            help="Write every file and its state (= + - * !) to this file.",
        ),
    ] = None,
    certificate: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            callback=settings_file.as_meant,
            help="Compare with SmugMug and write a completeness certificate to this file.",
        ),
    ] = None,
    accept_unavailable: Annotated[
        bool, typer.Option("--accept-unavailable", help="Accept that SmugMug does not provide some items.")
    ] = False,
    accept_count: Annotated[
        bool, typer.Option("--accept-count", help="Accept that SmugMug counts another number of items in the account.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Treat an object that is not from smug2s3 as a difference.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Prove that the bucket holds what the ledger says and, with --source, what SmugMug has. Exit code 1 if not.

    \b
    Examples:
      smug2s3 verify
      smug2s3 verify --deep --sample 5
      smug2s3 verify --certificate certificate.txt
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


def report(
    path: Annotated[
        str,
        typer.Argument(
            metavar="[PATH]",
            callback=settings_file.as_meant,
            help="The file to write; replaces an earlier report.",
        ),
    ] = "smug2s3-report.html",
    thumbnails: Annotated[
        int,
        typer.Option(metavar="N", min=0, max=100, help="Show the previews of N photos, read from the bucket."),
    ] = 0,
) -> None:
    """Write one HTML page of what was copied and what is missing. Opens in any browser, without network.

    \b
    Examples:
      smug2s3 report
      smug2s3 report --thumbnails 12 archive.html
    """
    from smug2s3.cli.report import report as command  # noqa: PLC0415

    command(path, thumbnails=thumbnails)
