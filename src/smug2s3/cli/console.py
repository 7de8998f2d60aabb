"""Output and exit of every command: errors as one sentence, exit codes, Ctrl-C, stdout for data only."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import errno
import json
import os
import shutil
import signal
import stat
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from smug2s3.cli.settings_file import as_called, called, env_file, is_named
from smug2s3.env_file import Source, gathered, save, strays
from smug2s3.errors import INTERRUPTED, SettingsError, Smug2s3Error, UsageError, foreseen
from smug2s3.flow.awake import run
from smug2s3.reporting.documents import versioned, written
from smug2s3.reporting.names import attribute, sanitize, wrap

T = TypeVar("T")

NAMED = 5
"""How many reasons of a kind a summary lists; every file was reported when it happened."""


class _Talk(Console):
    def on_broken_pipe(self) -> None:
        """The reader is gone; rich would exit, and stop the copy."""

    def _check_buffer(self) -> None:
        """Write, but ignore a closed terminal or a full disk; the running work matters more than its messages."""
        try:
            super()._check_buffer()
        except OSError:
            self._buffer.clear()


talk = _Talk(stderr=True, highlight=False)


def say(text: str) -> None:
    """Print a line to stderr."""
    said = sanitize_lines(as_called(text))
    talk.print(Text(wrap(said, talk.width) if watched() else said), soft_wrap=True)


def note(text: str) -> None:
    """Print a note to stderr."""
    say(f"note: {text}")


def watched() -> bool:
    """Whether stderr is a terminal that can draw; FORCE_COLOR does not turn a pipe into one."""
    return sys.stderr.isatty() and talk.is_terminal and not talk.is_dumb_terminal


def environment() -> dict[str, str]:
    """Every setting that has a value. Warns of settings without effect, and if others can read the keys."""
    path = existing_file()
    found = gathered(path)
    for sentence in strays(path):
        say(f"warning: {sentence}")
    if os.name == "posix" and path.is_file() and path.stat().st_mode & stat.S_IROTH:
        say(
            f"warning: everybody on this computer can read {path} and the keys in it; run: chmod 600 {path} (if that "
            "fails, the disk does not support file permissions: move the file to another disk)"
        )
    return {name: one.text for name, one in found.items() if one.source is not Source.NONE}


def kept(path: Path, values: Mapping[str, str], what: str) -> str:
    """Save ``values`` in the settings file; ``what`` was done, and who can read the file, as a sentence."""
    if save(path, values):
        return f"{what}; only you can read it."
    return f"{what}. {KEEPS_NO_RIGHTS}: others on this computer can read it, and the keys in it."


KEEPS_NO_RIGHTS = "This disk does not support file permissions"


def existing_file() -> Path:
    """The settings file; raises SettingsError if it was named on the command line and does not exist."""
    path = env_file()
    if is_named() and (not path.exists() or path.is_dir()):
        raise SettingsError(
            f"there is no settings file {path}",
            hint=f"Check the path after --env-file, or create the file: `{called()} config init`",
        )
    return path


def sanitize_lines(text: str) -> str:
    """Text that may quote foreign names: line breaks stay, those in the names were replaced before."""
    return "\n".join(sanitize(line) for line in text.split("\n"))


def put_text(text: str) -> None:
    """Print the result to stdout; a character that its encoding lacks (Windows, a pipe) becomes ``?``."""
    said = as_called(text)
    _write(wrap(said, columns()) if sys.stdout.isatty() else said)


def columns() -> int:
    """Width of the output on stdout; 80 if unknown."""
    return shutil.get_terminal_size().columns


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    with writing():
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def put_lines(lines: Iterable[str]) -> None:
    """Print lines to stdout as they come, as ``put_text`` does, but never wrapped: there may be a million."""
    encoding = sys.stdout.encoding or "utf-8"
    with writing():
        for line in lines:
            sys.stdout.write(line.encode(encoding, "replace").decode(encoding))


def put_json(document: Mapping[str, Any]) -> None:
    """Print the one JSON document of a command to stdout; of a long list, an iterator is enough."""
    with data() as out:
        for piece in written(versioned(document)):  # a StreamWriter's `writelines` would join them all
            out.write(piece)


def put_json_line(document: Mapping[str, Any]) -> None:
    """Print one of many JSON documents to stdout, on a line of its own."""
    with data() as out:
        out.write(json.dumps(versioned(document)) + "\n")


def put_foreign_json(document: Mapping[str, Any]) -> None:
    """Print a document of a foreign format (an IAM policy) without ``schema``."""
    with data() as out:
        out.write(json.dumps(document, ensure_ascii=True, indent=2) + "\n")


@contextlib.contextmanager
def data() -> Iterator[codecs.StreamWriter]:
    """Stdout for programs: always UTF-8, as in a file, whatever encoding the terminal has."""
    with writing():
        sys.stdout.flush()
        yield codecs.getwriter("utf-8")(sys.stdout.buffer, "replace")


NARROWEST = 40
"""Least width of a table, in columns; below, it would show single letters one below the other."""


def put_drawn(draw: Callable[[Console], None]) -> None:
    """Render first and write then, so that a reader who stops early (`head`) is not an error.

    The output fits already, and colours have no width: lines must not be wrapped again.
    """
    console = Console(file=sys.stdout, highlight=False, width=max(columns(), NARROWEST))
    with writing(), console.capture() as drawn:  # rich flushes at the end, even if there is nothing to flush
        draw(console)
    _write("".join(f"{line.rstrip(' ')}\n" for line in drawn.get().splitlines()))


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Wraps writes to stdout. A reader may stop early; any other failure is a UsageError.

    The rest is discarded: Python would complain again when it flushes at exit.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        gone = isinstance(error, BrokenPipeError) or _is_closed_terminal(error)
        _write_nowhere()
        if not gone:
            raise unwritten(error) from error


def _is_closed_terminal(error: OSError) -> bool:
    """Whether the terminal was closed or disconnected; a failing disk gives the same error for a file."""
    return error.errno == errno.EIO and stat.S_ISCHR(os.fstat(sys.stdout.fileno()).st_mode)


def unwritten(error: OSError) -> UsageError:
    """The error for output that could not be written."""
    return UsageError(
        f"cannot write the output: {error.strerror or error}",
        hint="Redirect it elsewhere. What was done before is saved.",
    )


def _write_nowhere() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def explain(error: Smug2s3Error) -> None:
    """Print what went wrong, and what to do on a line of its own."""
    say(f"error: {error if error.side == 'smug2s3' else attribute(error.side, str(error))}")
    if error.hint:
        say(error.hint if error.hint.startswith("Next: ") else f"hint: {error.hint}")


@contextlib.contextmanager
def error_boundary(on_error: Callable[[str, int], None] = lambda _message, _code: None) -> Iterator[None]:
    """Wraps a whole command: every failure becomes a sentence and an exit code, never a traceback."""
    try:
        yield
    except Exception as raised:  # noqa: BLE001 - the last place before the person at the keyboard
        error = foreseen(raised)
        explain(error)
        on_error(str(error), error.exit_code)
        raise typer.Exit(error.exit_code) from None
    except (KeyboardInterrupt, asyncio.CancelledError) as stop:
        code = stop.exit_code if isinstance(stop, Stopped) else INTERRUPTED
        on_error("interrupted", code)
        raise typer.Exit(code) from None


class Stopped(KeyboardInterrupt):
    """A signal asked to stop; the exit code is that of a program killed by this signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = _FROM_SIGNALS + number


_FROM_SIGNALS = 128


def interrupted(code: int) -> bool:
    """Whether this exit code means that a signal stopped the command: Ctrl-C, SIGTERM or a closed terminal."""
    return code > _FROM_SIGNALS


def finished(
    work: Callable[[], Coroutine[Any, Any, T]],
    stopping: Callable[[int], str] = lambda _code: (
        "stopping: finished work is kept. Press Ctrl-C again to quit at once."
    ),
) -> T:
    """The result of ``work``. The first Ctrl-C, SIGTERM or hang-up stops it cleanly.

    A second Ctrl-C or SIGTERM quits at once. ``stopping`` gets the exit code that the first one leads to, and
    returns what to print.
    """
    received: list[int] = []

    async def main() -> T:
        task = asyncio.current_task()
        assert task is not None
        with _stopping(task, stopping, received):
            return await work()

    try:
        return run(main())
    except (KeyboardInterrupt, asyncio.CancelledError):
        if received:
            raise Stopped(received[0]) from None
        raise


@contextlib.contextmanager
def _stopping(task: asyncio.Task[Any], words: Callable[[int], str], received: list[int]) -> Iterator[None]:
    def stop(number: int) -> None:
        if received:
            _leave(number)
        received.append(number)
        say(words(_FROM_SIGNALS + number))
        task.cancel()

    def hang_up(number: int) -> None:
        """The shell and the system both send one, so the second does not quit at once."""
        if not received:
            stop(number)

    loop = asyncio.get_running_loop()
    handlers = {signal.SIGINT: stop, signal.SIGTERM: stop}
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        handlers[signal.SIGHUP] = hang_up
    # Windows has no signal handlers on its loop; there Ctrl-C ends asyncio.run by itself.
    with contextlib.suppress(NotImplementedError):
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler, number)
    try:
        yield
    finally:
        with contextlib.suppress(NotImplementedError):
            for number in handlers:
                loop.remove_signal_handler(number)
        if received and sys.platform != "win32":
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a late one must not cost the last word


def _leave(number: int) -> NoReturn:
    """Quit at once: nothing is closed, but the cursor that a display may have hidden is shown again."""
    talk.show_cursor(True)
    say("Quit at once. Run the same command again to continue.")
    os._exit(_FROM_SIGNALS + number)
