"""What a store answers is proven or not believed: pages of others, answers without an ETag, lists without an end."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from smug2s3.errors import StoreBroken, StoreBusy, StoreCorrupt, StoreError, StoreMissing, StoreRefused, StoreUnusable
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Proof, Receipt, StoreTarget
from smug2s3.rules.finding import BAD, GOOD
from smug2s3.stores.quirks import Provider
from smug2s3.stores.s3 import S3Store
from smugmug_simulator import Simulator, worlds
from tests.contract.bodies import md5_of, pieces
from tests.support.bucket import Bucket
from tests.support.fault_proxy import NOTHING, PORTAL, Etags, FaultProxy, StoreFault, fault_proxy
from tests.support.quick import Pair, quick_store

MIB = 1024 * 1024
SMALL, PHOTO = b"small" * 100, bytes(range(256)) * 5 * 1024
VIDEO = b"".join(hashlib.sha256(bytes([n % 256, n // 256 % 256])).digest() * 32 for n in range(11 * 1024)) + b"end"
PARTS = Provider(name="small parts", single_put=5 * MIB, part_size=5 * MIB)
TRIAL = "*.smug2s3-check-*"
LISTING, COMPLETE = "*list-type*", "*uploadId=*"


@pytest.fixture
async def pair(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account, through the proxy, not moved yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)


@pytest.fixture
async def store(bucket: Bucket, proxy: FaultProxy) -> AsyncIterator[S3Store]:
    """The bucket through the proxy; what is larger than five megabytes goes in parts."""
    async with through(bucket, proxy) as store:
        yield store


def through(bucket: Bucket, proxy: FaultProxy, **limits: Any) -> AbstractAsyncContextManager[S3Store]:
    """Such a store, with less patience."""
    return quick_store(bucket, endpoint=proxy.endpoint, provider=PARTS, **limits)


async def put(store: S3Store, key: str, content: bytes, **metadata: str) -> Receipt:
    """Its MD5 is known, as SmugMug's are."""
    target = StoreTarget(key=key, content_type="image/jpeg", metadata=tuple(metadata.items()))
    return await store.put(target, CheckedStream(pieces(content), size=len(content), md5=md5_of(content)))


async def keys(store: S3Store) -> list[str]:
    """As listed."""
    return [found.key async for page in store.list("") for found in page]


# Answers that are no store's


ACTS: dict[str, Any] = {
    "check": lambda store: store.check("smugmug/"),
    "list": keys,
    "head": lambda store: store.head("a.jpg"),
    "read": lambda store: anext(store.read("a.jpg")),
    "beginning": lambda store: store.beginning("a.jpg", 10),
    "delete": lambda store: store.delete("a.jpg"),
    "put": lambda store: put(store, "a.jpg", SMALL),
    "put-streamed": lambda store: put(store, "a.jpg", PHOTO),
    "put-in-parts": lambda store: put(store, "a.jpg", VIDEO),
}


@pytest.mark.parametrize("act", ACTS)
async def test_a_sign_in_page_in_place_of_the_server_is_reported_by_its_first_words(
    store: S3Store, bucket: Bucket, proxy: FaultProxy, act: str
) -> None:
    await put(store, "a.jpg", b"before")
    proxy.script(replace(PORTAL, times=None))

    with pytest.raises(StoreBroken, match="not an S3 response") as failure:
        await ACTS[act](store)

    assert failure.value.exit_code == 4
    if act not in ("head", "read", "beginning"):
        assert "Hotel Wi-Fi Please sign in" in str(failure.value)
    assert bucket.path("a.jpg").read_bytes() == b"before"


@pytest.mark.parametrize("act", ["check", "list", "put", "put-streamed", "put-in-parts"])
async def test_a_server_that_takes_everything_and_says_nothing_is_no_store(
    store: S3Store, proxy: FaultProxy, act: str
) -> None:
    proxy.script(replace(NOTHING, times=None))

    with pytest.raises(StoreBroken):
        await ACTS[act](store)


@pytest.mark.parametrize("page", [PORTAL, NOTHING], ids=["page", "nothing"])
async def test_a_put_that_somebody_else_took_is_no_object_and_is_sent_again(
    pair: Pair, proxy: FaultProxy, page: StoreFault
) -> None:
    proxy.script(replace(page, method="PUT", path="*rose*", times=2))

    summary = await pair.sync()

    assert (summary.moved, proxy.struck, pair.reporter.failures) == (6, 2, {})
    pair.assert_complete()


@pytest.mark.parametrize("page", [PORTAL, NOTHING], ids=["page", "nothing"])
async def test_what_somebody_else_always_takes_is_failed_and_not_recorded(
    pair: Pair, proxy: FaultProxy, page: StoreFault
) -> None:
    proxy.script(replace(page, method="PUT", path="*rose*", times=None))

    summary = await pair.sync()

    assert (summary.moved, summary.failed) == (5, 1)
    assert pair.reporter.failures["Garden/rose.jpg"].startswith("store: ")
    proxy.script()
    assert (await pair.sync()).moved == 1
    pair.assert_complete()


async def test_a_run_into_a_sign_in_page_ends_with_a_sentence_before_anything_is_copied(
    pair: Pair, proxy: FaultProxy
) -> None:
    proxy.script(replace(PORTAL, times=None))

    with pytest.raises(StoreBroken, match="Please sign in"):
        await pair.sync()
    assert proxy.count("PUT") == 0


async def test_a_redirect_is_never_followed_with_a_photo_in_hand(
    store: S3Store, bucket: Bucket, proxy: FaultProxy
) -> None:
    await put(store, "pattern.jpg", SMALL)
    async with fault_proxy(bucket.server.endpoint) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            leads = (("Location", f"{elsewhere.endpoint}/{bucket.name}/a.jpg"),)
            proxy.script(StoreFault(action="answer", status=status, headers=leads, times=None))

            with pytest.raises(StoreError):
                await put(store, "a.jpg", SMALL)

        assert elsewhere.log == []
        assert proxy.count("HEAD") <= 5  # each is followed by one question for the bucket's region at most


async def test_a_bucket_that_is_elsewhere_for_now_is_asked_again(store: S3Store, proxy: FaultProxy) -> None:
    await put(store, "pattern.jpg", SMALL)
    proxy.script(StoreFault(action="answer", method="PUT", status=307, code="TemporaryRedirect"))

    with pytest.raises(StoreBusy, match="TemporaryRedirect"):
        await put(store, "a.jpg", SMALL)
    assert (await put(store, "a.jpg", SMALL)).proof is Proof.ETAG


# Answers without an ETag


@pytest.mark.parametrize(("content", "proof"), [(SMALL, Proof.ETAG), (PHOTO, Proof.ETAG)], ids=["small", "photo"])
async def test_an_answer_without_an_etag_is_followed_by_one_look(
    store: S3Store, proxy: FaultProxy, content: bytes, proof: Proof
) -> None:
    proxy.script(StoreFault(action="no_etag", method="PUT", times=None))

    for key in ("through-the-library.jpg", "our-own.jpg"):
        receipt = await put(store, key, content)
        assert (receipt.etag, receipt.proof) == (md5_of(content), proof)

    assert proxy.count("HEAD") == 2


async def test_an_empty_etag_of_a_completed_upload_is_followed_by_one_look(store: S3Store, proxy: FaultProxy) -> None:
    proxy.script(StoreFault(action="no_etag", method="POST", path=COMPLETE))

    receipt = await put(store, "video.mp4", VIDEO)

    assert (proxy.struck, proxy.count("HEAD")) == (1, 1)
    assert (receipt.etag, receipt.proof) == (md5_of(VIDEO), Proof.ETAG)


async def test_a_part_that_got_no_etag_is_sent_again(store: S3Store, proxy: FaultProxy) -> None:
    proxy.script(StoreFault(action="no_etag", method="PUT", path="*partNumber=2*"))

    assert (await put(store, "video.mp4", VIDEO)).proof is Proof.PARTS
    assert proxy.count("PUT", "*partNumber=2*") == 2


async def test_a_store_that_never_names_an_etag_has_what_it_took_read_back(store: S3Store, proxy: FaultProxy) -> None:
    proxy.script(*(StoreFault(action="no_etag", method=method, times=None) for method in ("PUT", "HEAD")))

    receipt = await put(store, "a.jpg", PHOTO)

    assert (receipt.etag, receipt.proof) == ("", Proof.READ)
    assert (await store.head("a.jpg")).etag == ""


async def test_what_has_another_size_when_asked_is_not_believed(store: S3Store, proxy: FaultProxy) -> None:
    proxy.script(
        StoreFault(action="no_etag", method="PUT"),
        StoreFault(action="answer", method="HEAD", status=200, headers=(("ETag", '"x"'),), body="short"),
    )

    with pytest.raises(StoreBroken, match=r"has 5 of [\d]+ bytes"):
        await put(store, "a.jpg", SMALL)


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_check_says_what_answers_in_place_of_the_server(store: S3Store, proxy: FaultProxy, method: str) -> None:
    proxy.script(replace(PORTAL, method=method, times=None))

    with pytest.raises(StoreBroken, match="Please sign in"):
        await findings(store)


async def test_a_check_of_a_server_that_keeps_nothing_is_bad(store: S3Store, proxy: FaultProxy) -> None:
    proxy.script(replace(NOTHING, method="PUT", times=None))

    assert (await findings(store))["write and read"] == BAD


async def test_a_check_passes_over_settings_that_nobody_tells(store: S3Store, proxy: FaultProxy) -> None:
    proxy.script(
        *(
            replace(PORTAL, method="GET", path=f"*{what}*", times=None)
            for what in ("uploads", "lifecycle", "versioning")
        )
    )

    assert (await findings(store))["list"] == GOOD


async def findings(store: S3Store) -> dict[str, str]:
    """The grade of each."""
    await store.check("smugmug/")
    return {finding.name: finding.grade async for finding in store.probe("smugmug/").findings()}


# Opaque ETags


@pytest.mark.parametrize("etags", ["disguised", "foreign"])
async def test_opaque_etags_of_a_server_that_rejects_wrong_bytes_are_as_good(
    store: S3Store, proxy: FaultProxy, etags: Etags
) -> None:
    proxy.etags = etags

    proofs = [(await put(store, f"{n}.jpg", content)).proof for n, content in enumerate([SMALL, PHOTO, PHOTO, VIDEO])]

    # The first that looks like an MD5 is read back, to learn that it is none.
    assert proofs == [Proof.READ if etags == "disguised" else Proof.CHECKED, *[Proof.CHECKED] * 3]
    assert proxy.count("PUT", TRIAL) == 1
    assert proxy.count("GET", "*/?.jpg") == (1 if etags == "disguised" else 0)
    assert proxy.count("HEAD") == 0


@pytest.mark.parametrize("etags", ["disguised", "foreign"])
async def test_with_a_server_that_rejects_nothing_only_small_objects_are_read_back(
    store: S3Store, proxy: FaultProxy, etags: Etags
) -> None:
    proxy.etags = etags
    proxy.script(replace(NOTHING, method="PUT", path=TRIAL, times=None, headers=(("ETag", '"x"'),)))

    proofs = [(await put(store, f"{n}.jpg", content)).proof for n, content in enumerate([SMALL, SMALL, PHOTO, VIDEO])]

    assert proofs == [Proof.READ, Proof.READ, Proof.NONE, Proof.NONE]
    assert proxy.count("PUT", TRIAL) == 1


async def test_what_may_not_be_read_back_stays_unproven_and_is_no_failure(store: S3Store, proxy: FaultProxy) -> None:
    proxy.etags = "foreign"
    proxy.script(
        replace(NOTHING, method="PUT", path=TRIAL, times=None, headers=(("ETag", '"x"'),)),
        StoreFault(action="answer", method="GET", path="*a.jpg*", status=403, code="InvalidObjectState", times=None),
    )

    assert (await put(store, "a.jpg", SMALL)).proof is Proof.NONE


async def test_the_ordinary_put_costs_one_request(store: S3Store, proxy: FaultProxy) -> None:
    for number in range(5):
        assert (await put(store, f"{number}.jpg", SMALL)).proof is Proof.ETAG

    assert [one.method for one in proxy.log] == ["PUT"] * 5


# Wrong ETags


async def test_a_wrong_etag_where_they_are_md5s_has_each_object_read_back(store: S3Store, proxy: FaultProxy) -> None:
    assert (await put(store, "0.jpg", SMALL)).proof is Proof.ETAG
    proxy.script(StoreFault(action="wrong_etag", method="PUT", times=2))

    proofs = [(await put(store, f"{n}.jpg", SMALL)).proof for n in (1, 2, 3)]

    assert proofs == [Proof.READ, Proof.READ, Proof.ETAG]


async def test_a_part_whose_etag_is_another_md5_is_sent_again(store: S3Store, proxy: FaultProxy) -> None:
    assert (await put(store, "first.mp4", VIDEO)).proof is Proof.PARTS
    proxy.script(StoreFault(action="wrong_etag", method="PUT", path="*partNumber=2*"))

    assert (await put(store, "second.mp4", VIDEO)).proof is Proof.PARTS
    assert proxy.count("PUT", "*second*partNumber=2*") == 2


async def test_an_upload_with_a_part_that_turns_out_wrong_is_not_completed(store: S3Store, proxy: FaultProxy) -> None:
    proxy.script(StoreFault(action="wrong_etag", method="PUT", path="*partNumber=1*", times=None))

    with pytest.raises(StoreError, match="differ from those sent for part 1"):
        await put(store, "video.mp4", VIDEO)

    assert proxy.count("POST", COMPLETE) == 0
    assert await keys(store) == []


async def test_a_whole_that_names_other_parts_is_read_back(store: S3Store, proxy: FaultProxy) -> None:
    assert (await put(store, "first.mp4", VIDEO)).proof is Proof.PARTS
    proxy.script(StoreFault(action="wrong_etag", method="POST", path=COMPLETE))

    assert (await put(store, "second.mp4", VIDEO)).proof is Proof.READ


@pytest.mark.parametrize("etags", ["", "foreign"])
async def test_parts_left_behind_are_taken_up_only_where_their_etags_show_what_they_are(
    store: S3Store, bucket: Bucket, proxy: FaultProxy, etags: Etags
) -> None:
    proxy.etags = etags
    where = {"Bucket": bucket.name, "Key": "video.mp4"}
    async with bucket.client() as client:
        upload = await client.create_multipart_upload(**where)
        await client.upload_part(**where, UploadId=upload["UploadId"], PartNumber=1, Body=VIDEO[: 5 * MIB])

    receipt = await put(store, "video.mp4", VIDEO, title="new")

    assert proxy.count("PUT", "*partNumber=1*") == (1 if etags else 0)
    assert receipt.proof is (Proof.CHECKED if etags else Proof.ETAG)  # described anew, it is one piece
    assert (await store.head("video.mp4")).metadata == {"title": "new"}
    assert await bucket.open_uploads() == []
    assert bucket.path("video.mp4").read_bytes() == VIDEO


async def test_metadata_updated_after_a_resumed_upload_is_verified_again(
    store: S3Store, bucket: Bucket, proxy: FaultProxy
) -> None:
    where = {"Bucket": bucket.name, "Key": "video.mp4"}
    async with bucket.client() as client:
        upload = await client.create_multipart_upload(**where)
        await client.upload_part(**where, UploadId=upload["UploadId"], PartNumber=1, Body=VIDEO[: 5 * MIB])
    proxy.script(StoreFault(action="hold", method="COPY"))
    sent = asyncio.create_task(put(store, "video.mp4", VIDEO, title="new"))
    await proxy.stalled.wait()
    bucket.path("video.mp4").write_bytes(VIDEO[::-1])
    await bucket.changed_from_outside()
    proxy.let_go.set()

    with pytest.raises(StoreCorrupt):
        await sent


# Lists


@pytest.mark.parametrize("action", ["truncated", "same_token"])
async def test_a_listing_without_an_end_is_an_error_and_ends(store: S3Store, proxy: FaultProxy, action: Any) -> None:
    await put(store, "a.jpg", SMALL)
    proxy.script(StoreFault(action=action, method="GET", path=LISTING, times=None))

    with pytest.raises(StoreBroken, match="the S3 server's listing of bucket"):
        await keys(store)
    assert proxy.count("GET", LISTING) < 10


async def test_a_listing_that_breaks_off_once_is_asked_for_again(store: S3Store, proxy: FaultProxy) -> None:
    await put(store, "a.jpg", SMALL)
    proxy.script(StoreFault(action="truncated", method="GET", path=LISTING))

    assert await keys(store) == ["a.jpg"]


@pytest.mark.parametrize("entry", ["<Size>1</Size>", "<Key>a.jpg</Key>", ""])
async def test_an_entry_that_says_too_little_is_an_error(store: S3Store, proxy: FaultProxy, entry: str) -> None:
    listing = f"<ListBucketResult><Contents>{entry}</Contents></ListBucketResult>"
    proxy.script(StoreFault(action="answer", method="GET", status=200, body=listing, times=None))

    with pytest.raises(StoreBroken, match="without a name or a size"):
        await keys(store)


async def test_a_listing_with_new_tokens_for_ever_is_known_by_its_entries(store: S3Store, proxy: FaultProxy) -> None:
    listing = (
        "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>{}</NextContinuationToken>"
        "<Contents><Key>a.jpg</Key><Size>1</Size></Contents></ListBucketResult>"
    )
    proxy.script(
        *(StoreFault(action="answer", method="GET", status=200, body=listing.format(number)) for number in range(20))
    )

    with pytest.raises(StoreBroken, match="repeats itself"):
        await keys(store)
    assert proxy.count("GET") == 2


OTHER_DOCUMENTS = {
    "an empty element": "<ListBucketResult/>",
    "one that ends too soon": "<ListBucketResult><Name>b</Name><Contents><Key>a.jpg</Key>",
    "a size that is no number": "<ListBucketResult><Contents><Key>a.jpg</Key><Size>big</Size></Contents></ListBucketResult>",
    "of another prefix": "<ListBucketResult><Contents><Key>b/a</Key><Size>1</Size></Contents></ListBucketResult>",
    "a count and no entries": "<ListBucketResult><KeyCount>6</KeyCount></ListBucketResult>",
    "of buckets": "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>",
    "a feed": "<?xml version='1.0'?><rss><channel/></rss>",
    "nothing": "",
    "plain text": "OK",
}


@pytest.mark.parametrize("body", OTHER_DOCUMENTS.values(), ids=OTHER_DOCUMENTS)
async def test_from_another_document_in_a_listings_place_nothing_is_concluded(
    store: S3Store, proxy: FaultProxy, body: str
) -> None:
    proxy.script(StoreFault(action="answer", method="GET", status=200, body=body, times=None))

    with pytest.raises(StoreBroken):
        [page async for page in store.list("smugmug/")]
    with pytest.raises(StoreBroken):
        await store.check("smugmug/")


async def test_a_verification_that_gets_such_a_listing_finds_nothing_missing(pair: Pair, proxy: FaultProxy) -> None:
    await pair.sync()
    proxy.script(
        StoreFault(action="answer", method="GET", path=LISTING, status=200, body="<ListBucketResult/>", times=None)
    )

    with pytest.raises(StoreBroken, match="is empty"):
        await pair.verify(repair=True)

    proxy.script()
    assert (await pair.sync(full=True)).moved == 0


@pytest.mark.parametrize("act", ["list", "delete", "put", "put-streamed", "put-in-parts"])
async def test_an_error_that_comes_as_a_success_is_an_error(store: S3Store, proxy: FaultProxy, act: str) -> None:
    body = "<Error><Code>InternalError</Code><Message>x</Message></Error>"
    proxy.script(StoreFault(action="answer", status=200, body=body, times=None))

    with pytest.raises(StoreError):
        await ACTS[act](store)


# Refusals of one thing


async def test_a_name_that_the_server_cannot_sign_is_that_files_failure(pair: Pair, proxy: FaultProxy) -> None:
    refusal = StoreFault(action="answer", path="*rose*", status=403, code="SignatureDoesNotMatch", times=None)
    proxy.script(replace(refusal, method="PUT"))

    summary = await pair.sync(transfers=1)

    assert (summary.moved, summary.failed) == (5, 1)
    assert "SignatureDoesNotMatch" in pair.reporter.failures["Garden/rose.jpg"]
    proxy.script()
    assert (await pair.sync()).moved == 1
    pair.assert_complete()


@pytest.mark.parametrize("content", [SMALL, PHOTO], ids=["small", "streamed"])
async def test_what_our_own_request_is_refused_the_library_is_asked_once(
    store: S3Store, proxy: FaultProxy, content: bytes
) -> None:
    await put(store, "pattern.jpg", SMALL)
    proxy.script(StoreFault(action="answer", method="PUT", path="*a.jpg*", status=403, code="SignatureDoesNotMatch"))

    if content is PHOTO:  # the proxy takes the body before it answers, so that another try needs a new one
        with pytest.raises(StoreBusy, match="in a different way"):
            await put(store, "a.jpg", content)

    assert (await put(store, "a.jpg", content)).proof is Proof.ETAG
    assert proxy.count("PUT", "*a.jpg*") == 2


@pytest.mark.parametrize("content", [SMALL, PHOTO], ids=["small", "streamed"])
async def test_a_store_that_dislikes_our_own_signature_takes_the_librarys_at_once(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    tried: list[str] = []

    def wrong(_method: str, path: str, *_: object) -> str:
        tried.append(path)
        return "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"

    monkeypatch.setattr("smug2s3.stores.pattern.authorization", wrong)
    async with quick_store(bucket) as store:
        for key in ("pattern.jpg", "a.jpg", "a.jpg"):
            assert (await put(store, key, content)).proof is Proof.ETAG

    assert tried == [f"/{bucket.name}/a.jpg"]


@pytest.mark.parametrize("code", ["ExpiredToken", "RequestTimeTooSkewed"])
async def test_a_request_signed_before_a_sleep_is_signed_again(pair: Pair, proxy: FaultProxy, code: str) -> None:
    proxy.script(StoreFault(action="answer", method="PUT", path="*rose*", status=403, code=code, times=2))

    summary = await pair.sync()

    assert (summary.moved, proxy.struck, pair.reporter.failures) == (6, 2, {})
    pair.assert_complete()


@pytest.mark.parametrize("code", ["ExpiredToken", "RequestTimeTooSkewed"])
@pytest.mark.parametrize("act", ACTS)
async def test_every_call_that_was_signed_too_long_ago_is_signed_again(
    store: S3Store, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, act: str, code: str
) -> None:
    monkeypatch.setattr("smug2s3.stores.bucket.SIGNED_ANEW_AFTER", (0.0, 0.01))
    await put(store, "a.jpg", SMALL)
    times = {"check": 2, "head": 1}.get(act, 3)  # to a HEAD nobody says why
    proxy.script(StoreFault(action="answer", status=403, code=code, times=times))

    try:
        await ACTS[act](store)
    except StoreBusy:  # a stream is gone by then: a mover comes with another
        await ACTS[act](store)

    assert proxy.struck == times


async def test_a_clock_that_stays_wrong_ends_the_run(
    store: S3Store, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smug2s3.stores.bucket.SIGNED_ANEW_AFTER", (0.0, 0.01))
    proxy.script(StoreFault(action="answer", status=403, code="RequestTimeTooSkewed", times=None))

    with pytest.raises(StoreUnusable, match="clock is wrong"):
        await put(store, "a.jpg", SMALL)


async def test_a_clock_that_only_uploads_are_refused_for_ends_the_run_and_is_named(
    pair: Pair, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smug2s3.stores.control.OUTDATED_FOR", 0.05)
    there = format_datetime(datetime.now(UTC) + timedelta(seconds=1234), usegmt=True)
    proxy.script(StoreFault(
        action="answer", method="PUT", status=403, code="RequestTimeTooSkewed", times=None, headers=(("Date", there),)
    ))  # fmt: skip

    with pytest.raises(StoreUnusable, match=r"clock is 1,23\d seconds behind the S3 server's"):
        await pair.sync()

    assert pair.reporter.failures == {}


async def test_a_head_that_is_forbidden_ends_nothing_while_the_bucket_can_be_listed(
    store: S3Store, proxy: FaultProxy
) -> None:
    proxy.script(StoreFault(action="answer", method="HEAD", status=403, times=None))

    with pytest.raises(StoreRefused, match="403"):
        await store.head("a.jpg")
    assert proxy.count("GET", LISTING) == 1


ODD = ["a%2Fb.jpg", "a%252Fb.jpg", "100%.jpg", "a+b c.jpg", "a&b=c;d,e.jpg", "é 日本 (1)'!*~.jpg", "a:b@c$.jpg"]


async def test_odd_names_are_signed_right_by_us_and_by_the_library(store: S3Store, proxy: FaultProxy) -> None:
    for folder in ("first", "again"):
        for name in ODD:
            assert (await put(store, f"{folder}/{name}", SMALL)).proof is Proof.ETAG
            assert (await store.head(f"{folder}/{name}")).size == len(SMALL)

    assert proxy.count("PUT") == 2 * len(ODD)
    assert sorted(await keys(store)) == sorted(f"{folder}/{name}" for folder in ("first", "again") for name in ODD)


# Long work, and long waits


async def test_a_store_may_take_long_to_make_one_object_of_parts(bucket: Bucket, proxy: FaultProxy) -> None:
    proxy.script(StoreFault(action="slow", method="POST", path=COMPLETE, seconds=2.0))

    async with through(bucket, proxy, stall=0.7) as store:
        assert (await put(store, "video.mp4", VIDEO)).proof is Proof.PARTS
    assert proxy.count("POST", COMPLETE) == 1


async def test_a_store_may_take_long_to_copy(bucket: Bucket, proxy: FaultProxy) -> None:
    async with through(bucket, proxy, stall=0.7) as store:
        receipt = await put(store, "a.jpg", SMALL)
        proxy.script(StoreFault(action="slow", method="PUT", seconds=2.0))

        await store.copy(receipt, StoreTarget(key="b.jpg", content_type="image/jpeg"))

        assert proxy.count("PUT", "*b.jpg*") == 1


async def test_what_took_too_long_is_looked_for_before_it_is_started_again(bucket: Bucket, proxy: FaultProxy) -> None:
    proxy.script(StoreFault(action="slow", method="POST", path=COMPLETE, seconds=20.0))

    async with through(bucket, proxy, work=0.7) as store:
        receipt = await put(store, "video.mp4", VIDEO)

    assert receipt.proof is Proof.ETAG
    assert (sum(proxy.hits.values()), proxy.count("HEAD")) == (1, 1)


async def test_what_took_too_long_with_opaque_etags_is_read_back(bucket: Bucket, proxy: FaultProxy) -> None:
    proxy.etags = "foreign"
    proxy.script(StoreFault(action="reply_lost", method="POST", path=COMPLETE))

    async with through(bucket, proxy) as store:
        assert (await put(store, "video.mp4", VIDEO)).proof is Proof.READ


async def test_an_older_object_at_its_key_is_not_taken_for_a_completed_upload(
    store: S3Store, bucket: Bucket, proxy: FaultProxy
) -> None:
    await put(store, "video.mp4", VIDEO[::-1])
    proxy.etags = "foreign"
    proxy.script(StoreFault(action="answer", method="POST", path=COMPLETE, status=404, code="NoSuchUpload", times=None))

    with pytest.raises(StoreError, match="did not confirm"):
        await put(store, "video.mp4", VIDEO)
    assert bucket.path("video.mp4").read_bytes() == VIDEO[::-1]


async def test_when_the_server_says_so_a_part_waits_longer_than_silence_may_last(
    bucket: Bucket, proxy: FaultProxy
) -> None:
    wait = (("Retry-After", "2"),)
    proxy.script(StoreFault(action="answer", method="PUT", path="*partNumber=3*", headers=wait))

    async with through(bucket, proxy, stall=0.7) as store:
        assert (await put(store, "video.mp4", VIDEO)).proof is Proof.PARTS


async def test_what_is_not_there_is_missing_and_no_foreign_answer(store: S3Store) -> None:
    for act in ("head", "read", "beginning"):
        with pytest.raises(StoreMissing):
            await ACTS[act](store)
