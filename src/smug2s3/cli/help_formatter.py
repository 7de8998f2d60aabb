"""`--help` of a command with many options, in groups; plain text, since what draws boxes takes a tenth of a second."""

from __future__ import annotations

import re
import sys
from itertools import groupby
from typing import Any, Protocol, runtime_checkable

from typer.core import TyperCommand, TyperGroup

from smug2s3.cli import settings_file


class GroupedCommands(TyperGroup):
    """Lists commands under the heading each of them names; groups of commands come first."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as the library calls it
        """In the order of use: by heading, in the order in which commands name them."""
        headings = list(dict.fromkeys(_group(command) for command in self.commands.values()))

        def place(name: str) -> tuple[int, bool]:
            command = self.commands[name]
            return headings.index(_group(command)), not hasattr(command, "commands")

        return sorted(self.commands, key=place)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write every group; sentences are wrapped, never truncated."""
        names = self.list_commands(ctx)
        longest = max(map(len, names))
        for heading, group in groupby(names, key=lambda name: _group(self.commands[name])):
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(longest), _sentence(self.commands[name])) for name in group])


@runtime_checkable
class Refusal(Protocol):
    """What the parser raises for a command line it cannot parse."""

    exit_code: int

    def format_message(self) -> str:
        """The reason, as a sentence."""

    def show(self) -> None:
        """Write it to stderr."""


class Root(GroupedCommands):
    """Accepts --env-file before and after a command, and prints usage errors like all other errors."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, with --env-file moved to the front."""
        args = settings_file.in_front(args)
        settings_file.remember(args)
        return super().parse_args(ctx, args)

    def main(self, *args: Any, **more: Any) -> Any:
        """Run, but print usage errors with ``refuse``."""
        try:
            code = super().main(*args, **more | {"standalone_mode": False})
        except Exception as raised:
            if not isinstance(raised, Refusal):
                raise
            refuse(raised)
            sys.exit(raised.exit_code)
        sys.exit(code if isinstance(code, int) else 0)


def refuse(refusal: Refusal) -> None:
    """Print ``error:`` and ``hint:``; without any command, the help."""
    from smug2s3.cli.console import explain  # noqa: PLC0415 - only needed for errors
    from smug2s3.errors import UsageError  # noqa: PLC0415

    if type(refusal).__name__ == "NoArgsIsHelpError":
        refusal.show()
        return
    message, hint = refusal_words(refusal.format_message())
    context = getattr(refusal, "ctx", None)
    command = context.command_path if context else "smug2s3"
    explain(UsageError(message, hint=hint or f"Run `{command} --help` to see what it takes.{_dash(refusal, context)}"))


def _dash(refusal: Refusal, context: Any) -> str:
    """What to do if the unknown option was meant as a word or a path."""
    is_option = type(refusal).__name__ == "NoSuchOption" and context is not None
    if not (is_option and any(one.param_type_name == "argument" for one in context.command.params)):
        return ""
    return f" What begins with a dash and is no option comes after two: `{context.command_path} -- -rose`."


def refusal_words(message: str) -> tuple[str, str]:
    """The parser's message in our style, and a hint at what was meant."""
    found = re.fullmatch(r"(.*?)\.? (?:\(Possible options: (.*)\)|(Did you mean .*))", message, re.DOTALL)
    text = (found[1] if found else message.removesuffix(".")).replace("Input should be", "it must be")
    text = text.replace("argument(s)", "argument")
    text = text.partition(", unable to parse")[0]
    hint = (f"Did you mean {found[2].replace(', ', ' or ')}?" if found[2] else found[3]) if found else ""
    return text[:1].lower() + text[1:], hint


class GroupedOptions(TyperCommand):
    """Lists options under the heading each of them names; those without one come first."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write every group, in the order in which options name them."""
        headings = [getattr(parameter, "rich_help_panel", None) or "Options" for parameter in self.get_params(ctx)]
        order = {heading: place for place, heading in enumerate(dict.fromkeys(["Options", *headings]))}
        pairs = sorted(zip(headings, self.get_params(ctx), strict=True), key=lambda pair: order[pair[0]])
        for heading, group in groupby(pairs, key=lambda pair: pair[0]):
            with formatter.section(heading):
                formatter.write_dl([record for _, parameter in group if (record := parameter.get_help_record(ctx))])


def _group(command: Any) -> str:
    return getattr(command, "rich_help_panel", None) or "Commands"


def _sentence(command: Any) -> str:
    return str(command.short_help or command.help or "").partition("\n")[0]
