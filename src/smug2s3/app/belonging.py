"""Checks that the ledger and the prefix belong to the account, before anything is copied."""

from __future__ import annotations

from collections.abc import AsyncIterator

from smug2s3.app.destination import ledger_refusal
from smug2s3.app.factories import open_source
from smug2s3.engine.claim import look
from smug2s3.ledger.status import bound_to
from smug2s3.models import Account
from smug2s3.ports.store import Store
from smug2s3.rules.finding import BAD, NOTE, Finding
from smug2s3.rules.ownership import Whose, further_down, of_prefix
from smug2s3.settings import Settings


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
    elif beside := further_down(found, account.nickname):
        yield Finding("prefix", NOTE, beside)
