"""The live display never takes more columns than the terminal has, says what matters, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import io
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from smug2s3.ports.reporter import WorkerState
from smug2s3.reporting.events import EventReporter, Weight
from smug2s3.reporting.live import LiveDisplay, live
from smug2s3.reporting.progress import Progress, Transfer
from smug2s3.reporting.screen import FILES_SHOWN, Screen


def lines(progress: Progress, columns: int, rows: int = 24) -> list[str]:
    return [line.plain for line in Screen(progress).lines(columns, rows)]


def running(*files: tuple[str, int, int | None]) -> Progress:
    progress = Progress(albums=1234, albums_done=120, items_expected=1_000_000, items_done=999_000, skipped=12_345)
    progress.bytes_planned, progress.bytes_passed = 4 * 10**12, 3 * 10**12
    progress.requests_left, progress.requests_reset = 4812, time.time() + 600
    for label, done, size in files:
        progress.active[label] = Transfer(size, done)
    return progress


def troubled(progress: Progress) -> Progress:
    for number in range(3):
        progress.failed(f"{number}", "store", "x")
    progress.unavailable("v", "x")
    progress.paused(90)
    return progress


def helped(progress: Progress, count: int) -> Progress:
    """With so many workers, one of which does not answer."""
    progress.workers([WorkerState(f"ada-{n}\x1b", 12_300_000.0, 20, 7, 700, n == 1, 0) for n in range(count)])
    return progress


MANY = [(f"Family/2019/Christmas in the mountains 日本 😀/IMG_{number:04}.JPG", number, 100) for number in range(40)]


@pytest.mark.parametrize("columns", [1, 20, 34, 40, 60, 80, 200])
@pytest.mark.parametrize(
    "progress",
    [
        pytest.param(Progress(), id="nothing yet"),
        pytest.param(running(), id="a million items"),
        pytest.param(troubled(running(*MANY)), id="many long names and troubles"),
        pytest.param(running(("日本" * 40, 0, None)), id="a wide name of unknown size"),
        pytest.param(running(("שלום עולם" * 20, 5, 10)), id="a name from right to left"),
        pytest.param(running(("❤️" * 60, 5, 10)), id="hearts that are wide only on some terminals"),
        pytest.param(helped(running(*MANY), 40), id="many workers"),
        pytest.param(running(("x\x1b[2J\n\u202e", 123_456_789, None)), id="a hostile name"),
    ],
)
def test_no_line_is_wider_than_the_terminal(progress: Progress, columns: int) -> None:
    shown = lines(progress, columns)
    assert max(cell_len(line) for line in shown) <= columns
    assert not any(set(line) & set("\x1b\n\u202e") for line in shown)


@given(
    st.text("aé日😀e\u0301\ufe0f/", max_size=80),
    st.integers(0, 10**13),
    st.none() | st.integers(0, 10**13),
    st.integers(20, 100),
)
def test_whatever_moves_no_line_is_wider_than_the_terminal(
    label: str, done: int, size: int | None, columns: int
) -> None:
    assert max(cell_len(line) for line in lines(running((label, done, size)), columns)) <= columns


@pytest.mark.parametrize("rows", [1, 4, 6, 10, 24])
def test_it_is_never_higher_than_the_terminal(rows: int) -> None:
    assert len(lines(troubled(running(*MANY)), 80, rows)) <= max(rows, 4)
    assert len(lines(helped(troubled(running(*MANY)), 40), 80, rows)) <= max(rows, 4)


def test_each_worker_has_a_row_and_many_are_summed_up() -> None:
    two = "\n".join(lines(helped(running(*MANY), 2), 100))
    assert "worker ada-0� · 12.3 MB/s · 20 files under way" in two
    assert "worker ada-1� · no answer" in two
    assert "more workers" not in two
    assert "and 37 more workers · 455 MB/s · 740 files under way" in "\n".join(lines(helped(running(*MANY), 40), 100))


def test_the_display_says_how_far_it_is() -> None:
    text = "\n".join(lines(running(("a/b.jpg", 50, 100)), 120))
    assert "999,000 of 1,000,000 files" in text
    assert "3.0 of 4.0 TB" in text
    assert "album 120 of 1,234+" in text
    assert "12,345 skipped" in text
    assert "4,812 API calls left for 10 min" in text
    assert "50%" in text
    assert text.endswith("a/b.jpg")


def test_what_went_wrong_comes_first_and_a_pause_has_its_own_line() -> None:
    shown = lines(troubled(running()), 60)
    assert shown[2].startswith("3 failed · 1 not available · album")
    assert shown[3] == "rate limited by SmugMug: API paused for another 1 min 30 s"


def test_an_outage_has_its_own_line_before_a_pause() -> None:
    progress = troubled(running())
    progress.away("the store", datetime(2026, 11, 21, 14, 3, tzinfo=UTC), "x", 3600.0)
    assert lines(progress, 70)[3] == "storage unreachable since 14:03; nothing is lost"
    progress.back("the store", 60.0)
    assert lines(progress, 70)[3].startswith("rate limited by SmugMug")


def test_a_narrow_terminal_gets_one_clear_thing() -> None:
    (line,) = lines(running(*MANY), 20)
    assert line == "99 %"


def test_all_is_only_done_when_all_is_done() -> None:
    progress = running()
    assert "100 %" not in lines(progress, 80)[0]
    progress.items_done = 1_000_000
    assert "100 %" in lines(progress, 80)[0]


def test_before_there_is_anything_it_says_what_it_waits_for() -> None:
    progress = Progress()
    assert "connecting" in lines(progress, 80)[1]
    progress.account("demo", items=None)
    assert "listing demo's albums" in lines(progress, 80)[1]


def test_a_dry_run_says_how_much_was_looked_at() -> None:
    progress = Progress(dry_run=True)
    progress.album("A", count=10, size=10)
    progress.planned("A", count=10, files=10, size=10, skipped=0)
    assert lines(progress, 80)[1] == "10 of 10 items listed"


def test_while_all_is_listed_before_anything_is_copied_it_says_how_much_is() -> None:
    progress = Progress()
    progress.account("demo", items=100)
    progress.album("A", count=10, size=10)
    progress.planned("A", count=10, files=6, size=10, skipped=4)
    assert lines(progress, 80)[1] == "10 of 100 items listed"
    progress.started("A/a", 10)
    assert lines(progress, 80)[1].startswith("4 of 100 files")


def test_a_run_asked_to_stop_says_so() -> None:
    progress = running(*MANY)
    progress.stopping = True
    assert lines(progress, 80)[3] == "stopping: cancelling 40 transfers"


def test_where_there_are_no_such_characters_the_bar_is_plain() -> None:
    assert Screen(running(), ascii_only=True).lines(60)[0].plain.startswith("###")


def test_some_files_are_shown_those_longest_on_the_way_and_the_others_counted() -> None:
    shown = lines(running(*[(f"file{number}.jpg", 0, 1) for number in range(1, 10)]), 80)
    assert [line.rpartition(" ")[2] for line in shown[3:9]] == [f"file{number}.jpg" for number in range(1, 7)]
    assert shown[-1].strip() == "and 3 more"


def test_a_file_keeps_its_row_while_others_come_and_go() -> None:
    progress = running(*[(f"{number}.jpg", 0, 1) for number in range(8)])
    screen = Screen(progress)
    screen.lines(80)
    for label in ("0.jpg", "2.jpg"):
        progress.moved(label, 1)
    names = [line.plain.rpartition(" ")[2] for line in screen.lines(80)[3:]]
    assert names[:FILES_SHOWN] == ["6.jpg", "1.jpg", "7.jpg", "3.jpg", "4.jpg", "5.jpg"]


def test_it_does_not_become_lower_when_fewer_files_move() -> None:
    progress = running(*MANY)
    screen = Screen(progress)
    height = len(screen.lines(80))
    progress.active.clear()
    assert len(screen.lines(80)) == height


def terminal(columns: int = 60) -> Console:
    return Console(file=io.StringIO(), width=columns, height=24, force_terminal=True, color_system=None)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_notes_scroll_by_above_and_the_cursor_is_back_at_the_end() -> None:
    console = terminal()
    display = LiveDisplay(console, Progress())
    async with live(display):
        await asyncio.sleep(0)
        EventReporter(display.on_event).note("hello [bold]there[/bold]")
    text = written(console)
    assert "note: hello [bold]there[/bold]" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


async def test_files_that_went_well_scroll_by_only_if_asked_for() -> None:
    usual, verbose = terminal(), terminal()
    for console, least in ((usual, Weight.NOTE), (verbose, Weight.DETAIL)):
        display = LiveDisplay(console, Progress(), least=least)
        async with live(display):
            EventReporter(display.on_event).moved("a.jpg", 10)
    assert "moved: a.jpg" not in written(usual)
    assert "copied: a.jpg (10 B)" in written(verbose)


def test_lines_that_a_narrower_terminal_broke_are_removed() -> None:
    console = terminal(80)
    with LiveDisplay(console, running(*MANY)) as display:
        display.draw()
        before = len(written(console))
        console.width = 50
        display.draw()
        repair = written(console)[before:]
    # Ten lines of up to 79 columns take about as many more in 50; each of those is erased before the frame itself.
    erased = repair.partition("━")[0].count("\x1b[2K")
    assert 14 <= erased <= 20


def test_without_colours_nothing_is_coloured_and_the_bar_can_still_be_read() -> None:
    console = Console(file=io.StringIO(), width=60, height=24, force_terminal=True, no_color=True, color_system="256")
    progress = troubled(running(*MANY))
    progress.items_done = 500_000
    with LiveDisplay(console, progress) as display:
        display.draw()
    text = written(console)
    assert "━╸─" in text
    assert "\x1b[3" not in text.replace("\x1b[3A", "")
