"""The six digits SmugMug shows, as people type and paste them."""

from __future__ import annotations

import pytest

from smug2s3.errors import SignInRefused
from smug2s3.smugmug.login import clean_code


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("123456", id="plain"),
        pytest.param(" 123456\n", id="pasted with white space"),
        pytest.param("123 456", id="in groups"),
        pytest.param("123-456", id="with a dash"),
        pytest.param("123\u00a0456", id="with a hard space"),
        pytest.param("1 2 3 4 5 6", id="one by one"),
        pytest.param("Your code is 123456.", id="in a sentence"),
        pytest.param("SmugMug 2026\nEnter this code\n123 456\nCall (650) 123-4567\n", id="the whole page"),
        pytest.param("https://example.com/?oauth_token=a1b2c3d4e5f678901&oauth_verifier=123456", id="in an address"),
        pytest.param("123456 or 123456", id="twice"),
    ],
)
def test_six_digits_are_taken_however_they_are_grouped(typed: str) -> None:
    assert clean_code(typed) == "123456"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param("12345", id="five"),
        pytest.param("1234567", id="seven"),
        pytest.param("12345a", id="a letter"),
        pytest.param("abcdef", id="letters"),
        pytest.param("123456 or 654321", id="two of them"),
        pytest.param("No: 12345678", id="within a longer number"),
        pytest.param("\u0661\u0662\u0663\u0664\u0665\u0666", id="digits of another script"),
        pytest.param("\uff11\uff12\uff13\uff14\uff15\uff16", id="digits of full width"),
        pytest.param("https://api.smugmug.com/services/oauth/1.0a/authorize?oauth_token=x", id="the address"),
    ],
)
def test_anything_else_is_refused_with_a_way_out(typed: str) -> None:
    with pytest.raises(SignInRefused, match="six digits") as refusal:
        clean_code(typed)
    assert "smug2s3 auth" in refusal.value.hint
