"""A name in the settings file that is none: what was meant by it."""

from __future__ import annotations

import pytest

from smug2s3.rules.misnamed import _ELSEWHERE, meant, misnamed
from smug2s3.settings import VARIABLES

NAMES = [variable.name for variable in VARIABLES.values()]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # slips
        ("S3_BUKET", "S3_BUCKET"),
        ("S3BUCKET", "S3_BUCKET"),
        ("s3_bucket", "S3_BUCKET"),
        ("S3-BUCKET", "S3_BUCKET"),
        ("S3_BUCKETT", "S3_BUCKET"),
        ("S3_PREFX", "S3_PREFIX"),
        ("S3_ACESS_KEY", "S3_ACCESS_KEY"),
        ("S3_SECRETKEY", "S3_SECRET_KEY"),
        ("S3_ENDPIONT_URL", "S3_ENDPOINT_URL"),
        ("S3_ENDPOINT", "S3_ENDPOINT_URL"),
        ("S3_REGOIN", "S3_REGION"),
        ("SMUGMUG_OAUTH_CONSUMER_SECERT", "SMUGMUG_OAUTH_CONSUMER_SECRET"),
        ("SMUGMUG_CONSUMER_KEY", "SMUGMUG_OAUTH_CONSUMER_KEY"),
        ("SMUGMG_OAUTH_CONSUMER_KEY", "SMUGMUG_OAUTH_CONSUMER_KEY"),
        ("SMUGMUG_APIKEY", "SMUGMUG_API_KEY"),
        ("LEDGER_PTH", "LEDGER_PATH"),
        ("LEDGERPATH", "LEDGER_PATH"),
        ("MAX_CONCURENT_DOWNLOADS", "MAX_CONCURRENT_DOWNLOADS"),
        ("OUTAGE_PATIENTE", "OUTAGE_PATIENCE"),
        ("NOTIFYURL", "NOTIFY_URL"),
        # other tools' names
        ("AWS_ACCESS_KEY_ID", "S3_ACCESS_KEY"),
        ("aws_secret_access_key", "S3_SECRET_KEY"),
        ("AWS_DEFAULT_REGION", "S3_REGION"),
        ("AWS_REGION", "S3_REGION"),
        ("S3_REGION_NAME", "S3_REGION"),
        ("AWS_ENDPOINT_URL_S3", "S3_ENDPOINT_URL"),
        ("AWS_S3_ENDPOINT_URL", "S3_ENDPOINT_URL"),
        ("AWS_STORAGE_BUCKET_NAME", "S3_BUCKET"),
        ("S3_BUCKET_NAME", "S3_BUCKET"),
        ("BUCKET", "S3_BUCKET"),
        ("B2_APPLICATION_KEY_ID", "S3_ACCESS_KEY"),
        ("B2_APPLICATION_KEY", "S3_SECRET_KEY"),
        ("R2_SECRET_ACCESS_KEY", "S3_SECRET_KEY"),
        ("MINIO_ROOT_USER", "S3_ACCESS_KEY"),
        ("MINIO_ROOT_PASSWORD", "S3_SECRET_KEY"),
        ("RCLONE_S3_ENDPOINT", "S3_ENDPOINT_URL"),
        ("SMUGMUG_KEY", "SMUGMUG_OAUTH_CONSUMER_KEY"),
        ("SMUGMUG_SECRET", "SMUGMUG_OAUTH_CONSUMER_SECRET"),
        ("SMUGMUG_API_SECRET", "SMUGMUG_OAUTH_CONSUMER_SECRET"),
        ("SMUGMUG_ACCESS_TOKEN", "SMUGMUG_OAUTH_TOKEN"),
        ("SMUGMUG_ACCESS_TOKEN_SECRET", "SMUGMUG_OAUTH_TOKEN_SECRET"),
        ("SMUGMUG_USERNAME", "SMUGMUG_USER"),
        # another program's own business
        ("TZ", ""),
        ("PUID", ""),
        ("EXTRA", ""),
        ("PATH", ""),
        ("HOME", ""),
        ("DATABASE_URL", ""),
        ("POSTGRES_PASSWORD", ""),
        ("HTTPS_PROXY", ""),
        ("COMPOSE_PROJECT_NAME", ""),
        ("AWS_PROFILE", ""),
        ("AWS_SESSION_TOKEN", ""),
        ("OTHER", ""),
    ],
)
def test_a_slip_or_another_tools_name_is_understood_and_nothing_else(written: str, expected: str) -> None:
    assert meant(written, NAMES) == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_known_with_two_letters_changed_round_and_in_lower_case(name: str) -> None:
    assert meant(name.lower(), NAMES) == name
    assert meant(name[:3] + name[4] + name[3] + name[5:], NAMES) == name


def test_what_a_table_says_is_meant_is_a_setting() -> None:
    assert set(_ELSEWHERE.values()) <= set(NAMES)


def test_where_the_setting_is_given_nobody_meant_it() -> None:
    known = {"S3_BUCKET": True, "S3_REGION": False}
    assert misnamed(["S3_BUKET", "AWS_REGION", "S3_BUCKET", "TZ"], known) == {"AWS_REGION": "S3_REGION"}
