"""`--help` of a command with many options, in groups; plain text, since what draws boxes takes a tenth of a second."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from typer.core import TyperCommand, TyperGroup

from smug2s3.cli import settings_file


class Panels(TyperGroup):
    """Lists commands under the panel each of them names; groups of commands come first in theirs."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as the library calls it
        """In the order of use: by panel, as the panels are first named by a command."""
        panels = list(dict.fromkeys(_panel(command) for command in self.commands.values()))

        def place(name: str) -> tuple[int, bool]:
            command = self.commands[name]
            return panels.index(_panel(command)), not hasattr(command, "commands")

        return sorted(self.commands, key=place)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write every panel; sentences are wrapped, never cut."""
        names = self.list_commands(ctx)
        longest = max(map(len, names))
        for panel, group in groupby(names, key=lambda name: _panel(self.commands[name])):
            with formatter.section(panel):
                formatter.write_dl([(name.ljust(longest), _sentence(self.commands[name])) for name in group])


class AnyPlace(Panels):
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


def _panel(command: Any) -> str:
    return getattr(command, "rich_help_panel", None) or "Commands"


def _sentence(command: Any) -> str:
    return str(command.short_help or command.help or "").partition("\n")[0]
