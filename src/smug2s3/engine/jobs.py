"""What passes from the listers to the movers: albums on their way through, and one job for each thing to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from smug2s3.engine.summary import Summary
from smug2s3.models import Contents
from smug2s3.rules.keys import SIDECAR
from smug2s3.rules.plan import Action, Step


@dataclass(slots=True)
class AlbumWork:
    """One album on its way through: what was listed, and how much is still to be started."""

    key: str
    contents: Contents | None
    """``None`` while the ledger keeps them: in an order of files all albums are on their way at once."""
    directory: str
    fingerprint: str
    open_jobs: int = 0
    left: int = 0
    """Jobs that were not begun, since the run was to stop."""
    started: int = 0
    """Jobs that were."""
    complete: bool = True
    references: Mapping[str, str] = field(default_factory=dict)
    """By image, the keys of other albums' objects that its own file names."""
    digest: str = ""
    """Digest of what its own file tells; empty while that is not in the store."""


@dataclass(frozen=True, slots=True)
class Job:
    """One thing for a mover to do; without a step it is the album's own ``_album.json``."""

    work: AlbumWork
    step: Step | None
    mended: bool = False
    """Whether what it is about was moved once more for it, since its bytes in the store were wrong."""

    @property
    def updates(self) -> bool:
        """Whether it is about what is in the store already: its description, or its name."""
        return self.step is not None and self.step.action in (Action.DESCRIBE, Action.RENAME)

    def recopy(self) -> Job:
        """Moves once more what this would update, to where it lies now."""
        assert self.step is not None
        step = replace(self.step, action=Action.MOVE)
        if self.step.action is Action.RENAME:  # Its new name is then still to come.
            step = replace(step, key=step.former_key, wanted=step.former_key, former_key="")
        return Job(self.work, step)

    @property
    def key(self) -> str:
        """Where what it is about lies or will lie."""
        return self.step.key if self.step else f"{self.work.directory}/{SIDECAR}"

    def leave(self, summary: Summary) -> None:
        """It is not begun in this run, or not ended."""
        self.work.complete = False
        self.work.left += 1
        summary.left += 1
        if self.step and self.step.action is Action.MOVE:
            summary.left_bytes += self.step.asset.size or 0
