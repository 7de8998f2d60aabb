"""The program wired as its commands wire it, in this process: every use case over one account, bucket and ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from smug2s3.app import get_runner
from smug2s3.app.checking import LONGEST, run_check
from smug2s3.app.gallery_runner import GalleryOptions, GalleryOutcome, run_gallery
from smug2s3.app.get_runner import GetOutcome, run_get
from smug2s3.app.ledger_runner import run_rebuild
from smug2s3.app.movers import Crew
from smug2s3.app.sync_runner import Outcome, run_plan, run_sync
from smug2s3.app.verify_runner import Depth, run_verify
from smug2s3.engine.get import Get, GetOptions
from smug2s3.engine.get_summary import GetSummary
from smug2s3.engine.rebuild import Found
from smug2s3.engine.report import Report
from smug2s3.engine.summary import Summary
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.errors import Smug2s3Error
from smug2s3.flow.retry import RetryPolicy
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ports.reporter import Reporter
from smug2s3.reporting.certificate import Certificate
from smug2s3.rules.filters import Filters
from smug2s3.rules.finding import Finding
from smug2s3.rules.plan_totals import PlanTotals
from smug2s3.settings import Settings, load
from smug2s3.viewer.gallery import GallerySummary
from smugmug_simulator import Simulator
from tests.support.bucket import Bucket, assert_holds
from tests.support.recorder import Recorder


@dataclass(slots=True)
class Wired:
    """An account, a bucket, and a folder with the ledger; ``changes`` are settings that differ from the ordinary."""

    sim: Simulator
    bucket: Bucket
    home: Path
    changes: dict[str, str] = field(default_factory=dict)
    certificates: list[Certificate] = field(default_factory=list)
    """What verifications with ``certify`` handed over."""
    crew: Crew | None = None
    """The workers of a sync; this process by default."""
    listener: Reporter | None = None
    """The reporter of a sync, instead of its own recorder."""
    failed: Smug2s3Error | None = None
    """What kept the last check from trying a side to its end."""
    reporter: Recorder = field(default_factory=Recorder)
    """Who heard of the last sync."""

    @property
    def ledger(self) -> Path:
        """Where the ledger lies."""
        return Path(self.settings.ledger_path)

    @property
    def variables(self) -> dict[str, str]:
        """What `.env` would say."""
        ordinary = {
            "SMUGMUG_API_ORIGIN": self.sim.origin,
            "SMUGMUG_OAUTH_CONSUMER_KEY": self.sim.consumer_key,
            "SMUGMUG_OAUTH_CONSUMER_SECRET": self.sim.consumer_secret,
            "SMUGMUG_OAUTH_TOKEN": self.sim.token,
            "SMUGMUG_OAUTH_TOKEN_SECRET": self.sim.token_secret,
            "S3_ENDPOINT_URL": self.bucket.server.endpoint,
            "S3_ACCESS_KEY": self.bucket.server.access_key,
            "S3_SECRET_KEY": self.bucket.server.secret_key,
            "S3_BUCKET": self.bucket.name,
            "LEDGER_PATH": str(self.home / "ledger.db"),
            "RATE_LIMIT_DELAY": "0",
        }
        return ordinary | self.changes

    @property
    def settings(self) -> Settings:
        """The same, read."""
        return load(self.variables, needs=frozenset({"smugmug", "store"}))

    async def plan(self, *, items: bool = False, filters: Filters | None = None) -> PlanTotals:
        """One plan."""
        plan_totals = PlanTotals()
        await run_plan(self.settings, filters or Filters(), Recorder(), plan_totals, items=items)
        return plan_totals

    async def sync(self, **options: Any) -> Summary:
        """One sync; ``options`` are fields of SyncOptions."""
        settings, outcome = self.settings, Outcome()
        ordinary: dict[str, Any] = {"prefix": settings.prefix, "transfers": 8, "batch": 50, "raw": settings.raw}
        ordinary["previews"] = settings.previews
        self.reporter = Recorder()
        reporter = self.listener or self.reporter
        await run_sync(settings, SyncOptions(**ordinary | options), reporter, outcome, self.crew)
        return outcome.summary

    async def verify(self, **depth: Any) -> Report:
        """One verification; ``depth`` are fields of Depth."""
        report = Report()
        await run_verify(
            self.settings,
            report,
            Depth(**depth),
            advance=lambda _: None,
            certify=self.certificates.append,
            ask_again_after=0.01,
        )
        return report

    async def get(self, target: Path, **options: Any) -> GetSummary:
        """What is stored, brought back to a folder; ``options`` are fields of GetOptions."""
        settings, outcome = self.settings, GetOutcome()
        self.reporter = Recorder()
        wanted = GetOptions(**{"prefix": settings.prefix} | options)
        with patch.object(get_runner, "Get", partial(Get, policy=RetryPolicy(attempts=3, first_wait=0.002))):
            await run_get(settings, target, wanted, self.reporter, outcome)
        return outcome.summary

    async def gallery(
        self, target: Path | None, advance: Callable[[str], object] = lambda _: None, **options: Any
    ) -> GallerySummary:
        """The pages, in a folder or in the bucket; ``options`` are fields of GalleryOptions."""
        outcome = GalleryOutcome()
        self.reporter = Recorder()
        wanted = GalleryOptions(target=target, **options)
        await run_gallery(self.settings, wanted, self.reporter, outcome, advance)
        return outcome.summary

    async def check(self, *, longest: float = LONGEST) -> dict[str, Finding]:
        """Every finding of a check by its name; ``failed`` is what ended one side's tries."""
        found: dict[str, Finding] = {}
        self.failed = await run_check(
            self.settings, lambda _, finding: found.update({finding.name: finding}), longest=longest
        )
        return found

    async def rebuild(self) -> Found:
        """A new ledger from the bucket."""
        return await run_rebuild(self.settings)

    async def export(self) -> list[dict[str, Any]]:
        """Everything the ledger knows."""
        async with open_ledger(str(self.ledger)) as ledger:
            return [row async for row in ledger.export()]

    def assert_complete(self) -> None:
        """The bucket holds the world, byte for byte, and nothing else."""
        assert_holds(self.bucket, self.sim.world.assets())


def kinds(report: Report) -> dict[str, str]:
    """What differs, or is a stranger's, by key."""
    return {difference.key: difference.kind for difference in (*report.differences, *report.extra)}
