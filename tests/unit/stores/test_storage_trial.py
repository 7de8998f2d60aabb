"""Which setting a server refuses is found by leaving out one after the other; what it ignores is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from smug2s3.rules.finding import GOOD, NOTE
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores import storing
from smug2s3.stores.storage_trial import StorageTrial

WISHES = Storage(storage_class="GLACIER_IR", encryption="aws:kms", kms_key="k", tags=(("a", "b"),), acl="private")
KEPT = {"StorageClass": "GLACIER_IR", "ServerSideEncryption": "aws:kms"}
TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}
CLASS, KEY = "x-amz-storage-class", "x-amz-server-side-encryption-aws-kms-key-id"


def refusal(code: str = "InvalidArgument") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no such thing"}, "ResponseMetadata": {}}, "PutObject")


@dataclass(slots=True)
class Server:
    """Refuses a PUT with such headers, and says of the object what it is told to."""

    refuses: Callable[[dict[str, str]], bool] = lambda _: False
    head: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, Any] | ClientError = field(default_factory=dict)
    puts: int = 0

    async def call(self, operation: str, **_: Any) -> Any:
        if operation == "head_object":
            return self.head
        if operation == "get_object_tagging":
            if isinstance(self.tags, ClientError):
                raise self.tags
            return self.tags
        assert operation == "put_object"
        self.puts += 1
        if self.refuses(storing.headers(WISHES, "PutObject", "a.jpg")):
            raise refusal()
        return {}

    def trial(self, storage: Storage = WISHES) -> StorageTrial:
        return StorageTrial(storage, self.call, "x")


@pytest.mark.parametrize(
    ("refuses", "settings"),
    [
        pytest.param(lambda _: False, None, id="nothing"),
        pytest.param(lambda _: True, None, id="everything, so it is not about them"),
        pytest.param(lambda sent: CLASS in sent, "S3_STORAGE_CLASS=GLACIER_IR", id="the class"),
        pytest.param(lambda sent: KEY in sent, "S3_SSE=aws:kms with k", id="the key"),
        pytest.param(lambda sent: "x-amz-tagging" in sent, "S3_TAGS=a=b", id="tags"),
        pytest.param(
            lambda sent: CLASS in sent or KEY not in sent,
            "S3_STORAGE_CLASS=GLACIER_IR",
            id="the class, and whatever is not encrypted",
        ),
        pytest.param(
            lambda sent: CLASS in sent or KEY in sent,
            "S3_STORAGE_CLASS=GLACIER_IR with S3_SSE=aws:kms with k with S3_TAGS=a=b with S3_ACL=private",
            id="two of them",
        ),
    ],
)
async def test_the_setting_that_is_refused_is_named(
    refuses: Callable[[dict[str, str]], bool], settings: str | None
) -> None:
    found = await Server(refuses).trial().refusal()
    assert (found and found.settings) == settings
    if found:
        assert str(found.error) == f"the S3 server does not accept {settings}: InvalidArgument (no such thing)"
        assert found.error.exit_code == 2


async def test_without_wishes_nothing_is_tried() -> None:
    server = Server(lambda _: True)
    trial = server.trial(ORDINARY)
    assert await trial.refusal() is None
    assert [finding async for finding in trial.kept()] == []
    assert server.puts == 0


@pytest.mark.parametrize(
    ("head", "tags", "grades"),
    [
        pytest.param(KEPT, TAGS, (GOOD, GOOD, GOOD, GOOD), id="all is kept"),
        pytest.param({}, {"TagSet": []}, (NOTE, NOTE, NOTE, GOOD), id="all is ignored"),
        pytest.param(KEPT, refusal("AccessDenied"), (GOOD, GOOD, NOTE, GOOD), id="tags may not be read"),
        pytest.param(KEPT | {"StorageClass": "COLD"}, TAGS, (NOTE, GOOD, GOOD, GOOD), id="another class"),
    ],
)
async def test_what_a_server_ignores_is_no_good_finding(
    head: dict[str, Any], tags: dict[str, Any] | ClientError, grades: tuple[str, ...]
) -> None:
    trial = Server(head=head, tags=tags).trial()
    found = [finding async for finding in trial.kept()]
    assert [finding.name for finding in found] == ["S3_STORAGE_CLASS", "S3_SSE", "S3_TAGS", "S3_ACL"]
    assert tuple(finding.grade for finding in found) == grades
