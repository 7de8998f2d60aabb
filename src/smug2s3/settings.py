"""Parses `.env`, environment and options into one frozen object; reports all errors at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smug2s3.errors import SettingsError
from smug2s3.rules import storage
from smug2s3.rules.components import Raw
from smug2s3.rules.endpoints import endpoint_of
from smug2s3.rules.name_template import NameTemplate, read_template
from smug2s3.rules.preview_keys import Size, read_sizes
from smug2s3.rules.setting_values import (
    folder_of,
    read_at_once,
    read_bucket,
    read_endpoint,
    read_folder_name,
    read_key,
    read_lapse,
    read_memory,
    read_origin,
    read_path,
    read_patience,
    read_prefix,
    read_seconds,
    read_webhook,
    whole_number,
)
from smug2s3.rules.variable import Variable
from smug2s3.rules.xmp import Naming


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Checked values; secrets are masked in ``repr``."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)
    api_key: str = field(repr=False)
    user: str
    api_origin: str
    access_key: str | None = field(repr=False)
    secret_key: str | None = field(repr=False)
    bucket: str
    endpoint: str | None
    region: str
    prefix: str
    raw: Raw
    previews: tuple[Size, ...]
    """For which items to ask for their files in SmugMug Source."""
    sidecar_names: Naming
    name_template: NameTemplate
    """How new files are named."""
    storage: storage.Storage
    transfers: int | None
    """Files at once; ``None`` to adapt automatically."""
    batch: int
    rate_delay: float
    outage_patience: float
    """Seconds that SmugMug or the bucket may be unreachable before the run ends."""
    upload_memory: int | None
    """Memory limit for the parts of large files together, in bytes; ``None`` for the destination's default."""
    cluster_certs: str
    """The folder with the cluster's certificates; empty for none."""
    worker_patience: float
    """Seconds that a worker may be silent before its files are given to others."""
    ledger_path: str
    notify_url: str = field(repr=False)
    """Where to post the result of a run; empty for nowhere."""

    @property
    def signed_in(self) -> bool:
        """Whether there is an access token to sign with."""
        return bool(self.token)

    @property
    def folder(self) -> Path | None:
        """The folder of a folder destination; ``None`` for a server."""
        return folder_of(self.endpoint) if self.endpoint else None


VARIABLES: dict[str, Variable] = {
    "consumer_key": Variable(
        "SMUGMUG_OAUTH_CONSUMER_KEY", "", "s9Fw2hK...", "the API key SmugMug gave you", read_key, secret=True
    ),
    "consumer_secret": Variable(
        "SMUGMUG_OAUTH_CONSUMER_SECRET", "", "7dK3m...", "the secret that came with the API key", read_key, secret=True
    ),
    "token": Variable("SMUGMUG_OAUTH_TOKEN", "", "n4Xc8...", "run `smug2s3 auth` to save it", read_key, secret=True),
    "token_secret": Variable(
        "SMUGMUG_OAUTH_TOKEN_SECRET", "", "Qz81v...", "run `smug2s3 auth` to save it", read_key, secret=True
    ),
    "api_key": Variable(
        "SMUGMUG_API_KEY",
        "",
        "s9Fw2hK...",
        ("an API key instead of the four above, for public albums only"),
        read_key,
        secret=True,
    ),
    "user": Variable(
        "SMUGMUG_USER", "", "jane", "the user whose public albums to copy, with SMUGMUG_API_KEY", read_key
    ),
    "api_origin": Variable(
        "SMUGMUG_API_ORIGIN",
        "https://api.smugmug.com",
        "https://api.smugmug.com",
        "the address of SmugMug's API",
        read_origin,
    ),
    "access_key": Variable(
        "S3_ACCESS_KEY",
        "",
        "AKIA...",
        "the S3 access key; if empty, the AWS credential chain is used",
        read_key,
        secret=True,
    ),
    "secret_key": Variable("S3_SECRET_KEY", "", "wJalrX...", "the S3 secret key", read_key, secret=True),
    "bucket": Variable(
        "S3_BUCKET", "", "my-photos", "the bucket to copy to; `smug2s3 bucket create` creates it", read_bucket
    ),
    "endpoint": Variable(
        "S3_ENDPOINT_URL",
        "",
        "https://s3.us-west-004.backblazeb2.com",
        "the S3 endpoint, or file:///folder for a folder; empty for AWS",
        read_endpoint,
    ),
    "region": Variable("S3_REGION", "us-east-1", "eu-central-1", "the bucket's region", read_key),
    "prefix": Variable("S3_PREFIX", "smugmug/", "smugmug/", "the prefix of every key; / for none", read_prefix),
    "raw": Variable(
        "RAW_FILES", "auto", "all", "which RAW files to copy: auto, all (an API call per photo) or off", Raw.parse
    ),
    "sidecar_names": Variable(
        "SIDECAR_NAMES", "full", "stem", "names of XMP files: full is IMG.jpg.xmp, stem is IMG.xmp", Naming.parse
    ),
    "previews": Variable(
        "PREVIEWS", "off", "S,X2", "sizes of SmugMug's reduced pictures to copy for viewing, or off", read_sizes
    ),
    "name_template": Variable(
        "NAME_TEMPLATE", "{FileName}", "{Date:%Y-%m-%d} {FileName}", "how new files are named", read_template
    ),
    **storage.VARIABLES,
    "transfers": Variable(
        "MAX_CONCURRENT_DOWNLOADS", "auto", "20", "files to copy at once; auto adapts to the connection", read_at_once
    ),
    "batch": Variable("BATCH_SIZE", "50", "50", "listed items that may wait to be copied", whole_number(1, 10_000)),
    "rate_delay": Variable(
        "RATE_LIMIT_DELAY", "0.01", "0.01", "minimum seconds between two requests to SmugMug's API", read_seconds
    ),
    "outage_patience": Variable(
        "OUTAGE_PATIENCE", "1h", "90m", "how long to wait for SmugMug or the bucket before a run ends", read_lapse
    ),
    "upload_memory": Variable(
        "UPLOAD_MEMORY", "", "48M", "memory limit for the parts of large files together", read_memory
    ),
    "cluster_certs": Variable(
        "CLUSTER_CERTS", "", "certs", "the folder with the certificates that `smug2s3 cluster certs` made", read_path
    ),
    "worker_patience": Variable(
        "WORKER_PATIENCE", "30s", "1m", "how long a worker may be silent before others get its files", read_patience
    ),
    "ledger_path": Variable(
        "LEDGER_PATH", "transfer_log.db", "transfer_log.db", "the file that records what has been copied", read_path
    ),
    "notify_url": Variable(
        "NOTIFY_URL",
        "",
        "https://hc-ping.com/your-uuid",
        "the address to send the result of a run to",
        read_webhook,
        secret=True,
    ),
}
"""Every setting by its field in Settings, in display order."""


def complaint(variable: Variable, text: str, *, among: Mapping[str, str] | None = None) -> str:
    """What is wrong with ``text`` as a value of ``variable``, given the other settings; empty if it is valid."""
    try:
        if text or variable.default:
            _parse_of(variable, among or {})(text or variable.default)
    except ValueError as error:
        return str(error)
    contradictory = storage.contradictions(_values(among or {})[0])
    return next((why for name, why in contradictory.items() if VARIABLES[name] is variable), "")


def _parse_of(variable: Variable, among: Mapping[str, str]) -> Callable[[str], Any]:
    """The parser of a setting; a bucket's name depends on the destination."""
    return read_folder_name if variable is VARIABLES["bucket"] and _names_a_folder(among) else variable.parse


def _names_a_folder(found: Mapping[str, str]) -> bool:
    return found.get(VARIABLES["endpoint"].name, "").strip().lower().startswith("file:")


def load(found: Mapping[str, str], *, needs: frozenset[str]) -> Settings:
    """Check everything at once. ``needs`` holds "smugmug", "key" (no token yet) and "store", as a command does.

    Raises SettingsError that names every missing or malformed variable, each with an example.
    """
    values, problems = _parsed(found)
    absent = [absence(variable) for variable in missing(found, needs)]
    if absent or problems:
        named = (*problems.values(), *absent)
        raise SettingsError(
            "these settings are missing or invalid:\n" + "\n".join(f"  - {problem}" for problem in named),
            hint=_ABSENT if absent else _MALFORMED,
        )
    stored = storage.Storage(**{name: set_to for name in storage.VARIABLES if (set_to := values.pop(name))})
    return Settings(**values, storage=stored)


def malformed(found: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with each invalid field."""
    return _parsed(found)[1]


def _parsed(found: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The valid values by field, and a sentence for each invalid one."""
    values, problems = _values(found)
    for name, why in storage.contradictions(values).items():
        problems[name] = _problem(VARIABLES[name], found[VARIABLES[name].name], ValueError(why))
    return values, problems


def _values(found: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values by field that are valid on their own, and a sentence for each that is not."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, variable in VARIABLES.items():
        text = found.get(variable.name, "")
        try:
            parse = _parse_of(variable, found)
            values[name] = parse(text or variable.default) if text or variable.default else _empty(name)
        except ValueError as error:
            problems[name] = _problem(variable, text, error)
    try:
        values["endpoint"] = _for_bucket(values.get("endpoint"), values.get("bucket"))
    except ValueError as error:
        problems["endpoint"] = _problem(VARIABLES["endpoint"], values["endpoint"], error)
    return values, problems


def _problem(variable: Variable, text: str, error: ValueError) -> str:
    shown = "" if variable.secret or "@" in text else f" (it is {text!r})"  # an address may contain a password
    return f"{variable.name} {error}{shown}, for example {variable.example}"


def _for_bucket(endpoint: str | None, bucket: str | None) -> str | None:
    """The endpoint without the bucket of S3_BUCKET."""
    return endpoint_of(endpoint, bucket) if endpoint and bucket and not folder_of(endpoint) else endpoint


_ABSENT = (
    "Run `smug2s3 config init`, or put them in .env in this folder (copy .env.example), or set them as environment "
    "variables."
)
_MALFORMED = (
    "Correct them in .env, in the environment, or on the command line; `smug2s3 config show` shows where each comes "
    "from."
)


def _empty(name: str) -> str | None:
    return None if name in ("access_key", "secret_key", "endpoint", "upload_memory") else ""


def missing(found: Mapping[str, str], needs: frozenset[str]) -> list[Variable]:
    """The settings that a command with these needs lacks; see ``load``."""
    wanted: list[str] = []
    if "key" in needs:
        wanted += ["consumer_key", "consumer_secret"]
    if "smugmug" in needs:
        by_key = found.get("SMUGMUG_API_KEY") and not found.get("SMUGMUG_OAUTH_TOKEN")
        wanted += ["user"] if by_key else ["consumer_key", "consumer_secret", "token", "token_secret"]
    if "store" in needs:
        wanted += ["bucket"]
        if not _names_a_folder(found) and bool(found.get("S3_ACCESS_KEY")) != bool(found.get("S3_SECRET_KEY")):
            wanted += ["access_key", "secret_key"]
    return [VARIABLES[name] for name in wanted if not found.get(VARIABLES[name].name)]


def absence(variable: Variable) -> str:
    """A sentence that it is missing and what it is."""
    return f"{variable.name} is missing: {variable.meaning}, for example {variable.example}"
