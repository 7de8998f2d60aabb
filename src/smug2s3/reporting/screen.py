"""The live display at one moment, line by line, for any size of terminal; no I/O."""

from __future__ import annotations

import time
from collections.abc import Iterable

from rich.text import Text

from smug2s3.reporting.amounts import amount, amounts, duration, plural, roughly
from smug2s3.reporting.names import sanitize, truncate
from smug2s3.reporting.progress import Progress, Transfer

FILES_SHOWN = 6
WORKERS_SHOWN = 4
TAIL = 22
"""Columns beside the overall bar: `` 43 %  3 h 20 min left``."""

NARROW, USUAL = 34, 56
"""Below so many columns: one sentence; below so many, no bar per file."""

Part = tuple[str, str]
"""A few words and their style."""


class Screen:
    """Remembers which file has which row, so that rows do not jump."""

    def __init__(self, progress: Progress, *, ascii_only: bool = False) -> None:
        self._progress = progress
        self._ascii = ascii_only
        self._rows: list[str] = []
        self._tallest = 0

    def lines(self, columns: int, rows: int = 24) -> list[Text]:
        """The lines, none wider than ``columns`` and fewer than ``rows``."""
        columns = max(columns - 1, 1)  # a terminal prints ^C after the last line
        if columns < NARROW:
            return [self._sentence(columns)]
        head = [self._overall(columns), *self._state(columns)]
        head += self._crew(columns, min(WORKERS_SHOWN, rows - len(head) - 2))
        return head + self._transfers(columns, max(0, rows - len(head) - 2))

    def _sentence(self, columns: int) -> Text:
        """The only line in a tiny terminal."""
        return _joined([(self._percent(), "bold"), *self._troubles(), *self._time_left()], columns, " ")

    def _percent(self) -> str:
        # rounded down: 100 % means done
        return f"{int(self._progress.share * 100)} %"

    def _time_left(self) -> list[Part]:
        left = self._progress.seconds_left()
        return [(f"{roughly(left)} left", "")] if left is not None else []

    def _overall(self, columns: int) -> Text:
        tail = TAIL if columns >= USUAL else 6
        line = self._bar(self._progress.share, columns - tail)
        line.append(self._percent().rjust(6), "bold")
        if tail == TAIL:
            line.append("".join(text for text, _ in self._time_left()).rjust(TAIL - 6))
        return line

    def _bar(self, share: float, columns: int) -> Text:
        full, half, rest = ("#", "", "-") if self._ascii else ("━", "╸", "─")
        halves = int(share * columns * 2)
        done = full * (halves // 2) + (half if halves % 2 else "")
        return Text.assemble((done, "cyan"), (rest * (columns - len(done)), "bright_black"), no_wrap=True)

    def _state(self, columns: int) -> Iterable[Text]:
        yield _joined(self._amounts(columns), columns)
        yield _joined([*self._troubles(), *self._surroundings()], columns)
        if self._progress.stopping:
            files = plural(len(self._progress.active), "transfer")
            yield Text(truncate(f"stopping: cancelling {files}", columns), "yellow", no_wrap=True)
        elif self._progress.outage:
            yield Text(truncate(f"{self._progress.outage}; nothing is lost", columns), "yellow", no_wrap=True)
        elif self._progress.pause:
            pause = duration(self._progress.pause)
            yield Text(
                truncate(f"rate limited by SmugMug: API paused for another {pause}", columns), "yellow", no_wrap=True
            )

    def _amounts(self, columns: int) -> list[Part]:
        progress = self._progress
        if not progress.albums:
            return [(f"listing {progress.whose}'s albums" if progress.whose else "connecting", "")]
        if progress.dry_run or not (progress.active or progress.items_done > progress.skipped):
            # also while everything is listed first, as with --order
            return [(f"{progress.items_listed:,} of {progress.items_total:,} items listed", "")]
        early = self._time_left() if columns < USUAL else []
        return [
            *early,
            (f"{progress.items_done:,} of {progress.items_total:,} files", ""),
            (amounts(progress.bytes_passed, progress.bytes_total), ""),
            (f"{amount(progress.rate())}/s", ""),
        ]

    def _troubles(self) -> list[Part]:
        progress = self._progress
        return [
            (text, style)
            for count, text, style in (
                (progress.failures, f"{progress.failures:,} failed", "red"),
                (progress.updates_failed, f"{progress.updates_failed:,} not updated", "red"),
                (progress.missing, f"{progress.missing:,} not available", "yellow"),
            )
            if count
        ]

    def _surroundings(self) -> list[Part]:
        progress = self._progress
        more = "" if progress.all_found else "+"
        parts = [(f"album {progress.albums_done:,} of {progress.albums:,}{more}", "")] if progress.albums else []
        parts += [(f"{progress.skipped:,} skipped", "")] if progress.skipped else []
        if progress.previews_planned:
            parts.append((f"{progress.previews_done:,} of {progress.previews_planned:,} previews", ""))
        if progress.requests_left is not None:
            wait = progress.requests_reset - time.time()
            until = f" for {roughly(wait)}" if wait > 0 else ""
            parts.append((f"{progress.requests_left:,} API calls left{until}", "dim"))
        return parts

    def _crew(self, columns: int, most: int) -> Iterable[Text]:
        """A row per worker as far as they fit, and the sum of the rest."""
        crew = self._progress.crew
        rows = crew if len(crew) <= most else crew[: max(0, most - 1)]
        for worker in rows:
            how = "no answer" if worker.silent else f"{amount(worker.rate)}/s"
            parts = [(f"worker {sanitize(worker.name)}", "dim"), (how, "yellow" if worker.silent else "")]
            yield _joined([*parts, (f"{plural(worker.under_way, 'file')} under way", "")], columns)
        if (rest := crew[len(rows) :]) and most > 0:
            rate, files = sum(worker.rate for worker in rest), sum(worker.under_way for worker in rest)
            yield _joined(
                [
                    (f"and {len(rest):,} more workers", "dim"),
                    (f"{amount(rate)}/s", ""),
                    (f"{plural(files, 'file')} under way", ""),
                ],
                columns,
            )

    def _transfers(self, columns: int, rows: int) -> list[Text]:
        """A row per file as far as they fit, and a count of the rest."""
        active = self._progress.active
        self._rows = _kept(self._rows, active, min(FILES_SHOWN, rows))
        lines = [self._file(label, active[label], columns) for label in self._rows]
        more = len(active) - len(lines)
        lines += [Text(f"  and {more:,} more", "dim")] if more and rows > len(lines) else []
        # Never fewer lines than before, so that lines above do not jump with every small file.
        self._tallest = min(max(self._tallest, len(lines)), rows)
        return lines + [Text("")] * (self._tallest - len(lines))

    def _file(self, label: str, transfer: Transfer, columns: int) -> Text:
        """The name comes last, so that a right-to-left one reorders nothing after it."""
        line = Text(f"{transfer.share:6.0%} " if transfer.size else "     ? ", no_wrap=True)
        if columns >= USUAL:
            line.append_text(self._bar(transfer.share, columns // 6))
        line.append(f" {amount(transfer.size or transfer.passed):>7}  ", "dim")
        return line.append(truncate(label, columns - line.cell_len))


def _kept(shown: list[str], active: dict[str, Transfer], most: int) -> list[str]:
    """Shown files keep their rows; the longest-running others take the free rows."""
    waiting = iter([label for label in active if label not in shown])
    rows = [label if label in active else next(waiting, "") for label in shown[:most]]
    rows += [next(waiting, "") for _ in range(most - len(rows))]
    return [label for label in rows if label]


def _joined(parts: Iterable[Part], columns: int, between: str = " · ") -> Text:
    """As many of the first parts as fit."""
    line = Text(no_wrap=True)
    for text, style in parts:
        if line and line.cell_len + len(between) + len(text) > columns:
            break
        line.append(between if line else "", "dim")
        line.append(text if line else truncate(text, columns), style)
    return line
