"""Around the whole command line: a call that makes no sense, output that cannot be written, standard streams that are closed."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Protocol, runtime_checkable


@runtime_checkable
class Refusal(Protocol):
    """What the parser raises of a call it cannot read, and has told of when we hear of it."""

    exit_code: int

    def format_message(self) -> str:
        """Why, in a sentence."""


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """The command line; ``arguments`` are those of the process where none are given."""
    _open_what_is_closed()
    _let_no_warning_end_it()
    from smug2s3.cli.main import app  # noqa: PLC0415 - importing this must not build the command line

    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        app(given, prog_name="smug2s3")
    except SystemExit as end:
        refusal = end.__context__
        if isinstance(refusal, Refusal) and "--json" in given:
            _answer({"error": refusal.format_message(), "exit_code": refusal.exit_code})
        raise
    except Exception as raised:  # noqa: BLE001 - after the command's own last word there is only its output
        _explain(raised)
    sys.exit(0)


def _open_what_is_closed() -> None:
    """Whoever closed stdout or stderr (`>&-`) wants to hear nothing, which is no reason to do nothing."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - as long as the process lives


def _let_no_warning_end_it() -> None:
    """`PYTHONWARNINGS=error` is set for programs of one's own: a library's warning must not cost anybody a run."""
    if any(action == "error" and category is not ResourceWarning for action, _, category, *_ in warnings.filters):
        warnings.simplefilter("ignore")


def _answer(document: dict[str, object]) -> None:
    from smug2s3.cli.console import put_json  # noqa: PLC0415 - only then

    put_json(document)


def _explain(raised: Exception) -> NoReturn:
    from smug2s3.cli.console import explain, unwritten  # noqa: PLC0415 - only then
    from smug2s3.errors import foreseen  # noqa: PLC0415 - only then

    error = unwritten(raised) if isinstance(raised, OSError) else foreseen(raised)
    explain(error)
    sys.exit(error.exit_code)
