"""What travels between coordinator and workers is plain, and comes out as it went in."""

from __future__ import annotations

import dataclasses

import msgpack
import pytest

from smug2s3 import errors
from smug2s3.cluster.messages import Report, decode_error, failure, receipt_of, success
from smug2s3.errors import Smug2s3Error, SourceBusy, StoreUnusable, Unforeseen
from smug2s3.models import Proof, Receipt
from smug2s3.ports.mover import NotStarted, TransferSpec

EVERY_ERROR = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Smug2s3Error)]


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_comes_out_as_its_own_class_with_all_that_is_known_by_it(kind: type[Smug2s3Error]) -> None:
    sent = msgpack.loads(msgpack.dumps(failure(7, kind("it broke", hint="mend it", retry_after=2.5))))

    error = decode_error(sent)

    assert type(error) is kind
    assert isinstance(error, Smug2s3Error)
    assert (str(error), error.hint, error.retry_after) == ("it broke", "mend it", 2.5)


def test_an_error_that_nobody_foresaw_says_where_it_was() -> None:
    try:
        _ = 1 / 0
    except ZeroDivisionError as error:
        told = decode_error(failure(7, error))

    assert isinstance(told, Unforeseen)
    assert "ZeroDivisionError at test_messages.py" in str(told)


def test_a_name_that_is_no_error_of_ours_runs_nothing() -> None:
    plain = failure(7, SourceBusy("busy")) | {"error": "PurePath"}

    assert isinstance(decode_error(plain), Unforeseen)


def test_not_begun_is_not_begun() -> None:
    assert isinstance(decode_error(failure(7, NotStarted())), NotStarted)


def test_what_is_said_before_an_error_names_the_worker() -> None:
    assert (
        str(decode_error(failure(7, StoreUnusable("no bucket")), before="the worker ada: "))
        == "the worker ada: no bucket"
    )


def test_a_receipt_comes_out_as_it_went_in() -> None:
    receipt = Receipt(
        key="a/b.jpg", size=3, md5="m", etag="e", stored_at="2026-11-29T00:00:00", proof=Proof.ETAG, nameless=True
    )

    assert receipt_of(msgpack.loads(msgpack.dumps(success(7, receipt)))) == receipt
    assert receipt_of(failure(7, SourceBusy("busy"))) is None


def test_a_report_leaves_out_what_it_does_not_say_and_what_another_version_adds() -> None:
    report = Report("run", "tcp://w", places=4, started=[1, 2])

    plain = msgpack.loads(msgpack.dumps(report.plain()))

    assert plain == {"run": "run", "worker": "tcp://w", "places": 4, "started": [1, 2]}
    assert Report.of(plain | {"mood": "good"}) == report


def test_a_spec_has_no_field_for_a_secret() -> None:
    fields = {field.name for field in dataclasses.fields(TransferSpec)}

    assert fields == {
        "album_key", "image_key", "identity", "key", "url", "size", "md5", "content_type", "metadata", "label",
    }  # fmt: skip
