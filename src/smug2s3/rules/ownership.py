"""Who owns a ledger and the archive under a prefix, and whether a run may write there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from smug2s3.errors import LedgerOfAnother, PrefixTaken

_SET_BACK = {
    "store": "set S3_ENDPOINT_URL back to the address of {!r}",
    "bucket": "set S3_BUCKET back to {!r}",
    "prefix": "set S3_PREFIX back to {!r}",
    "account": "sign in as {!r} again with `smug2s3 auth`",
}


def of_ledger(path: str, recorded: Mapping[str, str], owner: Mapping[str, str]) -> LedgerOfAnother | None:
    """The error for a ledger that is for another account or destination than ``owner``; unnamed fields do not count."""
    for name, value in owner.items():
        known = recorded.get(name, value)
        if known != value:
            back = _SET_BACK[name].format(known or "/")
            return LedgerOfAnother(
                f"the ledger {path} is for {name} {known!r}, not {value!r}",
                hint=f"Set LEDGER_PATH to a new file (each account and destination needs its own ledger), or {back}.",
            )
    return None


class Whose(Enum):
    """Whose files are under a prefix."""

    NOBODYS = "empty"
    STRANGERS = "no files from smug2s3"
    INCOMPLETE = "files of this account, but no complete album"
    OURS = "albums of this account"
    ANOTHERS = "albums of another account"
    FURTHER_DOWN = "no archive, except one under a prefix further down"
    UNNAMED = "albums or files from smug2s3 without an account name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found under a prefix."""

    whose: Whose
    account: str = ""
    """The owner's nickname, if known."""
    key: str = ""
    """The object that shows it."""
    prefix: str = ""
    """The prefix of the archive that was found: the given one, or one further down."""


def of_prefix(found: Found, prefix: str) -> PrefixTaken | None:
    """The error for a run without a ledger of what was ``found`` under ``prefix``; ``None`` if it may write there."""
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
    if found.whose is Whose.UNNAMED:
        return PrefixTaken(
            f"the prefix {prefix or '(none)'} contains a smug2s3 archive without an account name ({found.key})",
            hint="Set S3_PREFIX to a different prefix if it belongs to another account. If it is yours, run "
            "`smug2s3 ledger rebuild` first, or continue without it with `smug2s3 sync --adopt`.",
        )
    return None


def further_down(found: Found, account: str) -> str:
    """That an archive lies deeper under the prefix, as a clause after "the prefix"; empty if none does."""
    if found.whose is not Whose.FURTHER_DOWN:
        return ""
    if found.account == account:
        way_out = f"to continue that archive, set S3_PREFIX to {found.prefix}"
        return f"contains an archive of this account further down, at {found.prefix}; {way_out}"
    whose = f"of {found.account!r} " if found.account else ""
    return f"contains an archive {whose}further down, at {found.prefix}; `verify` reports its files as extra"


def allowed(found: Found, *, adopt: bool, bound: bool = False) -> bool:
    """Whether a run may continue with --adopt (``adopt``), or with a ledger bound to this place (``bound``)."""
    return found.whose in (Whose.OURS, Whose.UNNAMED) if adopt else bound and found.whose is Whose.OURS


def archive_prefix(directory: str, document: Mapping[str, Any]) -> str:
    """The prefix of the archive with an album in ``directory``: everything above the folders in its `_album.json`."""
    parts = directory.split("/")
    depth = len(document.get("folders") or ()) + 1
    return "".join(f"{part}/" for part in parts[:-depth])
