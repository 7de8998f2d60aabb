"""The commands as they are typed, run in this process on a loop of the caller's, with a hundredth of their patience."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, chdir, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import typer.main
import typer.testing

from smug2s3.app import factories, get_runner, sync_runner
from smug2s3.app.verify_runner import run_verify
from smug2s3.cli import check as check_command
from smug2s3.cli import get as get_command
from smug2s3.cli import ledger as ledger_command
from smug2s3.cli import plan as plan_command
from smug2s3.cli import sync as sync_command
from smug2s3.cli import verify as verify_command
from smug2s3.cli.main import app
from smug2s3.engine import manifest
from smug2s3.engine import verify as verifying
from smug2s3.engine.get import Get
from smug2s3.engine.sync import Sync
from smug2s3.flow.outage import Waits
from smug2s3.flow.retry import RetryPolicy
from smug2s3.ledger.database import Database
from smug2s3.smugmug import client
from smug2s3.stores import s3 as s3_store
from smug2s3.stores.client import open_client
from smug2s3.stores.quirks import GENERIC
from smug2s3.stores.s3 import open_s3

QUICK = RetryPolicy(attempts=3, first_wait=0.002, longest_wait=0.01)

# A tenth of a small run is to gather what options there are: always the same.
_WHOLE = typer.main.get_command(app)

_ENVIRONMENT = {
    "RATE_LIMIT_DELAY": "0",
    "MAX_CONCURRENT_DOWNLOADS": "4",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CA_BUNDLE": str(Path(__file__).with_name("authority.pem")),
}

LONGEST = 20.0
"""Seconds that no command may take."""

Work = Callable[[], Coroutine[Any, Any, Any]]


def _waits(*, longest: float, until: datetime | None) -> Waits:
    """Milliseconds between two questions, and a ten-thousandth of the patience that is set."""
    return Waits(longest=longest / 10_000, first_wait=0.004, longest_wait=0.016, until=until)


class Clients:
    """One S3 client for all commands that ask for the same: to make one costs more than a small run does with it."""

    def __init__(self) -> None:
        self._opened = AsyncExitStack()
        self._clients: dict[frozenset[tuple[str, Any]], tuple[Any, Any]] = {}

    @asynccontextmanager
    async def open_client(self, **options: Any) -> AsyncIterator[tuple[Any, Any]]:
        """As the program's own, but not closed with the block."""
        wanted = frozenset(options.items())
        if wanted not in self._clients:
            self._clients[wanted] = await self._opened.enter_async_context(open_client(**options))
        yield self._clients[wanted]

    async def aclose(self) -> None:
        """All of them."""
        await self._opened.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended, and the one document it printed (the first one of many), if it was asked for one."""

    code: int
    out: str
    err: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Ran):
    """What is said of an account; ``text`` is the certificate, empty where there is none."""

    text: str

    @property
    def unavailable(self) -> list[str]:
        """The items that SmugMug does not give, by their labels."""
        return [item["key"] for item in self.document.get("unavailable_items", ())]

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
    clients: Clients
    home: Path
    settings: dict[str, str]
    single_put: int = GENERIC.single_put
    """What is larger goes by the way of the largest files, in parts."""

    @property
    def ledger(self) -> Path:
        """One for each prefix, as a ledger belongs to one place."""
        return self.home / f"ledger-{self.settings['S3_PREFIX'].strip('/')}.db"

    def sync(self, *options: str, killed_after: int | None = None) -> Ran:
        """One move; killed at its so many-th moment it leaves what was committed until then."""
        return Ran(**self._run("sync", "--json", *options, killed_after=killed_after))

    def verify(self, *options: str) -> Ran:
        """One verification without a verdict on the account."""
        return Ran(**self._run("verify", "--json", *options))

    def certify(self, *options: str, killed_after: int | None = None) -> Verdict:
        """One verification against SmugMug, with its verdict and a certificate; killed as a move is."""
        path = self.home / "certificate.txt"
        path.unlink(missing_ok=True)
        ran = self._run("verify", "--json", "--certificate", str(path), *options, killed_after=killed_after)
        return Verdict(**ran, text=path.read_text(encoding="utf-8") if path.exists() else "")

    def judge(self, *options: str) -> Verdict:
        """The same without a certificate, so that nothing is written to the store."""
        return Verdict(**self._run("verify", "--json", "--source", *options), text="")

    def type(self, *words: str) -> Ran:
        """Any command, word by word."""
        return Ran(**self._run(*words))

    def get(self, target: Path, *options: str, killed_after: int | None = None) -> Ran:
        """What is stored, brought back to a folder."""
        return Ran(**self._run("get", str(target), "--json", *options, killed_after=killed_after))

    def status(self) -> Ran:
        """What is known without asking anybody."""
        return Ran(**self._run("status", "--json"))

    def rebuild(self) -> Ran:
        """The ledger is lost, and made anew from the store."""
        for file in self.home.glob(f"{self.ledger.name}*"):
            file.unlink()
        return Ran(**self._run("ledger", "rebuild"))

    def _run(self, *arguments: str, killed_after: int | None = None) -> dict[str, Any]:
        with self._impatient(killed_after), chdir(self.home):  # where no `.env` of somebody's lies
            result = typer.testing.CliRunner().invoke(
                app, arguments, env=_ENVIRONMENT | {"LEDGER_PATH": str(self.ledger)} | self.settings
            )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        asked = "--json" in arguments and result.stdout
        document = json.JSONDecoder().raw_decode(result.stdout)[0] if asked else {}
        return {"code": result.exit_code, "out": result.stdout, "err": result.stderr, "document": document}

    @contextmanager
    def _impatient(self, killed_after: int | None) -> Iterator[None]:
        finished = partial(self._finished, killed_after)
        with ExitStack() as changes:
            for place, name, value in (
                (typer.testing, "_get_command", lambda _: _WHOLE),
                (s3_store, "open_client", self.clients.open_client),
                (factories, "open_s3", partial(open_s3, policy=QUICK, stall=5.0)),
                (factories, "Waits", _waits),
                (factories, "SmugMugClient", partial(client.SmugMugClient, policy=QUICK)),
                (factories, "provider_of", lambda _: replace(GENERIC, single_put=self.single_put)),
                (sync_runner, "Sync", partial(Sync, policy=QUICK)),
                (get_runner, "Get", partial(Get, policy=QUICK)),
                (verifying, "A_FEW_TRIES", QUICK),
                (manifest, "A_FEW_TRIES", QUICK),
                (verify_command, "run_verify", partial(run_verify, ask_again_after=0.002)),
                (check_command, "finished", finished),
                (get_command, "finished", finished),
                (ledger_command, "finished", finished),
                (plan_command, "finished", finished),
                (sync_command, "finished", finished),
                (verify_command, "finished", finished),
            ):
                changes.enter_context(patch.object(place, name, value))
            yield

    def _finished(self, killed_after: int | None, work: Work, _stopping: Callable[[], str] = str) -> object:
        if killed_after is None:
            return self.loop.run(_in_time(work))
        return self.loop.run(self._until_killed(work, killed_after))

    async def _until_killed(self, work: Work, after: int) -> object:
        """Ended in an instant: what it does on the way out, as nobody does who is killed, comes to nothing."""
        task = asyncio.create_task(work())
        with _Killing(after, task, self.ledger).armed():
            await asyncio.wait({task})
        return task.result()


@dataclass(slots=True)
class _Killing:
    """Ends a command at its so many-th moment: a request that it begins, or a commit.

    From then on it reaches nobody, and its ledger is as it was: what is still written to it is undone.
    """

    after: int
    task: asyncio.Task[Any]
    ledger: Path
    _kept: Path | None = None

    @contextmanager
    def armed(self) -> Iterator[None]:
        ask, commit = aiohttp.ClientSession._request, Database._commit

        async def asking(session: Any, *arguments: Any, **options: Any) -> Any:
            if self._over():
                raise aiohttp.ClientConnectionError("killed")
            return await ask(session, *arguments, **options)

        async def committing(database: Any, writes: Any) -> None:
            self._over()
            await commit(database, writes)

        with patch.object(aiohttp.ClientSession, "_request", asking), patch.object(Database, "_commit", committing):
            yield
        if self._kept is not None:
            self._undo(self._kept)

    def _over(self) -> bool:
        """Whether it is dead; counts one moment."""
        self.after -= 1
        if self._kept is None and self.after <= 0:
            self._keep()
            self.task.cancel()
        return self._kept is not None

    def _keep(self) -> None:
        """What is committed, seen from beside; a copy of its files could be taken amid a write."""
        self._kept = self.ledger.with_name("kept.db")
        if self.ledger.exists():
            with closing(sqlite3.connect(self.ledger)) as now, closing(sqlite3.connect(self._kept)) as kept:
                now.backup(kept)

    def _undo(self, kept: Path) -> None:
        for end in ("", "-wal", "-shm"):
            self.ledger.with_name(self.ledger.name + end).unlink(missing_ok=True)
        if kept.exists():
            kept.rename(self.ledger)
