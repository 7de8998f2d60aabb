"""Whose a ledger is, whose archive lies under a prefix, and whether a run may write there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from smug2s3.errors import LedgerError, PrefixTaken

_SET_BACK = {
    "store": "set S3_ENDPOINT_URL back to the address of {!r}",
    "bucket": "set S3_BUCKET back to {!r}",
    "prefix": "set S3_PREFIX back to {!r}",
    "account": "sign in as {!r} again with `smug2s3 auth`",
}


def of_ledger(path: str, recorded: Mapping[str, str], owner: Mapping[str, str]) -> LedgerError | None:
    """The refusal of a ledger that is of another account or place than ``owner``; what neither names does not differ."""
    for name, value in owner.items():
        known = recorded.get(name, value)
        if known != value:
            back = _SET_BACK[name].format(known or "/")
            return LedgerError(
                f"the ledger {path} is for {name} {known!r}, not {value!r}",
                hint=f"Set LEDGER_PATH to a new file (each account and destination needs its own ledger), or {back}.",
            )
    return None


class Whose(Enum):
    """Whose what lies under a prefix is."""

    NOBODYS = "empty"
    STRANGERS = "no files from smug2s3"
    BEGUN = "files of this account, but no complete album"
    OURS = "albums of this account"
    ANOTHERS = "albums of another account"
    FURTHER_DOWN = "no archive, except one under a prefix further down"
    UNTOLD = "albums or files from smug2s3 without an account name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look under a prefix found."""

    whose: Whose
    account: str = ""
    """By nickname, where it is told."""
    key: str = ""
    """The object that tells it."""
    prefix: str = ""
    """Of the archive that was found: the one that was looked under, or one further down."""


def of_prefix(found: Found, prefix: str) -> PrefixTaken | None:
    """The refusal of a run that would write under ``prefix`` and has no ledger of what was ``found`` there."""
    if found.whose is Whose.ANOTHERS:
        return PrefixTaken(
            f"the prefix {prefix or '(none)'} already contains the archive of another SmugMug account, "
            f"{found.account!r} ({found.key})",
            hint="Set S3_PREFIX to a different prefix for this account, for example smugmug-2, and LEDGER_PATH to a "
            "new file if that ledger is in use.",
        )
    if found.whose is Whose.OURS:
        return PrefixTaken(
            f"the prefix {prefix or '(none)'} already contains an archive of this account ({found.key}) that is not "
            "in the ledger",
            hint="Run `smug2s3 ledger rebuild` first, so that nothing is copied twice. To copy everything again "
            "instead, run `smug2s3 sync --adopt`.",
        )
    if found.whose is Whose.UNTOLD:
        return PrefixTaken(
            f"the prefix {prefix or '(none)'} contains a smug2s3 archive without an account name ({found.key})",
            hint="Set S3_PREFIX to a different prefix if it belongs to another account. If it is yours, run "
            "`smug2s3 ledger rebuild` first, or continue without it with `smug2s3 sync --adopt`.",
        )
    return None


def further_down(found: Found, account: str) -> str:
    """What lies under the prefix beside ``account``'s way, in a clause after "the prefix"; empty where nothing does."""
    if found.whose is not Whose.FURTHER_DOWN:
        return ""
    if found.account == account:
        way_out = f"to continue that archive, set S3_PREFIX to {found.prefix}"
        return f"contains an archive of this account further down, at {found.prefix}; {way_out}"
    whose = f"of {found.account!r} " if found.account else ""
    return f"contains an archive {whose}further down, at {found.prefix}; `verify` reports its files as extra"


def allowed(found: Found, *, adopt: bool, bound: bool = False) -> bool:
    """Whether one may go on who knows what lies there (``adopt``), or whose ledger does (``bound``) and names no account."""
    return found.whose in (Whose.OURS, Whose.UNTOLD) if adopt else bound and found.whose is Whose.OURS


def archive_prefix(directory: str, document: Mapping[str, Any]) -> str:
    """The prefix of the archive whose album lies in ``directory``: all above the folders that its own file names."""
    parts = directory.split("/")
    depth = len(document.get("folders") or ()) + 1
    return "".join(f"{part}/" for part in parts[:-depth])
