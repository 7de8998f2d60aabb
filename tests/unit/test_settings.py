"""Settings are checked all at once, every problem is named, and no secret is ever shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from smug2s3 import settings
from smug2s3.env_file import read_environment
from smug2s3.errors import SettingsError
from smug2s3.rules.storage import Storage
from smug2s3.settings import VARIABLES, load

SIGN_IN = {
    "SMUGMUG_OAUTH_CONSUMER_KEY": "hidden-key",
    "SMUGMUG_OAUTH_CONSUMER_SECRET": "hidden-secret",
    "SMUGMUG_OAUTH_TOKEN": "hidden-token",
    "SMUGMUG_OAUTH_TOKEN_SECRET": "hidden-token-secret",
}
STORE = {"S3_BUCKET": "my-photos", "S3_ACCESS_KEY": "hidden-access", "S3_SECRET_KEY": "hidden-s3-secret"}
EVERYTHING = SIGN_IN | STORE
BOTH = frozenset({"smugmug", "store"})
NOTHING: frozenset[str] = frozenset()


def value(variable: str, text: str) -> Any:
    """What ``variable`` becomes when it is set to ``text``."""
    name = next(field for field, known in VARIABLES.items() if known.name == variable)
    return getattr(load({variable: text}, needs=NOTHING), name)


def complaint(found: dict[str, str], needs: frozenset[str] = NOTHING) -> str:
    with pytest.raises(SettingsError) as refusal:
        load(found, needs=needs)
    assert refusal.value.exit_code == 2
    assert ".env" in refusal.value.hint
    return str(refusal.value)


def test_with_the_necessary_settings_the_others_have_defaults() -> None:
    settings = load(EVERYTHING, needs=BOTH)
    assert settings.signed_in
    assert settings.api_origin == "https://api.smugmug.com"
    assert (settings.bucket, settings.region, settings.endpoint) == ("my-photos", "us-east-1", None)
    assert (settings.prefix, settings.transfers, settings.batch) == ("smugmug/", None, 50)
    assert (settings.rate_delay, settings.ledger_path) == (0.01, "transfer_log.db")


def test_everything_wrong_is_named_at_once_each_with_an_example() -> None:
    said = complaint({"MAX_CONCURRENT_DOWNLOADS": "many", "S3_BUCKET": "a/b", "S3_PREFIX": "../x"}, BOTH)
    for name in ("MAX_CONCURRENT_DOWNLOADS", "S3_BUCKET", "S3_PREFIX", *SIGN_IN):
        assert said.count(f"- {name} ") == 1
    assert said.count("for example") == 7


@pytest.mark.parametrize(
    ("needs", "found", "missing"),
    [
        pytest.param(BOTH, EVERYTHING, set(), id="nothing is missing"),
        pytest.param(BOTH, {}, {*SIGN_IN, "S3_BUCKET"}, id="everything is"),
        pytest.param(NOTHING, {}, set(), id="nothing is needed"),
        pytest.param({"key"}, {}, {"SMUGMUG_OAUTH_CONSUMER_KEY", "SMUGMUG_OAUTH_CONSUMER_SECRET"}, id="no token yet"),
        pytest.param({"store"}, {"S3_BUCKET": "photos"}, set(), id="AWS's own credential chain"),
        pytest.param({"store"}, {"S3_BUCKET": "photos", "S3_ACCESS_KEY": "x"}, {"S3_SECRET_KEY"}, id="half a key"),
        pytest.param({"store"}, {"S3_BUCKET": "photos", "S3_SECRET_KEY": "x"}, {"S3_ACCESS_KEY"}, id="the other half"),
        pytest.param({"store"}, {"S3_ENDPOINT_URL": "file:///mnt/disk"}, {"S3_BUCKET"}, id="a folder needs no keys"),
        pytest.param(
            {"store"},
            {"S3_ENDPOINT_URL": "file:///mnt/disk", "S3_BUCKET": "photos", "S3_ACCESS_KEY": "x"},
            set(),
            id="nor minds half of them",
        ),
        pytest.param({"smugmug"}, {"SMUGMUG_API_KEY": "x"}, {"SMUGMUG_USER"}, id="public data of whom"),
        pytest.param({"smugmug"}, {"SMUGMUG_API_KEY": "x", "SMUGMUG_USER": "jane"}, set(), id="public data"),
        pytest.param({"smugmug"}, SIGN_IN | {"SMUGMUG_API_KEY": "x"}, set(), id="a sign-in goes before a key"),
    ],
)
def test_what_a_command_needs_and_does_not_find_is_named(
    needs: frozenset[str], found: dict[str, str], missing: set[str]
) -> None:
    if not missing:
        load(found, needs=frozenset(needs))
        return
    said = complaint(found, frozenset(needs))
    assert {name for name in (v.name for v in VARIABLES.values()) if f"{name} is missing" in said} == missing


@pytest.mark.parametrize("variable", [v.name for v in VARIABLES.values() if v.secret])
def test_a_malformed_secret_is_named_but_not_shown(variable: str) -> None:
    said = complaint({variable: "hidden\nvalue"})
    assert variable in said
    assert "hidden" not in said


def test_no_secret_is_shown_with_the_problems_of_others() -> None:
    assert "hidden" not in complaint(EVERYTHING | {"BATCH_SIZE": "x", "SMUGMUG_API_KEY": "hidden-api-key"}, BOTH)


def test_no_secret_is_shown_with_the_settings() -> None:
    settings = load(EVERYTHING | {"SMUGMUG_API_KEY": "hidden-api-key"}, needs=BOTH)
    assert "hidden" not in repr(settings)
    assert "my-photos" in repr(settings)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load({}, needs=NOTHING).bucket = "other"  # type: ignore[misc]


def test_every_field_has_a_variable_and_every_example_and_default_is_valid() -> None:
    fields = {field.name for field in dataclasses.fields(load({}, needs=NOTHING))}
    assert VARIABLES.keys() == fields - {"storage"} | {field.name for field in dataclasses.fields(Storage)}
    for variable in VARIABLES.values():
        assert variable.meaning
        variable.parse(variable.example)
        if variable.default:
            variable.parse(variable.default)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        pytest.param("https://api.smugmug.com", "https://api.smugmug.com", id="SmugMug's own"),
        pytest.param(" https://api.smugmug.com/ ", "https://api.smugmug.com", id="with a slash and spaces"),
        pytest.param("http://127.0.0.1:8780", "http://127.0.0.1:8780", id="a simulator"),
        pytest.param("http://127.0.0.2:8780", "http://127.0.0.2:8780", id="another address of this machine"),
        pytest.param("http://localhost:8780", "http://localhost:8780", id="by name"),
        pytest.param("http://[::1]:8780", "http://[::1]:8780", id="by IPv6"),
        pytest.param("https://api.smugmug.com?", "https://api.smugmug.com", id="an empty query"),
        pytest.param("https://api.smugmug.com#", "https://api.smugmug.com", id="an empty fragment"),
    ],
)
def test_an_origin_is_scheme_and_host(address: str, kept: str) -> None:
    assert value("SMUGMUG_API_ORIGIN", address) == kept


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://api.smugmug.com", id="plain http to a far host"),
        pytest.param("http://127.evil.example", id="a far host that begins like this machine"),
        pytest.param("http://localhost.evil.example", id="or is called alike"),
        pytest.param("http://192.168.0.7", id="plain http to a neighbour"),
        pytest.param("https://api.smugmug.com/api/v2", id="with a path"),
        pytest.param("https://api.smugmug.com?x=1", id="with a query"),
        pytest.param("https://api.smugmug.com#x", id="with a fragment"),
        pytest.param("https://api.smugmug.com:port", id="a port that is none"),
        pytest.param("https://api.smugmug.com:99999", id="a port too high"),
        pytest.param("https://[::1", id="half an address"),
        pytest.param("api.smugmug.com", id="no scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("ftp://api.smugmug.com", id="another scheme"),
    ],
)
def test_what_is_no_safe_origin_is_refused(address: str) -> None:
    assert "SMUGMUG_API_ORIGIN must" in complaint({"SMUGMUG_API_ORIGIN": address})


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        pytest.param("", None, id="none: AWS"),
        pytest.param(
            "https://s3.eu-central-003.backblazeb2.com/", "https://s3.eu-central-003.backblazeb2.com", id="B2"
        ),
        pytest.param("http://127.0.0.1:9000", "http://127.0.0.1:9000", id="this machine"),
        pytest.param("http://minio:9000", "http://minio:9000", id="a container network"),
        pytest.param("http://192.168.0.7:9000", "http://192.168.0.7:9000", id="a box in the house"),
        pytest.param("http://nas.local:9000", "http://nas.local:9000", id="by its local name"),
        pytest.param("nas.local:9000", "http://nas.local:9000", id="without a scheme"),
        pytest.param("S3.Example.com/", "https://s3.example.com", id="a far host without a scheme"),
    ],
)
def test_a_store_may_be_plain_http_only_in_the_house(address: str, kept: str | None) -> None:
    assert value("S3_ENDPOINT_URL", address) == kept


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://s3.example.com", id="plain http to a far host"),
        pytest.param("http://127.evil.example", id="a far host that begins like this machine"),
        pytest.param("http://8.8.8.8", id="a far address"),
        pytest.param("https://s3.example.com:port", id="a port that is none"),
        pytest.param("file://mnt/disk", id="two slashes, so a host"),
        pytest.param("file:disk", id="a folder by half its path"),
        pytest.param("file:", id="no folder"),
        pytest.param("file:///mnt/disk#1", id="a folder with a sign that ends addresses"),
        pytest.param("file:///mnt/disk%00", id="a folder that cannot be"),
    ],
)
def test_what_is_no_safe_endpoint_is_refused(address: str) -> None:
    assert "S3_ENDPOINT_URL must" in complaint({"S3_ENDPOINT_URL": address})


def test_the_bucket_is_left_out_of_the_address_and_keys_in_it_are_not_shown() -> None:
    found = load(EVERYTHING | {"S3_ENDPOINT_URL": "https://my-photos.nyc3.digitaloceanspaces.com"}, needs=BOTH)
    assert found.endpoint == "https://nyc3.digitaloceanspaces.com"
    assert "it has the bucket films" in complaint(
        EVERYTHING | {"S3_ENDPOINT_URL": "https://films.nyc3.digitaloceanspaces.com"}
    )
    said = complaint(EVERYTHING | {"S3_ENDPOINT_URL": "https://AKIA:s3cr3t@s3.example.com"})
    assert "put the keys in S3_ACCESS_KEY" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        pytest.param("file:///mnt/disk", "/mnt/disk", id="as it should be"),
        pytest.param(" FILE:///mnt//disk/ ", "/mnt/disk", id="slashes, spaces and capitals"),
        pytest.param("file:///mnt/My%20Disk%231", "/mnt/My Disk#1", id="escaped"),
        pytest.param("file:///mnt/Käthes Platte", "/mnt/Käthes Platte", id="as people type it"),
        pytest.param("file:///", "/", id="the top"),
    ],
)
def test_a_store_may_be_a_folder(address: str, folder: str) -> None:
    settings = load({"S3_ENDPOINT_URL": address, "S3_BUCKET": "photos"}, needs=frozenset({"store"}))
    assert settings.folder == Path(folder)
    assert load({"S3_ENDPOINT_URL": settings.endpoint or ""}, needs=NOTHING).folder == Path(folder)


@pytest.mark.parametrize("name", ["My Photos", "Фото", "写真 2019", "a", "Käthe's (1)", "x" * 200])
def test_a_bucket_that_is_a_folder_has_a_folders_name(name: str) -> None:
    in_folder = {"S3_ENDPOINT_URL": "file:///mnt/disk", "S3_BUCKET": name}
    assert load(in_folder, needs=frozenset({"store"})).bucket == name
    assert "must be a bucket name" in complaint({"S3_BUCKET": name})
    assert settings.complaint(VARIABLES["bucket"], name, among=in_folder) == ""


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a\\b", "a\nb", "x" * 256, "Ф" * 128])
def test_a_folder_beside_or_above_is_no_bucket(name: str) -> None:
    assert "must be a folder name" in complaint({"S3_ENDPOINT_URL": "file:///mnt/disk", "S3_BUCKET": name})


def test_a_ledger_may_be_named_by_the_home_folder_and_by_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jane")
    assert value("LEDGER_PATH", "~/l.db") == value("LEDGER_PATH", "${HOME}/l.db") == "/home/jane/l.db"
    assert "LEDGER_PATH must not use the variable $NOPE" in complaint({"LEDGER_PATH": "$NOPE/l.db"})
    assert "which has no known home folder" in complaint({"LEDGER_PATH": "~nobody-of-that-name/l.db"})


def test_a_store_behind_an_address_is_no_folder() -> None:
    assert load(EVERYTHING | {"S3_ENDPOINT_URL": "https://s3.example.com"}, needs=BOTH).folder is None
    assert load(EVERYTHING, needs=BOTH).folder is None


@pytest.mark.parametrize(
    ("prefix", "kept"),
    [
        pytest.param("smugmug/", "smugmug/", id="as shown"),
        pytest.param("smugmug", "smugmug/", id="without its slash"),
        pytest.param("/a/b//", "a/b/", id="slashes around"),
        pytest.param("/", "", id="a slash alone: no prefix"),
        pytest.param("Fotos/Jürgen", "Fotos/Jürgen/", id="Unicode"),
    ],
)
def test_a_prefix_is_folders_or_nothing(prefix: str, kept: str) -> None:
    assert value("S3_PREFIX", prefix) == kept


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param("a//b", id="an empty part"),
        pytest.param("a/../b", id="the way up"),
        pytest.param(".", id="here"),
        pytest.param("a\\b", id="a backslash"),
        pytest.param("a\nb", id="a line break"),
        pytest.param("x" * 100, id="too long"),
        pytest.param("é" * 50, id="too many bytes"),
    ],
)
def test_a_prefix_no_store_or_restore_takes_is_refused(prefix: str) -> None:
    assert "S3_PREFIX must" in complaint({"S3_PREFIX": prefix})


def test_the_longest_prefix_leaves_room_for_every_key() -> None:
    assert len(value("S3_PREFIX", "x" * 99).encode()) == 100


@pytest.mark.parametrize(
    ("variable", "text", "kept"),
    [
        pytest.param("MAX_CONCURRENT_DOWNLOADS", "1", 1, id="one"),
        pytest.param("MAX_CONCURRENT_DOWNLOADS", " 256 ", 256, id="the most"),
        pytest.param("MAX_CONCURRENT_DOWNLOADS", "Auto", None, id="as many as prove useful"),
        pytest.param("BATCH_SIZE", "10000", 10_000, id="the largest batch"),
        pytest.param("RATE_LIMIT_DELAY", "0", 0.0, id="no delay"),
        pytest.param("RATE_LIMIT_DELAY", "0.25", 0.25, id="a quarter"),
        pytest.param("OUTAGE_PATIENCE", "90m", 5400.0, id="minutes"),
        pytest.param("OUTAGE_PATIENCE", "1h30m", 5400.0, id="hours and minutes"),
        pytest.param("OUTAGE_PATIENCE", "30d", 2_592_000.0, id="the longest patience"),
        pytest.param("OUTAGE_PATIENCE", "0", 0.0, id="no patience"),
        pytest.param("OUTAGE_PATIENCE", "", 3600.0, id="the usual patience"),
        pytest.param("S3_BUCKET", " my.photos-1 ", "my.photos-1", id="a bucket"),
        pytest.param("UPLOAD_MEMORY", "16M", 16 * 1024 * 1024, id="memory for one part"),
        pytest.param("UPLOAD_MEMORY", "", None, id="the memory that suits the store"),
    ],
)
def test_numbers_and_names_are_taken(variable: str, text: str, kept: object) -> None:
    assert value(variable, text) == kept


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        pytest.param("MAX_CONCURRENT_DOWNLOADS", "0", id="none"),
        pytest.param("MAX_CONCURRENT_DOWNLOADS", "257", id="too many"),
        pytest.param("MAX_CONCURRENT_DOWNLOADS", "-1", id="less than none"),
        pytest.param("MAX_CONCURRENT_DOWNLOADS", "2.5", id="a part"),
        pytest.param("BATCH_SIZE", "9" * 30, id="a number without end"),
        pytest.param("RATE_LIMIT_DELAY", "61", id="too slow"),
        pytest.param("RATE_LIMIT_DELAY", "nan", id="no number"),
        pytest.param("RATE_LIMIT_DELAY", "1e1", id="an exponent"),
        pytest.param("OUTAGE_PATIENCE", "31d", id="longer than anything"),
        pytest.param("OUTAGE_PATIENCE", "90", id="a number of what"),
        pytest.param("OUTAGE_PATIENCE", "-1h", id="less than nothing"),
        pytest.param("OUTAGE_PATIENCE", "for ever", id="no duration"),
        pytest.param("UPLOAD_MEMORY", "15M", id="less than a part"),
        pytest.param("UPLOAD_MEMORY", "1T", id="more than there is"),
        pytest.param("UPLOAD_MEMORY", "plenty", id="no size"),
        pytest.param("S3_BUCKET", "ab", id="too short"),
        pytest.param("S3_BUCKET", "my photos", id="a space"),
        pytest.param("S3_BUCKET", "s3://photos", id="an address"),
        pytest.param("S3_REGION", "eu\ncentral", id="two lines"),
    ],
)
def test_other_values_are_refused_and_shown(variable: str, text: str) -> None:
    said = complaint({variable: text})
    assert f"{variable} must" in said
    assert repr(text) in said


# Where settings come from


def env_file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "settings.env"
    path.write_bytes(content)
    return path


def test_without_a_file_and_without_variables_nothing_is_found(tmp_path: Path) -> None:
    assert read_environment(tmp_path / ".env", {}) == {}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"S3_BUCKET=my-photos\n", id="plain"),
        pytest.param(b"export S3_BUCKET='my-photos'  # mine\r\n", id="as a shell and Windows write it"),
        pytest.param(b"\xef\xbb\xbfS3_BUCKET=my-photos", id="with a byte order mark"),
    ],
)
def test_a_file_is_read_as_people_write_it(tmp_path: Path, content: bytes) -> None:
    assert read_environment(env_file(tmp_path, content), {}) == {"S3_BUCKET": "my-photos"}


def test_a_value_is_taken_as_it_stands(tmp_path: Path) -> None:
    found = read_environment(env_file(tmp_path, b"S3_SECRET_KEY=a$HOME${X}b\n"), {"X": "x", "HOME": "/h"})
    assert found == {"S3_SECRET_KEY": "a$HOME${X}b"}


def test_the_environment_overrules_the_file_unless_it_is_empty(tmp_path: Path) -> None:
    path = env_file(tmp_path, b"S3_BUCKET=from-file\nS3_REGION=from-file\n")
    found = read_environment(path, {"S3_BUCKET": "from-environment", "S3_REGION": ""})
    assert found == {"S3_BUCKET": "from-environment", "S3_REGION": "from-file"}


def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    assert read_environment(env_file(tmp_path, b"OTHER=1\nS3_BUCKET=\n"), {"PATH": "/bin"}) == {}


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = env_file(tmp_path, b"S3_SECRET_KEY=hidden\xff\xfe\n")
    with pytest.raises(SettingsError, match="not UTF-8") as refusal:
        read_environment(path, {})
    assert str(path) in str(refusal.value)
    assert "hidden" not in str(refusal.value)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = env_file(tmp_path, b"S3_BUCKET=x\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("smug2s3.env_file.dotenv_values", refuse)
    with pytest.raises(SettingsError, match="cannot be read: Permission denied"):
        read_environment(path, {})
