"""`--help` of a command with many options, in groups; plain text, since what draws boxes takes a tenth of a second."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from typer.core import TyperCommand, TyperGroup

from smug2s3.cli import settings_file


class AnyPlace(TyperGroup):
    """Takes the settings file's name before a command and behind it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As ever, with the option where it belongs."""
        return super().parse_args(ctx, settings_file.in_front(args))


class Grouped(TyperCommand):
    """Lists options under the panel each of them names; those that name none come first."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write every group, in the order in which it is first named."""
        panels = [getattr(parameter, "rich_help_panel", None) or "Options" for parameter in self.get_params(ctx)]
        order = {panel: place for place, panel in enumerate(dict.fromkeys(["Options", *panels]))}
        pairs = sorted(zip(panels, self.get_params(ctx), strict=True), key=lambda pair: order[pair[0]])
        for panel, group in groupby(pairs, key=lambda pair: pair[0]):
            with formatter.section(panel):
                formatter.write_dl([record for _, parameter in group if (record := parameter.get_help_record(ctx))])
