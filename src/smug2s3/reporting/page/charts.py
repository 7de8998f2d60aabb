"""Bar charts: positions of the bars and labels that `chart.html` draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import ClassVar, NamedTuple

_LEFT, _RIGHT, _BOTTOM = 2, 2, 20
_LABEL = 62
"""Width of a label under the bars."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its parts from the bottom up, and its cells in the table."""

    label: str
    parts: tuple[float, ...]
    cells: tuple[str, ...]


class Box(NamedTuple):
    """One part of a bar, in SVG units."""

    style: str
    x: str
    y: str
    width: str
    height: str


class Label(NamedTuple):
    """A label under the bars."""

    x: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart and its table; ``key`` names the parts of a bar if there are more than one."""

    width: ClassVar = 360
    """The width of a phone, so that nothing is scaled down there."""
    height: ClassVar = 190
    top: ClassVar = 18
    baseline: ClassVar = height - _BOTTOM

    name: str
    title: str
    about: str
    peak: str
    """The value of the highest bar."""
    bars: Sequence[Bar]
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    note: str = ""
    classes: tuple[str, ...] = field(default=("photo", "video"))

    @property
    def _step(self) -> float:
        return (self.width - _LEFT - _RIGHT) / max(len(self.bars), 1)

    def drawn(self) -> Iterator[tuple[Bar, list[Box]]]:
        """Every bar with its parts."""
        highest = max((sum(bar.parts) for bar in self.bars), default=0) or 1
        for number, bar in enumerate(self.bars):
            yield bar, list(self._boxes(number, bar, (self.baseline - self.top) / highest))

    def _boxes(self, number: int, bar: Bar, scale: float) -> Iterator[Box]:
        """The height of a part; a part above zero is at least a line."""
        wide = min(self._step * 0.8, 42)
        x, y = _LEFT + self._step * number + (self._step - wide) / 2, float(self.baseline)
        for part, style in zip(bar.parts, self.classes, strict=False):
            if part:
                tall = max(part * scale, 1)
                y -= tall
                yield Box(style, f"{x:.1f}", f"{y:.1f}", f"{wide:.1f}", f"{tall:.1f}")

    def labels(self) -> Iterator[Label]:
        """As many labels as fit; the first and the last stay inside the picture."""
        step, bars = self._step, self.bars
        every = next(number for number in count(1) if number * step >= min(_LABEL, step * len(bars) / 2 + 1))
        for number in range(0, len(bars), every):
            x = _LEFT + step * (number + 0.5)
            anchor = "start" if x < _LABEL / 2 else "end" if x > self.width - _LABEL / 2 else "middle"
            at = 0 if anchor == "start" else self.width if anchor == "end" else x
            yield Label(f"{at:.1f}", anchor, bars[number].label)
