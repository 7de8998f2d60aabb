"""The live display never takes more columns than the terminal has."""

from __future__ import annotations

import asyncio
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from smug2s3.reporting.live import FILES_SHOWN, draw, live
from smug2s3.reporting.progress import Progress


def lines(progress: Progress, columns: int) -> list[str]:
    """The display as a terminal far wider than told would get it, so that nothing is cut on the way."""
    console = Console(file=io.StringIO(), width=400, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(draw(progress, columns))
    return [line.rstrip() for line in capture.get().splitlines()]


def running(*files: tuple[str, int, int | None]) -> Progress:
    progress = Progress(albums=1234, items_expected=1_000_000, items_done=999_999, skipped=12_345, failed=3)
    progress.bytes_planned, progress.bytes_passed = 4 * 10**12, 3 * 10**12
    for label, done, size in files:
        progress.active[label] = [done, size]
    return progress


MANY = [(f"Family/2019/Christmas in the mountains 日本 😀/IMG_{number:04}.JPG", number, 100) for number in range(8)]


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 200])
@pytest.mark.parametrize(
    "progress",
    [
        pytest.param(Progress(), id="nothing yet"),
        pytest.param(running(), id="a million items"),
        pytest.param(running(*MANY), id="many long names"),
        pytest.param(running(("日本" * 40, 0, None)), id="a wide name of unknown size"),
        pytest.param(running(("x\x1b[2J\n\u202e", 123_456_789, None)), id="a hostile name"),
    ],
)
def test_no_line_is_wider_than_the_terminal(progress: Progress, columns: int) -> None:
    assert max(cell_len(line) for line in lines(progress, columns)) <= columns


@given(
    st.text("aé日😀e\u0301/", max_size=80),
    st.integers(0, 10**13),
    st.none() | st.integers(0, 10**13),
    st.integers(20, 100),
)
def test_whatever_moves_no_line_is_wider_than_the_terminal(
    label: str, done: int, size: int | None, columns: int
) -> None:
    assert max(cell_len(line) for line in lines(running((label, done, size)), columns)) <= columns


def test_a_few_files_are_shown_largest_first_and_the_others_counted() -> None:
    shown = lines(running(*[(f"file{number}.jpg", 0, number) for number in range(1, 9)]), 80)
    assert ["file8.jpg" in shown[2], "file7.jpg" in shown[3]] == [True, True]
    assert len(shown) == 2 + FILES_SHOWN + 1
    assert shown[-1].strip() == "and 3 more"


def test_the_display_says_how_far_it_is() -> None:
    text = "\n".join(lines(running(("a/b.jpg", 50, 100)), 120))
    assert "999,999/1,000,000 items" in text
    assert "3.0 TB of 4.0 TB" in text
    assert "50 % a/b.jpg" in text


async def test_notes_scroll_by_above_and_the_display_is_gone_at_the_end() -> None:
    output = io.StringIO()
    console = Console(file=output, width=60, force_terminal=True, color_system=None)
    async with live(console) as reporter:
        reporter.started("a.jpg", 10)
        await asyncio.sleep(0.01)
        reporter.note("hello [bold]there[/bold]")
    assert "note: hello [bold]there[/bold]" in output.getvalue()
