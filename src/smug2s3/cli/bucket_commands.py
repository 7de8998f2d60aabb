"""The commands of `bucket` and their options; imported only when they run, as in `main`."""

from __future__ import annotations

from typing import Annotated

import typer

from smug2s3.cli.help_formatter import GroupedCommands

bucket_app = typer.Typer(
    cls=GroupedCommands,
    help="Create the bucket, or show and fix its settings.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Kms = Annotated[str | None, typer.Option("--kms", metavar="KEY", help="Encrypt by default with this KMS key.")]
KeepVersions = Annotated[
    str | None, typer.Option(metavar="DAYS", help="Keep replaced and deleted versions this long; 90d if not given.")
]
CheaperAfter = Annotated[
    str | None, typer.Option(metavar="DAYS", help="Move files to a cheaper class after this time: 90d.")
]
Class = Annotated[
    str | None,
    typer.Option(
        "--class",
        metavar="NAME",
        autocompletion=lambda: ["GLACIER_IR", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING"],
        help="The cheaper class, one that is read at once; GLACIER_IR if not given.",
    ),
]


@bucket_app.command("create")
def create(
    kms: Kms = None,
    keep_versions: KeepVersions = None,
    cheaper_after: CheaperAfter = None,
    storage_class: Class = None,
    lock: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            autocompletion=lambda: ["governance", "compliance"],
            help="Turn on Object Lock: governance or compliance.",
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=36_500, help="With --lock: for how many days nothing can be deleted."),
    ] = None,
    policy: Annotated[
        bool, typer.Option("--policy", help="Print an IAM policy with the permissions this needs, and exit.")
    ] = False,
) -> None:
    """Create the bucket of the settings: private, encrypted, with versions. Shows one that exists.

    \b
    Examples:
      smug2s3 bucket create
      smug2s3 bucket create --keep-versions 30d --cheaper-after 90d
      smug2s3 bucket create --policy
    """
    from smug2s3.cli.bucket import Options  # noqa: PLC0415
    from smug2s3.cli.bucket import create as command  # noqa: PLC0415

    command(
        Options(
            kms=kms,
            keep_versions=keep_versions,
            cheaper_after=cheaper_after,
            storage_class=storage_class,
            lock=lock,
            days=days,
        ),
        policy=policy,
    )


@bucket_app.command("show")
def show(
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what the bucket's settings mean for your photos. Changes nothing.

    \b
    Examples:
      smug2s3 bucket show
      smug2s3 bucket show --json
    """
    from smug2s3.cli.bucket import show as command  # noqa: PLC0415

    command(json=json_output)


@bucket_app.command("fix")
def fix(
    kms: Kms = None,
    keep_versions: KeepVersions = None,
    cheaper_after: CheaperAfter = None,
    storage_class: Class = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Agree to everything but changes of rules that others made.")
    ] = False,
) -> None:
    """Improve the settings of a bucket that exists, after a question for each. Keeps the rules of others.

    \b
    Examples:
      smug2s3 bucket fix
      smug2s3 bucket fix --yes
    """
    from smug2s3.cli.bucket import Options  # noqa: PLC0415
    from smug2s3.cli.bucket import fix as command  # noqa: PLC0415

    options = Options(kms=kms, keep_versions=keep_versions, cheaper_after=cheaper_after, storage_class=storage_class)
    command(options, yes=yes)
