"""Every reason a file can fail for has its way out; a new sentence without one is noticed here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from smug2s3 import errors
from smug2s3.rules import diagnostics
from smug2s3.rules.diagnostics import diagnosis
from smug2s3.stores.local import faults

SOURCE = Path(diagnostics.__file__).parents[1]
KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, (errors.SourceError, errors.StoreError)) and not kind.ends_the_run
}
NOT_OF_A_FILE = ("cli/", "smugmug/login.py")
"""Where a sign-in fails no file does."""

TABLE = [
    ("failed", "SmugMug: SmugMug's media host answered 503", "SmugMug was busy"),
    ("failed", "SmugMug: SmugMug answered 429 for the file of refused.mov", "SmugMug was busy"),
    ("failed", "SmugMug: SmugMug's connection broke after 3,000 bytes: reset", "the connection to SmugMug failed"),
    (
        "failed",
        "SmugMug: SmugMug's media host did not answer: the certificate of photos.smugmug.com:443 is not to be trusted",
        "a certificate is not trusted",
    ),
    (
        "failed",
        "SmugMug: SmugMug lists this file with 3 bytes but sends 2",
        "SmugMug sent different bytes than it lists",
    ),
    ("failed", "SmugMug: only 1,000 of 2,000 promised bytes came", "SmugMug sent different bytes than it lists"),
    ("failed", "SmugMug: SmugMug sent a web page instead of the file", "SmugMug sent something other than the file"),
    (
        "failed",
        "SmugMug: SmugMug does not show album has no file to this sign-in (401)",
        "SmugMug denied access",
    ),
    ("failed", "SmugMug: words that nobody has heard yet", "a problem at SmugMug"),
    ("failed", "store: the store answered SlowDown for smugmug/the disk is full.jpg", "the S3 server was busy"),
    ("failed", "store: the store refused smugmug/a.jpg: AccessDenied (no)", "the destination refused it"),
    (
        "failed",
        "store: the store refused smugmug/a.jpg: InvalidObjectState",
        "the object is in an archive storage class",
    ),
    ("failed", "store: the folder refused smugmug/a.jpg: the disk is full (ENOSPC)", "the disk is full"),
    ("failed", "store: smugmug/a cannot be stored: it is the folder of b", "its name cannot be used in the folder"),
    ("failed", "store: the store has no smugmug/a.jpg", "it is missing from the destination"),
    ("failed", "store: words that nobody has heard yet", "a problem at the destination"),
    ("failed", "smug2s3: something unforeseen happened: KeyError at x.py:1: 'a'", "an unexpected error"),
    ("failed", "not in the bucket", "verify found it missing or different"),
    ("failed", "other bytes in the bucket (MD5 a instead of b)", "verify found it missing or different"),
    ("unavailable", "SmugMug is still processing this video", "SmugMug is still processing the video"),
    ("unavailable", "SmugMug offers no file of this video", "SmugMug does not have the video file"),
    ("unavailable", "it was deleted on SmugMug after it was listed", "deleted on SmugMug"),
    ("unavailable", "", "SmugMug offers no file for it"),
]


OF_EARLIER_VERSIONS = {
    "store: the store did not answer for smugmug/a.jpg (reset)": "store: the S3 server did not answer for smugmug/a.jpg (reset)",
    "store: the store took nothing for 60 seconds": "store: the S3 server accepted no data for 60 seconds",
    "store: the store did not say whether it took a.jpg": "store: the S3 server did not confirm a.jpg",
    "store: the store answered SlowDown for a.jpg": "store: the S3 server answered SlowDown for a.jpg",
    "store: the store received other bytes than were sent for a.jpg (BadDigest)": "store: the S3 server received different bytes than were sent for a.jpg (BadDigest)",
    "store: the store holds other bytes than were sent for a.jpg": "store: the stored bytes differ from those sent for a.jpg",
    "store: a.jpg no longer has the bytes it was stored with": "store: a.jpg has changed since it was stored",
    "store: the store has no a.jpg": "store: the bucket does not have a.jpg",
    "store: the folder has no a.jpg": "store: the folder does not have a.jpg",
    "store: the store refused a.jpg: SignatureDoesNotMatch": "store: the S3 server refused a.jpg: SignatureDoesNotMatch",
    "store: the store refused a.jpg: InvalidObjectState": "store: the S3 server refused a.jpg: InvalidObjectState",
    "store: the store refused a.jpg: AccessDenied": "store: the S3 server refused a.jpg: AccessDenied",
    "store: the store's client refused a.jpg: x": "store: the S3 client refused a.jpg: x",
    "store: the store says that it took a.jpg, and has no such object": "store: the S3 server accepted a.jpg, but has no such object",
    "store: this is not an S3 store's answer (200 to PutObject): x": "store: the response is not an S3 response (200 to PutObject): x",
    "store: the certificate of the store's server is not to be trusted (x)": "store: the certificate of the S3 server is not trusted (x)",
    "store: the folder refused a.jpg: the disk takes no file of this size (EFBIG)": "store: the folder refused a.jpg: the file is too large for the disk's file system (EFBIG)",
    "store: the folder refused a.jpg: the disk takes no name of this length (x)": "store: the folder refused a.jpg: the name is too long for the disk (x)",
    "store: the folder refused a.jpg: the disk does not take this name (EINVAL)": "store: the folder refused a.jpg: the disk does not allow this name (EINVAL)",
    "store: the folder refused a.jpg: this user may not (EACCES)": "store: the folder refused a.jpg: permission denied (EACCES)",
    "store: the disk did not do its work for a.jpg: x (EIO)": "store: disk error for a.jpg: x (EIO)",
    "SmugMug: SmugMug's connection broke after 3 bytes": "SmugMug: the connection to SmugMug broke after 3 bytes",
    "SmugMug: SmugMug sent nothing for 60 seconds": "SmugMug: SmugMug sent no data for 60 seconds",
    "SmugMug: SmugMug does not show a.jpg to this sign-in (401)": "SmugMug: SmugMug denied access to a.jpg (401)",
    "SmugMug: SmugMug has no a.jpg (any more)": "SmugMug: SmugMug does not have a.jpg (any more)",
    "SmugMug: SmugMug took the request for a.jpg for a repeated one": "SmugMug: SmugMug rejected the request for a.jpg as a duplicate",
    "SmugMug: more came than the 3 bytes SmugMug promised": "SmugMug: received more than the 3 bytes SmugMug announced",
    "SmugMug: only 2 of 3 promised bytes came": "SmugMug: received only 2 of 3 bytes",
    "SmugMug: the bytes that came (MD5 a) are not the ones SmugMug describes (b)": "SmugMug: received bytes with MD5 a, but SmugMug lists b",
    "SmugMug: SmugMug did not say how large this file is nor what its MD5 is": "SmugMug: SmugMug gave neither a size nor an MD5 for this file",
}
"""A ledger keeps what the version said that wrote it."""


@pytest.mark.parametrize("then", OF_EARLIER_VERSIONS)
def test_what_an_earlier_version_recorded_has_the_same_cause(then: str) -> None:
    cause = diagnosis("failed", then).cause

    assert diagnosis("failed", OF_EARLIER_VERSIONS[then]).cause == cause
    assert not cause.startswith("a problem at")


@pytest.mark.parametrize(("state", "reason", "cause"), TABLE, ids=[f"{row[2]}: {row[1]}" for row in TABLE])
def test_a_reason_comes_down_to_its_cause(state: str, reason: str, cause: str) -> None:
    assert diagnosis(state, reason).cause == cause


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence in the source that an error of one file is raised with, with what it quotes left as ``7``."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).as_posix().startswith(NOT_OF_A_FILE):
            continue
        text = path.read_text(encoding="utf-8")
        if not any(f"{kind}(" in text for kind in KINDS):  # to parse all of it took every process of the tests a second
            continue
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KINDS:
                sentence = _text(call.args[0])
                if sentence.strip("7 "):
                    yield KINDS[call.func.id].side, sentence


def _text(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)


SENTENCES = sorted(set(sentences()))


def test_the_sentences_are_found() -> None:
    assert len(SENTENCES) > 30
    assert {side for side, _ in SENTENCES} == {"SmugMug", "store"}


@pytest.mark.parametrize(("side", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_every_sentence_a_file_can_fail_with_has_a_cause_of_its_own(side: str, sentence: str) -> None:
    assert not diagnosis("failed", f"{side}: {sentence}").cause.startswith("a problem at")


@pytest.mark.parametrize("state", ["failed", "unavailable"])
def test_every_advice_is_a_sentence(state: str) -> None:
    for side, sentence in [*SENTENCES, ("smug2s3", "x"), ("", "")]:
        assert diagnosis(state, f"{side}: {sentence}").advice.endswith(".")


@pytest.mark.parametrize("number", faults._REFUSED, ids=lambda number: faults._REFUSED[number][0])
def test_a_folder_gives_the_same_advice_at_once_and_later(number: int, tmp_path: Path) -> None:
    error = faults.translate(OSError(number, ""), "smugmug/a.jpg", tmp_path)
    assert error.hint in ("", diagnosis("failed", f"store: {error}").advice)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("failed", "SmugMug: SmugMug's media host refused the file (403)"),
        ("failed", "SmugMug: SmugMug refused album Garden (403)"),
        ("failed", "SmugMug: SmugMug does not show album Garden to this sign-in (401)"),
        ("failed", "SmugMug: SmugMug denied access to album Garden (401)"),
        ("unavailable", "SmugMug offers this sign-in no original of this photo, only reduced copies"),
        ("unavailable", "SmugMug does not offer this sign-in the original of this photo, only reduced copies"),
    ],
)
def test_the_owner_with_full_access_is_not_sent_to_sign_in_as_the_owner(state: str, reason: str) -> None:
    owner, stranger = diagnosis(state, reason, full_access=True), diagnosis(state, reason, full_access=False)

    assert owner.cause == stranger.cause
    assert owner.advice.startswith("Run `smug2s3 sync` again. If it still fails")
    assert "contact SmugMug support" in owner.advice
    assert "auth" not in owner.advice
    assert "`smug2s3 auth`" in stranger.advice


@pytest.mark.parametrize(("side", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_no_advice_for_full_access_is_to_ask_for_full_access(side: str, sentence: str) -> None:
    assert "full access: `smug2s3 auth`" not in diagnosis("failed", f"{side}: {sentence}", full_access=True).advice
