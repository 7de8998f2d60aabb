"""What a machine makes odd is set right before anything else happens: its terminal, its streams, its locale."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from smug2s3.cli import entry_point


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ("80", True), ("1", True), ("0080", True),
        ("0", False), ("000", False), ("-1", False), ("", False), ("abc", False), ("1e9", False), ("99999999999", False),
        ("²", False), ("٨٠", False), (" 80", False), ("80x24", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["COLUMNS", "LINES"])
def test_a_size_that_no_terminal_has_is_forgotten(
    name: str, size: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, size)
    entry_point._forget_odd_terminals()
    assert os.environ.get(name) == (size if kept else None)


@pytest.mark.skipif(os.name != "posix", reason="terminals have no names there")
@pytest.mark.parametrize(("term", "then"), [(None, "dumb"), ("", "dumb"), ("xterm", "xterm"), ("dumb", "dumb")])
def test_a_terminal_without_a_name_can_draw_nothing(
    term: str | None, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "x")
    monkeypatch.delenv("TERM") if term is None else monkeypatch.setenv("TERM", term)
    entry_point._forget_odd_terminals()
    assert os.environ["TERM"] == then


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_what_a_stream_cannot_carry_is_as_wide_as_it_was(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    entry_point._write_what_can_be_written()
    sys.stderr.write("京都 x")
    sys.stderr.flush()
    assert raw.getvalue() == b"?? x"


def test_words_for_the_shell_to_complete_are_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    monkeypatch.setenv(entry_point.COMPLETING, "complete_bash")
    entry_point._write_what_can_be_written()
    sys.stdout.write("京都")
    sys.stdout.flush()
    assert raw.getvalue().decode() == "京都"


@pytest.mark.parametrize(
    ("filesystem", "options", "again"),
    [("iso8859-1", {}, True), ("ascii", {}, True), ("utf-8", {}, False), ("ascii", {"utf8": "0"}, False)],
)
def test_a_locale_that_is_not_utf8_has_python_start_once_more_as_it_was_called(
    filesystem: str, options: dict[str, str], again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _path, call: begun.append(call))
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: filesystem)
    monkeypatch.setattr(sys, "_xoptions", options)
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "smug2s3", "sync"])
    monkeypatch.setattr("locale.getencoding", lambda: filesystem)
    monkeypatch.setenv("PYTHONIOENCODING", "x")
    monkeypatch.delenv("PYTHONIOENCODING")
    entry_point._speak_utf8()
    assert begun == ([[sys.executable, "-X", "utf8", "-m", "smug2s3", "sync"]] if again else [])
    assert os.environ.get("PYTHONIOENCODING") == (f"{filesystem}:replace" if again else None)


def test_python_collects_no_garbage_at_exit() -> None:
    script = """if True:
        import atexit, gc, sys
        atexit.register(lambda: print(gc.get_freeze_count()))
        sys.argv = ["smug2s3", "--help"]
        from smug2s3.__main__ import main
        main()
    """
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout.splitlines()[-1]) > 10_000
