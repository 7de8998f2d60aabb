"""What a store refuses to be told besides the bytes is left out, no more than that, and once found out for the run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from smug2s3.errors import StoreRefused
from smug2s3.models import Proof, StoreTarget
from smug2s3.stores.s3 import S3Store
from smugmug_simulator import Simulator, worlds
from tests.integration.test_store_answers import PHOTO, SMALL, VIDEO, keys, put, through
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.quick import Pair
from tests.support.recorder import Recorder

Headers = Mapping[str, str]
LONG = "Once upon a time " * 40
META = "x-amz-meta-"
TRIAL = "*.smug2s3-check-*"


def meta(headers: Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith(META)}


def has_long_value(headers: Headers) -> bool:
    """As OpenStack Swift has it."""
    return any(len(value) > 256 for value in meta(headers).values())


def has_texts(headers: Headers) -> bool:
    return any(f"{META}{name}" in headers for name in ("title", "caption", "keywords"))


def has_more_than_the_key(headers: Headers) -> bool:
    return bool(meta(headers).keys() - {f"{META}image-key"})


def has_any(headers: Headers) -> bool:
    return bool(meta(headers))


def refusal(status: int, code: str, when: Callable[[Headers], bool], **more: str) -> StoreFault:
    return StoreFault(action="answer", method="P*", status=status, code=code, times=None, when=when, **more)  # type: ignore[arg-type]


@pytest.fixture
async def reporter() -> Recorder:
    """Who hears of it."""
    return Recorder()


@pytest.fixture
async def store(bucket: Bucket, proxy: FaultProxy, reporter: Recorder) -> AsyncIterator[S3Store]:
    """The bucket through the proxy."""
    async with through(bucket, proxy, reporter=reporter) as store:
        yield store


async def stored(store: S3Store, key: str, content: bytes) -> dict[str, str]:
    """What was kept of one with everything, sent until it is taken, as a mover does."""
    said = {"title": "Rose", "caption": LONG, "keywords": LONG, "image-key": "k1", "serial": "0"}
    for _ in range(4):
        try:
            receipt = await put(store, key, content, **said)
        except Exception as error:
            if not getattr(error, "retryable", False):
                raise
        else:
            assert receipt.proof.holds
            return (await store.head(key)).metadata
    raise AssertionError("never taken")


KINDS: dict[str, tuple[StoreFault, set[str]]] = {
    "swift": (refusal(500, "InternalError", has_long_value), {"title", "caption", "keywords", "image-key", "serial"}),
    "swift-that-says-it-is-busy": (
        refusal(503, "SlowDown", has_long_value),
        {"title", "caption", "keywords", "image-key", "serial"},
    ),
    "too-large": (
        refusal(400, "MetadataTooLarge", lambda headers: sum(map(len, meta(headers).values())) > 700),
        {"title", "caption", "keywords", "image-key", "serial"},
    ),
    "no-texts": (refusal(403, "AccessDenied", has_texts), {"image-key", "serial"}),
    "signature": (refusal(403, "SignatureDoesNotMatch", has_texts), {"image-key", "serial"}),
    "the-key-alone": (refusal(501, "NotImplemented", has_more_than_the_key), {"image-key"}),
    "nothing": (refusal(501, "NotImplemented", has_any), set()),
    "a-gateway-whose-server-broke-off": (
        refusal(502, "", has_long_value, content_type="text/html", body="<html>Bad Gateway</html>"),
        {"title", "caption", "keywords", "image-key", "serial"},
    ),
    "a-connection-that-breaks": (
        StoreFault(action="reset", method="P*", times=None, when=has_long_value),
        {"title", "caption", "keywords", "image-key", "serial"},
    ),
    "a-gateways-page": (
        refusal(431, "", has_long_value, content_type="text/html", body="<html>Request Header Too Large</html>"),
        {"title", "caption", "keywords", "image-key", "serial"},
    ),
}


@pytest.mark.parametrize(("kind", "left"), KINDS.values(), ids=KINDS)
async def test_no_file_is_lost_for_its_caption(
    store: S3Store, bucket: Bucket, proxy: FaultProxy, reporter: Recorder, kind: StoreFault, left: set[str]
) -> None:
    proxy.script(kind)

    for key, content in (("0.jpg", PHOTO), ("1.jpg", SMALL), ("2.jpg", PHOTO), ("3.mp4", VIDEO)):
        kept = await stored(store, key, content)
        assert kept.keys() - {"metadata-truncated"} == left
        assert bucket.path(key).read_bytes() == content

    assert len(reporter.notes) == 1
    assert "_album.json" in reporter.notes[0]
    assert proxy.count("PUT", "*/1.jpg") == proxy.count("PUT", "*/2.jpg") == 1
    assert sorted(await keys(store)) == ["0.jpg", "1.jpg", "2.jpg", "3.mp4"]
    assert await bucket.open_uploads() == []


async def test_a_video_that_comes_first_is_started_with_less(store: S3Store, proxy: FaultProxy, bucket: Bucket) -> None:
    proxy.script(KINDS["no-texts"][0])

    assert (await stored(store, "0.mp4", VIDEO)).keys() >= {"image-key"}
    assert bucket.path("0.mp4").read_bytes() == VIDEO


@pytest.mark.parametrize("kind", ["swift", "swift-that-says-it-is-busy"])
async def test_a_copy_says_less_too(store: S3Store, proxy: FaultProxy, reporter: Recorder, kind: str) -> None:
    receipt = await put(store, "a.jpg", SMALL)
    proxy.script(KINDS[kind][0])
    target = StoreTarget(key="a.jpg", content_type="image/jpeg", metadata=(("caption", LONG), ("image-key", "k1")))

    await store.copy(receipt, target)

    kept = (await store.head("a.jpg")).metadata
    assert (kept["image-key"], LONG.startswith(kept["caption"])) == ("k1", True)
    assert len(reporter.notes) == 1


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize(("status", "code"), [(500, "InternalError"), (503, "SlowDown")])
async def test_errors_that_pass_take_nothing_from_anybody(
    store: S3Store, proxy: FaultProxy, reporter: Recorder, times: int, status: int, code: str
) -> None:
    proxy.script(StoreFault(action="answer", method="PUT", status=status, code=code, times=times))

    kept = await stored(store, "a.jpg", SMALL)

    assert kept["caption"] == LONG.strip()
    assert reporter.notes == []


async def test_what_is_refused_for_another_reason_is_not_tried_with_less(store: S3Store, proxy: FaultProxy) -> None:
    proxy.script(StoreFault(action="answer", method="PUT", status=403, code="AccessDenied", times=None))

    for key in ("a.jpg", "b.jpg", "c.jpg"):
        with pytest.raises(StoreRefused):
            await put(store, key, SMALL, title="Rose")

    assert proxy.count("PUT", TRIAL) == 2


HEADERS: dict[str, tuple[str, str]] = {
    "content-md5": ("content-md5", "not accept a Content-MD5"),
    "content-type": ("content-type", "not accept a Content-Type"),
}


@pytest.mark.parametrize(("header", "note"), HEADERS.values(), ids=HEADERS)
async def test_a_header_that_a_server_does_not_support_is_omitted(
    store: S3Store, bucket: Bucket, proxy: FaultProxy, reporter: Recorder, header: str, note: str
) -> None:
    proxy.script(StoreFault(
        action="answer", method="PUT", status=501, code="NotImplemented", times=None, when=lambda sent: header in sent
    ))  # fmt: skip

    for key, content in (("0.jpg", PHOTO), ("1.jpg", SMALL), ("2.jpg", PHOTO)):
        kept = await stored(store, key, content)
        assert kept["title"] == "Rose"
    assert bucket.path("2.jpg").read_bytes() == PHOTO
    assert [note in said for said in reporter.notes] == [True]


@pytest.mark.parametrize(("status", "code"), [(400, ""), (403, ""), (501, "")])
async def test_a_look_at_an_object_does_without_checksums(
    store: S3Store, proxy: FaultProxy, status: int, code: str
) -> None:
    await put(store, "a.jpg", SMALL)
    proxy.script(StoreFault(
        action="answer", method="HEAD", status=status, code=code, times=None,
        when=lambda sent: "x-amz-checksum-mode" in sent,
    ))  # fmt: skip

    for _ in range(3):
        assert (await store.head("a.jpg")).size == len(SMALL)
    assert proxy.count("HEAD", "*a.jpg") == (6 if status == 403 else 4)


async def test_looks_that_are_under_way_when_that_is_found_out_do_without_checksums_too(
    store: S3Store, proxy: FaultProxy
) -> None:
    await put(store, "a.jpg", SMALL)
    proxy.script(StoreFault(
        action="answer", method="HEAD", status=400, code="", times=None, when=lambda sent: "x-amz-checksum-mode" in sent
    ))  # fmt: skip

    found = await asyncio.gather(*(store.head("a.jpg") for _ in range(5)))

    assert {head.size for head in found} == {len(SMALL)}


async def test_a_listing_does_without_encoded_names(store: S3Store, proxy: FaultProxy) -> None:
    await put(store, "a b+c&d é.jpg", SMALL)
    proxy.script(StoreFault(
        action="answer", method="GET", path="*encoding-type*", status=400, code="InvalidArgument", times=None
    ))  # fmt: skip

    for _ in range(2):
        await store.check("")
        assert await keys(store) == ["a b+c&d é.jpg"]
    assert proxy.count("GET", "*encoding-type*") == 1


async def test_a_store_that_copies_as_it_is_alone_is_asked_for_that(
    store: S3Store, bucket: Bucket, proxy: FaultProxy, reporter: Recorder
) -> None:
    receipt = await put(store, "a.jpg", SMALL, **{"image-key": "k1"})
    anew = StoreFault(
        action="answer", method="COPY", status=501, code="NotImplemented", times=None,
        when=lambda sent: sent.get("x-amz-metadata-directive") == "REPLACE",
    )  # fmt: skip
    proxy.script(anew)
    target = StoreTarget(key="b.jpg", content_type="image/jpeg", metadata=(("title", "New"), ("image-key", "k1")))

    for key in ("b.jpg", "c.jpg"):
        assert (await store.copy(receipt, replace(target, key=key))).proof is Proof.ETAG
    assert await store.copy(receipt, replace(target, key="a.jpg")) == receipt

    assert bucket.path("c.jpg").read_bytes() == SMALL
    assert (await store.head("b.jpg")).metadata.items() >= {("image-key", "k1")}
    assert (proxy.struck, len(reporter.notes)) == (1, 1)


async def test_a_store_that_confirms_new_metadata_and_keeps_the_old_is_found_out_once(
    store: S3Store, proxy: FaultProxy, reporter: Recorder
) -> None:
    receipts = [await put(store, name, SMALL, title="Old") for name in ("a.jpg", "b.jpg")]
    done = "<CopyObjectResult><ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag></CopyObjectResult>"
    proxy.script(StoreFault(action="answer", method="COPY", times=None, status=200, body=done))

    for receipt in receipts:
        target = StoreTarget(key=receipt.key, content_type="image/jpeg", metadata=(("title", "New"),))
        assert (await store.copy(receipt, target)).md5 == receipt.md5

    (note,) = reporter.notes
    assert note.startswith("the bucket cannot update the metadata of a stored file")
    assert proxy.struck == 1


@pytest.fixture
async def pair(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account, through the proxy, not moved yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)


@pytest.mark.parametrize("when", [has_texts, has_any], ids=["the texts", "all of it"])
async def test_what_was_sent_with_less_is_whole_and_stays_so(
    pair: Pair, proxy: FaultProxy, when: Callable[[Headers], bool]
) -> None:
    proxy.script(refusal(501, "NotImplemented", when))

    summary = await pair.sync()

    assert (summary.moved, summary.failed, summary.not_updated, len(pair.reporter.notes)) == (6, 0, 0, 1)
    pair.assert_complete()
    proxy.log.clear()
    again = await pair.sync(full=True)
    assert (again.moved, again.described, again.failed) == (0, 0, 0)
    assert proxy.count("PUT") == 0

    report = await pair.verify(head=True, source=True, repair=True)

    assert (report.differences, report.queued) == ([], 0)
    assert report.verdict is not None


async def test_a_new_caption_of_what_is_stored_is_written_with_less_once(pair: Pair, proxy: FaultProxy) -> None:
    proxy.script(refusal(501, "NotImplemented", has_any))
    await pair.sync()
    rose = next(one.image_key for one in pair.sim.world.assets() if one.file_name == "rose.jpg")
    pair.sim.world.set_caption(rose, "Red")

    assert ((first := await pair.sync(full=True)).described, first.not_updated) == (1, 0)
    assert (await pair.sync(full=True)).described == 0
