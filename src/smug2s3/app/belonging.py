"""Checks that the ledger and the prefix belong to the account, before anything is copied."""

from __future__ import annotations

from collections.abc import AsyncIterator

from smug2s3.app.destination import ledger_refusal
from smug2s3.app.factories import open_source
from smug2s3.engine.claim import look
from smug2s3.ledger.status import bound_to
from smug2s3.models import Account
from smug2s3.ports.store import Store
from smug2s3.rules.ownership import Whose, of_prefix
from smug2s3.settings import Settings
from smug2s3.stores.probe import BAD, NOTE, Finding


async def belongings(settings: Settings, account: Account | None, store: Store) -> AsyncIterator[Finding]:
    """Findings that would stop a sync with this ledger and prefix; none if all is well.

    The prefix can only be checked with the ``account`` from SmugMug.
    """
    refusal = ledger_refusal(settings, account.nickname if account else "")
    if refusal:
        yield Finding("ledger", BAD, f"{refusal}. {refusal.hint}")
    elif bound_to(settings.ledger_path):
        return
    if account is None:
        return
    async with open_source(settings) as source:
        found = await look(store, source, account.nickname, settings.prefix)
    if problem := of_prefix(found, settings.prefix):
        yield Finding("prefix", BAD, f"{problem}. {problem.hint}")
    elif found.whose is Whose.STRANGERS:
        yield Finding("prefix", NOTE, "contains other files; a photo with the same name would replace one")
    elif found.whose is Whose.FURTHER_DOWN:
        whose = f"of {found.account!r} " if found.account else ""
        yield Finding(
            "prefix",
            NOTE,
            (f"contains an archive {whose}further down, at {found.prefix}; `verify` reports its files as extra"),
        )
