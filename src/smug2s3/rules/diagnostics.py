"""Diagnoses failed and unavailable files: the cause behind a reason, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from smug2s3.rules.components import NOT_GIVEN, NOT_LISTED, NOT_SAID

FREE_SPACE = "Free up disk space or choose a larger disk, then run the same command again."
RIGHTS = "Check the permissions of the folder and the user smug2s3 runs as."
LARGE_FILES = "Format the disk as exFAT or another file system: FAT32 allows at most 4 GB per file."
SHORTER_NAMES = "Choose a shorter S3_PREFIX or another disk."
OTHER_NAMES = "Use a disk with a file system native to this computer."
ONE_DISK = "Choose a folder that is entirely on one disk."
DISK = "Check the disk and its cable or network, then run the same command again."
STORE_CONNECTION = "Check S3_ENDPOINT_URL and your connection, then run the same command again."
CONNECTION = "Check your connection, then run the same command again."

_AGAIN = "Run `smug2s3 sync` again."
_RENAME = "Rename the album or the file on SmugMug, or use a bucket instead of a folder; then run `smug2s3 sync` again."
_LOOK = "Open it on SmugMug. If it does not open there either, SmugMug has lost it: contact SmugMug support."
_OWNER = (
    "Sign in as the owner, with full access: `smug2s3 auth`. If it was collected from somebody else's gallery, only "
    "that gallery's owner can download it."
)
_OWNER_ALREADY = (
    "Run `smug2s3 sync` again. If it still fails, contact SmugMug support: you already have full access. If it was "
    "collected from somebody else's gallery, only that gallery's owner can download it."
)
_OWNER_OF_IT = (
    "Run `smug2s3 sync` again. If it still fails and you cannot download the original on SmugMug either, contact "
    "SmugMug support. If it was collected from somebody else's gallery, only that gallery's owner can allow it."
)
_WRONG_RECORD = (
    "Run `smug2s3 sync` again. If it is always the same file, SmugMug's record of it is wrong: download it by hand "
    "and report it to SmugMug support."
)
_WEB_PAGE = (
    "Run `smug2s3 sync` again. If it still fails, sign in again (`smug2s3 auth`) and check whether the file opens "
    "on SmugMug."
)
_REPORT = "Run `smug2s3 sync` again. If it still fails, please report the reason in an issue."
_CORRUPT = "Run `smug2s3 sync` again. If it keeps failing, something is corrupting data: a proxy, a disk, or memory."
_SLOWER = "Run `smug2s3 sync` again; add `--concurrency 8` to send fewer requests at once."
_ALLOWED = "Run `smug2s3 check`: it tests what the destination allows and explains each refusal."
LOST = "Run `smug2s3 verify --repair`, then `smug2s3 sync`: it copies missing files again."
_NO_STORE = (
    "Check S3_ENDPOINT_URL, and that no sign-in page or proxy answers instead of the S3 server; then run `smug2s3 "
    "sync` again."
)
_SIGNED = (
    "Rename it on SmugMug, or report to your provider that requests for this name fail with SignatureDoesNotMatch; then "
    "run `smug2s3 sync` again."
)
_BY_PROXY = "Check the proxy and the variable that names it, then run `smug2s3 sync` again."
DAMAGED = (
    "Run `smug2s3 verify --deep --repair`, then `smug2s3 sync`: it copies damaged files from SmugMug again, as long as "
    "they are there."
)
_ARCHIVE = "Restore the object from its archive storage class at your provider, then run `smug2s3 sync` again."


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause, and what to do about it."""

    cause: str
    advice: str
    for_full_access: str = ""
    """The advice for a sign-in with full access, if it differs."""


_PROXY = (r"the proxy ", Diagnosis("the proxy failed", _BY_PROXY))

# Patterns match the start of a reason, since names come later and may contain any words.
_SMUGMUG = (
    _PROXY,
    (
        r"SmugMug('s media host)? did not answer.*: the certificate of ",
        Diagnosis(
            "a certificate is not trusted",
            ("Check that no proxy or virus scanner intercepts the connection, and that the clock is right."),
        ),
    ),
    (
        (
            r"SmugMug('s media host)? did not answer|(SmugMug's connection|the connection to SmugMug) broke"
            r"|SmugMug sent (nothing|no data) for"
        ),
        Diagnosis("the connection to SmugMug failed", CONNECTION),
    ),
    (r"SmugMug('s media host)? answered ", Diagnosis("SmugMug was busy", _AGAIN)),
    (
        (
            r"SmugMug lists this file with|(more came|received more) than|(received )?only [\d,]+ of"
            r"|the bytes that came|received bytes with MD5"
        ),
        Diagnosis("SmugMug sent different bytes than it lists", _WRONG_RECORD),
    ),
    (
        r"SmugMug sent a web page|SmugMug sent an empty",
        Diagnosis(("SmugMug sent something other than the file"), _WEB_PAGE),
    ),
    (
        r"SmugMug('s media host)? (has no|does not have) ",
        Diagnosis("SmugMug lists it but does not have the file", _LOOK),
    ),
    (
        r"SmugMug('s media host)? refused |SmugMug (does not show|denied access to) ",
        Diagnosis("SmugMug denied access", _OWNER, _OWNER_ALREADY),
    ),
    (
        r"SmugMug's (answer|address) |SmugMug (took|rejected|listed|did not list|shows|did not say|gave) ",
        Diagnosis("SmugMug's response was invalid", _REPORT),
    ),
)
_STORE = (
    _PROXY,
    (r"the folder refused .*: (the disk is full|the quota)", Diagnosis("the disk is full", FREE_SPACE)),
    (
        r"the folder refused .*: (the disk takes no file of this size|the file is too large)",
        Diagnosis("the file is too large for the disk's file system", LARGE_FILES),
    ),
    (
        r"the folder refused .*: (the disk takes no name of this length|the name is too long)",
        Diagnosis("the name is too long for the disk", SHORTER_NAMES),
    ),
    (
        r"the folder refused .*: the disk does not (take|allow) this name",
        Diagnosis("the disk does not allow this name", OTHER_NAMES),
    ),
    (
        r"the folder refused .*: another disk is mounted",
        Diagnosis("another disk is mounted inside the folder", ONE_DISK),
    ),
    (
        r"the folder refused .*: (this user may not|permission denied)",
        Diagnosis("no permission to write to the folder", RIGHTS),
    ),
    (r"the folder refused .*: there is a ", Diagnosis("its name cannot be used in the folder", _RENAME)),
    (
        (
            r"the store (received|holds) other bytes|the S3 server received different bytes|the stored bytes differ"
            r"|the parts left of|the (store|S3 server)'s copy of"
        ),
        Diagnosis("the stored bytes differ from those sent", _CORRUPT),
    ),
    (r"the disk did not do its work|disk error for ", Diagnosis("the disk reported an error", DISK)),
    (
        r"the (store|S3 server) (did not answer|took nothing|accepted no data|did not say|did not confirm)|the request for ",
        Diagnosis("the connection to the S3 server failed", STORE_CONNECTION),
    ),
    (
        r"the certificate of the (store|S3 server)",
        Diagnosis(
            "the S3 server's certificate is not trusted",
            ("Check that no proxy or hotel network intercepts the connection."),
        ),
    ),
    (r"the (store|S3 server) answered |the system is too busy", Diagnosis("the S3 server was busy", _SLOWER)),
    (
        (
            r"this is not an S3 store's answer|the response is not an S3 response"
            r"|the store (says that it (took|copied)|took part|began an upload|does not say)"
            r"|the S3 server (accepted|reported|started an upload|did not report)"
            r"|the (store|S3 server) lists the parts|the (store|S3 server)'s (listing|answer|response)"
        ),
        Diagnosis("the response was not a valid S3 response", _NO_STORE),
    ),
    (
        r"the (store|S3 server) refused .*: SignatureDoesNotMatch",
        Diagnosis("the S3 server does not accept its name", _SIGNED),
    ),
    (
        r"the (store|folder) has no |the (bucket|folder) does not have ",
        Diagnosis("it is missing from the destination", LOST),
    ),
    (
        r".* cannot be read until it is restored|the (store|S3 server) refused .*: InvalidObjectState",
        Diagnosis("the object is in an archive storage class", _ARCHIVE),
    ),
    (r"the bucket sent ", Diagnosis("the bucket sent other bytes than were stored", DAMAGED)),
    (r"the (folder|store('s client)?|S3 (server|client)) refused ", Diagnosis("the destination refused it", _ALLOWED)),
    (
        r".* cannot be stored: |.* cannot be a file in the folder",
        Diagnosis("its name cannot be used in the folder", _RENAME),
    ),
    (
        r".* (no longer has the bytes|has changed since it was stored)",
        Diagnosis("the stored bytes differ from those sent", _CORRUPT),
    ),
)
_UNAVAILABLE = (
    (
        r"SmugMug is still processing",
        Diagnosis(
            "SmugMug is still processing the video",
            "Wait, then run `smug2s3 sync`. Some never finish: if you have your own copy, keep it.",
        ),
    ),
    (
        r"SmugMug could not process|SmugMug offers no file (of|for) this video",
        Diagnosis(("SmugMug does not have the video file"), "It cannot be downloaded. Keep your own copy."),
    ),
    (
        r"SmugMug offers this sign-in no original|SmugMug does not offer this sign-in the original",
        Diagnosis(
            "SmugMug does not offer the original",
            "Sign in as the owner (`smug2s3 auth`), or ask the owner to allow downloads of originals; then run "
            "`smug2s3 sync`.",
            _OWNER_OF_IT,
        ),
    ),
    (
        re.escape(NOT_GIVEN),
        Diagnosis(
            "SmugMug does not give this API key the RAW and other files in SmugMug Source",
            "Download them on SmugMug, or see whether `smug2s3 sync --full` gets them later. Without them, cancelling loses them.",
        ),
    ),
    (
        re.escape(NOT_SAID),
        Diagnosis(
            "SmugMug does not list for this API key which RAW and other files it has in SmugMug Source",
            "Look on SmugMug whether you have such files, and download them there. `smug2s3 sync --raw all --full` asks again.",
        ),
    ),
    (
        re.escape(NOT_LISTED),
        Diagnosis(
            "SmugMug hints at a file in SmugMug Source, but does not list it",
            "Look on SmugMug whether the photo has a RAW or another file, and download it there.",
        ),
    ),
    (r"(it was )?deleted on SmugMug", Diagnosis("deleted on SmugMug", "Nothing to do.")),
)
_OTHERS = {
    "SmugMug": Diagnosis("a problem at SmugMug", _AGAIN),
    "store": Diagnosis("a problem at the destination", _ALLOWED),
    "smug2s3": Diagnosis("an unexpected error", _REPORT),
}
_REPAIRED = Diagnosis("verify found it missing or different", "Run `smug2s3 sync`: it copies it again.")
_NO_FILE = Diagnosis("SmugMug offers no file for it", _LOOK)


@lru_cache(maxsize=1024)
def diagnosis(state: str, reason: str, *, full_access: bool = True) -> Diagnosis:
    """The diagnosis of a file in ``state`` (failed or unavailable), from the reason in the ledger.

    ``full_access``: whether the sign-in is the owner's, with full access.
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
