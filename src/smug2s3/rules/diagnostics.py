"""What the reason of a failed or unavailable file comes down to, and what a person can do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

ROOM = "Make room on the disk or choose a larger one, then run the same command again."
RIGHTS = "Check the rights of the folder, and of the user who runs this."
LARGE_FILES = "FAT32 ends at 4 GB: format it as exFAT or another system."
SHORTER_NAMES = "Choose a shorter S3_PREFIX or another disk."
OTHER_NAMES = "Use a disk that is formatted for this system."
ONE_DISK = "Choose a folder that lies on one disk alone."
DISK = "Check the disk and its cable or network, then run the same command again."
STORE_CONNECTION = "Check S3_ENDPOINT_URL and your connection, then run the same command again."
CONNECTION = "Check your connection, then run the same command again."

_AGAIN = "Run `smug2s3 sync` again."
_RENAME = (
    "Rename the album or the file on SmugMug, or take a bucket instead of a folder; then run `smug2s3 sync` again."
)
_LOOK = "Look at it on SmugMug. If it does not open there either, SmugMug has lost it: ask SmugMug's support."
_OWNER = "Sign in as the owner, with full access: `smug2s3 auth`. Collected from somebody else's gallery, it is theirs to give."
_OWNER_ALREADY = (
    "Run `smug2s3 sync` again. If it stays so, ask SmugMug's support: this sign-in has full access already. Collected "
    "from somebody else's gallery, it is theirs to give."
)
_OWNER_OF_IT = (
    "Run `smug2s3 sync` again. If it stays so and you cannot download the original on SmugMug either, ask SmugMug's "
    "support. Collected from somebody else's gallery, it is theirs to allow."
)
_WRONG_RECORD = (
    "Run `smug2s3 sync` again. If it is always the same file, SmugMug's record of it is wrong: download it by hand, and "
    "tell SmugMug's support."
)
_WEB_PAGE = (
    "Run `smug2s3 sync` again. If it stays so, sign in anew (`smug2s3 auth`) and see if the file opens on SmugMug."
)
_REPORT = "Run `smug2s3 sync` again. If it stays so, please report the reason in an issue."
_CORRUPT = (
    "Run `smug2s3 sync` again. If it keeps happening, something on the way changes bytes: a proxy, a disk, or memory."
)
_SLOWER = "Run `smug2s3 sync` again; `--concurrency 8` asks less of the store at once."
_ALLOWED = "`smug2s3 check` tries what the store allows, and says what each refusal means."
_LOST = "Run `smug2s3 verify --repair`, then `smug2s3 sync`: it moves again what the store has lost."
_NO_STORE = (
    "See that no sign-in page or proxy answers in the store's place, and check S3_ENDPOINT_URL; then run "
    "`smug2s3 sync` again."
)
_SIGNED = (
    "Your provider signs this name otherwise than S3 does: tell them, or rename it on SmugMug; then run "
    "`smug2s3 sync` again."
)
_BY_PROXY = "Check the proxy and the variable that names it, then run `smug2s3 sync` again."
_ARCHIVE = "Bring the object back from its archive class at your provider, then run `smug2s3 sync` again."


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Reasons that have one cause have one way out."""

    cause: str
    advice: str
    for_full_access: str = ""
    """Instead, for whom signed in with full access: to do that is no advice for them."""


_PROXY = (r"the proxy ", Diagnosis("the proxy failed", _BY_PROXY))

# Each is compared with the beginning of the sentence, since names of theirs come later and may hold any words.
_SMUGMUG = (
    _PROXY,
    (
        r"SmugMug('s media host)? did not answer.*: the certificate of ",
        Diagnosis(
            "a certificate is not to be trusted", "See that no proxy or virus scanner reads along, and set the clock."
        ),
    ),
    (
        r"SmugMug('s media host)? did not answer|SmugMug's connection broke|SmugMug sent nothing for",
        Diagnosis("the connection to SmugMug failed", CONNECTION),
    ),
    (r"SmugMug('s media host)? answered ", Diagnosis("SmugMug was busy", _AGAIN)),
    (
        r"SmugMug lists this file with|more came than|only [\d,]+ of|the bytes that came",
        Diagnosis("SmugMug sent other bytes than it describes", _WRONG_RECORD),
    ),
    (r"SmugMug sent a web page|SmugMug sent an empty", Diagnosis("SmugMug sent something that is no file", _WEB_PAGE)),
    (r"SmugMug('s media host)? has no ", Diagnosis("SmugMug lists it, but has no file of it", _LOOK)),
    (
        r"SmugMug('s media host)? refused |SmugMug does not show ",
        Diagnosis("SmugMug does not give it to this sign-in", _OWNER, _OWNER_ALREADY),
    ),
    (
        r"SmugMug's (answer|address) |SmugMug (took|listed|shows|did not say) ",
        Diagnosis("SmugMug's answer made no sense", _REPORT),
    ),
)
_STORE = (
    _PROXY,
    (r"the folder refused .*: (the disk is full|the quota)", Diagnosis("the disk is full", ROOM)),
    (
        r"the folder refused .*: the disk takes no file of this size",
        Diagnosis("the disk takes no file of this size", LARGE_FILES),
    ),
    (
        r"the folder refused .*: the disk takes no name of this length",
        Diagnosis("the disk takes no name of this length", SHORTER_NAMES),
    ),
    (
        r"the folder refused .*: the disk does not take this name",
        Diagnosis("the disk does not take this name", OTHER_NAMES),
    ),
    (
        r"the folder refused .*: another disk is mounted",
        Diagnosis("another disk is mounted inside the folder", ONE_DISK),
    ),
    (r"the folder refused .*: this user may not", Diagnosis("this user may not write there", RIGHTS)),
    (r"the folder refused .*: there is a ", Diagnosis("its name has no place in the folder", _RENAME)),
    (
        r"the store (received|holds) other bytes|the parts left of|the store's copy of",
        Diagnosis("the store has other bytes than were sent", _CORRUPT),
    ),
    (r"the disk did not do its work", Diagnosis("the disk did not do its work", DISK)),
    (
        r"the store (did not answer|took nothing|did not say)|the request for ",
        Diagnosis("the connection to the store failed", STORE_CONNECTION),
    ),
    (
        r"the certificate of the store",
        Diagnosis(
            "the store's certificate is not to be trusted", "See that no proxy or hotel network stands in between."
        ),
    ),
    (r"the store answered |the system is too busy", Diagnosis("the store was busy", _SLOWER)),
    (
        r"this is not an S3 store's answer|the store (says that it (took|copied)|took part|began an upload|does not say|lists the parts)|the store's (listing|answer)",
        Diagnosis("what answered is no S3 store, or answers wrongly", _NO_STORE),
    ),
    (r"the store refused .*: SignatureDoesNotMatch", Diagnosis("the store does not get along with its name", _SIGNED)),
    (r"the (store|folder) has no ", Diagnosis("the store has lost it", _LOST)),
    (r"the store refused .*: InvalidObjectState", Diagnosis("the object lies in an archive class", _ARCHIVE)),
    (r"the (folder|store('s client)?) refused ", Diagnosis("the store refused it", _ALLOWED)),
    (
        r".* cannot be stored: |.* cannot be a file in the folder",
        Diagnosis("its name has no place in the folder", _RENAME),
    ),
    (r".* no longer has the bytes", Diagnosis("the store has other bytes than were sent", _CORRUPT)),
)
_UNAVAILABLE = (
    (
        r"SmugMug is still processing",
        Diagnosis(
            "SmugMug is still processing the video",
            "Wait, then run `smug2s3 sync`. Some stay so for ever: if you have the video yourself, keep that.",
        ),
    ),
    (
        r"SmugMug could not process|SmugMug offers no file of this video",
        Diagnosis("SmugMug has no file of the video", "No run can help. If you have the video yourself, keep that."),
    ),
    (
        r"SmugMug offers this sign-in no original",
        Diagnosis(
            "SmugMug gives this sign-in no original",
            "Sign in as the owner (`smug2s3 auth`), or have the owner allow downloads of originals; then run "
            "`smug2s3 sync`.",
            _OWNER_OF_IT,
        ),
    ),
    (r"it was deleted on SmugMug", Diagnosis("it was deleted on SmugMug", "Nothing to do.")),
)
_OTHERS = {
    "SmugMug": Diagnosis("something on SmugMug's side", _AGAIN),
    "store": Diagnosis("something on the store's side", _ALLOWED),
    "smug2s3": Diagnosis("something unforeseen", _REPORT),
}
_REPAIRED = Diagnosis("verify found it missing or different", "Run `smug2s3 sync`: it moves it again.")
_NO_FILE = Diagnosis("SmugMug offers no file of it", _LOOK)


@lru_cache(maxsize=1024)
def diagnosis(state: str, reason: str, *, full_access: bool = True) -> Diagnosis:
    """The way out for a file in ``state`` (failed or unavailable), by the reason the ledger keeps.

    ``full_access``: whether whoever moves it is signed in as the owner, with all that there is to allow.
    """
    found = _known(state, reason)
    return Diagnosis(found.cause, found.for_full_access) if full_access and found.for_full_access else found


def _known(state: str, reason: str) -> Diagnosis:
    if state == "unavailable":
        return _first(_UNAVAILABLE, reason) or _NO_FILE
    side, _, sentence = reason.partition(": ")
    rules = {"SmugMug": _SMUGMUG, "store": _STORE}.get(side, ())
    return _first(rules, sentence) or _OTHERS.get(side, _REPAIRED)


def _first(rules: tuple[tuple[str, Diagnosis], ...], sentence: str) -> Diagnosis | None:
    return next((found for pattern, found in rules if re.match(pattern, sentence, re.DOTALL)), None)
