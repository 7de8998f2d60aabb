"""The destination that settings name, and whether their ledger is for it; opens no connection."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from smug2s3.errors import LedgerError, SettingsError
from smug2s3.ledger.status import bound_to
from smug2s3.rules.ownership import of_ledger
from smug2s3.settings import Settings, load


def destination(settings: Settings) -> dict[str, str]:
    """What identifies a destination. Without the port: local servers change theirs."""
    if settings.folder:
        store = settings.folder.as_uri()
    else:
        store = (urlsplit(settings.endpoint).hostname or "") if settings.endpoint else "AWS"
    return {"store": store, "bucket": settings.bucket, "prefix": settings.prefix}


def place(settings: Settings) -> str:
    """The destination in words."""
    if not settings.bucket:
        return "no bucket yet"
    if settings.folder:
        where = f"folder {settings.folder / settings.bucket}"
    else:
        where = f"bucket {settings.bucket} at {settings.endpoint or f'AWS in {settings.region}'}"
    return f"{where}, {f'prefix {settings.prefix}' if settings.prefix else 'no prefix'}"


def ledger_refusal(settings: Settings, account: str = "") -> LedgerError | None:
    """Why the ledger of these settings cannot be used for their account and destination; ``None`` if it can.

    Uses no network, and works while another process uses the ledger.
    """
    owner = (destination(settings) if settings.bucket else {}) | ({"account": account} if account else {})
    try:
        return of_ledger(settings.ledger_path, bound_to(settings.ledger_path), owner)
    except LedgerError as error:
        return error


def refusal_by_values(values: Mapping[str, str]) -> LedgerError | None:
    """The same for settings by the names of their variables; ``None`` if they are malformed."""
    try:
        return ledger_refusal(load(values, needs=frozenset()))
    except SettingsError:
        return None
