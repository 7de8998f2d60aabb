"""Bar charts as inline SVG, each with a title, a description, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from smug2s3.reporting.page.words import safe

WIDTH, HEIGHT = 360, 190
"""Drawn for the width of a phone, so that nothing has to shrink there."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 2, 2, 18, 20
_LABEL = 62
"""Room that one label under the bars takes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what stands under it, its parts from the bottom up, and the cells of its line in the table."""

    label: str
    parts: tuple[float, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart and its table; ``key`` names the parts of a bar where there are several."""

    name: str
    title: str
    about: str
    peak: str
    """What the highest bar stands for."""
    bars: Sequence[Bar]
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    note: str = ""
    classes: tuple[str, ...] = field(default=("photo", "video"))


def figure(chart: Chart) -> str:
    """The whole figure."""
    note = f"<small>{safe(chart.note)}</small>" if chart.note else ""
    return (
        f"<figure><figcaption>{safe(chart.title)}{note}</figcaption>{_key(chart)}{_svg(chart)}"
        f"<details><summary>Show the numbers as a table</summary>{_table(chart)}</details></figure>"
    )


def _key(chart: Chart) -> str:
    names = zip(chart.key, ("p", "v"), strict=False)
    entries = "".join(f'<li class="{style}"><i></i>{safe(name)}</li>' for name, style in names)
    return f'<ul class="key">{entries}</ul>' if entries else ""


def _svg(chart: Chart) -> str:
    highest = max((sum(bar.parts) for bar in chart.bars), default=0) or 1
    floor = HEIGHT - _BOTTOM
    drawn = "".join(_bar(chart, number, highest) for number in range(len(chart.bars)))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{chart.name}-t {chart.name}-d">'
        f'<title id="{chart.name}-t">{safe(chart.title)}</title><desc id="{chart.name}-d">{safe(chart.about)}</desc>'
        f'<line class="grid" x1="0" x2="{WIDTH}" y1="{_TOP}" y2="{_TOP}"/><text x="0" y="{_TOP - 6}">{safe(chart.peak)}</text>'
        f'<line class="grid" x1="0" x2="{WIDTH}" y1="{floor}" y2="{floor}"/>{drawn}{_labels(chart)}</svg>'
    )


def _step(chart: Chart) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(len(chart.bars), 1)


def _bar(chart: Chart, number: int, highest: float) -> str:
    """A part that is there shows at least a line of itself, however small."""
    bar, step = chart.bars[number], _step(chart)
    wide = min(step * 0.8, 42)
    x, y = _LEFT + step * number + (step - wide) / 2, float(HEIGHT - _BOTTOM)
    drawn = []
    for part, style in zip(bar.parts, chart.classes, strict=False):
        if part:
            tall = max(part / highest * (HEIGHT - _TOP - _BOTTOM), 1)
            y -= tall
            drawn.append(f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}"/>')
    return f"<g><title>{safe(': '.join((bar.cells[0], ', '.join(bar.cells[1:]))))}</title>{''.join(drawn)}</g>"


def _labels(chart: Chart) -> str:
    """As many as there is room for, the first and the last within the picture."""
    step = _step(chart)
    every = next(number for number in count(1) if number * step >= min(_LABEL, step * len(chart.bars) / 2 + 1))
    texts = []
    for number in range(0, len(chart.bars), every):
        x = _LEFT + step * (number + 0.5)
        anchor = "start" if x < _LABEL / 2 else "end" if x > WIDTH - _LABEL / 2 else "middle"
        at = 0 if anchor == "start" else WIDTH if anchor == "end" else x
        texts.append(
            f'<text x="{at:.1f}" y="{HEIGHT - 5}" text-anchor="{anchor}">{safe(chart.bars[number].label)}</text>'
        )
    return "".join(texts)


def _table(chart: Chart) -> str:
    head = "".join(f'<th scope="col"{_num(place)}>{safe(name)}</th>' for place, name in enumerate(chart.columns))
    rows = "".join(f"<tr>{_cells(bar)}</tr>" for bar in chart.bars if any(bar.parts))
    caption = f"<caption>{safe(chart.title)}</caption>"
    return f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{chart.name}-t"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cells(bar: Bar) -> str:
    first, *others = bar.cells
    return f'<th scope="row">{safe(first)}</th>' + "".join(f'<td class="num">{safe(cell)}</td>' for cell in others)


def _num(place: int) -> str:
    return ' class="num"' if place else ""
