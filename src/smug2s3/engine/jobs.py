"""What listers pass to workers: albums in progress, and one job per file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from smug2s3.engine.summary import Summary
from smug2s3.models import Contents
from smug2s3.rules.keys import SIDECAR
from smug2s3.rules.plan import Action, Step


@dataclass(slots=True)
class AlbumWork:
    """An album in progress: what was listed, and how much is still to be done."""

    key: str
    contents: Contents | None
    """``None`` while the ledger keeps them: with --order, all albums are in progress at once."""
    directory: str
    fingerprint: str
    open_jobs: int = 0
    left: int = 0
    """Jobs that were not started, since the run was stopped."""
    started: int = 0
    """Jobs that were started."""
    complete: bool = True
    refused: bool = False
    """Whether SmugMug refused files of it in SmugMug Source."""
    unanswered: Mapping[str, int] = field(default_factory=dict)
    """Items for which it did not say which files they have there: their number by reason."""
    asked_again: bool = False
    """Whether it is only listed to see whether SmugMug still refuses."""
    references: Mapping[str, str] = field(default_factory=dict)
    """By image, the keys of other albums' objects that its `_album.json` refers to."""
    digest: str = ""
    """Digest of the contents of its `_album.json`; empty while that is not stored."""


@dataclass(frozen=True, slots=True)
class Job:
    """A unit of work; without a step it is the album's ``_album.json``."""

    work: AlbumWork
    step: Step | None
    mended: bool = False
    """Whether the file was copied again for this job, since its bytes in the bucket were wrong."""

    @property
    def updates(self) -> bool:
        """Whether it changes a stored file: its metadata or its name."""
        return self.step is not None and self.step.action in (Action.DESCRIBE, Action.RENAME)

    def recopy(self) -> Job:
        """The job that copies the file of this update again, to its current key."""
        assert self.step is not None
        step = replace(self.step, action=Action.MOVE)
        if self.step.action is Action.RENAME:  # The rename follows later.
            step = replace(step, key=step.former_key, wanted=step.former_key, former_key="")
        return Job(self.work, step)

    @property
    def key(self) -> str:
        """The key of the object."""
        return self.step.key if self.step else f"{self.work.directory}/{SIDECAR}"

    def leave(self, summary: Summary) -> None:
        """Leave it for the next run."""
        self.work.complete = False
        self.work.left += 1
        summary.left += 1
        if self.step and self.step.action is Action.MOVE:
            summary.left_bytes += self.step.asset.size or 0
