"""The three charts of a report: pictures by year, files by size, and transfers over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from smug2s3.reporting.amounts import amount, plural
from smug2s3.reporting.moments import here
from smug2s3.reporting.page.charts import Bar, Chart
from smug2s3.reporting.page.words import clock
from smug2s3.rules.overview import SIZE_CLASSES, Overview, TimeBin, Year

_YEARS_APART = 30
"""With more years, a bar covers more than one."""


def plots(overview: Overview) -> Iterator[Chart]:
    """The charts for which the ledger has data."""
    if dated := [year for year in overview.years if year.year is not None]:
        yield _years(dated, undated(overview))
    if any(files for files, _ in overview.sizes):
        yield _sizes(overview)
    if len(overview.bins) > 1:
        yield _moved(overview)


def undated(overview: Overview) -> int:
    """The number of files with an unknown date."""
    return sum(year.files for year in overview.years if year.year is None)


def _years(years: list[Year], without: int) -> Chart:
    bars = list(_year_bars(years))
    first, last = years[0].year, years[-1].year
    files = sum(year.files for year in years)
    most = max(years, key=lambda year: year.files)
    return Chart(
        name="years",
        title="Pictures by year",
        about=f"{plural(files, 'file')} taken from {first} to {last}; most of them, {most.files:,}, in {most.year}.",
        peak=plural(max(int(sum(bar.parts)) for bar in bars), "file"),
        bars=bars,
        columns=("Year", "Photos", "Videos"),
        key=("Photos", "Videos"),
        note=f"Not shown: {plural(without, 'file')} without a known date." if without else "",
    )


def _year_bars(years: list[Year]) -> Iterator[Bar]:
    known = {year.year: year for year in years if year.year is not None}
    first, last = min(known), max(known)
    apart = next(step for step in (1, 5, 10, 25) if (last - first) / step < _YEARS_APART)
    for begin in range(first - first % apart, last + 1, apart):
        inside = [known[year] for year in range(begin, begin + apart) if year in known]
        photos, videos = sum(one.photos for one in inside), sum(one.videos for one in inside)
        label = str(begin) if apart == 1 else f"{begin} to {begin + apart - 1}"
        yield Bar(str(begin), (photos, videos), (label, f"{photos:,}", f"{videos:,}"))


def _sizes(overview: Overview) -> Chart:
    edges = (0, *SIZE_CLASSES)
    bars = []
    for number, (files, size) in enumerate(overview.sizes):
        low = amount(edges[number]).replace(".0 ", " ")
        high = amount(SIZE_CLASSES[number]).replace(".0 ", " ") if number < len(SIZE_CLASSES) else ""
        words = f"under {high}" if not number else f"{low} to {high}" if high else f"{low} or more"
        bars.append(Bar(f"< {high}" if not number else low, (files,), (words, f"{files:,}", amount(size))))
    return Chart(
        name="sizes",
        title="Files by size",
        about="; ".join(f"{bar.cells[0]}: {bar.cells[1]}" for bar in bars if bar.parts[0]) + ".",
        peak=plural(max(files for files, _ in overview.sizes), "file"),
        bars=bars,
        columns=("File size", "Files", "Total"),
    )


def _moved(overview: Overview) -> Chart:
    bins = _filled(overview.bins, overview.bin_width)
    most = max(bins, key=lambda time_bin: time_bin.size)
    return Chart(
        name="moved",
        title="Transfer history",
        about=f"From {_when(bins[0])} to {_when(bins[-1])}; most, {amount(most.size)}, "
        f"in {_span(overview.bin_width)} from {_when(most)}.",
        peak=f"{amount(most.size)} in {_span(overview.bin_width)}",
        bars=[
            Bar(
                _short(time_bin, bins),
                (time_bin.size,),
                (_when(time_bin), amount(time_bin.size), f"{time_bin.files:,}"),
            )
            for time_bin in bins
        ],
        columns=("From", "Copied", "Files"),
        note=f"Not shown: {plural(overview.undated, 'file')} copied before the ledger was rebuilt."
        if overview.undated
        else "",
    )


def _filled(bins: tuple[TimeBin, ...], width: int) -> list[TimeBin]:
    """The bins, including empty ones between them."""
    known = {time_bin.start: time_bin for time_bin in bins}
    return [known.get(start, TimeBin(start, 0, 0)) for start in range(min(known), max(known) + 1, width)]


def _when(time_bin: TimeBin) -> str:
    return clock(datetime.fromtimestamp(time_bin.start, UTC).isoformat())


def _short(time_bin: TimeBin, bins: list[TimeBin]) -> str:
    moment = datetime.fromtimestamp(time_bin.start, here())
    span = bins[-1].start - bins[0].start
    return (
        f"{moment:%H:%M}"
        if span < 86_400
        else f"{moment.day} {moment:%b}"
        if span < 300 * 86_400
        else f"{moment:%b %Y}"
    )


def _span(width: int) -> str:
    for size, one in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if width >= size:
            return f"{width // size} {one}s" if width > size else f"one {one}"
    return f"{width} seconds"
