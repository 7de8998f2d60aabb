"""The filter options, for every command that takes them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from smug2s3.cli.completion import albums, folders

if TYPE_CHECKING:
    from smug2s3.rules.filters import Filters

GROUP = "Filters"

Globs = list[str] | None


def _globs(help: str, offered: Callable[[str], list[str]] | None = None) -> Any:  # noqa: A002 - as Typer calls it
    return typer.Option(metavar="GLOB", help=help, rich_help_panel=GROUP, autocompletion=offered)


def _value(metavar: str, help: str) -> Any:  # noqa: A002 - as Typer calls it
    return typer.Option(metavar=metavar, help=help, rich_help_panel=GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The filters as typed; each field is the option of its name."""

    album: Annotated[Globs, _globs("Only albums whose name or path matches (repeatable).", albums)] = None
    folder: Annotated[Globs, _globs("Only albums in folders that match (repeatable).", folders)] = None
    file: Annotated[Globs, _globs("Only files whose name matches (repeatable).")] = None
    keyword: Annotated[Globs, _globs("Only files with a keyword that matches (repeatable).")] = None
    exclude_album: Annotated[Globs, _globs("Exclude albums that match (repeatable).", albums)] = None
    exclude_folder: Annotated[Globs, _globs("Exclude albums in folders that match (repeatable).", folders)] = None
    exclude_file: Annotated[Globs, _globs("Exclude files whose name matches (repeatable).")] = None
    photos: Annotated[bool, typer.Option("--photos", help="Only photos.", rich_help_panel=GROUP)] = False
    videos: Annotated[bool, typer.Option("--videos", help="Only videos.", rich_help_panel=GROUP)] = False
    taken_from: Annotated[
        str | None, _value("DATE", "Only files taken on or after this date: 2019, 2019-07 or 2019-07-14.")
    ] = None
    taken_to: Annotated[str | None, _value("DATE", "Only files taken up to and including this day, month or year.")] = (
        None
    )
    uploaded_from: Annotated[str | None, _value("DATE", "Only files uploaded on or after this date.")] = None
    uploaded_to: Annotated[str | None, _value("DATE", "Only files uploaded up to and including this date.")] = None
    min_size: Annotated[str | None, _value("SIZE", "Only files of at least this size: 500K, 20M or 2G.")] = None
    max_size: Annotated[str | None, _value("SIZE", "Only files of at most this size.")] = None

    @property
    def partial(self) -> bool:
        """Whether any filter was given."""
        return any(getattr(self, field.name) for field in fields(self))

    def filters(self) -> Filters:
        """The parsed filters; raises UsageError."""
        from smug2s3.rules.filter_parsing import checked, size, span  # noqa: PLC0415
        from smug2s3.rules.filters import Filters  # noqa: PLC0415 - --help answers without it

        return checked(
            Filters(
                albums=tuple(self.album or ()),
                folders=tuple(self.folder or ()),
                files=tuple(self.file or ()),
                keywords=tuple(self.keyword or ()),
                exclude_albums=tuple(self.exclude_album or ()),
                exclude_folders=tuple(self.exclude_folder or ()),
                exclude_files=tuple(self.exclude_file or ()),
                photos=self.photos or not self.videos,
                videos=self.videos or not self.photos,
                taken=span("taken", self.taken_from, self.taken_to),
                uploaded=span("uploaded", self.uploaded_from, self.uploaded_to),
                min_size=size("--min-size", self.min_size),
                max_size=size("--max-size", self.max_size),
            )
        )


def selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of ``Selection`` to a command, which gets them as its argument ``selection``."""
    hints = get_type_hints(Selection, include_extras=True)
    names = [field.name for field in fields(Selection)]
    own = inspect.signature(command, eval_str=True)
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])
        for name, default in ((field.name, field.default) for field in fields(Selection))
    ]

    @wraps(command)
    def typed(**values: Any) -> None:
        selection = Selection(**{name: values.pop(name) for name in names})
        command(**values, selection=selection)

    parameters = [parameter for name, parameter in own.parameters.items() if name != "selection"]
    signature = own.replace(parameters=[*parameters, *options])
    typed.__signature__ = signature  # type: ignore[attr-defined]
    typed.__annotations__ = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    return typed
