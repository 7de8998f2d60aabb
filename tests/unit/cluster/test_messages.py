"""Messages between coordinator and workers survive encoding and decoding."""

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
def test_every_error_is_decoded_to_its_own_class_with_all_fields(kind: type[Smug2s3Error]) -> None:
    sent = msgpack.loads(msgpack.dumps(failure(7, kind("it broke", hint="mend it", retry_after=2.5))))

    error = decode_error(sent)

    assert type(error) is kind
    assert isinstance(error, Smug2s3Error)
    assert (str(error), error.hint, error.retry_after) == ("it broke", "mend it", 2.5)


def test_an_unforeseen_error_names_its_location() -> None:
    try:
        _ = 1 / 0
    except ZeroDivisionError as error:
        decoded = decode_error(failure(7, error))

    assert isinstance(decoded, Unforeseen)
    assert "ZeroDivisionError at test_messages.py" in str(decoded)


def test_the_name_of_another_class_is_not_looked_up() -> None:
    plain = failure(7, SourceBusy("busy")) | {"error": "PurePath"}

    assert isinstance(decode_error(plain), Unforeseen)


def test_a_file_that_was_not_started_is_reported_as_such() -> None:
    assert isinstance(decode_error(failure(7, NotStarted())), NotStarted)


def test_a_prefix_names_the_worker() -> None:
    assert (
        str(decode_error(failure(7, StoreUnusable("no bucket")), before="the worker ada: "))
        == "the worker ada: no bucket"
    )


def test_a_receipt_survives_the_trip() -> None:
    receipt = Receipt(
        key="a/b.jpg", size=3, md5="m", etag="e", stored_at="2026-11-29T00:00:00", proof=Proof.ETAG, nameless=True
    )

    assert receipt_of(msgpack.loads(msgpack.dumps(success(7, receipt)))) == receipt
    assert receipt_of(failure(7, SourceBusy("busy"))) is None


def test_a_report_omits_empty_fields_and_ignores_unknown_ones() -> None:
    report = Report("run", "tcp://w", places=4, started=[1, 2])

    plain = msgpack.loads(msgpack.dumps(report.plain()))

    assert plain == {"run": "run", "worker": "tcp://w", "places": 4, "started": [1, 2]}
    assert Report.of(plain | {"mood": "good"}) == report


def test_a_spec_has_no_field_for_a_secret() -> None:
    fields = {field.name for field in dataclasses.fields(TransferSpec)}

    assert fields == {
        "album_key", "image_key", "identity", "key", "url", "size", "md5", "content_type", "metadata", "label",
        "etag_is_md5",
    }  # fmt: skip
