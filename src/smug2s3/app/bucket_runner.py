"""Opens the bucket of the settings to look at its own settings, to change them, or to create it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from smug2s3.app.factories import open_store
from smug2s3.errors import UsageError
from smug2s3.rules.bucket_settings import Answer, BucketFacts, Wishes
from smug2s3.rules.bucket_steps import Outcome, Step, steps
from smug2s3.rules.finding import Finding
from smug2s3.settings import Settings
from smug2s3.stores.bucket_creation import create, is_missing, is_there
from smug2s3.stores.probe import BucketProbe
from smug2s3.stores.quirks import AWS, provider_of
from smug2s3.stores.s3 import S3Store

OnOutcome = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a bucket's settings are, and what they mean."""

    bucket: BucketFacts
    answers: dict[str, Answer]
    findings: list[Finding]


async def look(settings: Settings) -> Seen:
    """Read the settings of the bucket; raises BucketMissing if there is none."""
    async with _opened(settings) as (store, probe):
        await store.check(settings.prefix)
        answers = await probe.settings.answers()
        return Seen(bucket=probe.settings.bucket, answers=answers, findings=probe.settings.rows(answers))


async def apply(settings: Settings, chosen: Sequence[Step], wishes: Wishes, on_outcome: OnOutcome) -> None:
    """Take these steps; a step that fails does not keep the others."""
    async with _opened(settings) as (_, probe):
        async for outcome in probe.settings.applied(chosen, wishes, settings.endpoint):
            on_outcome(outcome)


async def make(settings: Settings, wishes: Wishes, on_created: Callable[[], None], on_outcome: OnOutcome) -> bool:
    """Create the bucket and take all steps; returns whether it is new. One that exists is left as it is."""
    async with _opened(settings) as (_, probe):
        if await is_there(probe.call, settings.prefix):
            return False
        provider = provider_of(settings.endpoint)
        new = await create(
            probe.call,
            settings.bucket,
            region=provider.region or settings.region,
            locked=wishes.lock is not None,
            only_there=provider is AWS,
        )
        if not new:
            return False
        on_created()
        async for outcome in probe.settings.applied(steps(wishes, at_creation=True), wishes, settings.endpoint):
            on_outcome(outcome)
        return True


async def is_to_create(settings: Settings) -> bool:
    """Whether the server says that the bucket does not exist."""
    async with _opened(settings) as (_, probe):
        return await is_missing(probe.call, settings.prefix)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[S3Store, BucketProbe]]:
    """The bucket; raises UsageError for a folder."""
    if settings.folder:
        raise UsageError(
            f"a folder has no settings like a bucket, and {settings.folder / settings.bucket} is one",
            hint="Create it yourself, and let only yourself read it. It keeps no old versions, encrypts nothing and "
            "locks nothing: that is up to its disk. Run `smug2s3 check` to test it.",
        )
    async with open_store(replace(settings, outage_patience=0.0)) as store:  # the user is waiting
        assert isinstance(store, S3Store)
        yield store, store.probe(settings.prefix)
