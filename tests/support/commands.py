"""The commands as they are typed, run in this process on a loop of the caller's, with a hundredth of their patience."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aioboto3
import typer.main
import typer.testing

from smug2s3.app import moving, opening
from smug2s3.app.proving import run_verify
from smug2s3.cli import check as check_command
from smug2s3.cli import ledger as ledger_command
from smug2s3.cli import sync as sync_command
from smug2s3.cli import verify as verify_command
from smug2s3.cli.main import app
from smug2s3.engine import verify as verifying
from smug2s3.engine.sync import Sync
from smug2s3.flow.retry import Patience
from smug2s3.smugmug import client
from smug2s3.stores.quirks import GENERIC
from smug2s3.stores.s3 import open_s3

QUICK = Patience(attempts=3, first_wait=0.002, longest_wait=0.01)

# Half of a small run is to gather what options there are, and what botocore knows of S3: always the same.
_WHOLE = typer.main.get_command(app)
_session = cache(aioboto3.Session)

_ENVIRONMENT = {
    "RATE_LIMIT_DELAY": "0",
    "OUTAGE_PATIENCE": "0",
    "MAX_CONCURRENT_DOWNLOADS": "4",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CA_BUNDLE": str(Path(__file__).with_name("authority.pem")),
}

LONGEST = 20.0
"""Seconds that no command may take."""

Work = Callable[[], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended, and the one document it printed, if it was asked for one."""

    code: int
    out: str
    err: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Ran):
    """What a certificate says; ``text`` is empty where the command came to none."""

    text: str

    @property
    def sentence(self) -> str:
        return str(self.document.get("verdict", ""))

    @property
    def kind(self) -> str:
        """``safe``, ``safe_without`` or ``not_safe``, by the sentence alone."""
        if self.sentence.startswith("Safe to cancel:"):
            return "safe"
        return "safe_without" if self.sentence.startswith("Safe to cancel ") else "not_safe"

    @property
    def contradictions(self) -> list[str]:
        """Where exit code, sentence, JSON and certificate do not say the same."""
        safe = self.kind != "not_safe"
        said = {
            f"exit code {self.code}": self.code == 0,
            f"safe_to_cancel {self.document.get('safe_to_cancel')}": self.document.get("safe_to_cancel") is True,
            f"verdict_kind {self.document.get('verdict_kind')}": self.document.get("verdict_kind") != "not_safe",
        }
        found = [f"{what} with {self.sentence!r}" for what, agrees in said.items() if agrees != safe]
        if self.text and self.sentence not in self.text:
            found.append(f"the certificate does not end with {self.sentence!r}")
        return found


async def _in_time(work: Work) -> object:
    """Whatever takes so long would never end; it must not look like an error that a command can foresee."""
    task = asyncio.create_task(work())
    done, _ = await asyncio.wait({task}, timeout=LONGEST)
    if not done:
        task.cancel()
        await asyncio.wait({task})
        raise Endless
    return task.result()


class Endless(BaseException):
    """A command that does not come to its end."""


@dataclass(slots=True)
class Commands:
    """One person's computer: settings, a ledger, and what is typed there."""

    loop: asyncio.Runner
    home: Path
    settings: dict[str, str]
    single_put: int = GENERIC.single_put
    """What is larger goes by the way of the largest files, in parts."""
    requests: Callable[[], int] = lambda: 0
    """How many requests have been made so far, to either side."""
    _killed_after: int | None = field(default=None, init=False)

    @property
    def ledger(self) -> Path:
        """One for each prefix, as a ledger belongs to one place."""
        return self.home / f"ledger-{self.settings['S3_PREFIX'].strip('/')}.db"

    def sync(self, *options: str, killed_after: int | None = None) -> Ran:
        """One move; killed after so many requests it leaves what was committed until then."""
        self._killed_after = killed_after
        try:
            return Ran(**self._run("sync", "--json", *options))
        finally:
            self._killed_after = None

    def verify(self, *options: str) -> Ran:
        """One verification without a verdict on the account."""
        return Ran(**self._run("verify", "--json", *options))

    def certify(self, *options: str) -> Verdict:
        """One verification against SmugMug, with its verdict."""
        path = self.home / "certificate.txt"
        path.unlink(missing_ok=True)
        ran = self._run("verify", "--json", "--certificate", str(path), *options)
        return Verdict(**ran, text=path.read_text(encoding="utf-8") if path.exists() else "")

    def type(self, *words: str) -> Ran:
        """Any command, word by word."""
        return Ran(**self._run(*words))

    def status(self) -> Ran:
        """What is known without asking anybody."""
        return Ran(**self._run("status", "--json"))

    def rebuild(self) -> Ran:
        """The ledger is lost, and made anew from the store."""
        for file in self.home.glob(f"{self.ledger.name}*"):
            file.unlink()
        return Ran(**self._run("ledger", "rebuild"))

    def _run(self, *arguments: str) -> dict[str, Any]:
        with self._impatient(), chdir(self.home):  # where no `.env` of somebody's lies
            result = typer.testing.CliRunner().invoke(
                app, arguments, env=_ENVIRONMENT | {"LEDGER_PATH": str(self.ledger)} | self.settings
            )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        document = json.loads(result.stdout) if "--json" in arguments and result.stdout else {}
        return {"code": result.exit_code, "out": result.stdout, "err": result.stderr, "document": document}

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        with ExitStack() as changes:
            for place, name, value in (
                (typer.testing, "_get_command", lambda _: _WHOLE),
                (aioboto3, "Session", _session),
                (opening, "open_s3", partial(open_s3, patience=QUICK, stall=5.0)),
                (opening, "SmugMugClient", partial(client.SmugMugClient, patience=QUICK)),
                (opening, "provider_of", lambda _: replace(GENERIC, single_put=self.single_put)),
                (moving, "Sync", partial(Sync, patience=QUICK)),
                (verifying, "_AGAIN", QUICK),
                (verify_command, "run_verify", partial(run_verify, ask_again_after=0.002)),
                (check_command, "finished", self._finished),
                (ledger_command, "finished", self._finished),
                (sync_command, "finished", self._finished),
                (verify_command, "finished", self._finished),
            ):
                changes.enter_context(patch.object(place, name, value))
            yield

    def _finished(self, work: Work, _stopping: Callable[[], str] = str) -> object:
        if self._killed_after is None:
            return self.loop.run(_in_time(work))
        return self.loop.run(self._until_killed(work, self._killed_after))

    async def _until_killed(self, work: Work, after: int) -> object:
        """Ended in an instant: whatever is still written to the ledger on the way out is as if it were not."""
        task, before = asyncio.create_task(work()), self.requests()
        while not task.done() and self.requests() - before < after:
            await asyncio.sleep(0.0005)
        if task.done():
            return task.result()
        with self._ledger_kept():
            task.cancel()
            await asyncio.wait({task})
        raise asyncio.CancelledError

    @contextmanager
    def _ledger_kept(self) -> Iterator[None]:
        kept = self.home / "kept"
        kept.mkdir()
        for file in self.home.glob(f"{self.ledger.name}*"):
            shutil.copy2(file, kept / file.name)
        try:
            yield
        finally:
            for file in self.home.glob(f"{self.ledger.name}*"):
                if not file.name.endswith("lock"):
                    file.unlink()
            for file in kept.iterdir():
                if not file.name.endswith("lock"):
                    shutil.copy2(file, self.home / file.name)
            shutil.rmtree(kept)
