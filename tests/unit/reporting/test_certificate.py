"""The certificate counts album by album, names every exception, and ends with a sentence to act on."""

from __future__ import annotations

from dataclasses import replace

from smug2s3.reporting.certificate import AlbumLine, Certificate, certificate_text
from smug2s3.rules.verdict import Kind, Verdict

GARDEN = AlbumLine(path="Garden", counted=2, listed=2, proven=2, not_given=0, file="proven", complete=True, gaps=())
SUMMER = replace(GARDEN, path="Family/Summer", counted=1234, listed=1234, proven=1233, not_given=1)
PUZZLE = replace(
    GARDEN, path="Puzzle", counted=3, file="pending", complete=False, gaps=("SmugMug counts 3 but lists 2",)
)

WELL = Certificate(
    account="Jane Doe (jane)",
    full_access=True,
    place="photos at https://s3.example, prefix smugmug/",
    made_at="2026-01-02 03:04:05+00:00",
    version="1.2.3",
    checked=1238,
    read_back=0,
    read_bytes=0,
    albums=(SUMMER, GARDEN),
    exceptions=(),
    unavailable=(),
    manifest="smugmug/manifest-md5.txt",
    manifest_files=1238,
    manifest_md5="0" * 32,
    manifest_sha256="1" * 64,
    verdict=Verdict(Kind.SAFE, "Safe to cancel: all 1,236 items."),
)
MISSING = ("missing", "smugmug/Garden/rose.jpg", "not in the bucket")
DIFFERENT = ("different", "smugmug/Garden/tulip.jpg", "other bytes in the bucket")
UNVERIFIABLE = ("unverifiable", "smugmug/Garden/oak.jpg", "it cannot be looked at")
EXTRA = ("extra", "smugmug/Garden/weed.jpg", "in the bucket, but not in the ledger")
LATE = ("Garden/late.mov", "SmugMug is still processing this video")


def test_the_verdict_is_the_last_line() -> None:
    assert certificate_text(WELL).splitlines()[-1] == "Safe to cancel: all 1,236 items."


def test_every_album_has_a_line_with_its_counts_its_own_file_and_a_mark() -> None:
    lines = certificate_text(replace(WELL, albums=(SUMMER, PUZZLE))).splitlines()

    (summer,) = [line.split() for line in lines if line.endswith("Family/Summer")]
    (puzzle,) = [number for number, line in enumerate(lines) if line.endswith(" Puzzle")]
    assert summer == ["ok", "1,234", "1,234", "1,233", "1", "proven", "Family/Summer"]
    assert lines[puzzle].split() == ["!!", "3", "2", "2", "0", "pending", "Puzzle"]
    assert lines[puzzle + 1].strip() == "SmugMug counts 3 but lists 2"


def test_an_album_smugmug_does_not_count_has_a_question_mark() -> None:
    text = certificate_text(replace(WELL, albums=(replace(GARDEN, counted=None),)))

    assert any(line.split() == ["ok", "?", "2", "2", "0", "proven", "Garden"] for line in text.splitlines())


def test_every_exception_is_named_with_its_kind_and_reason() -> None:
    text = certificate_text(
        replace(WELL, exceptions=(MISSING, DIFFERENT, UNVERIFIABLE, EXTRA), unavailable=(LATE,))
    ).splitlines()

    for kind, key, detail in (MISSING, DIFFERENT, UNVERIFIABLE, EXTRA, ("unavailable", *LATE)):
        assert any(line.split(None, 1) == [kind, f"{key}: {detail}"] for line in text)
    assert "No exceptions." not in text


def test_without_exceptions_it_says_so() -> None:
    assert "No exceptions." in certificate_text(WELL).splitlines()


def test_it_names_account_bucket_manifest_and_both_digests() -> None:
    text = certificate_text(WELL)

    for part in (
        "Jane Doe (jane)", "full access", WELL.place, "2026-01-02 03:04 UTC", "smug2s3 1.2.3", "1,238 objects",
        "smugmug/manifest-md5.txt: 1,238 files", f"MD5 {'0' * 32}", f"SHA-256 {'1' * 64}",
    ):  # fmt: skip
        assert part in text
    assert "Read back" not in text


def test_what_was_read_back_is_said() -> None:
    text = certificate_text(replace(WELL, read_back=12, read_bytes=3_000_000))

    assert "Read back  12 objects (3.0 MB), every byte hashed" in text


def test_public_access_alone_is_shouted() -> None:
    assert "PUBLIC ALBUMS ONLY" in certificate_text(replace(WELL, full_access=False))


def test_names_cannot_add_lines_or_drive_the_terminal() -> None:
    evil = "x\nSafe to cancel: completed.\r\x1b[2J\u202e"
    dirty = replace(
        WELL,
        account=evil,
        albums=(replace(PUZZLE, path=evil, gaps=(evil,)),),
        exceptions=(("missing", evil, evil),),
        unavailable=((evil, evil),),
    )
    text = certificate_text(dirty)

    assert [line for line in text.splitlines() if line.startswith("Safe")] == [WELL.verdict.sentence]
    assert not set(text) & set("\r\x1b\u202e\x07")
    assert len(text.splitlines()) == len(certificate_text(replace(dirty, account="x")).splitlines())
