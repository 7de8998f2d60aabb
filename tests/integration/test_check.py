"""`smug2s3 check` tries both sides, says what each finding means, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
import unicodedata
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from smug2s3.app import checking
from smug2s3.app.checking import Hanging
from smug2s3.errors import SignInRefused, StoreUnreachable, StoreUnusable
from smug2s3.rules.bucket_rows import STALE_AFTER
from smug2s3.rules.finding import BAD, GOOD, NOTE, Finding
from smug2s3.stores.local import folder
from smug2s3.stores.local.blocking_io import FolderIO
from smug2s3.stores.probe import BucketProbe
from smugmug_simulator import Level, Simulator, worlds
from tests.bench import impatient
from tests.support import dead_disk
from tests.support.bucket import Bucket
from tests.support.fault_proxy import StoreFault, fault_proxy
from tests.support.machine import Machine, machine_for
from tests.support.quick import nothing_is_taken, of_store, quick_store
from tests.support.wired import Wired


@pytest.fixture
async def wired(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account and an empty bucket."""
    async with Simulator(worlds.tiny()) as sim:
        yield Wired(sim, bucket, tmp_path)


async def test_where_all_is_well_every_finding_is_good_and_nothing_is_left_behind(wired: Wired) -> None:
    found = await wired.check()

    grades = {name: finding.grade for name, finding in found.items()}
    assert [name for name, grade in grades.items() if grade == BAD] == []
    for name in (
        "sign-in",
        "access",
        "clock",
        "list",
        "ETag",
        "wrong Content-MD5",
        "metadata",
        "odd names",
        "copy",
        "multipart",
        "delete",
    ):
        assert grades[name] == GOOD, found[name]
    assert "Tiny Account (tiny)" in found["sign-in"].meaning
    assert all(finding.meaning for finding in found.values())
    assert wired.bucket.files() == {}
    assert await wired.bucket.open_uploads() == []
    assert [path.name for path in wired.home.iterdir()] == []
    assert wired.sim.count("media") == 0


async def test_an_archive_that_is_there_is_left_as_it_is(wired: Wired) -> None:
    await wired.sync()
    before = wired.bucket.media()

    await wired.check()

    assert wired.bucket.media() == before
    assert (await wired.verify()).clean


async def test_public_access_alone_is_worth_a_note(wired: Wired) -> None:
    token, secret = wired.sim.state.keyring.issue(wired.sim.consumer_key, Level("Public", "Read"))
    wired.changes = {"SMUGMUG_OAUTH_TOKEN": token, "SMUGMUG_OAUTH_TOKEN_SECRET": secret}

    found = await wired.check()

    assert found["access"].grade == NOTE
    assert "public albums only" in found["access"].meaning
    assert "smug2s3 auth" in found["access"].meaning


@dataclass(frozen=True, slots=True)
class Clock:
    """Stands in for ``datetime``."""

    ahead: float

    def now(self, tz: tzinfo | None = None) -> datetime:
        """Not quite."""
        return datetime.now(tz) + timedelta(seconds=self.ahead)


@pytest.mark.parametrize(("ahead", "way"), [(-900, "behind"), (900, "ahead")])
async def test_a_wrong_clock_is_bad(wired: Wired, monkeypatch: pytest.MonkeyPatch, ahead: float, way: str) -> None:
    monkeypatch.setattr("smug2s3.smugmug.client.datetime", Clock(ahead))  # what signs keeps the right one

    clock = (await wired.check())["clock"]

    assert clock.grade == BAD
    assert way in clock.meaning
    assert "seconds" in clock.meaning


async def test_a_clock_that_is_a_little_off_is_none_of_its_business(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smug2s3.smugmug.client.datetime", Clock(100))

    assert (await wired.check())["clock"].grade == GOOD


async def test_the_store_is_judged_although_the_sign_in_is_refused(wired: Wired) -> None:
    wired.sim.state.keyring.revoke(wired.sim.token)

    found = await wired.check()

    assert isinstance(wired.failed, SignInRefused)
    assert found["sign-in"].grade == BAD
    assert "`smug2s3 auth`" in found["sign-in"].meaning
    assert (found["bucket"].grade, found["multipart"].grade) == (GOOD, GOOD)
    assert wired.bucket.files() == {}


STORES = {
    "wrong secret": ({"S3_SECRET_KEY": "0" * 40}, "rejected the secret key", ""),
    "unknown key": ({"S3_ACCESS_KEY": "0" * 20}, "does not know this access key", ""),
    "no such bucket": ({"S3_BUCKET": "not-there"}, "does not exist", "this key can access "),
    "a slip of the fingers": ({"S3_BUCKET": "bukket-0001"}, "does not exist", "did you mean bucket-"),
}


@pytest.mark.parametrize(("change", "why", "seen"), STORES.values(), ids=STORES)
async def test_smugmug_is_tested_although_the_bucket_is_unusable(
    wired: Wired, change: dict[str, str], why: str, seen: str
) -> None:
    """The row names the bucket and its endpoint, and what is to be done; another what the key sees instead."""
    wired.changes = change

    found = await wired.check()

    assert isinstance(wired.failed, StoreUnusable)
    assert {name: found[name].grade for name in ("sign-in", "access", "clock", "bucket")} == {
        "sign-in": GOOD, "access": GOOD, "clock": GOOD, "bucket": BAD,
    }  # fmt: skip
    for words in (why, f"{wired.settings.bucket} at {wired.bucket.server.endpoint}", wired.failed.hint):
        assert words in found["bucket"].meaning
    assert seen in found["key"].meaning if seen else "key" not in found


async def test_a_bucket_that_is_sought_below_another_one_is_missing_too(wired: Wired) -> None:
    """Some stores then speak of a key that is not there; the address is what to look at."""
    wired.changes = {"S3_BUCKET": "not-there", "S3_ENDPOINT_URL": f"{wired.bucket.server.endpoint}/{wired.bucket.name}"}

    found = await wired.check()

    assert isinstance(wired.failed, StoreUnusable)
    assert "what follows the host in S3_ENDPOINT_URL" in found["bucket"].meaning


async def test_https_to_a_server_that_speaks_http_is_called_that(wired: Wired) -> None:
    plain = wired.bucket.server.endpoint
    wired.changes = {"S3_ENDPOINT_URL": plain.replace("http:", "https:")}

    found = await wired.check()

    assert "does not speak HTTPS" in found["bucket"].meaning
    assert f"use {plain}." in found["bucket"].meaning
    assert "SSL" not in found["bucket"].meaning


async def test_a_key_that_may_not_list_buckets_is_no_riddle(wired: Wired) -> None:
    async with fault_proxy(wired.bucket.server.endpoint, refused("GET")) as proxy:
        wired.changes = {"S3_ENDPOINT_URL": proxy.endpoint}

        found = await wired.check()

    assert "AccessDenied" in found["bucket"].meaning
    assert "may not list buckets" in found["key"].meaning


async def test_a_missing_folder_is_reported_with_its_neighbours(wired: Wired) -> None:
    disk = wired.home / "disk"
    (disk / "photos").mkdir(parents=True)
    wired.changes = {"S3_ENDPOINT_URL": disk.as_uri(), "S3_BUCKET": "phtos"}

    found = await wired.check()

    assert (found["sign-in"].grade, found["folder"].grade) == (GOOD, BAD)
    assert str(disk / "phtos") in found["folder"].meaning
    assert found["disk"].meaning == f"{disk} contains 1 folder: photos; did you mean photos?"


async def test_nothing_is_tried_without_a_limit_of_time(wired: Wired) -> None:
    """What can be broken off is, its tries are removed, and the other side is tried all the same."""
    stall = StoreFault(action="stall", method="POST", times=None)
    async with fault_proxy(wired.bucket.server.endpoint, stall) as proxy:
        wired.changes = {"S3_ENDPOINT_URL": proxy.endpoint}

        found = await wired.check(longest=3.0)

    assert isinstance(wired.failed, StoreUnreachable)
    assert (found["sign-in"].grade, found["ETag"].grade, found["time"].grade) == (GOOD, GOOD, BAD)
    assert "longer than 3 s" in found["time"].meaning
    assert wired.bucket.files() == {}


async def test_a_disk_that_hangs_is_left_behind(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of a file server which is gone: nothing that was begun there ever ends."""
    gone = threading.Event()
    monkeypatch.setattr(FolderIO, "look", lambda _: gone.wait(60))
    monkeypatch.setattr(checking, "LETTING_GO", 0.1)
    wired.changes = {"S3_ENDPOINT_URL": wired.home.as_uri()}

    try:
        found = await wired.check(longest=0.5)
    finally:
        gone.set()

    assert isinstance(wired.failed, Hanging)
    assert (found["sign-in"].grade, found["time"].grade) == (GOOD, BAD)


def decomposed(directory: Path) -> list[os.DirEntry[str]]:
    """What such a disk lists: each name in its long form, under which the same file is found."""
    with os.scandir(directory) as entries:
        names = {entry.name for entry in entries}
    for name in names:
        other = directory / unicodedata.normalize("NFD", name)
        if other.name != name and not other.exists():
            os.link(directory / name, other)
    with os.scandir(directory) as entries:
        return [
            entry
            for entry in entries
            if entry.name == unicodedata.normalize("NFD", entry.name)
            and (directory / unicodedata.normalize("NFC", entry.name)).exists()
        ]


async def test_a_disk_that_gives_names_back_decomposed_is_as_good_for_check_as_it_is_for_sync(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HFS+, and network disks of a Mac: a file is found under either form of its name, and listed under the other."""
    disk = wired.home / "disk"
    (disk / "photos").mkdir(parents=True)
    monkeypatch.setattr(folder, "_entries", decomposed)
    wired.changes = {"S3_ENDPOINT_URL": disk.as_uri(), "S3_BUCKET": "photos"}

    found = await wired.check()

    assert [name for name, finding in found.items() if finding.grade == BAD] == []
    await wired.sync()
    assert (await wired.verify(deep=1.0)).clean


def refused(method: str, path: str = "*", code: str = "AccessDenied", status: int = 403) -> StoreFault:
    """The store does not do this for this key."""
    return StoreFault(action="answer", method=method, path=path, times=None, status=status, code=code)


TRIES = {
    "may not write": (refused("PUT", "*check-*"), "write and read", BAD),
    "may not read": (refused("GET", "*check-*write.txt*"), "write and read", BAD),
    "knows no multipart": (refused("POST", "*uploads*", "NotImplemented", 501), "multipart", BAD),
    "refuses a part": (refused("PUT", "*partNumber=2*"), "multipart", BAD),
    "refuses odd names": (refused("PUT", "*.jpg*", "InvalidArgument", 400), "odd names", BAD),
    "knows no Content-MD5": (
        StoreFault(
            action="answer", method="PUT", times=None, status=501, code="NotImplemented",
            when=lambda sent: "content-md5" in sent,
        ),
        "wrong Content-MD5",
        NOTE,
    ),
    "is busy for a moment": (StoreFault(action="answer", method="PUT", times=2), "ETag", GOOD),
    "took it for one of another time": (
        StoreFault(action="answer", method="PUT", status=403, code="RequestTimeTooSkewed"), "ETag", GOOD
    ),
    "breaks off at long metadata": (
        StoreFault(
            action="reset", method="PUT", times=None, when=lambda sent: len(sent.get("x-amz-meta-caption", "")) > 256
        ),
        "metadata",
        NOTE,
    ),
    "a page for long metadata": (
        StoreFault(
            action="answer", method="PUT", path="*metadata.txt*", times=None, status=431, content_type="text/html",
            body="<html>Request Header Or Cookie Too Large</html>",
        ),
        "metadata",
        NOTE,
    ),
    "lists no sizes": (
        StoreFault(
            action="answer", method="GET", path="*prefix=*check-*", skip=2, times=None, status=200,
            body="<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        ),
        "list",
        BAD,
    ),
    "lists no numbers": (
        StoreFault(
            action="answer", method="GET", path="*prefix=*check-*", skip=2, times=None, status=200,
            body="<ListBucketResult><Contents><Key>a</Key><Size>big</Size></Contents></ListBucketResult>",
        ),
        "odd names",
        BAD,
    ),
    "refuses metadata": (refused("PUT", "*metadata.txt*", "InvalidArgument", 400), "metadata", NOTE),
    "ETags are no MD5s": (StoreFault(action="wrong_etag", method="PUT", times=None), "ETag", NOTE),
    "lists other ETags": (StoreFault(action="wrong_etag", method="GET", times=None), "ETag", NOTE),
    "copies nothing": (refused("COPY", "*", "NotImplemented", 501), "copy", NOTE),
    "knows no If-None-Match": (
        StoreFault(action="answer", method="PUT", path="*write.txt*", skip=1, times=None, status=501, code="NotImplemented"),
        "If-None-Match",
        NOTE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TRIES)
async def test_what_a_server_cannot_do_is_found_by_testing_and_nothing_is_left_behind(wired: Wired, case: str) -> None:
    fault, name, grade = TRIES[case]
    async with fault_proxy(wired.bucket.server.endpoint, fault) as proxy:
        wired.changes = {"S3_ENDPOINT_URL": proxy.endpoint}

        found = await wired.check()

    assert found[name].grade == grade
    assert wired.bucket.files() == {}
    assert await wired.bucket.open_uploads() == []


async def test_a_key_that_may_not_delete_is_judged_and_what_remains_is_named(wired: Wired) -> None:
    async with fault_proxy(wired.bucket.server.endpoint, refused("DELETE", "*", "AccessDenied", 403)) as proxy:
        wired.changes = {"S3_ENDPOINT_URL": proxy.endpoint}
        found = await wired.check()

    left = wired.bucket.files()
    assert found["delete"].grade == NOTE
    assert f"refused (AccessDenied): {len(left)} test objects remain under smugmug/.smug2s3-check-" in (
        found["delete"].meaning
    )
    assert left


async def test_a_copy_that_keeps_the_old_metadata_is_found_out(wired: Wired) -> None:
    done = "<CopyObjectResult><ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag></CopyObjectResult>"
    nothing = StoreFault(action="answer", method="COPY", path="*write.txt*", times=None, status=200, body=done)
    async with fault_proxy(wired.bucket.server.endpoint, nothing) as proxy:
        wired.changes = {"S3_ENDPOINT_URL": proxy.endpoint}
        found = await wired.check()

    assert (found["copy"].grade, found["metadata"].grade) == (NOTE, GOOD)
    assert "keeps the old metadata" in found["copy"].meaning


@pytest.mark.parametrize(
    ("status", "code", "words", "said"),
    [
        (403, "AccessDenied", "", "the key cannot write and read (AccessDenied)"),
        (403, "QuotaExceeded", "", "the bucket has no room for more: QuotaExceeded"),
        (500, "InternalError", "no space left on device", "the bucket has no room for more: InternalError (no space"),
    ],
)
async def test_one_cause_is_named_once(wired: Wired, status: int, code: str, words: str, said: str) -> None:
    body = f"<Error><Code>{code}</Code><Message>{words}</Message></Error>"
    fault = StoreFault(action="answer", method="PUT", times=None, status=status, body=body)
    async with fault_proxy(wired.bucket.server.endpoint, fault) as proxy:
        wired.changes = {"S3_ENDPOINT_URL": proxy.endpoint}
        found = await wired.check()

    bad = [finding for finding in found.values() if finding.grade == BAD]
    assert [finding.name for finding in bad] == ["write and read"]
    assert said in bad[0].meaning


# What a bucket's settings mean: no server on this machine has all of them, so they are answered by a script.


class Scripted:
    """An S3 client that gives what it was told; whatever else is asked is not implemented."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def __getattr__(self, operation: str) -> Any:
        async def answer(**_: Any) -> Any:
            if operation not in self._answers:
                raise ClientError({"Error": {"Code": "NotImplemented"}}, operation)
            return self._answers[operation]

        return answer


BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
OLD, NEW = datetime.now(UTC) - STALE_AFTER * 2, datetime.now(UTC)


def block(**changes: bool) -> dict[str, Any]:
    """AWS's four switches."""
    return {"get_public_access_block": {"PublicAccessBlockConfiguration": BLOCKED | changes}}


def lifecycle(**rule: Any) -> dict[str, Any]:
    """One rule of a bucket."""
    return {"get_bucket_lifecycle_configuration": {"Rules": [{"Status": "Enabled", "Filter": {}} | rule]}}


def encryption(algorithm: str) -> dict[str, Any]:
    """A bucket's default encryption."""
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]
    return {"get_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": rules}}}


def lock(enabled: str) -> dict[str, Any]:
    """Object Lock."""
    return {"get_object_lock_configuration": {"ObjectLockConfiguration": {"ObjectLockEnabled": enabled}}}


def uploads(*begun: datetime) -> dict[str, Any]:
    """Unfinished multipart uploads."""
    return {"list_multipart_uploads": {"Uploads": [{"Key": "k", "UploadId": "u", "Initiated": one} for one in begun]}}


ABORT = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
KEPT = {"unfinished uploads": NOTE}
"""What no rule of these removes."""
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "public access blocked": (block(), {"public access": GOOD}),
    "public access half blocked": (block(IgnorePublicAcls=False), {"public access": NOTE}),
    "public access not spoken of": ({"get_public_access_block": {}}, {"public access": NOTE}),
    "Object Lock": (lock("Enabled"), {"Object Lock": NOTE}),
    "no Object Lock": (lock(""), {}),
    "KMS": (encryption("aws:kms"), {"encryption": NOTE}),
    "two layers of KMS": (encryption("aws:kms:dsse"), {"encryption": NOTE}),
    "AES256": (encryption("AES256"), {"encryption": GOOD}),
    "a rule that deletes": (lifecycle(Expiration={"Days": 30}), {"lifecycle": BAD} | KEPT),
    "a rule that deletes, switched off": (lifecycle(Expiration={"Days": 30}, Status="Disabled"), KEPT),
    "a rule that deletes the archive alone": (
        lifecycle(Filter={"Prefix": "smugmug/"}, Expiration={"Days": 30}),
        {"lifecycle": BAD} | KEPT,
    ),
    "a rule that deletes a part of the archive": (
        lifecycle(Prefix="smugmug/A", Expiration={"Date": OLD}),
        {"lifecycle": BAD} | KEPT,
    ),
    "a rule that deletes something else": (lifecycle(Filter={"Prefix": "logs/"}, Expiration={"Days": 30}), KEPT),
    "a rule that ends uploads": (lifecycle(**ABORT), {"unfinished uploads": GOOD}),
    "a rule that ends uploads of something else": (lifecycle(Filter={"Prefix": "logs/"}, **ABORT), KEPT),
    "a rule that moves to a colder class": (
        lifecycle(Transitions=[{"Days": 30, "StorageClass": "GLACIER"}]),
        {"storage class": NOTE} | KEPT,
    ),
    "a rule that moves to a cheaper class": (
        lifecycle(Transitions=[{"Days": 30, "StorageClass": "GLACIER_IR"}]),
        {"storage class": GOOD} | KEPT,
    ),
    "a rule that removes markers alone": (lifecycle(Expiration={"ExpiredObjectDeleteMarker": True}), KEPT),
    "old unfinished uploads": (uploads(OLD, OLD, NEW), {"unfinished uploads": NOTE}),
    "an upload under way": (uploads(NEW), {}),
    "versions": ({"get_bucket_versioning": {"Status": "Enabled"}}, {"versions": GOOD}),
    "versions no more": ({"get_bucket_versioning": {"Status": "Suspended"}}, {"versions": NOTE}),
    "no versions": ({"get_bucket_versioning": {}}, {"versions": NOTE}),
    "old versions that nobody removes": (
        {"get_bucket_versioning": {"Status": "Enabled"}} | lifecycle(**ABORT),
        {"versions": GOOD, "old versions": NOTE, "unfinished uploads": GOOD},
    ),
    "old versions that a rule removes": (
        {"get_bucket_versioning": {"Status": "Enabled"}}
        | lifecycle(NoncurrentVersionExpiration={"NoncurrentDays": 9}, **ABORT),
        {"versions": GOOD, "old versions": GOOD, "unfinished uploads": GOOD},
    ),
    "a policy": ({"get_bucket_policy": {"Policy": '{"Statement": []}'}}, {"plain http": NOTE, "other accounts": NOTE}),
    "a page instead of a policy": ({"get_bucket_policy": {"Policy": "<ListBucketResult/>"}}, {}),
}


async def settled(client: Scripted) -> list[Finding]:
    """All findings about a bucket's settings; the last row names what the server does not offer."""
    *found, untold = await BucketProbe(
        client, "photos", "smugmug/", address="https://s3.amazonaws.com"
    ).settings.findings()
    assert (untold.name, untold.grade) == ("bucket settings", NOTE)
    return found


@pytest.mark.parametrize("case", SETTINGS)
async def test_what_a_buckets_settings_mean_for_an_archive(case: str) -> None:
    answers, expected = SETTINGS[case]

    found = await settled(Scripted(**answers))

    assert {finding.name: finding.grade for finding in found} == expected
    if case == "old unfinished uploads":
        assert found[0].meaning.startswith("2 older")


async def test_a_bucket_that_keeps_versions_is_not_tried_out() -> None:
    probe = BucketProbe(Scripted(), "photos", "")

    (finding,) = [one async for one in probe.run(keeps_versions=True)]

    assert (finding.name, finding.grade) == ("write", NOTE)


async def test_a_key_that_may_not_list_is_bad() -> None:
    finding = await BucketProbe(Scripted(), "photos", "").listing()

    assert (finding.grade, "NotImplemented" in finding.meaning) == (BAD, True)


# The command


@pytest.fixture
async def machine(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Machine]:
    """A computer whose `.env` is complete."""
    async with Simulator(worlds.tiny()) as sim:
        yield machine_for(sim, bucket, tmp_path / "home")


async def test_the_command_prints_a_table_and_what_to_do_next(machine: Machine) -> None:
    ran, told = await machine.run("check"), await machine.run("check", "--json")

    assert (ran.code, ran.err, told.code) == (0, "", 0)
    assert ran.out.splitlines()[-2:] == ["Ready: everything works.", "Next: smug2s3 sync"]
    assert told.json["ready"] is True
    assert {row["side"] for row in told.json["findings"]} == {"SmugMug", "store"}
    assert all(row["name"] in ran.out for row in told.json["findings"])
    assert [path.name for path in machine.home.iterdir()] == [".env"]


async def test_the_exit_code_is_1_when_something_is_bad(machine: Machine, bucket: Bucket) -> None:
    async with fault_proxy(bucket.server.endpoint, refused("POST", "*uploads*")) as proxy:
        machine.write_env(S3_ENDPOINT_URL=proxy.endpoint)

        ran, told = await machine.run("check"), await machine.run("check", "--json")

    assert (ran.code, told.code, told.json["ready"]) == (1, 1, False)
    assert ran.out.splitlines()[-1] == "Not ready: fix what is marked bad first."
    (bad,) = [row for row in told.json["findings"] if row["grade"] == "bad"]
    assert bad["name"] == "multipart"


@pytest.mark.parametrize("prefix", ["smugmug/", "/", "archive/2026"])
async def test_the_policy_is_valid_and_the_least_there_is(machine: Machine, prefix: str) -> None:
    machine.write_env(S3_PREFIX=prefix, S3_ENDPOINT_URL="http://127.0.0.1:9", SMUGMUG_OAUTH_TOKEN=None)

    ran = await machine.run("check", "--policy")

    assert (ran.code, ran.err) == (0, "")
    policy = json.loads(ran.out)
    assert policy["Version"] == "2012-10-17"
    listing, moving = policy["Statement"]
    bucket = machine.settings["S3_BUCKET"]
    assert listing["Resource"] == f"arn:aws:s3:::{bucket}"
    assert moving["Resource"] == f"arn:aws:s3:::{bucket}/{'' if prefix == '/' else prefix.rstrip('/') + '/'}*"
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        assert statement["Sid"].isalnum()
        assert all(action.startswith("s3:") and "*" not in action for action in statement["Action"])
    assert {"s3:ListBucket"} <= set(listing["Action"])
    assert {"s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"} <= set(moving["Action"])


async def test_with_nobody_there_it_is_a_row_and_an_error_of_that_side(machine: Machine) -> None:
    nobody = {"S3_ENDPOINT_URL": "http://127.0.0.1:9"}

    ran = await machine.run("check", "--json", environment=nobody, command=impatient.COMMAND)

    assert (ran.code, ran.json["exit_code"], ran.json["ready"]) == (4, 4, False)
    assert "the S3 server did not answer" in ran.json["error"]
    assert [row["grade"] for row in ran.json["findings"]] == ["ok", "ok", "ok", "bad"]


async def test_what_one_side_lacks_is_a_row_and_the_other_is_tried(machine: Machine) -> None:
    machine.write_env(SMUGMUG_OAUTH_TOKEN=None, SMUGMUG_OAUTH_TOKEN_SECRET=None)

    ran = await machine.run("check")

    assert (ran.code, ran.err) == (2, "")
    assert re.search(r"SmugMug +bad +settings +missing: SMUGMUG_OAUTH_TOKEN", ran.out)
    assert re.search(r"storage +ok +multipart", ran.out)
    assert ran.out.endswith("Not ready: fix what is marked bad first.\nNext: smug2s3 auth\n")


async def test_what_one_side_cannot_use_is_a_row_and_the_other_is_tried(machine: Machine) -> None:
    machine.write_env(S3_ENDPOINT_URL="my-photos")

    ran = await machine.run("check", "--json")

    rows = [(row["side"], row["name"], row["grade"]) for row in ran.json["findings"]]
    assert rows[:2] == [("store", "settings", "bad"), ("SmugMug", "sign-in", "ok")]
    assert "S3_ENDPOINT_URL must be an address" in ran.json["findings"][0]["meaning"]
    assert (ran.code, ran.json["ready"]) == (2, False)


async def test_a_disk_that_hangs_does_not_keep_the_command(machine: Machine) -> None:
    machine.write_env(S3_ENDPOINT_URL=machine.home.as_uri())

    ran = await machine.run("check", command=(dead_disk.__file__,))

    assert ran.code == 4
    assert re.search(r"SmugMug +ok +access", ran.out)
    assert re.search(r"storage +bad +time +folder", ran.out)
    assert "Not ready" in ran.out


async def test_metadata_that_a_server_refuses_is_a_note_since_sync_omits_it(bucket: Bucket) -> None:
    refused = StoreFault(
        action="answer", method="PUT", status=500, code="InternalError", times=None,
        when=lambda sent: len(sent.get("x-amz-meta-caption", "")) > 256,
    )  # fmt: skip
    async with (
        fault_proxy(bucket.server.endpoint, refused) as proxy,
        quick_store(bucket, endpoint=proxy.endpoint) as store,
    ):
        found = {finding.name: finding async for finding in store.probe("smugmug/").findings()}

    assert (found["metadata"].grade, "sync sends less" in found["metadata"].meaning) == (NOTE, True)


async def test_no_try_waits_for_a_body_without_an_end(bucket: Bucket) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"GET") and b"write.txt" in head:
                writer.write(b'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 7\r\n\r\nsm')
            elif head.startswith(b"PUT"):
                writer.write(b'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 0\r\n\r\n')
            await reader.read()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, asyncio.timeout(60), quick_store(bucket, endpoint=endpoint, stall=0.2) as store:
        found = {finding.name: finding async for finding in store.probe("smugmug/").findings()}
        await nothing_is_taken(of_store(store))

    assert found["write and read"].grade == BAD
