"""Every failure raised on purpose; each says whether and when to retry, and whether a later run can succeed.

Smug2s3Error
├── Unforeseen             a bug, or an unexpected response                            exit 1
├── UsageError             the command line or the settings are wrong                  exit 2
│   ├── SettingsError      a variable is missing or malformed
│   ├── LedgerError        the ledger cannot be used or written
│   │   └── LedgerOfAnother  it is for another account or destination
│   ├── PrefixTaken        the prefix contains another archive
│   └── ClusterError       the workers or their scheduler cannot be used
├── TargetError            `get` cannot write this one file                           exit 2
│   └── TargetUnusable     its disk is full, read-only or gone               ends the run
├── WorkersLost            every worker that tried to copy a file was lost
├── SourceError            SmugMug's side                                             exit 3
│   ├── SourceUnreachable  no answer, reset, time-out                    again
│   ├── SourceBusy         429, 5xx                                      again, when SmugMug says
│   ├── SourceBroken       the response is not what was promised         again
│   │   └── SourceWebPage  a web page instead of the file
│   ├── SourceRefused      403: this one thing is denied
│   ├── SourceGone         404, 410: it is no longer there
│   ├── SourceAway         no answer for too long                        ends the run
│   └── SignInRefused      401: key, token or level                      ends the run
│       ├── ClockRefused   401: this computer's clock is wrong
│       └── CodeRefused    the six digits are wrong
└── StoreError             the S3 side                                                exit 4
    ├── StoreUnreachable   no answer, reset, stall                       again
    ├── StoreBusy          SlowDown, 5xx                                 again, when the server says
    ├── StoreBroken        not an S3 response                            again
    ├── StoreCorrupt       the stored bytes differ from those sent       again
    │   └── StoreShorter   an object is shorter than recorded
    ├── StoreRefused       this one request is not allowed
    │   ├── StoreTooLarge  too many bytes for one request
    │   └── StoreArchived  it must be restored before it can be read
    ├── StoreMissing       this one object is not there
    ├── StoreAway          no answer for too long                        ends the run
    └── StoreUnusable      credentials or bucket are wrong               ends the run
        ├── StoreNotReady  full, read-only or disconnected, or the clock is wrong
        └── BucketMissing  there is no such bucket yet
"""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import ClassVar

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


class Smug2s3Error(Exception):
    """The root; its message is one sentence for the user."""

    retryable: ClassVar[bool] = False
    ends_the_run: ClassVar[bool] = False
    lasting: ClassVar[bool] = False
    """Whether every later run with the same settings will fail too, so that waiting does not help."""
    exit_code: ClassVar[int] = 1
    side: ClassVar[str] = "smug2s3"

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.retry_after = retry_after


class Unforeseen(Smug2s3Error):
    """An error outside this tree, and where it happened; it affects only the file it happened to."""


def foreseen(error: Exception) -> Smug2s3Error:
    """``error`` itself if it is of this tree, else an Unforeseen that describes it."""
    if isinstance(error, Smug2s3Error):
        return error
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{PurePath(where.filename).name}:{where.lineno}"
    return Unforeseen(
        f"unexpected error: {type(error).__name__} at {place}: {error}",
        hint="Please report this line and what you were doing. The files copied so far are kept.",
    )


class UsageError(Smug2s3Error):
    """The command line or the settings are wrong."""

    ends_the_run = True
    lasting = True
    exit_code = 2


class SettingsError(UsageError):
    """One or more settings are missing or malformed; the message names all of them."""


class LedgerError(UsageError):
    """The ledger cannot be opened or written, or is not a ledger; its disk may be full, or another run be using it."""

    lasting = False


class LedgerOfAnother(LedgerError):
    """The ledger is for another account or destination."""

    lasting = True


class PrefixTaken(UsageError):
    """The prefix contains another account's archive, or one that is not in the ledger."""


class ClusterError(UsageError):
    """The workers or their scheduler cannot be reached, do not match this computer, or are gone."""

    lasting = False


class TargetError(Smug2s3Error):
    """One file cannot be written to the folder that `get` fills."""

    exit_code = 2
    side = "disk"


class TargetUnusable(TargetError):
    """The disk of that folder is full, read-only or gone: nothing else can be written either."""

    ends_the_run = True


class WorkersLost(Smug2s3Error):
    """Too many workers were lost while copying this file."""


class SourceError(Smug2s3Error):
    """Something on SmugMug's side."""

    exit_code = 3
    side = "SmugMug"


class SourceUnreachable(SourceError):
    """No answer, a broken connection, or a time-out."""

    retryable = True


class SourceBusy(SourceError):
    """SmugMug is busy (429, 5xx); ``retry_after`` is in seconds, if it said so."""

    retryable = True


class SourceBroken(SourceError):
    """The response is not what was promised: HTML, wrong length, wrong digest."""

    retryable = True


class SourceWebPage(SourceBroken):
    """A web page instead of the file, perhaps one to sign in."""


class SourceRefused(SourceError):
    """SmugMug denies this one thing to this sign-in."""


class SourceGone(SourceError):
    """SmugMug says this one thing does not exist (any more)."""


class SourceAway(SourceError):
    """SmugMug, or one of its hosts, has been unreachable for too long."""

    ends_the_run = True


class SignInRefused(SourceError):
    """The key or token is refused, or the clock is wrong: nothing else will work either."""

    ends_the_run = True
    lasting = True


class ClockRefused(SignInRefused):
    """This computer's clock is wrong, which it may correct by itself."""

    lasting = False


class CodeRefused(SignInRefused):
    """The six digits are wrong, too old or missing; at a terminal the user may enter others."""


class StoreError(Smug2s3Error):
    """Something on the destination's side."""

    exit_code = 4
    side = "store"


class StoreUnreachable(StoreError):
    """No answer, a broken connection, or no progress."""

    retryable = True


class StoreBusy(StoreError):
    """The server is busy."""

    retryable = True


class StoreBroken(StoreError):
    """The response is not a valid S3 response: a web page, an endless listing."""

    retryable = True


class StoreCorrupt(StoreError):
    """The server's digest differs from the bytes that were sent."""

    retryable = True


class StoreShorter(StoreCorrupt):
    """The object ends before a range that is asked for begins; the server has nothing else to give."""

    retryable = False


class StoreRefused(StoreError):
    """The server denied this one request."""


class StoreTooLarge(StoreRefused):
    """One request had more bytes than the server, or a proxy in front of it, accepts; smaller ones may pass."""


class StoreArchived(StoreRefused):
    """The object is in an archive class, whose objects cannot be read or copied until they are restored."""


class StoreMissing(StoreError):
    """There is no such object."""


class StoreAway(StoreError):
    """The server has been unreachable for too long."""

    ends_the_run = True


class StoreUnusable(StoreError):
    """Wrong credentials, no such bucket: nothing else will work either."""

    ends_the_run = True
    lasting = True


class StoreNotReady(StoreUnusable):
    """Nothing can be stored now, but that may change: it is full, read-only or disconnected, or the clock is wrong."""

    lasting = False


class BucketMissing(StoreUnusable):
    """There is no bucket of this name; it can be created."""
