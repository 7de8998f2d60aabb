"""What is pasted where a key is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules.pasted import glimpse, no_key, unwrapped

KEY = "s9Fw2hKqXr7LmNpTz4VbCd8Gj1YtWe3A"
AMAZON = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    "key",
    [KEY, KEY * 2, AMAZON, "AKIAIOSFODNN7EXAMPLE", "K004abc+/def0123456789012345678", "abcdefgh=", "abcd/efgh+ij==", "minioadmin", "pass-word_1.x"],
)  # fmt: skip
def test_keys_as_providers_make_them_are_taken(key: str) -> None:
    assert no_key(key, shortest=8) == ""


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("two words", "spaces"),
        (f"{KEY[:20]} {KEY[20:]}", "spaces"),
        (f'"{KEY}"', "quotation marks"),
        (f"'{KEY}'", "quotation marks"),
        (f"\N{LEFT DOUBLE QUOTATION MARK}{KEY}\N{RIGHT DOUBLE QUOTATION MARK}", "quotation marks"),
        (f"`{KEY}`", "quotation marks"),
        (f"SMUGMUG_OAUTH_CONSUMER_KEY={KEY}", "whole line"),
        (f"export S3_ACCESS_KEY='{KEY}'", "whole line"),
        (f"aws_secret_access_key = {AMAZON}", "whole line"),
        (f"keyID: {KEY}", "whole line"),
        (f"Secret:{KEY}", "whole line"),
        ("https://api.smugmug.com/api/developer/apply", "address"),
        ("s3://my-photos", "address"),
        ("127.0.0.1:9000", "address"),
        ("localhost:9000/photos", "address"),
        ("SMUGMUG_OAUTH_CONSUMER_KEY=", "only the name"),
        ("aws_secret_access_key =", "only the name"),
        ("s3.eu-central-1.wasabisys.com", "address"),
        ("www.smugmug.com/app", "address"),
        ("\x16", "control characters"),
        (f"\x1b[A{KEY}", "control characters"),
        ("abc", "only 3 characters"),
        ("s9Fw2hK...", "shortened or hidden"),
        ("AKIA\N{HORIZONTAL ELLIPSIS}MPLE", "shortened or hidden"),
        ("\N{BULLET}" * 20, "shortened or hidden"),
        ("*" * 20, "shortened or hidden"),
        ("Schl\N{LATIN SMALL LETTER U WITH DIAERESIS}ssel-von-mir", "characters"),
    ],
)
def test_what_is_no_key_is_named(pasted: str, reason: str) -> None:
    assert reason in no_key(pasted, shortest=8)


@pytest.mark.parametrize(
    "pasted",
    [
        f" {KEY}\n",
        f"\x1b[200~{KEY}\x1b[201~",
        f"\N{NO-BREAK SPACE}{KEY}\N{ZERO WIDTH SPACE}",
        f"\N{ZERO WIDTH NO-BREAK SPACE}{KEY}",
    ],
)
def test_what_terminals_and_pages_put_around_a_key_is_left_out(pasted: str) -> None:
    assert unwrapped(pasted) == KEY


def test_a_secret_is_known_by_its_length_and_its_end() -> None:
    assert glimpse(KEY) == "32 characters, ending in We3A"
    assert glimpse("abc") == "3 characters"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126)))
def test_never_more_than_half_of_a_secret_is_shown(secret: str) -> None:
    _, _, ending = glimpse(secret).partition(", ending in ")
    assert 2 * len(ending) <= len(secret)
