"""Finds the setting that an unknown name in a settings file means: a typo, or another tool's name for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

_NEAR = 0.8
"""Least similarity of a name and its typo."""

_KEY, _SECRET, _BUCKET = "S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_BUCKET"
_ENDPOINT, _REGION, _PREFIX = "S3_ENDPOINT_URL", "S3_REGION", "S3_PREFIX"
_CONSUMER, _CONSUMER_SECRET = "SMUGMUG_OAUTH_CONSUMER_KEY", "SMUGMUG_OAUTH_CONSUMER_SECRET"
_TOKEN, _TOKEN_SECRET, _USER = "SMUGMUG_OAUTH_TOKEN", "SMUGMUG_OAUTH_TOKEN_SECRET", "SMUGMUG_USER"

_STORES = (
    "S3", "AWS", "AWS_S3", "B2", "BACKBLAZE", "BACKBLAZE_B2", "R2", "CLOUDFLARE", "CLOUDFLARE_R2", "WASABI", "MINIO",
    "MINIO_ROOT", "SPACES", "DO_SPACES", "SCW", "STORE", "STORAGE", "RCLONE_S3", "MC", "OSS", "GCS", "OBJECT_STORAGE",
)  # fmt: skip
_OF_STORES = {
    _KEY: (
        "ACCESS_KEY_ID", "ACCESS_KEY", "ACCESSKEY", "ACCESSKEYID", "ACCESS_ID", "KEY_ID", "KEYID", "KEY",
        "APPLICATION_KEY_ID", "APP_KEY_ID", "USER", "USERNAME", "ACCOUNT_ID", "SPACES_KEY",
    ),
    _SECRET: (
        "SECRET_ACCESS_KEY", "SECRET_KEY", "SECRETKEY", "SECRETACCESSKEY", "SECRET", "ACCESS_KEY_SECRET", "ACCESS_SECRET",
        "APPLICATION_KEY", "APP_KEY", "PASSWORD", "KEY_SECRET",
    ),
    _BUCKET: ("BUCKET", "BUCKET_NAME", "BUCKETNAME", "BUCKET_ID", "STORAGE_BUCKET_NAME", "STORAGE_BUCKET"),
    _ENDPOINT: (
        "ENDPOINT", "ENDPOINT_URL", "ENDPOINTURL", "ENDPOINT_URL_S3", "S3_ENDPOINT", "URL", "URI", "HOST", "HOSTNAME",
        "SERVER", "SERVER_URL", "ADDRESS", "SERVICE_URL",
    ),
    _REGION: ("REGION", "REGION_NAME", "DEFAULT_REGION", "BUCKET_REGION", "LOCATION"),
    _PREFIX: ("PREFIX", "KEY_PREFIX", "PATH", "PATH_PREFIX", "FOLDER", "ROOT"),
}  # fmt: skip
_SMUGMUG = ("SMUGMUG", "SMUGMUG_API", "SMUGMUG_OAUTH", "SMUGMUG_OAUTH1", "SM", "OAUTH")
_OF_SMUGMUG = {
    _CONSUMER: ("KEY", "CONSUMER_KEY", "CLIENT_KEY", "CLIENT_ID", "APP_KEY", "APP_ID", "KEY_ID"),
    _CONSUMER_SECRET: ("SECRET", "CONSUMER_SECRET", "CLIENT_SECRET", "APP_SECRET", "KEY_SECRET", "API_SECRET"),
    _TOKEN: ("TOKEN", "ACCESS_TOKEN", "ACCESS_KEY", "USER_TOKEN", "ACCESS_TOKEN_KEY"),
    _TOKEN_SECRET: (
        "TOKEN_SECRET", "ACCESS_TOKEN_SECRET", "ACCESS_SECRET", "USER_SECRET", "ACCESS_KEY_SECRET",
    ),
    _USER: ("USER", "USERNAME", "USER_NAME", "NICK", "NICKNAME", "ACCOUNT"),
}  # fmt: skip
_OTHERS = {
    "BUCKET": _BUCKET, "BUCKET_NAME": _BUCKET, "ENDPOINT": _ENDPOINT, "ENDPOINT_URL": _ENDPOINT, "REGION": _REGION,
    "PREFIX": _PREFIX, "CONSUMER_KEY": _CONSUMER, "CONSUMER_SECRET": _CONSUMER_SECRET, "API_SECRET": _CONSUMER_SECRET,
    "ACCESS_KEY": _KEY, "ACCESS_KEY_ID": _KEY, "SECRET_KEY": _SECRET, "SECRET_ACCESS_KEY": _SECRET,
    "LEDGER": "LEDGER_PATH", "LEDGER_FILE": "LEDGER_PATH", "LEDGER_DB": "LEDGER_PATH", "DB_PATH": "LEDGER_PATH",
    "CONCURRENCY": "MAX_CONCURRENT_DOWNLOADS", "TRANSFERS": "MAX_CONCURRENT_DOWNLOADS",
    "MAX_CONCURRENCY": "MAX_CONCURRENT_DOWNLOADS", "MAX_DOWNLOADS": "MAX_CONCURRENT_DOWNLOADS",
    "MAX_CONCURRENT_UPLOADS": "MAX_CONCURRENT_DOWNLOADS", "MAX_CONCURRENT_TRANSFERS": "MAX_CONCURRENT_DOWNLOADS",
    "RATE_LIMIT": "RATE_LIMIT_DELAY", "WEBHOOK": "NOTIFY_URL", "WEBHOOK_URL": "NOTIFY_URL", "HEALTHCHECK_URL": "NOTIFY_URL",
}  # fmt: skip


def _elsewhere() -> dict[str, str]:
    """Other tools', providers' and people's names for our settings, without underscores."""
    found = dict(_OTHERS)
    for makers, table in ((_STORES, _OF_STORES), (_SMUGMUG, _OF_SMUGMUG)):
        found |= {f"{maker}_{end}": name for maker in makers for name, ends in table.items() for end in ends}
    return {_bare(name): meant for name, meant in found.items()}


def _bare(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


_ELSEWHERE = _elsewhere()


def misnamed(written: Iterable[str], known: Mapping[str, bool]) -> dict[str, str]:
    """The intended setting for each unknown name; unknown names without one may be for another program.

    ``known`` says for each setting whether it has a value; one that has a value is not intended.
    """
    found = {name: meant(name, known) for name in written if name not in known}
    return {name: one for name, one in found.items() if one and not known[one]}


def meant(name: str, known: Iterable[str]) -> str:
    """The known name that ``name`` is a typo of or a synonym for; empty if there is none."""
    bare = {_bare(one): one for one in known}
    bare_name = _bare(name)
    if exact := bare.get(bare_name) or _ELSEWHERE.get(bare_name):
        return exact
    near = get_close_matches(bare_name, bare, n=1, cutoff=_NEAR) or get_close_matches(
        bare_name, _ELSEWHERE, n=1, cutoff=0.9
    )
    return next((bare.get(one) or _ELSEWHERE[one] for one in near), "")
