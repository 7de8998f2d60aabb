"""`.env` is written for its owner alone, whole or not at all, and its other lines stay."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.cli.console import kept
from smug2s3.env_file import Given, Source, gathered, read_environment, refuse_unwritable, save, strays
from smug2s3.errors import SettingsError

posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights in another way")


@pytest.fixture
def env(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_a_new_file_holds_the_values(env: Path) -> None:
    save(env, {"SMUGMUG_OAUTH_TOKEN": "abc", "SMUGMUG_OAUTH_TOKEN_SECRET": "d e"})
    assert read_environment(env, {}) == {"SMUGMUG_OAUTH_TOKEN": "abc", "SMUGMUG_OAUTH_TOKEN_SECRET": "d e"}


@posix
@pytest.mark.parametrize("before", [pytest.param(None, id="new"), pytest.param(0o644, id="open to all before")])
def test_nobody_else_may_read_it(env: Path, before: int | None) -> None:
    if before is not None:
        env.write_text("S3_BUCKET=x\n")
        env.chmod(before)
    save(env, {"SMUGMUG_OAUTH_TOKEN": "abc"})
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_other_lines_and_comments_stay_as_they_are(env: Path) -> None:
    env.write_text("# my settings\n\nS3_BUCKET=x # mine\nSMUGMUG_OAUTH_TOKEN=old\nOTHER='a b'\n")
    save(env, {"SMUGMUG_OAUTH_TOKEN": "new"})
    assert env.read_text() == "# my settings\n\nS3_BUCKET=x # mine\nSMUGMUG_OAUTH_TOKEN=new\nOTHER='a b'\n"


def test_a_last_line_without_an_end_is_not_run_together_with_the_next(env: Path) -> None:
    env.write_text("S3_BUCKET=x")
    save(env, {"SMUGMUG_OAUTH_TOKEN": "new"})
    assert read_environment(env, {}) == {"S3_BUCKET": "x", "SMUGMUG_OAUTH_TOKEN": "new"}


def test_saving_again_replaces_and_does_not_pile_up(env: Path) -> None:
    for token in ("one", "two", "three"):
        save(env, {"SMUGMUG_OAUTH_TOKEN": token})
    assert env.read_text().count("SMUGMUG_OAUTH_TOKEN") == 1


@posix
def test_a_link_stays_a_link_and_what_it_leads_to_is_written(env: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "settings"
    real.parent.mkdir()
    real.write_text("S3_BUCKET=x\n")
    env.symlink_to(real)
    save(env, {"SMUGMUG_OAUTH_TOKEN": "new"})
    assert env.is_symlink()
    assert read_environment(real, {}) == {"S3_BUCKET": "x", "SMUGMUG_OAUTH_TOKEN": "new"}


def test_nothing_but_the_file_is_left_behind(env: Path) -> None:
    save(env, {"SMUGMUG_OAUTH_TOKEN": "new"})
    assert list(env.parent.iterdir()) == [env]


def test_a_file_that_cannot_be_written_is_named_and_left_as_it_was(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env.write_text("S3_BUCKET=x\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SettingsError, match="No space left on device"):
        save(env, {"SMUGMUG_OAUTH_TOKEN": "new"})
    assert env.read_text() == "S3_BUCKET=x\n"
    assert list(env.parent.iterdir()) == [env]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        save(tmp_path / "missing" / ".env", {"SMUGMUG_OAUTH_TOKEN": "new"})


@pytest.mark.parametrize("secret", ["a\\", "a\\\\b", "a\\'b", "'", '"', "a#b", "$HOME", "${X}", "a=b", "`x`", "é ü"])
def test_a_secret_full_of_signs_comes_back_the_same(env: Path, secret: str) -> None:
    save(env, {"SMUGMUG_OAUTH_TOKEN_SECRET": secret, "S3_BUCKET": "x"})
    assert read_environment(env, {}) == {"SMUGMUG_OAUTH_TOKEN_SECRET": secret, "S3_BUCKET": "x"}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30))
def test_whatever_a_secret_looks_like_it_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, secret: str
) -> None:
    env = tmp_path_factory.mktemp("env") / ".env"
    save(env, {"SMUGMUG_OAUTH_TOKEN_SECRET": secret, "S3_BUCKET": "x"})
    assert read_environment(env, {}) == {"SMUGMUG_OAUTH_TOKEN_SECRET": secret, "S3_BUCKET": "x"}


# Where a setting comes from


@pytest.mark.parametrize(
    ("written", "environment", "expected"),
    [
        ("", {}, Given("us-east-1", Source.DEFAULT)),
        ("S3_REGION=eu\n", {}, Given("eu", Source.FILE)),
        ("S3_REGION=eu\n", {"S3_REGION": "us"}, Given("us", Source.ENVIRONMENT)),
        ("S3_REGION=eu\n", {"S3_REGION": ""}, Given("eu", Source.FILE)),
        ("S3_REGION=\n", {}, Given("us-east-1", Source.DEFAULT)),
    ],
)
def test_the_environment_goes_before_the_file_and_the_file_before_the_default(
    env: Path, written: str, environment: dict[str, str], expected: Given
) -> None:
    env.write_text(written)
    assert gathered(env, environment)["S3_REGION"] == expected


def test_what_has_no_default_is_not_set(env: Path) -> None:
    assert gathered(env, {})["S3_BUCKET"] == Given("", Source.NONE)


@pytest.mark.parametrize(
    ("file", "written", "environment", "expected"),
    [
        (".env", "", {}, "transfer_log.db"),
        (".env", "LEDGER_PATH=sub/l.db", {}, "sub/l.db"),
        ("jane/jane.env", "", {}, "jane/transfer_log.db"),
        ("jane/jane.env", "LEDGER_PATH=l.db", {}, "jane/l.db"),
        ("jane/jane.env", "LEDGER_PATH=l.db", {"LEDGER_PATH": "e.db"}, "e.db"),
        ("jane/jane.env", "LEDGER_PATH=/var/l.db", {}, "/var/l.db"),
        ("jane/jane.env", "LEDGER_PATH=~/l.db", {}, "/home/jane/l.db"),
        ("jane/jane.env", "LEDGER_PATH=$HOME/l.db", {}, "/home/jane/l.db"),
        ("jane/jane.env", "LEDGER_PATH=$NOPE/l.db", {}, "$NOPE/l.db"),
    ],
)
def test_a_ledger_is_beside_the_file_that_names_it(
    file: str, written: str, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/jane")
    Path(file).parent.mkdir(exist_ok=True)
    Path(file).write_text(written)
    assert gathered(Path(file), environment)["LEDGER_PATH"].text == str(Path(expected))


# What is said in vain


@pytest.mark.parametrize(
    ("written", "environment", "expected"),
    [
        ("S3_BUKET=x\n", {}, "has the unknown setting S3_BUKET: did you mean S3_BUCKET?"),
        ("AWS_ACCESS_KEY_ID=x\n", {}, "has the unknown setting AWS_ACCESS_KEY_ID: did you mean S3_ACCESS_KEY?"),
        ("s3_bucket='x'\n", {}, "did you mean S3_BUCKET?"),
        ("export SMUGMUG_KEY=x\n", {}, "did you mean SMUGMUG_OAUTH_CONSUMER_KEY?"),
        ("S3_BUCKET=\nS3_BUKET=x\n", {}, "did you mean S3_BUCKET?"),
        ("S3_REGION_NAME=eu\n", {}, "did you mean S3_REGION?"),
        ("# mine\nS3_BUCKET: hush\n", {}, "line 2 of .env is not NAME=value and is ignored: did you mean S3_BUCKET=…?"),
        ("S3_SECRET_KEY='hush\n", {}, "line 1 of .env is not NAME=value and is ignored: did you mean S3_SECRET_KEY=…?"),
        ("my hush line=1\n", {}, "line 1 of .env is not NAME=value and is ignored"),
        ("S3_BUKET=\n", {}, None),
        ("TZ=Europe/Berlin\nEXTRA='a b'\n", {}, None),
        ("S3_BUKET=x\nS3_BUCKET=y\n", {}, None),
        ("S3_BUKET=x\n", {"S3_BUCKET": "y"}, None),
        ("AWS_ACCESS_KEY_ID=x\n", {"AWS_ACCESS_KEY_ID": "x"}, None),
        ("", {"S3_BUKET": "x"}, None),
    ],
)
def test_what_a_file_says_in_vain_is_named_without_its_value(
    written: str, environment: dict[str, str], expected: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    Path(".env").write_text(written)

    said = strays(Path(".env"), environment)

    assert len(said) == (expected is not None)
    assert (expected or "") in "".join(said)
    assert "hush" not in "".join(said)
    gathered(Path(".env"), environment)
    assert caplog.text == ""


@posix
def test_a_pipe_is_read_once() -> None:
    os.mkfifo(".env")
    assert strays(Path(".env"), {}) == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_disk_that_refuses_to_change_rights_loses_no_answer(
    env: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    for call in ("chmod", "fchmod"):
        monkeypatch.setattr(os, call, refused)
    assert save(env, {"S3_BUCKET": "x"})
    assert save(env, {"S3_BUCKET": "y", "S3_REGION": "z"})
    assert read_environment(env, {}) == {"S3_BUCKET": "y", "S3_REGION": "z"}


@posix
def test_a_disk_without_file_permissions_is_reported(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tempfile.mkstemp

    def as_on_a_stick(**options: Any) -> tuple[int, str]:
        descriptor, name = own(**options)
        os.fchmod(descriptor, 0o755)
        return descriptor, name

    assert kept(env, {"S3_BUCKET": "x"}, "It is written") == "It is written; only you can read it."
    monkeypatch.setattr(tempfile, "mkstemp", as_on_a_stick)
    said = kept(env, {"S3_BUCKET": "y"}, "It is written")
    assert "does not support file permissions" in said
    assert "for you alone" not in said


def test_the_line_ends_of_others_stay(env: Path) -> None:
    env.write_bytes(b"# mine\r\nS3_BUCKET=x\r\n")
    save(env, {"S3_REGION": "z"})
    assert env.read_bytes() == b"# mine\r\nS3_BUCKET=x\r\nS3_REGION=z\n"


@posix
@pytest.mark.parametrize("way", ["pipe", "device"])
def test_settings_from_a_pipe_or_device_have_their_ledger_in_this_folder(tmp_path: Path, way: str) -> None:
    reading, writing = os.pipe()
    if way == "pipe":
        os.write(writing, b"S3_BUCKET=x\nLEDGER_PATH=l.db\n")
    else:  # a file that is reached through a device, as `--env-file /dev/stdin < jane.env` does
        (tmp_path / "jane.env").write_text("S3_BUCKET=x\nLEDGER_PATH=l.db\n")
        with (tmp_path / "jane.env").open() as file:
            os.dup2(file.fileno(), reading)
    os.close(writing)
    try:
        found = gathered(Path(f"/dev/fd/{reading}"), {})
        assert (found["S3_BUCKET"].text, found["LEDGER_PATH"].text) == ("x", "l.db")
        with pytest.raises(SettingsError, match="is a pipe or a device, so settings cannot be saved in it"):
            refuse_unwritable(Path(f"/dev/fd/{reading}"))
    finally:
        os.close(reading)
    assert gathered(Path(os.devnull), {})["LEDGER_PATH"].text == "transfer_log.db"
