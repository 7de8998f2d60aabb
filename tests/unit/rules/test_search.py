"""What is typed after `find`: words for the index, and what the index cannot answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from smug2s3.errors import UsageError
from smug2s3.rules.search import Query, beginnings, parse
from tests.unit.samples import texts


@pytest.mark.parametrize(
    ("typed", "indexed", "pieces"),
    [
        ("rose", '"rose"', ()),
        ("grandma*", '"grandma"*', ()),
        ("grandma's rose", '"grandma\'s" AND "rose"', ()),
        ('"new year" beach', '"new year" AND "beach"', ()),
        ('"new ye"*', '"new ye"*', ()),
        ("IMG_12* AND", '"IMG_12"* AND "AND"', ()),
        ('5"x7', '"5""x7"', ()),
        ("title:rose", '"title:rose"', ()),
        ("*wedding", "", (("wedding",),)),
        ("IMG_*5.jpg sea", '"sea"', (("img_", "5.jpg"),)),
        ("京都", "", (("京都",),)),
        ("Straße*", '("Strasse"* OR "Straße"*)', ()),
        ("GROSSE rose", '("GROssE" OR "GROßE") AND "rose"', ()),
        ("Missississippiss", '"Missississippiss"', ()),
        ("😀", "", (("😀",),)),
    ],
)
def test_the_index_answers_words_and_beginnings(typed: str, indexed: str, pieces: tuple[Any, ...]) -> None:
    assert parse(typed) == Query(indexed=indexed, pieces=pieces)


@pytest.mark.parametrize("typed", ["", " ", "*", '""', '"" *'])
def test_without_a_word_there_is_nothing_to_find(typed: str) -> None:
    with pytest.raises(UsageError, match="no word"):
        parse(typed)


ROW = {
    "album": "Trips/Kyoto",
    "filename": "a.jpg",
    "path": "Trips/Kyoto/a.jpg",
    "title": "",
    "caption": "",
    "keywords": [],
}


@pytest.mark.parametrize(
    ("typed", "there", "holds"),
    [
        ("*MÜLLER", {"title": "Frau Mu\u0308ller"}, True),
        ("*müller", {"title": "Frau Miller"}, False),
        ("京都*桜", {"caption": "京都の桜"}, True),
        ("桜*京都", {"caption": "京都の桜"}, False),
        ("*100%", {"caption": "100 kg"}, False),
        ("*ea", {"keywords": ["sea"]}, True),
        ("*strasse", {"caption": "Lange Straße"}, True),
        ("*traße", {"caption": "LANGE STRASSE"}, True),
        ("rose", {}, True),  # which the index answers
    ],
)
def test_what_it_cannot_answer_is_looked_for_whatever_its_case_and_form(
    typed: str, there: dict[str, Any], holds: bool
) -> None:
    assert parse(typed).holds(ROW | there) is holds


def test_the_pattern_for_sql_compares_only_what_sql_can() -> None:
    assert parse("*Mü_ll%er").like == "%m%%ll%er%"
    assert parse("京*都").like == "%京%都%"
    assert parse("*strasse").like == "%stra%e%"


@pytest.mark.parametrize(
    ("typed", "wider"),
    [
        ("cap", ["cap*"]),
        ("new year", ["new*", "year*"]),
        ("cap*", []),
        ('"new year"', []),
        ("cap 京都", []),
    ],
)
def test_plain_words_have_beginnings(typed: str, wider: list[str]) -> None:
    assert beginnings(typed) == wider


@given(texts)
def test_whatever_is_typed_is_a_query_or_a_sentence(typed: str) -> None:
    try:
        query = parse(typed)
    except UsageError:
        return
    assert query.indexed or query.like
