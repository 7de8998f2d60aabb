"""The page by itself: nothing in a name can become markup, and the policy names exactly what the page brings."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from smug2s3.ledger.overview import AlbumRow, FileRow
from smug2s3.reporting.page.charts import Bar, Chart
from smug2s3.reporting.page.document import Made, Page
from smug2s3.reporting.page.plots import plots
from smug2s3.reporting.page.rendering import render
from smug2s3.reporting.page.sections import Sample
from smug2s3.reporting.page.words import clock, day, marked
from smug2s3.rules.assessment import Assessment, Severity
from smug2s3.rules.overview import TimeBin, Year
from tests.unit.samples import well

MADE = Made(at="2026-05-03T08:00:00+00:00", version="1.0")
ROW = FileRow("a.jpg", "smugmug/A/a.jpg", 7, "moved", "", "2019-07-04T10:00:00", False)


def text_of(page: Page, *albums: tuple[AlbumRow, list[FileRow]]) -> str:
    return page.beginning + "".join(page.album(*album) for album in albums) + page.end


def rows(text: str) -> list[dict[str, object]]:
    found = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    albums: list[dict[str, object]] = json.loads(found[1])["albums"]
    return albums


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else() -> None:
    text = text_of(Page(well(), [], MADE))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        found = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}';" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)


@given(st.text(st.characters(codec=None), max_size=60))
def test_a_name_can_never_end_the_data_it_stands_in(name: str) -> None:
    page = Page(well(about={"prefix": "smugmug/", "account": name}), [], MADE)
    album = AlbumRow("K", name, name, 1, True)
    text = text_of(page, (album, [ROW._replace(name=name, reason=name, key=name)]))
    assert text.count("</script") == 2
    assert len(re.findall("<!--|<script", text)) == 2
    assert len(rows(text)) == 1


def test_files_are_columns_and_only_what_is_unusual_is_said() -> None:
    page = Page(well(about={"prefix": "smugmug/"}), [], MADE)
    files = [
        ROW,
        ROW._replace(name="b.mp4", key="smugmug/A/b-x.mp4", is_video=True, size=None, date=""),
        ROW._replace(name="", key="smugmug/A/c.jpg", state="failed", reason="busy", date="2019:07:04"),
    ]
    (album, empty) = rows(
        text_of(page, (AlbumRow("K", "A", "A", 3, False), files), (AlbumRow("L", "B", "B", 0, True), []))
    )
    assert album == {
        "p": "A",
        "d": "A",
        "s": "failed",
        "n": ["a.jpg", "b.mp4", "c.jpg"],
        "b": [7, None, 7],
        "f": "ddf",
        "v": "pvp",
        "t": [20190704, 0, 20190704],
        "r": {"2": "busy"},
        "k": {"1": "smugmug/A/b-x.mp4"},
    }
    assert (empty["n"], empty["s"]) == ([], "done")


def test_a_folder_is_not_called_a_bucket() -> None:
    page = Page(well(about={"store": "file:///media/disk", "bucket": "photos", "prefix": ""}), [], MADE)
    assert page.assessment.sentence == "Everything SmugMug offers is in your folder"
    assert "In folder <bdi>photos</bdi> at <bdi>file:///media/disk</bdi>" in page.beginning


def test_a_sample_is_within_the_page() -> None:
    page = Page(well(), [Sample("rose <b>.jpg", b"\xff\xd8x", 6)], MADE)
    assert 'src="data:image/jpeg;base64,/9h4"' in page.beginning
    assert "rose &lt;b&gt;.jpg" in page.beginning


def test_the_page_is_a_small_part_of_what_its_files_need() -> None:
    files = [ROW._replace(name=f"IMG_{n:06}.JPG", key=f"smugmug/A/IMG_{n:06}.JPG", size=4_123_456) for n in range(1000)]
    assert (
        len(Page(well(about={"prefix": "smugmug/"}), [], MADE).album(AlbumRow("K", "A", "A", 1000, True), files))
        < 60_000
    )


# Charts


def test_years_without_pictures_have_their_place_and_many_years_share_bars() -> None:
    (chart,) = plots(well(years=(Year(2001, 3, 1), Year(2004, 1, 0), Year(None, 2, 0))))
    assert [bar.label for bar in chart.bars] == ["2001", "2002", "2003", "2004"]
    assert [bar.parts for bar in chart.bars] == [(3, 1), (0, 0), (0, 0), (1, 0)]
    assert chart.note == "Not shown: 2 files without a known date."
    (chart,) = plots(well(years=(Year(1931, 1, 0), Year(2024, 5, 0))))
    assert len(chart.bars) <= 30
    assert chart.bars[0].cells[0] == "1930 to 1934"


def test_where_no_date_is_known_the_page_says_how_to_get_them() -> None:
    text = text_of(Page(well(years=(Year(None, 7, 0),), sizes=((7, 70),)), [], MADE))
    assert "The date taken of 7 files is not known yet. <code>smug2s3 sync --full</code> asks SmugMug for it." in text
    assert "Pictures by year" not in text


def test_the_transfer_history_shows_pauses_too() -> None:
    (chart,) = plots(well(bins=(TimeBin(0, 1, 5_000_000), TimeBin(180, 2, 10_000_000)), bin_width=60, undated=3))
    assert [bar.parts for bar in chart.bars] == [(5_000_000,), (0,), (0,), (10_000_000,)]
    assert chart.peak == "10.0 MB in one minute"
    assert chart.bars[0].cells == ("1 January 1970, 00:00", "5.0 MB", "1")
    assert "Not shown: 3 files" in chart.note


@pytest.mark.parametrize("count", [1, 2, 3, 10, 60])
def test_a_chart_has_a_title_a_description_a_table_and_labels_that_do_not_collide(count: int) -> None:
    bars = [Bar(f"{2000 + number}", (number, 1), (f"{2000 + number}", f"{number}", "1")) for number in range(count)]
    drawn = render(
        "chart.html",
        chart=Chart(
            name="x",
            title="A <b>",
            about="Said.",
            peak="9",
            bars=bars,
            columns=("Year", "Photos", "Videos"),
            key=("P", "V"),
        ),
    )
    assert '<title id="x-t">A &lt;b&gt;</title><desc id="x-d">Said.</desc>' in drawn
    assert drawn.count("<tr>") == count + 1
    places = [float(x) for x in re.findall(r'<text x="([\d.]+)" y="185"', drawn)]
    assert places
    assert all(after - before > 45 for before, after in pairwise(places))


# Words


def test_commands_are_set_off_and_names_in_a_sentence_stay_text() -> None:
    assert marked("Run `smug2s3 sync` <now>") == "Run <code>smug2s3 sync</code> &lt;now&gt;"


@pytest.mark.usefixtures("in_delhi")
@pytest.mark.parametrize(
    ("moment", "as_day", "as_time"),
    [
        ("2026-05-03T08:07:00+00:00", "3 May 2026", "3 May 2026, 13:37"),
        ("2026-05-03T22:07:00+00:00", "3 May 2026", "4 May 2026, 03:37"),
        ("2026-05-03", "3 May 2026", "3 May 2026"),
        ("unknown", "unknown", "unknown"),
        ("not known", "not known", "not known"),
    ],
)
def test_dates_are_written_as_people_read_them_and_times_in_their_zone(moment: str, as_day: str, as_time: str) -> None:
    assert (day(moment), clock(moment)) == (as_day, as_time)


def test_the_script_cannot_end_the_element_it_stands_in() -> None:
    script = (Path(__file__).parents[3] / "src/smug2s3/reporting/page/page.js").read_text(encoding="utf-8")
    assert "</" not in script
    assert "innerHTML" not in script


# Templates


def test_whatever_a_template_shows_is_text_and_stays_on_its_line_without_its_author_thinking_of_it() -> None:
    verdict = Assessment(Severity.BAD, "<b>\u202e", "a&\x1b[2J", "run `<x>` <now>")
    drawn = render("verdict.html", verdict=verdict, figures=[("<i>", '"', "'\u2066")])
    assert '<h2 id="verdict">&lt;b&gt;\ufffd</h2>' in drawn
    assert "a&amp;\ufffd[2J" in drawn
    assert "run <code>&lt;x&gt;</code> &lt;now&gt;" in drawn
    assert "<dt>&lt;i&gt;</dt><dd>&#34;<small>&#39;\ufffd</small></dd>" in drawn


def test_a_name_that_a_template_is_not_given_is_an_error_rather_than_a_gap() -> None:
    with pytest.raises(UndefinedError, match="verdict"):
        render("verdict.html", figures=[])
