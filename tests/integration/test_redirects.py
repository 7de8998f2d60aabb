"""Nothing on the store's side leads anywhere: no byte, title or signature goes where an answer points."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from smug2s3.errors import StoreError
from smug2s3.flow.retry import RetryPolicy
from smug2s3.models import Proof, Receipt, StoreTarget
from smug2s3.stores.s3 import S3Store, open_s3
from tests.contract.bodies import md5_of
from tests.integration.test_store_answers import PARTS, PHOTO, SMALL, VIDEO, keys, put
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault, fault_proxy

ONCE = RetryPolicy(attempts=1, first_wait=0.01, longest_wait=0.01)


@pytest.fixture
async def store(bucket: Bucket, proxy: FaultProxy) -> AsyncIterator[S3Store]:
    """The bucket through the proxy, everything asked for once."""
    async with open_s3(
        bucket=bucket.name,
        provider=PARTS,
        endpoint=proxy.endpoint,
        region="us-east-1",
        access_key=bucket.server.access_key,
        secret_key=bucket.server.secret_key,
        connections=10,
        policy=ONCE,
    ) as store:
        yield store


async def _copied(store: S3Store) -> Receipt:
    md5 = md5_of(SMALL)
    source = Receipt(key="a.jpg", size=len(SMALL), md5=md5, etag=md5, stored_at="", proof=Proof.ETAG)
    return await store.copy(source, StoreTarget(key="copy.jpg", content_type="image/jpeg"))


CALLS: dict[str, tuple[Callable[[S3Store], Awaitable[object]], str, str]] = {
    "check": (lambda store: store.check(""), "GET", "*"),
    "list": (keys, "GET", "*"),
    "head": (lambda store: store.head("a.jpg"), "HEAD", "*"),
    "read": (lambda store: anext(store.read("a.jpg")), "GET", "*a.jpg*"),
    "beginning": (lambda store: store.beginning("a.jpg", 10), "GET", "*a.jpg*"),
    "delete": (lambda store: store.delete("a.jpg"), "DELETE", "*"),
    "put": (lambda store: put(store, "a.jpg", SMALL, title="Rose"), "PUT", "*"),
    "put-streamed": (lambda store: put(store, "a.jpg", PHOTO, title="Rose"), "PUT", "*"),
    "begin-parts": (lambda store: put(store, "a.mp4", VIDEO), "POST", "*uploads*"),
    "part": (lambda store: put(store, "a.mp4", VIDEO), "PUT", "*partNumber*"),
    "complete": (lambda store: put(store, "a.mp4", VIDEO), "POST", "*uploadId*"),
    "copy": (_copied, "COPY", "*"),
}


@pytest.mark.parametrize("call", CALLS)
async def test_where_an_answer_points_is_said_and_nothing_goes_there(
    store: S3Store, bucket: Bucket, proxy: FaultProxy, call: str
) -> None:
    act, method, path = CALLS[call]
    await put(store, "a.jpg", SMALL)
    async with fault_proxy(bucket.server.endpoint) as elsewhere:
        there = f"{elsewhere.endpoint}/{bucket.name}/a.jpg?token=secret"
        leads = [(status, there) for status in (301, 302, 303, 307, 308)]
        leads += [(302, "https://portal.example/login"), (308, proxy.endpoint.replace("http:", "https:") + "/x")]
        for status, location in leads:
            headers = (("Location", location),)
            proxy.script(
                StoreFault(
                    action="answer", method=method, path=path, status=status, headers=headers, body="", times=None
                )
            )

            with pytest.raises(
                StoreError, match=f"{status}.*{location.rpartition('/')[0].rpartition('/')[0][:22]}"
            ) as e:
                await act(store)

            assert "secret" not in str(e.value)
            assert proxy.struck
        assert elsewhere.log == []
    assert bucket.path("a.jpg").read_bytes() == SMALL
    assert await bucket.open_uploads() == []


@pytest.mark.parametrize("warm", [False, True], ids=["the-librarys-put", "our-own"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_an_answer_that_speaks_s3_leads_no_further(
    store: S3Store, bucket: Bucket, proxy: FaultProxy, status: int, *, warm: bool
) -> None:
    if warm:
        await put(store, "pattern.jpg", SMALL)
    async with fault_proxy(bucket.server.endpoint) as elsewhere:
        host = elsewhere.endpoint.removeprefix("http://")
        body = f"<Error><Code>PermanentRedirect</Code><Endpoint>{host}</Endpoint><Bucket>b</Bucket></Error>"
        headers = (("Location", elsewhere.endpoint), ("x-amz-bucket-region", "eu-west-1"), ("x-amz-request-id", "1"))
        proxy.script(StoreFault(action="answer", status=status, headers=headers, body=body, times=None))

        for content in (SMALL, PHOTO):
            # Of a region the library learns itself, which a stream that is gone cannot follow.
            with pytest.raises(StoreError, match=f"{elsewhere.endpoint}|bucket is elsewhere"):
                await put(store, "a.jpg", content)

        assert elsewhere.log == []
