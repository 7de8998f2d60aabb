"""`smug2s3 gallery`: writes the pages of the archive as files, and says what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.text import Text

from smug2s3.app.gallery_runner import GalleryOptions, GalleryOutcome, run_gallery
from smug2s3.cli.console import (
    NAMED,
    error_boundary,
    finished,
    interrupted,
    note,
    put_json,
    put_text,
    say,
    talk,
    watched,
)
from smug2s3.cli.needed import settings_for
from smug2s3.cli.selection import Selection
from smug2s3.errors import UsageError
from smug2s3.ports.reporter import Reporter
from smug2s3.reporting.amounts import plural
from smug2s3.reporting.names import sanitize, truncate
from smug2s3.rules.gallery_pages import TOP
from smug2s3.settings import Settings
from smug2s3.viewer.gallery import GallerySummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one call."""

    target: str | None
    into_bucket: bool = False
    selection: Selection = field(default_factory=Selection)
    json: bool = False


class _Notes(Reporter):
    """Says what a person should know."""

    def note(self, text: str) -> None:
        """A note."""
        note(text)


def gallery(options: Options) -> None:
    """Run the command."""
    outcome = GalleryOutcome()

    def on_error(message: str, code: int) -> None:
        if options.json:
            put_json(outcome.document() | {"error": message, "exit_code": code})
        elif interrupted(code):
            say("Interrupted; every page that was written is whole. Run the same command again to continue.")

    with error_boundary(on_error):
        if options.into_bucket == (options.target is not None):
            raise UsageError(
                "name the folder that `get` filled, or use --into-bucket",
                hint="For example: `smug2s3 gallery ~/Pictures`",
            )
        prepared = GalleryOptions(
            target=Path(options.target) if options.target is not None else None,
            filters=options.selection.filters(),
            partial=options.selection.partial,
        )
        settings = settings_for("store")
        _run(settings, prepared, outcome)
    code = 1 if outcome.summary.problems else 0
    if options.json:
        put_json(outcome.document() | {"exit_code": code})
    else:
        put_text(summary_text(outcome.summary, options.target, settings.prefix))
    raise typer.Exit(code)


def _run(settings: Settings, prepared: GalleryOptions, outcome: GalleryOutcome) -> None:
    async def work() -> None:
        with _watching() as advance:
            await run_gallery(settings, prepared, _Notes(), outcome, advance)

    finished(work, lambda _code: "stopping")


@contextmanager
def _watching() -> Iterator[Callable[[str], object]]:
    """Show what is being written, in one line of a terminal."""
    if not watched():
        yield lambda _: None
        return
    with talk.status("reading the archive") as status:
        yield lambda text: status.update(Text(f"writing {truncate(sanitize(text), max(talk.width - 14, 10))}"))


def summary_text(summary: GallerySummary, target: str | None, prefix: str) -> str:
    """The summary for people; without a ``target`` the pages are in the bucket."""
    what = f"{plural(summary.items, 'photo or video', 'photos and videos')} in {plural(summary.albums, 'album')}"
    changed = f"{plural(summary.changed, 'file')} changed" if summary.changed else "nothing changed since the last run"
    lines = [f"The gallery has {plural(summary.pages, 'page')} of {what}; {changed}."]
    if summary.pictures:
        lines.append(f"  {summary.pictures:>9,}  small pictures were made")
    if summary.missing:
        lines.append(f"  {summary.missing:>9,}  of its files are not in this folder, and are shown as missing")
    lines += [f"  {sanitize(problem)}" for problem in summary.problems[:NAMED]]
    if len(summary.problems) > NAMED:
        lines.append(f"  and {len(summary.problems) - NAMED:,} more")
    if target is None:
        lines.append(f"It begins at {prefix}{TOP} and is as private as the bucket.")
    else:
        lines.append(f"Open {Path(target) / 'index.html'} in a browser.")
        if summary.missing:
            lines.append(f"To copy what is missing: smug2s3 get {target}")
    return "\n".join(lines) + "\n"
