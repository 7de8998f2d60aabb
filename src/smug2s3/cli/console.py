"""How every command talks and ends: errors as one sentence, exit codes, Ctrl-C, stdout for data alone."""

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
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from smug2s3.cli.settings_file import as_called, called, env_file, is_named
from smug2s3.env_file import Source, gathered, save, strays
from smug2s3.errors import INTERRUPTED, SettingsError, Smug2s3Error, UsageError, foreseen
from smug2s3.flow.awake import run
from smug2s3.reporting.documents import versioned
from smug2s3.reporting.names import attribute, sanitize, wrap

T = TypeVar("T")


class _Talk(Console):
    def on_broken_pipe(self) -> None:
        """Nobody listens any more; rich would end the command, and with it a move."""

    def _check_buffer(self) -> None:
        """Nobody can be told, as in a terminal that was closed or on a full disk; what is being done matters more."""
        try:
            super()._check_buffer()
        except OSError:
            self._buffer.clear()


talk = _Talk(stderr=True, highlight=False)


def say(text: str) -> None:
    """One line of talk."""
    said = sanitize_lines(as_called(text))
    talk.print(Text(wrap(said, talk.width) if watched() else said), soft_wrap=True)


def note(text: str) -> None:
    """One line worth knowing."""
    say(f"note: {text}")


def watched() -> bool:
    """Whether somebody looks at a terminal that can draw; what FORCE_COLOR says makes no terminal of a pipe."""
    return sys.stderr.isatty() and talk.is_terminal and not talk.is_dumb_terminal


def environment() -> dict[str, str]:
    """Every setting that has a value; warns of settings without effect, and where others could read the keys."""
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
    """Save ``values`` in the settings file; ``what`` was done, and who can read it."""
    if save(path, values):
        return f"{what}; only you can read it."
    return f"{what}. {KEEPS_NO_RIGHTS}: others on this computer can read it, and the keys in it."


KEEPS_NO_RIGHTS = "This disk does not support file permissions"


def existing_file() -> Path:
    """The settings file; raises SettingsError where it was asked for by name and there is none."""
    path = env_file()
    if is_named() and (not path.exists() or path.is_dir()):
        raise SettingsError(
            f"there is no settings file {path}",
            hint=f"Check the path after --env-file, or create the file: `{called()} config init`",
        )
    return path


def sanitize_lines(text: str) -> str:
    """Text of ours that may quote names of theirs: our line breaks stay, theirs were replaced before."""
    return "\n".join(sanitize(line) for line in text.split("\n"))


def put_text(text: str) -> None:
    """What a person asked for, on stdout; a character that its encoding does not have (Windows, a pipe) becomes ``?``."""
    said = as_called(text)
    _write(wrap(said, columns()) if sys.stdout.isatty() else said)


def columns() -> int:
    """How wide what is put on stdout may be; 80 where nobody says."""
    return shutil.get_terminal_size().columns


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    with writing():
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def put_json(document: Mapping[str, Any]) -> None:
    """The one JSON document of a command, on stdout."""
    put_foreign_json(versioned(document))


def put_foreign_json(document: Mapping[str, Any]) -> None:
    """A document whose form somebody else has laid down."""
    with data() as out:
        out.write(json.dumps(document, ensure_ascii=True, indent=2) + "\n")


@contextlib.contextmanager
def data() -> Iterator[codecs.StreamWriter]:
    """Stdout for what programs read: UTF-8, as in a file, whatever encoding people read there."""
    with writing():
        sys.stdout.flush()
        yield codecs.getwriter("utf-8")(sys.stdout.buffer, "replace")


NARROWEST = 40
"""Columns that a table takes at least; in fewer it would be letters one below the other."""


def put_drawn(draw: Callable[[Console], None]) -> None:
    """Drawn first and written then, so that whoever reads only the beginning of it is no error.

    What is drawn fits already, and the colours in it take no room: nothing may break its lines any more.
    """
    console = Console(file=sys.stdout, highlight=False, width=max(columns(), NARROWEST))
    with writing(), console.capture() as drawn:  # rich flushes at the end, even if there is nothing to flush
        draw(console)
    _write("".join(f"{line.rstrip(' ')}\n" for line in drawn.get().splitlines()))


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Around what is written to stdout. Whoever reads it may have seen enough; anything else is a UsageError.

    What is still to be written then goes nowhere: Python would complain once more when it flushes at exit.
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
    """Its window was closed, or its connection ended; a disk that fails says the same of a file."""
    return error.errno == errno.EIO and stat.S_ISCHR(os.fstat(sys.stdout.fileno()).st_mode)


def unwritten(error: OSError) -> UsageError:
    """Output that could not be written."""
    return UsageError(
        f"cannot write the output: {error.strerror or error}",
        hint="Redirect it elsewhere. What was done before is saved.",
    )


def _write_nowhere() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def explain(error: Smug2s3Error) -> None:
    """What went wrong, and on a line of its own what to do."""
    say(f"error: {error if error.side == 'smug2s3' else attribute(error.side, str(error))}")
    if error.hint:
        say(error.hint if error.hint.startswith("Next: ") else f"hint: {error.hint}")


@contextlib.contextmanager
def ending_well(on_error: Callable[[str, int], None] = lambda _message, _code: None) -> Iterator[None]:
    """Around a whole command: every failure of ours becomes a sentence and its exit code, never a traceback."""
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
    """A signal asked for an end; the exit code is that of a program which this signal ended."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = _FROM_SIGNALS + number


_FROM_SIGNALS = 128


def interrupted(code: int) -> bool:
    """Whether this exit code says that somebody ended the command: Ctrl-C, SIGTERM, or a terminal that was closed."""
    return code > _FROM_SIGNALS


def finished(
    work: Callable[[], Coroutine[Any, Any, T]],
    stopping: Callable[[], str] = lambda: "stopping: finished work is kept. Press Ctrl-C again to quit at once.",
) -> T:
    """The result of ``work``. The first Ctrl-C, SIGTERM or hang-up lets it end cleanly.

    A second Ctrl-C or SIGTERM leaves at once. ``stopping`` says what the first one leads to.
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
def _stopping(task: asyncio.Task[Any], words: Callable[[], str], received: list[int]) -> Iterator[None]:
    def stop(number: int) -> None:
        if received:
            _leave(number)
        received.append(number)
        say(words())
        task.cancel()

    def hang_up(number: int) -> None:
        """It comes from the shell and from the system, so twice: that nobody is there is no hurry."""
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
    """At once: nothing is closed, but the terminal gets back the cursor that a display may have hidden."""
    talk.show_cursor(True)
    say("Quit at once. Run the same command again to continue.")
    os._exit(_FROM_SIGNALS + number)
