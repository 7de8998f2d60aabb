"""The pages of the archive as HTML, from what they show; used by `browse` and `gallery` alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from smug2s3.rules.contents import AlbumTotals
from smug2s3.rules.viewing import Item, Kind, Look, Month, Span, Tile, Wanted
from smug2s3.viewer.links import Links
from smug2s3.viewer.moments import day, named
from smug2s3.viewer.rendering import render
from smug2s3.viewer.shown import Shown, data, shown

KINDS = {Kind.ALL: "All", Kind.PHOTOS: "Photos", Kind.VIDEOS: "Videos"}

Group = tuple[str, str, list[Shown]]
"""A heading, where it leads to, and the items below it; a page without headings has one group without a heading."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes every page with these addresses."""

    links: Links
    place: str
    """Where the archive is, in words."""
    live: bool
    """Whether a program answers: then selections can be downloaded."""

    def folder(self, path: str, tiles: Sequence[Tile]) -> str:
        """The folders and albums in a folder."""
        title = path.rpartition("/")[2] or "All photos"
        above = path.rpartition("/")[0] if path else ""
        return self._page(
            "folder.html",
            title,
            trail=self._trail(above) if path else [],
            kinds=[
                ("Folders", [one for one in tiles if not one.album_key]),
                ("Albums", [one for one in tiles if one.album_key]),
            ],
            here="folders",
        )

    def album(
        self, album: AlbumTotals, items: Sequence[Item], looks: Mapping[str, Look], on: Span, note: str = ""
    ) -> str:
        """A page of an album's items."""
        folder, _, name = album.path.rpartition("/")
        return self._grid(
            name or album.path,
            items,
            looks,
            on,
            trail=self._trail(folder),
            page=lambda number: self.links.album(album.key, number),
            note=note,
            privacy=album.privacy,
            album_key=album.key,
            here="folders",
        )

    def dates(self, months: Sequence[Month]) -> str:
        """Every year with its months."""
        dated = [one for one in months if one.month]
        years = [(year, list(some)) for year, some in groupby(dated, lambda one: one.year)]
        undated = [one for one in months if not one.month]
        return self._page(
            "dates.html", "By date", trail=[], years=years, undated=undated, here="dates", wanted=Wanted()
        )

    def month(
        self,
        month: str,
        wanted: Wanted,
        items: Sequence[Item],
        looks: Mapping[str, Look],
        on: Span,
        months: Sequence[Month] = (),
    ) -> str:
        """A page of the items of a month or year; ``months`` are all there are, for the way to those beside it."""
        trail = [("By date", self.links.dates())]
        if len(month) > 4:
            trail.append((month[:4], self.links.month(month[:4], wanted)))
        return self._grid(
            named(month),
            items,
            looks,
            on,
            trail=trail,
            page=lambda number: self.links.month(month, wanted, number),
            kinds=[
                (KINDS[kind], self.links.month(month, Wanted(kind=kind)), kind == wanted.kind)
                for kind in Kind
                if self.live
            ],
            group=(lambda item: (day(item.date), "")) if len(month) > 4 else self._month_of,
            around=[one and (named(one), self.links.month(one, wanted)) for one in beside(month, months)],
            here="dates",
        )

    def search(
        self, words: str, wanted: Wanted, items: Sequence[Item], looks: Mapping[str, Look], on: Span, note: str
    ) -> str:
        """What was found."""
        return self._grid(
            f"Search: {words}" if words else "Search",
            items,
            looks,
            on,
            trail=[],
            page=lambda number: self.links.search(words, wanted, number),
            wanted=wanted,
            words=words,
            note=note,
            here="search",
        )

    def photo(self, item: Item, look: Look, beside: Sequence[Item], around: tuple[Item | None, Item | None]) -> str:
        """One item alone."""
        one = Shown(item=item, look=look, links=self.links)
        before, after = (other and self.links.photo(other) for other in around)
        trail = [
            *self._trail(item.album.rpartition("/")[0]),
            (item.album.rpartition("/")[2], self.links.album(item.album_key)),
        ]
        return self._page(
            "photo.html",
            one.title,
            trail=trail,
            one=one,
            data=data([one]),
            beside=shown(beside, {}, self.links),
            before=before,
            after=after,
            here="folders",
        )

    def message(self, title: str, sentence: str, hint: str = "") -> str:
        """What went wrong, and what to do."""
        return self._page("message.html", title, trail=[], sentence=sentence, hint=hint, here="")

    def _trail(self, path: str) -> list[tuple[str, str]]:
        """The names and addresses of the folders down to ``path``."""
        names = path.split("/") if path else []
        above = ["/".join(names[: depth + 1]) for depth in range(len(names))]
        return [
            ("All photos", self.links.folder("")),
            *((one.rpartition("/")[2], self.links.folder(one)) for one in above),
        ]

    def _month_of(self, item: Item) -> tuple[str, str]:
        month = item.date[:7]
        return named(month), self.links.month(month, Wanted())

    def _grid(self, title: str, items: Sequence[Item], looks: Mapping[str, Look], on: Span, **values: Any) -> str:
        here = shown(items, dict(looks), self.links)
        heading = values.pop("group", lambda _item: ("", ""))
        groups = [(*name, list(some)) for name, some in groupby(here, lambda one: heading(one.item))]
        optional = {"note": "", "privacy": "", "kinds": [], "around": [], "words": "", "album_key": ""}
        return self._page(
            "grid.html", title, groups=groups, data=data(here), on=on, near=near(on), **(optional | values)
        )

    def _page(self, template: str, title: str, **values: Any) -> str:
        return render(
            template, title=title, links=self.links, place=self.place, live=self.live, **({"words": ""} | values)
        )


def near(on: Span) -> list[int]:
    """The numbers of pages to lead to: the first, the last, and those around this one; 0 stands for a gap."""
    wanted = sorted({1, on.pages, *(n for n in range(on.page - 2, on.page + 3) if 1 <= n <= on.pages)})
    return [one for before, n in pairwise([0, *wanted]) for one in ((n,) if n - before == 1 else (0, n))]


def beside(month: str, months: Sequence[Month]) -> tuple[str, str]:
    """The months, or years, with items before and after this one; empty where there is none."""
    known = sorted({one.month[: len(month)] for one in months if one.month} | {month}) if month else [""]
    place = known.index(month)
    return known[place - 1] if place else "", known[place + 1] if place + 1 < len(known) else ""
