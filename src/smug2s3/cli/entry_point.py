"""The entry point: copes with odd locales, terminals and closed streams before any command runs."""

from __future__ import annotations

import io
import locale
import os
import re
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

COMPLETING = "_SMUG2S3_COMPLETE"
"""The variable that a shell sets to ask for completions."""


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; without ``arguments``, those of the process."""
    if arguments is None:
        _speak_utf8()
    _open_what_is_closed()
    _write_what_can_be_written()
    _forget_odd_terminals()
    _let_no_warning_end_it()
    from smug2s3.cli.help_formatter import Refusal, refusal_words  # noqa: PLC0415 - importing this must not build the command line
    from smug2s3.cli.main import app  # noqa: PLC0415 - the same

    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        app(given, prog_name="smug2s3")
    except SystemExit as end:
        refusal = end.__context__
        if isinstance(refusal, Refusal) and "--json" in given:
            _answer({"error": refusal_words(refusal.format_message())[0], "exit_code": refusal.exit_code})
        raise
    except Exception as raised:  # noqa: BLE001 - after the command's own last word there is only its output
        _explain(raised)
    sys.exit(0)


def _open_what_is_closed() -> None:
    """Replace a stdout or stderr that was closed (`>&-`), so that the command still runs."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - as long as the process lives


def _speak_utf8() -> None:
    """Start again in UTF-8 mode: file names are UTF-8 whatever the locale, and Python decides that at start.

    Output for people keeps the locale's encoding, which is that of their terminal.
    """
    if sys.getfilesystemencoding() == "utf-8" or "utf8" in sys._xoptions or not sys.executable:  # noqa: SLF001 - documented
        return
    os.environ.setdefault("PYTHONIOENCODING", f"{locale.getencoding()}:replace")
    with suppress(OSError):
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - the very same call


def _write_what_can_be_written() -> None:
    """Print ``?`` for a character that a stream's encoding lacks: same width, no error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if COMPLETING in os.environ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # the shell gives these words back as names


def _forget_odd_terminals() -> None:
    """Correct impossible terminal sizes and an empty TERM, which libraries would believe."""
    for name in ("COLUMNS", "LINES"):
        if not re.fullmatch("0*[1-9][0-9]{0,3}", os.environ.get(name, "1"), re.ASCII):
            del os.environ[name]
    if os.name == "posix" and not os.environ.get("TERM"):
        os.environ["TERM"] = "dumb"


def _let_no_warning_end_it() -> None:
    """Ignore `PYTHONWARNINGS=error`, which is meant for own programs: a library's warning must not stop a run."""
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
