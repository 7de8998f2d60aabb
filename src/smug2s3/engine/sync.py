"""Copies an account: a walk finds albums, listers plan them, workers execute the plan; with bounded queues in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from smug2s3.engine import claim
from smug2s3.engine.album_previews import to_copy
from smug2s3.engine.dry_run import DryRunExecutor
from smug2s3.engine.executor import Executor
from smug2s3.engine.jobs import AlbumWork, Job
from smug2s3.engine.run_limits import RunLimits
from smug2s3.engine.source_files import SourceFiles
from smug2s3.engine.summary import Summary
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.engine.transfer import StreamingMover
from smug2s3.engine.walking import WitnessedWalk
from smug2s3.errors import UsageError, foreseen
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.budget import Budget
from smug2s3.flow.retry import RetryPolicy
from smug2s3.flow.throttle import Throttle
from smug2s3.flow.together import task_group
from smug2s3.models import Account, Album, Listing
from smug2s3.ports.ledger import SyncLedger
from smug2s3.ports.mover import Mover
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.source import Source
from smug2s3.ports.store import Store
from smug2s3.rules import ownership
from smug2s3.rules.components import with_stored
from smug2s3.rules.directories import Directories
from smug2s3.rules.filters import Filters, Verdict, names_albums, sift, wants_album
from smug2s3.rules.name_template import PLAIN
from smug2s3.rules.order import rank
from smug2s3.rules.plan import Action, Step, plan_album
from smug2s3.rules.relisting import fingerprint, is_unchanged
from smug2s3.rules.unmatched import Matches
from smug2s3.rules.witnesses import against_account

LISTERS = 8
"""Albums listed side by side."""

ITEMS_LISTED = 15_000
"""Items of listed albums held in memory together; SmugMug allows 5,000 in one album."""

TRANSFER_POLICY = RetryPolicy(attempts=4, first_wait=1.0)
"""For a whole file; its requests have policies of their own."""

Watch = Callable[[Listing, Sequence[Step]], Awaitable[None]]
"""Gets a listed album and the step for each of its items."""


class Sync:
    """One sync of one account."""

    def __init__(
        self,
        *,
        source: Source,
        store: Store,
        ledger: SyncLedger,
        reporter: Reporter,
        options: SyncOptions,
        policy: RetryPolicy | None = None,
        watch: Watch | None = None,
        mover: Mover | None = None,
    ) -> None:
        """``watch`` is called for every album of a dry run, up to eight at once; it may be slow.

        Without a ``mover``, files are copied in this process.
        """
        policy = policy or TRANSFER_POLICY
        self._source = source
        self._store = store
        self._ledger = ledger
        self._reporter = reporter
        self._options = options
        self._watch = watch
        self._directories = Directories()
        self._albums: asyncio.Queue[Album | None] = asyncio.Queue(LISTERS)
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue(options.batch)
        self._items = Budget(ITEMS_LISTED)
        self._mover = mover or StreamingMover(
            source, store, reporter, policy, Throttle(options.rate), AdaptiveLimiter.up_to(options.transfers)
        )
        self._worker_count = 0
        """How many tasks take jobs from the queue."""
        self._walked: dict[str, tuple[str, int | None]] = {}
        self._matches = Matches(options.filters)
        self.summary = Summary()
        """Updated while the run goes on, so that an interrupted one has it too."""
        self._works: dict[str, AlbumWork] = {}
        """With an order of files: the queued albums, by key."""
        # a dry run cannot know how much fits into the time
        until = None if options.dry_run else options.until
        self._limits = RunLimits(self.summary, reporter, until=until, max_bytes=options.max_bytes)
        self._new_for = ""
        """The account, until a new ledger has stored its first file, and nobody else's was seen since."""
        self._was_empty = False
        self._source_files = SourceFiles(ledger, options, self.summary)
        self._looking = asyncio.Lock()
        self._executor = self._new_executor(policy)

    def _new_executor(self, policy: RetryPolicy) -> Executor | DryRunExecutor:
        if self._options.dry_run:
            return DryRunExecutor(self._ledger, self._options, self._limits, self.summary, self._source.read_item)
        return Executor(
            source=self._source,
            store=self._store,
            ledger=self._ledger,
            reporter=self._reporter,
            policy=policy,
            prefix=self._options.prefix,
            follow_renames=self._options.follow_renames,
            collected=self._options.collected,
            mover=self._mover,
            limits=self._limits,
            summary=self.summary,
            look_again=self._look_again,
            xmp=self._options.xmp,
        )

    async def run(self) -> Summary:
        """Copy everything that is to be copied; raises only errors that stop the whole run."""
        account = await self._source.account()
        self.summary.full_access = account.full
        self._greet(account)
        if not self._options.storeless:
            await self._store.check(self._options.prefix)
        await self._claim(account.nickname)
        await self._announce_names()
        self._directories = Directories(await self._ledger.directories())
        await self._source_files.read(self._source, self._counted(account))
        async with self._mover.running(account.nickname, lambda: self._limits.late), task_group() as group:
            self._start_workers(group)
            every_album_seen = await self._list_all(account)
            if self._options.ordered and not self.refusal():
                await self._move_in_order()
            await self._jobs.put(None)
        if every_album_seen and not self._options.dry_run:
            await self._ledger.walked(self._walked)
        return self.summary

    async def _claim(self, account: str) -> None:
        """Bind the ledger to this account and destination; raises PrefixTaken if the prefix has a foreign archive.

        A ledger that has stored something for this account is bound already, and needs no check.
        """
        owner = {**self._options.destination, "account": account}
        known = await self._ledger.belongs_to(owner, keep=False)
        bound = await self._ledger.is_bound()
        if not (self._options.storeless or (known and bound)):
            found = await claim.look(self._store, self._source, account, self._options.prefix)
            refusal = ownership.of_prefix(found, self._options.prefix)
            if refusal and not ownership.allowed(found, adopt=self._options.adopt or known, bound=bound):
                raise refusal
            if beside := ownership.further_down(found, account):
                self._reporter.note(f"the prefix {self._options.prefix or '(none)'} {beside}")
            self._new_for = account
            self._was_empty = found.whose is ownership.Whose.NOBODYS
        await self._ledger.belongs_to(owner, keep=not self._options.dry_run)

    async def _announce_names(self) -> None:
        """Say that a changed template names new files only; a ledger that knows none is of plain names."""
        template, keep = self._options.template, not self._options.dry_run
        former = await self._ledger.named_by(template.text, keep=keep)
        changed = template.text != (former or PLAIN.text)
        if changed and not self._options.follow_renames and await self._ledger.is_bound():
            self._reporter.note(
                f"NAME_TEMPLATE is now {template.text}: new files get such names, and files that are already copied keep "
                "theirs. To rename these, run `smug2s3 sync --follow-renames`."
            )

    async def _look_again(self) -> None:
        """Check again once a new ledger has stored something: another account may have started at the same time."""
        async with self._looking:
            if self._new_for:
                is_ours = self._is_ours if self._was_empty else None
                await claim.refuse_anothers(self._store, self._source, self._new_for, self._options.prefix, is_ours)
                self._new_for = ""

    async def _is_ours(self, album_key: str) -> bool:
        return bool(await self._ledger.known(album_key))

    async def _list_all(self, account: Account) -> bool:
        """Find and list all albums; returns whether there are certainly no others."""
        if self._options.ordered:
            self._reporter.note(f"listing everything before copying, because of --order {self._options.order}")
        async with task_group() as listers:
            for _ in range(LISTERS):
                listers.create_task(self._list())
            complete = await self._walk(account)
            self._reporter.walked()
            await self._close(self._albums, LISTERS)
        return complete

    async def _walk(self, account: Account) -> bool:
        """Find every album, and report those that the folders did not list; returns whether there are certainly no others."""
        walk = WitnessedWalk(self._source, account, self._directories, self._found, self._incomplete)
        self._walked = walk.walked
        if not account.full or names_albums(self._options.filters):
            await walk.folders()  # the list of all albums is not of this run's
            return False
        result = await walk.run()
        for sentence in result.testimony.unseen.values():
            self._not_shown(sentence)
        # How the account's count treats collected and deleted items is undocumented, so a difference is only a note.
        total = sum(count or 0 for _, count in walk.walked.values())
        counted = against_account(total, account.image_count) if (account.image_count or 0) > total else ""
        for sentence in (result.testimony.note, *result.testimony.counts.values(), counted):
            if sentence:
                self._reporter.note(sentence)
        return result.whole

    async def _move_in_order(self) -> None:
        async for page in self._ledger.in_order():
            for step in page:
                await self._jobs.put(Job(self._works[step.asset.album_key], step))

    def refusal(self) -> UsageError | None:
        """The error for filters that matched nothing, after the run; everything that did match was copied."""
        if self.summary.albums_incomplete:
            return None  # they may match in what could not be listed
        return self._matches.refusal(all_listed=not (self.summary.albums_unchanged or self.summary.albums_left))

    @staticmethod
    async def _close(queue: asyncio.Queue[Any], readers: int) -> None:
        for _ in range(readers):
            await queue.put(None)

    def _counted(self, account: Account) -> int | None:
        """How many items SmugMug counts, if the run covers all of them."""
        return account.image_count if self._options.filters == Filters() else None

    def _greet(self, account: Account) -> None:
        self._reporter.account(account.nickname, items=self._counted(account))
        if not account.full:
            self._reporter.note(
                f"This sign-in sees only the public albums of {account.nickname}. Run `smug2s3 auth` and allow full "
                "access to copy the private ones, too."
            )

    async def _found(self, album: Album) -> None:
        wanted = wants_album(self._options.filters, album)
        self._matches.album(album, wanted=wanted)
        if not wanted:
            self.summary.albums_left_out += 1
            return
        self.summary.albums += 1
        self._reporter.album(album.directory, count=album.image_count, size=album.original_sizes)
        if album.locked:
            self._incomplete(album.path, "locked, so SmugMug does not list its contents for this sign-in")
            self._reporter.settled(album.directory, complete=False)
            return
        if not self._options.dry_run:
            # Recorded before anything is stored there, so that no other album ever gets the same directory.
            await self._ledger.add_directories(self._directories.take_fresh())
        await self._albums.put(album)

    async def _list(self) -> None:
        while (album := await self._albums.get()) is not None:
            async with self._items.borrow(album.image_count or 100):
                await self._album(album)

    async def _album(self, album: Album) -> None:
        unchanged = await self._unchanged(album)
        if unchanged and (self._limits.over or not self._source_files.is_tried(album)):
            await self._skip_unchanged(album)
            return
        if self._limits.over:
            self._leave(album)
            return
        if announcement := self._source_files.announcement():
            self._reporter.note(announcement)
        try:
            listing = await self._source.listing(album)
        except Exception as raised:
            error = foreseen(raised)
            if error.ends_the_run:
                raise
            self._incomplete(album.path, str(error))
            self._reporter.settled(album.directory, complete=False)
            return
        if not listing.shown.whole:
            self._incomplete(album.path, "; ".join(listing.shown.gaps))
        await self._plan(listing, asked_again=unchanged)

    async def _unchanged(self, album: Album) -> bool:
        """Whether SmugMug reports no change since the album was completed, not too long ago."""
        settled = await self._ledger.settled(album.key)
        if self._options.full or self._options.follow_renames or settled is None or album.fingerprint is None:
            return False
        return is_unchanged(settled, self._fingerprint(album), datetime.now(UTC))

    def _fingerprint(self, album: Album) -> str:
        options = self._options
        return fingerprint(options.prefix, album, options.xmp, options.raw, options.previews)

    async def _skip_unchanged(self, album: Album) -> None:
        count = album.image_count or 0
        self.summary.albums_unchanged += 1
        self.summary.assets += count
        self.summary.skipped += count
        await self._source_files.skipped(album)
        self._reporter.planned(album.directory, count=count, files=0, size=0, skipped=count)
        self._reporter.settled(album.directory, complete=True)

    def _leave(self, album: Album) -> None:
        self.summary.albums_left += 1
        self.summary.albums_left_items += album.image_count or 0
        self._reporter.planned(album.directory, count=0, files=0, size=0, skipped=0)

    async def _plan(self, listing: Listing, *, asked_again: bool) -> None:
        album = listing.album
        directory = f"{self._options.prefix}{album.directory}"
        known = await self._ledger.known(album.key)
        listing = with_stored(listing, known)
        steps = plan_album(
            listing.assets,
            directory=directory,
            known=known,
            taken=await self._ledger.taken(album.key, directory),
            follow_renames=self._options.follow_renames,
            template=self._options.template,
        )
        todo = self._select(listing, steps)
        self._count(album, todo)
        if self._watch:
            await self._watch(listing, todo)
        chosen = {step.asset.image_key for step in todo}
        await self._executor.expect(listing, known, todo, [s for s in steps if s.asset.image_key not in chosen])
        complete = listing.shown.whole and len(todo) == len(steps)
        contents = replace(
            listing.contents, previews=await to_copy(self._ledger, self._options, album, todo, self.summary)
        )
        work = AlbumWork(album.key, contents, directory, self._fingerprint(album), complete=complete)
        work.unanswered, work.asked_again = self._source_files.unanswered(listing), asked_again
        await self._hand_over(work, [step for step in todo if step.action is not Action.SKIP])

    def _select(self, listing: Listing, steps: Sequence[Step]) -> list[Step]:
        """The steps that pass the filters; the others are counted."""
        chosen, missing = sift(self._options.filters, steps)
        self._matches.assets(listing.assets, wanted=len(chosen))
        self.summary.left_out += missing.total()
        self.summary.left_out_undated += missing[Verdict.UNDATED]
        self.summary.left_out_unsized += missing[Verdict.UNSIZED]
        return chosen

    def _count(self, album: Album, steps: Sequence[Step]) -> None:
        moves = [step for step in steps if step.action is Action.MOVE]
        skipped = sum(step.action is Action.SKIP for step in steps)
        size = sum(step.asset.size or 0 for step in moves)
        self.summary.assets += len(steps)
        self.summary.components += sum(bool(step.asset.component_of) for step in steps)
        self.summary.more_files += sum(bool(step.asset.components) for step in steps)
        self.summary.skipped += skipped
        self._reporter.planned(album.directory, count=len(steps), files=len(moves), size=size, skipped=skipped)

    async def _hand_over(self, work: AlbumWork, todo: Sequence[Step]) -> None:
        # The `_album.json` comes last, since it records the others.
        work.open_jobs = len(todo)
        if todo and self._options.ordered:
            await self._enqueue(work, todo)
            return
        for job in [Job(work, step) for step in todo] or [Job(work, None)]:
            await self._jobs.put(job)

    async def _enqueue(self, work: AlbumWork, todo: Sequence[Step]) -> None:
        """Until its turn, only an album's counts stay in memory."""
        assert work.contents is not None
        await self._ledger.enqueue(work.contents, ((rank(self._options.order, step.asset), step) for step in todo))
        work.contents = None
        self._works[work.key] = work

    def _start_workers(self, group: asyncio.TaskGroup) -> None:
        """Start more tasks if the mover can use them: workers may have joined."""
        for _ in range(self._mover.capacity - self._worker_count):
            self._worker_count += 1
            group.create_task(self._work(group))

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while (job := await self._jobs.get()) is not None:
            self._start_workers(group)
            await self._executor.execute(job)
        await self._jobs.put(None)  # for the next worker

    def _incomplete(self, path: str, reason: str) -> None:
        self._not_shown(f"{path}: {reason}")

    def _not_shown(self, sentence: str) -> None:
        self.summary.albums_incomplete += 1
        self.summary.problems.append(sentence)
        self._reporter.note(sentence)
