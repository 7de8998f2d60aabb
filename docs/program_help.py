"""A Sphinx extension: pages of the reference that the program writes itself, from its own help and settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import typer
import typer.main
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from smug2s3.cli.main import app
from smug2s3.settings import VARIABLES

PROGRAM: Any = typer.main.get_command(app)


def commands(group: Any = PROGRAM, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by what is typed for it, in the order of the root help."""
    for name in group.list_commands(typer.Context(group)):
        command = group.commands[name]
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def examples(command: Any) -> list[str]:
    """The command lines that a command's help shows."""
    return re.findall(r"^(?:Examples?:)?\s*(smug2s3 .+?)(?:  .*)?$", _help(command), re.MULTILINE)


def _help(command: Any) -> str:
    return f"{command.help or ''}\n\n{command.epilog or ''}"


def page_of(name: str) -> str:
    """The file of a command's page, without its ending."""
    return name.replace(" ", "-")


def _command(name: str, command: Any) -> str:
    """What its help says, as Markdown: what it does, examples, and its options in their groups."""
    typed = f"smug2s3 {name}" if name else "smug2s3"
    root = PROGRAM.make_context("smug2s3", [], resilient_parsing=True)
    context = command.make_context(typed, [], parent=root if name else None, resilient_parsing=True)
    shown = [_prose(_help(command)), _block([*examples(command)])]
    for panel, group in groupby(_panels(command, context), key=lambda one: one[0]):
        shown += [f"**{panel}**", *(_option(*record) for _, record in group)]
    return "\n\n".join(part for part in shown if part)


def _panels(command: Any, context: Any) -> list[tuple[str, tuple[str, str]]]:
    """Every option with its group; groups in the order in which they are first named."""
    found = [
        (getattr(parameter, "rich_help_panel", None) or "Options", record)
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context))
    ]
    order = {panel: place for place, panel in enumerate(dict.fromkeys(["Options", *(panel for panel, _ in found)]))}
    return sorted(found, key=lambda one: order[one[0]])


def _prose(text: str) -> str:
    """The paragraphs of a help text but for its examples."""
    said = re.sub(r"^(Examples?:.*|\s*smug2s3 .+)$|\x08", "", text, flags=re.MULTILINE)
    return "\n\n".join(_plain(" ".join(part.split())) for part in re.split(r"\n\s*\n", said) if part.strip())


def _option(names: str, meaning: str) -> str:
    return f"`{names}`\n: {_plain(meaning)}"


def _block(lines: list[str]) -> str:
    return "\n".join(["```", *lines, "```"]) if lines else ""


def _plain(text: str) -> str:
    """Text as it stands, whatever Markdown would make of its signs; what is between backquotes is code."""
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([\\*_\[\]<>{}|$#])", r"\\\1", piece) for piece in pieces
    )


def _all_commands(below: str) -> str:
    """Tables of all commands, as the root help groups them; each has a link to its page."""
    parts: list[str] = []
    for panel, group in groupby(commands(), key=lambda one: PROGRAM.commands[one[0].split()[0]].rich_help_panel):
        rows = [f"| [`smug2s3 {name}`]({below}{page_of(name)}.md) | {_purpose(one)} |" for name, one in group]
        parts += [f"**{panel}**", "\n".join(["| | |", "|---|---|", *rows])]
    return "\n\n".join(parts)


def _purpose(command: Any) -> str:
    return _plain(command.get_short_help_str(limit=200))


def _settings() -> str:
    """Every variable: its default, what it means, and an example."""
    return "\n\n".join(
        f"`{one.name}`\n: {_plain(_sentence(one.meaning))}"
        + (f" Default: `{one.default}`." if one.default else f" Example: `{one.example}`.")
        for one in VARIABLES.values()
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


class CommandHelp(SphinxDirective):
    """What `smug2s3 NAME --help` says; without a name, what `smug2s3 --help` says of options for every command."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """The help, as text that can be searched and linked to."""
        name = " ".join(self.arguments)
        return self.parse_text_to_nodes(_command(name, dict(commands())[name] if name else PROGRAM))


class CommandList(SphinxDirective):
    """Tables of all commands; the argument is where their pages are."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The tables."""
        return self.parse_text_to_nodes(_all_commands("".join(self.arguments)))


class SettingsList(SphinxDirective):
    """Every setting, from `settings.VARIABLES`."""

    def run(self) -> list[nodes.Node]:
        """The list."""
        return self.parse_text_to_nodes(_settings())


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.add_directive("command-help", CommandHelp)
    app.add_directive("command-list", CommandList)
    app.add_directive("settings-list", SettingsList)
    return {"version": "1", "parallel_read_safe": True}
