"""`smug2s3 bucket` leaves exactly the settings it reports, read back with a client of another maker; nobody else gets in."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from smug2s3.app.factories import open_store
from smug2s3.cli import bucket as bucket_command
from smug2s3.cli.main import app
from smug2s3.errors import StoreUnusable
from smug2s3.rules.bucket_settings import RIGHTS
from smug2s3.rules.finding import GOOD
from smug2s3.settings import load
from smug2s3.stores.bucket import Bucket
from smug2s3.stores.bucket_creation import create
from smug2s3.stores.probe import BucketProbe
from tests.support.fault_proxy import FaultProxy, StoreFault, fault_proxy
from tests.support.moto_server import moto_server
from tests.support.s3_account import S3Account
from tests.support.servers import LocalS3


@pytest.fixture(scope="module")
def aws() -> Iterator[S3Account]:
    """Moto, which knows all settings of a bucket."""
    with moto_server() as server:
        yield S3Account(endpoint=server.endpoint, access_key="access-key", secret_key="secret-key")


@pytest.fixture(scope="module")
def other(aws: S3Account) -> Iterator[Any]:
    """AWS's own client."""
    with aws.client() as client:
        yield client


KINDS = {"done", "already so", "left out", "not offered", "right missing", "refused", "not changed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def kinds(self) -> set[str]:
        """How the steps ended that it reports."""
        return {line[:13].strip() for line in self.out.splitlines()} & KINDS


@dataclass(slots=True)
class Person:
    """Somebody with settings; what is typed runs on the test's own loop."""

    settings: dict[str, str]

    @property
    def bucket(self) -> str:
        return self.settings["S3_BUCKET"]

    async def types(self, *words: str, keys: str = "", **changes: str) -> Ran:
        """One command, and what is answered to its questions."""
        ask = CliRunner().invoke
        ran = await asyncio.to_thread(lambda: ask(app, words, env=self.settings | changes, input=keys))
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Ran(code=ran.exit_code, out=ran.stdout, err=ran.stderr)


@pytest.fixture
async def person(aws: S3Account, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody whose bucket does not exist yet."""
    loop = asyncio.get_running_loop()

    def finished(work: Callable[[], Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work(), loop).result()

    monkeypatch.setattr(bucket_command, "finished", finished)
    return Person(aws.settings(f"photos-{uuid4().hex[:12]}"))


@pytest.fixture
def on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers is taken for AWS, reached over TLS."""

    def probe(bucket: Bucket, prefix: str) -> BucketProbe:
        return BucketProbe(bucket.client, bucket.name, prefix, address="https://s3.amazonaws.com")

    monkeypatch.setattr(Bucket, "probe", probe)


@asynccontextmanager
async def behind(person: Person, *faults: StoreFault) -> AsyncIterator[FaultProxy]:
    """The same server behind one that spoils requests."""
    async with fault_proxy(person.settings["S3_ENDPOINT_URL"], *faults) as proxy:
        person.settings["S3_ENDPOINT_URL"] = proxy.endpoint
        yield proxy


def refused(path: str, code: str, status: int = 403, **more: Any) -> StoreFault:
    return StoreFault(action="answer", method="PUT", path=path, code=code, status=status, times=None, **more)


def settings_of(client: Any, bucket: str) -> dict[str, Any]:
    """Everything that is set for a bucket, by the name of its request; what is not set is missing."""
    found: dict[str, Any] = {}
    for setting in RIGHTS:
        try:
            answer = getattr(client, f"get_{setting}")(Bucket=bucket)
        except ClientError:
            continue
        del answer["ResponseMetadata"]
        if answer:
            found[setting] = answer
    return found


def rule(what: str, **does: Any) -> dict[str, Any]:
    return {"ID": f"smug2s3 {what} smugmug/", "Status": "Enabled", "Filter": {"Prefix": "smugmug/"}} | does


OLD_VERSIONS = {"Expiration": {"ExpiredObjectDeleteMarker": True}}
UPLOADS = rule("unfinished uploads", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7})


@pytest.mark.usefixtures("on_aws")
async def test_a_bucket_is_created_with_everything_that_was_said_and_asked_for(person: Person, other: Any) -> None:
    ran = await person.types(
        "bucket", "create", "--keep-versions", "30d", "--cheaper-after", "60d", "--class", "STANDARD_IA",
        "--lock", "governance", "--days", "3", S3_REGION="eu-central-1",
    )  # fmt: skip

    assert (ran.code, ran.kinds) == (0, {"done", "already so"}), ran
    assert [line for line in ran.out.splitlines() if line.startswith("already so")] == [
        "already so     keep versions of replaced files"  # comes with Object Lock
    ]
    assert f"Created bucket {person.bucket} at {person.settings['S3_ENDPOINT_URL']}.\n" in ran.out
    assert "warning: what is locked cannot be taken back" in ran.err
    assert other.get_bucket_location(Bucket=person.bucket)["LocationConstraint"] == "eu-central-1"
    there = settings_of(other, person.bucket)
    assert set(there["public_access_block"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert there["bucket_ownership_controls"]["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    (encryption,) = there["bucket_encryption"]["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert there["bucket_versioning"]["Status"] == "Enabled"
    assert there["bucket_lifecycle_configuration"]["Rules"] == [
        rule("old versions", NoncurrentVersionExpiration={"NoncurrentDays": 30}) | OLD_VERSIONS,
        UPLOADS,
        rule("cheaper class", Transitions=[{"Days": 60, "StorageClass": "STANDARD_IA"}]),
    ]
    lock = there["object_lock_configuration"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (lock["Mode"], lock["Days"]) == ("GOVERNANCE", 3)
    policy = json.loads(there["bucket_policy"]["Policy"])
    assert [one["Condition"] for one in policy["Statement"]] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {
            "StringNotEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    ]
    owner = other.get_bucket_acl(Bucket=person.bucket)
    assert [grant["Grantee"]["ID"] for grant in owner["Grants"]] == [owner["Owner"]["ID"]]

    shown = await person.types("bucket", "show", "--json")
    rows = json.loads(shown.out)
    assert (shown.code, rows["bucket"], rows["to_fix"]) == (0, person.bucket, [])
    grades = {row["name"]: row["grade"] for row in rows["findings"]}
    assert {name for name, grade in grades.items() if grade != "ok"} == {"Object Lock"}

    again = await person.types("bucket", "create")
    assert (again.code, again.kinds) == (0, set())
    assert f"Bucket {person.bucket} exists, and this key can use it" in again.out
    assert settings_of(other, person.bucket) == there
    unlocked = await person.types("bucket", "create", "--lock", "compliance", "--days", "3")
    assert (unlocked.code, "only be turned on for a new bucket" in unlocked.err) == (1, True)


@pytest.mark.usefixtures("on_aws")
async def test_a_bucket_of_old_is_fixed_and_what_others_set_up_is_kept(person: Person, other: Any) -> None:
    other.create_bucket(Bucket=person.bucket)
    theirs = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}}
    deletes = {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}
    rules = {"Rules": [theirs, deletes]}
    other.put_bucket_lifecycle_configuration(Bucket=person.bucket, LifecycleConfiguration=rules)
    statement = {"Sid": "Them", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
    statement |= {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{person.bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    other.put_bucket_policy(Bucket=person.bucket, Policy=json.dumps(policy))
    shown = await person.types("bucket", "show")
    assert (shown.code, shown.out.splitlines()[-1]) == (1, "Next: smug2s3 bucket fix")

    refused = await person.types("bucket", "fix")
    assert (refused.code, "needs a terminal" in refused.err) == (2, True)
    ran = await person.types("bucket", "fix", "--yes")

    assert (ran.code, ran.kinds) == (1, {"done", "not changed"}), ran
    assert "not changed    switch off the lifecycle rule that deletes photos" in ran.out
    there = settings_of(other, person.bucket)
    assert there["bucket_lifecycle_configuration"]["Rules"] == [
        theirs,
        deletes,
        rule("old versions", NoncurrentVersionExpiration={"NoncurrentDays": 90}) | OLD_VERSIONS,
        UPLOADS,
    ]
    first, second = json.loads(there["bucket_policy"]["Policy"])["Statement"]
    assert first == statement
    assert second["Sid"] == "Smug2s3DeniesPlainHttp"
    assert there["bucket_versioning"]["Status"] == "Enabled"
    twice = await person.types("bucket", "fix", "--yes")
    assert (twice.code, twice.kinds) == (1, {"not changed"})
    assert settings_of(other, person.bucket) == there


async def test_each_change_is_asked_for_and_what_is_declined_stays(
    person: Person, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without versions there are no old ones to ask about; the deletion of photos is the last question."""
    other.create_bucket(Bucket=person.bucket)
    rules = {"Rules": [{"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}]}
    other.put_bucket_lifecycle_configuration(Bucket=person.bucket, LifecycleConfiguration=rules)
    monkeypatch.setattr(bucket_command, "_asks", lambda: True)

    ran = await person.types("bucket", "create", keys="\n\nn\ny\nn\n\ny\n")

    assert ran.code == 0, ran
    assert [line.partition("?")[0] for line in ran.err.splitlines() if "? [" in line] == [
        "Go through what can be improved",
        "Block all public access",
        "Switch off ACLs, so that only policies give access",
        "Encrypt by default with SSE-S3",
        "Keep versions of replaced files",
        "Remove unfinished uploads after 7 days",
        "Switch off the lifecycle rule that deletes photos",
    ]
    assert "public access: not blocked" in ran.err
    there = settings_of(other, person.bucket)
    assert there.keys() == {"public_access_block", "bucket_encryption", "bucket_lifecycle_configuration"}
    (theirs, ours) = there["bucket_lifecycle_configuration"]["Rules"]
    assert (theirs["ID"], theirs["Status"], ours) == ("all", "Disabled", UPLOADS)


async def test_a_right_that_is_missing_is_named_with_the_command_and_the_rest_is_done(
    person: Person, other: Any
) -> None:
    forbidden = refused("*publicAccessBlock*", "AccessDenied")
    unread = StoreFault(action="answer", method="GET", path="*?lifecycle*", code="AccessDenied", status=403, times=None)
    async with behind(person, forbidden, unread) as proxy:
        ran = await person.types("bucket", "create")

    assert (ran.code, ran.kinds) == (1, {"done", "right missing", "left out"}), ran
    line = next(line for line in ran.out.splitlines() if "block all public access" in line)
    assert "the key needs s3:PutBucketPublicAccessBlock" in line
    words = shlex.split(line.partition("With a key that has it: ")[2])
    assert words[:5] == ["aws", "s3api", "put-public-access-block", "--bucket", person.bucket]
    assert words[-2:] == ["--endpoint-url", proxy.endpoint]
    assert "the key needs s3:GetLifecycleConfiguration and s3:PutLifecycleConfiguration" in ran.out
    assert proxy.count("PUT", "*?lifecycle*") == 0
    assert settings_of(other, person.bucket).keys() == {
        "bucket_ownership_controls", "bucket_encryption", "bucket_versioning",
    }  # fmt: skip


async def test_a_key_or_a_class_that_the_store_refuses_leaves_things_as_they_were(person: Person, other: Any) -> None:
    """AWS takes any KMS key for a default, and refuses the objects: so one is tried."""
    why = "<Error><Code>KMS.NotFoundException</Code><Message>Invalid keyId no-such-key</Message></Error>"
    no_key = refused("*settings.txt*", "", 400, body=why, skip=5)  # before it is set, and for two other steps
    no_class = refused("*?lifecycle*", "InvalidStorageClass", 400, skip=2)
    async with behind(person, no_key, no_class):
        ran = await person.types(
            "bucket", "create", "--kms", "no-such-key", "--cheaper-after", "90d", "--class", "COLDER"
        )

    assert (ran.code, ran.kinds) == (1, {"done", "refused", "left out"}), ran
    assert "KMS.NotFoundException (Invalid keyId no-such-key), so it was undone" in ran.out
    assert "move files to COLDER after 90 days: the S3 server refused the change of lifecycle rules" in ran.out
    assert "InvalidStorageClass" in ran.out
    there = settings_of(other, person.bucket)
    assert "bucket_encryption" not in there
    assert len(there["bucket_lifecycle_configuration"]["Rules"]) == 2
    assert other.list_object_versions(Bucket=person.bucket).get("Versions", []) == []


@pytest.mark.usefixtures("on_aws")
async def test_a_policy_that_locks_out_is_undone(person: Person, other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a proxy that ends TLS: the server takes every request for plain http."""

    async def denied(_: BucketProbe, what: str) -> str:
        assert what == "read"
        return "denied" if "Http" in str(settings_of(other, person.bucket).get("bucket_policy")) else ""

    monkeypatch.setattr(BucketProbe, "_trial", lambda *asked: denied(*asked) if asked[1] == "read" else nothing())
    ran = await person.types("bucket", "create")

    assert (ran.code, ran.kinds) == (1, {"done", "refused"}), ran
    assert (
        "deny plain http to every program: with it, this key could not read any more: denied, so it was undone"
        in ran.out
    )
    (left,) = json.loads(other.get_bucket_policy(Bucket=person.bucket)["Policy"])["Statement"]
    assert left["Sid"] == "Smug2s3DeniesOtherAccounts"


async def test_a_setting_with_which_nothing_can_be_written_any_more_is_undone(person: Person, other: Any) -> None:
    """As of Ceph 16, which then refuses every object."""
    blocked = StoreFault(
        action="answer", method="PUT", path="*settings.txt*", code="AccessDenied", status=403, times=3, skip=1
    )
    async with behind(person, blocked):
        ran = await person.types("bucket", "create")

    assert ran.code == 1
    assert "block all public access: with it, this key could not write any more" in ran.out
    assert ", so it was undone. In the provider's console, keep the bucket private." in ran.out
    assert "public_access_block" not in settings_of(other, person.bucket)


async def test_a_key_that_cannot_write_anyway_sets_everything(person: Person, other: Any) -> None:
    async with behind(person, refused("*settings.txt*", "AccessDenied")):
        ran = await person.types("bucket", "create")

    assert (ran.code, ran.kinds) == (0, {"done", "left out"}), ran
    assert "public_access_block" in settings_of(other, person.bucket)


async def test_a_rule_for_a_class_that_the_server_does_not_have_is_said_to_do_nothing(person: Person) -> None:
    no_class = refused("*settings.txt*", "InvalidArgument", 400, when=lambda sent: "x-amz-storage-class" in sent)
    async with behind(person, no_class):
        ran = await person.types("bucket", "create", "--cheaper-after", "90d", "--class", "FROSTY")

    assert ran.code == 0
    assert "after 90 days: the rule is set, but nothing can be stored in this class now (the S3 server " in ran.out
    assert "InvalidArgument" in ran.out


async def nothing() -> str:
    return ""


CREATION: dict[str, tuple[list[StoreFault], str, str]] = {
    "somebody else's": (
        [
            StoreFault(action="answer", method="GET", code="AccessDenied", status=403, times=None),
            refused("*", "BucketAlreadyExists", 409),
        ],
        "is taken",
        "Choose another S3_BUCKET",
    ),
    "somebody else's in another region": (
        [
            StoreFault(action="answer", method="GET", code="PermanentRedirect", status=301, times=None),
            refused("*", "BucketAlreadyExists", 409),
        ],
        "is taken",
        "Choose another S3_BUCKET",
    ),
    "no right": ([refused("*", "AccessDenied")], "AccessDenied", "needs s3:CreateBucket"),
    "no such region": (
        [refused("*", "InvalidLocationConstraint", 400)],
        "no buckets in the region nowhere-1",
        "Check S3_REGION",
    ),
    "a name that is none": ([refused("*", "InvalidBucketName", 400)], "does not accept this bucket name", "S3_BUCKET"),
    "too many": ([refused("*", "TooManyBuckets", 400)], "TooManyBuckets (scripted)", ""),
}


@pytest.mark.parametrize(("faults", "why", "hint"), CREATION.values(), ids=CREATION)
async def test_a_bucket_that_cannot_be_created_is_no_riddle(
    person: Person, faults: list[StoreFault], why: str, hint: str
) -> None:
    async with behind(person, *faults):
        ran = await person.types("bucket", "create", S3_REGION="nowhere-1")

    assert (ran.code, ran.out) == (4, "")
    assert why in ran.err
    assert hint in ran.err


async def test_a_server_without_regions_gets_none() -> None:
    asked: list[dict[str, Any]] = []

    async def call(operation: str, **arguments: Any) -> Any:
        if operation == "create_bucket":
            asked.append(arguments)
        if "CreateBucketConfiguration" in arguments:
            answer = {"Error": {"Code": "InvalidLocationConstraint"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(answer, operation)

    assert await create(call, "photos", region="office", locked=False, only_there=False)
    with pytest.raises(StoreUnusable, match="no buckets in the region office"):
        await create(call, "photos", region="office", locked=False, only_there=True)

    where = {"CreateBucketConfiguration": {"LocationConstraint": "office"}}
    assert asked == [where, {}, where]


async def test_settings_are_sent_with_the_checksum_that_every_server_knows(person: Person) -> None:
    no_md5 = refused("*[?]*", "MissingContentMD5", 400, when=lambda sent: "content-md5" not in sent)
    newer = refused("*[?]*", "NotImplemented", 501, when=lambda sent: "x-amz-sdk-checksum-algorithm" in sent)
    async with behind(person, no_md5, newer):
        ran = await person.types("bucket", "create")

    assert (ran.code, ran.kinds) == (0, {"done", "left out"}), ran


async def test_a_bucket_whose_old_versions_are_removed_is_tested_by_writing(person: Person, other: Any) -> None:
    await person.types("bucket", "create")

    async with open_store(load(person.settings, needs=frozenset({"store"}))) as store:
        grades = {one.name: one.grade async for one in store.probe("smugmug/").findings()}

    assert (grades["versions"], grades["multipart"], grades["delete"]) == (GOOD, GOOD, GOOD)
    assert other.list_objects_v2(Bucket=person.bucket)["KeyCount"] == 0


async def test_a_server_without_settings_says_so_and_only_what_was_asked_for_is_a_failure(
    person: Person, s3: LocalS3
) -> None:
    """It takes every request for a setting for one that lists or creates the bucket."""
    account = S3Account(endpoint=s3.server.endpoint, access_key=s3.server.access_key, secret_key=s3.server.secret_key)
    person.settings = account.settings(person.bucket)

    ran = await person.types("bucket", "create")

    assert (ran.code, ran.kinds) == (0, {"not offered", "left out"}), ran
    assert "In the provider's console, keep the bucket private." in ran.out
    shown = await person.types("bucket", "show")
    assert "not offered by this S3 server" in " ".join(shown.out.split())
    wished = await person.types("bucket", "create", "--cheaper-after", "90d")
    assert wished.code == 1, wished
    person.settings["S3_BUCKET"] += "-locked"
    locked = await person.types("bucket", "create", "--lock", "governance", "--days", "1")
    assert (locked.code, "lock every new object" in locked.out) == (1, True), locked


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("create", "--keep-versions", "12h"), "--keep-versions must be a number of days"),
        (("create", "--cheaper-after", "soon"), "--cheaper-after must be a number of days"),
        (("create", "--cheaper-after", "90d", "--class", "glacier"), "takes hours to read"),
        (("create", "--class", "STANDARD_IA"), "--cheaper-after is missing"),
        (("create", "--lock", "for-ever", "--days", "3"), "--lock needs a mode"),
        (("create", "--lock", "governance"), "--lock needs a mode"),
        (("create", "--days", "3"), "--lock needs a mode"),
    ],
)
async def test_options_that_make_no_sense_are_refused_before_anything_is_sent(
    person: Person, words: tuple[str, ...], why: str
) -> None:
    ran = await person.types("bucket", *words, S3_ENDPOINT_URL="http://127.0.0.1:9")

    assert (ran.code, why in ran.err, ran.out) == (2, True, "")


@pytest.mark.parametrize("command", ["create", "show", "fix --yes"])
async def test_a_folder_has_no_such_settings(person: Person, command: str, tmp_path: Path) -> None:
    ran = await person.types("bucket", *command.split(), S3_ENDPOINT_URL=tmp_path.as_uri(), S3_BUCKET="photos")

    assert (ran.code, ran.out) == (2, "")
    assert "a folder has no settings like a bucket" in ran.err
    assert "no old versions" in ran.err


async def test_a_bucket_that_is_missing_is_named_with_the_command_that_creates_it(person: Person) -> None:
    ran = await person.types("bucket", "show", "--json")

    assert (ran.code, json.loads(ran.out)["exit_code"]) == (4, 4)
    assert "`smug2s3 bucket create`" in ran.err


async def test_the_rights_to_create_are_printed_as_a_policy(person: Person) -> None:
    ran = await person.types("bucket", "create", "--policy", S3_ENDPOINT_URL="http://127.0.0.1:9")

    making, *least = json.loads(ran.out)["Statement"]
    assert (ran.code, making["Resource"]) == (0, f"arn:aws:s3:::{person.bucket}")
    assert "s3:CreateBucket" in making["Action"]
    assert len(least) == 2
