"""What one request is refused for ends the run only if a request of its own is refused, too."""

from __future__ import annotations

import asyncio

import pytest

from smug2s3.errors import StoreBusy, StoreError, StoreMissing, StoreRefused, StoreUnreachable, StoreUnusable
from smug2s3.stores.control import Control
from tests.unit.stores.test_faults import answered


class Store:
    """Answers the control request with ``error``, after a while."""

    def __init__(self, error: StoreError | None = None) -> None:
        self.error = error
        self.asked = 0

    async def question(self) -> None:
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.error is not None:
            raise self.error


ALONE = {
    "signature": ("SignatureDoesNotMatch", 403, StoreRefused),
    "key": ("InvalidAccessKeyId", 403, StoreRefused),
    "bucket": ("NoSuchBucket", 404, StoreRefused),
    "region": ("", 301, StoreRefused),
    "forbidden": ("AccessDenied", 403, StoreRefused),
    "forbidden-head": ("403", 403, StoreRefused),
    "signed-before-a-sleep": ("RequestTimeTooSkewed", 403, StoreBusy),
    "credentials-renewed": ("ExpiredToken", 400, StoreBusy),
}


@pytest.mark.parametrize(("code", "status", "kind"), ALONE.values(), ids=ALONE)
async def test_where_others_go_through_it_is_about_one_thing(code: str, status: int, kind: type[StoreError]) -> None:
    store = Store()

    error = await Control(store.question).judged(answered(code, status), "Garden/a%2Fb.jpg")

    assert type(error) is kind
    assert "Garden/a%2Fb.jpg" in str(error)
    assert store.asked == 1


@pytest.mark.parametrize(("code", "status", "_kind"), ALONE.values(), ids=ALONE)
async def test_where_nothing_goes_through_it_ends_the_run(code: str, status: int, _kind: type[StoreError]) -> None:
    store = Store(StoreUnusable("the S3 server rejected the secret key"))

    assert (await Control(store.question).judged(answered(code, status), "a.jpg")) is store.error


async def test_where_the_folder_is_gone_meanwhile_that_is_what_is_reported() -> None:
    store = Store(StoreUnreachable("the S3 server did not answer"))

    assert (await Control(store.question).judged(answered("SignatureDoesNotMatch", 403), "a.jpg")) is store.error


@pytest.mark.parametrize(("code", "status", "kind"), [("SlowDown", 503, StoreBusy), ("NoSuchKey", 404, StoreMissing)])
async def test_what_is_about_one_request_anyway_asks_nothing(code: str, status: int, kind: type[StoreError]) -> None:
    store = Store()

    assert type(await Control(store.question).judged(answered(code, status), "a.jpg")) is kind
    assert store.asked == 0


async def test_many_that_are_refused_at_once_share_one_question() -> None:
    store = Store()
    control = Control(store.question)

    refused = answered("SignatureDoesNotMatch", 403)
    errors = await asyncio.gather(*(control.judged(refused, f"{number}.jpg") for number in range(20)))

    assert store.asked == 1
    assert {type(error) for error in errors} == {StoreRefused}


async def test_what_was_true_a_while_ago_is_asked_again() -> None:
    store = Store()
    control = Control(store.question, fresh=0.0)

    for _ in range(2):
        await control.judged(answered("SignatureDoesNotMatch", 403), "a.jpg")

    assert store.asked == 2
