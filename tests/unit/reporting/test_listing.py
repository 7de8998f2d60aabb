"""While every item is listed: how many so far, on a terminal after each album, elsewhere once a minute."""

from __future__ import annotations

from smug2s3.reporting.listing import ListingReporter


def test_each_album_advances_the_count_and_the_lines_say_the_same() -> None:
    said: list[str] = []
    shown: list[str] = []
    reporter = ListingReporter(said.append, shown.append, every=0)

    reporter.planned("A", count=1, files=1, size=10, skipped=0)
    reporter.planned("B", count=1200, files=1, size=10, skipped=0)

    assert shown == said == ["listed 1 item in 1 album", "listed 1,201 items in 2 albums"]
