"""What no S3 store answers is told from what some do, and its first words are made harmless."""

from __future__ import annotations

import gzip

import pytest

from smug2s3.errors import StoreBroken
from smug2s3.stores.answers import WORDS, first_words, is_foreign, leads_to, plain, refuse_foreign

XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
PAGE = b"<!DOCTYPE html><html><head><title>Hotel</title></head><body>Please sign in</body></html>"
HTML = {"content-type": "text/html; charset=utf-8"}
JSON = {"content-type": "application/json"}
AMAZONS = {"x-amz-request-id": "1"}

OURS = {
    "put": ("PutObject", 200, {"etag": '"1"'}, b""),
    "put-with-md5-and-words": ("PutObject", 200, {"etag": f'"{"a" * 32}"'} | HTML, b"thanks"),
    "put-without-etag": ("PutObject", 200, {}, b""),
    "put-of-a-server-that-calls-nothing-html": ("PutObject", 200, HTML, b""),
    "removal": ("DeleteObject", 204, HTML, b""),
    "listing": ("ListObjectsV2", 200, {}, XML + b'<ListBucketResult xmlns="x"></ListBucketResult>\n'),
    "listing-with-a-mark-and-a-comment": ("ListObjectsV2", 200, {}, b"\xef\xbb\xbf<!-- < -->\n<s3:ListBucketResult/>"),
    "listing-called-html": ("ListObjectsV2", 200, HTML, b"<ListBucketResult/>"),
    "error-with-200": ("CompleteMultipartUpload", 200, {}, XML + b"\n<Error><Code>InternalError</Code></Error>"),
    "setting-called-otherwise": ("GetPublicAccessBlock", 200, {}, b"<BlockPublicAccessBlockConfiguration/>"),
    "begin": ("CreateMultipartUpload", 200, {}, b"<InitiateMultipartUploadResult/>"),
    "begin-in-another-dialect": ("CreateMultipartUpload", 200, {}, b"<InitiateMultipartUpload/>"),
    "parts-in-another-dialect": ("ListParts", 200, {}, b"<ListPartsResponse/>"),
    "complete-without-a-word": ("CompleteMultipartUpload", 200, {}, b""),
    "copy-without-a-word": ("CopyObject", 200, {}, b""),
    "object": ("GetObject", 200, HTML | {"etag": '"1"'}, b""),
    "object-without-etag": ("HeadObject", 200, JSON | {"last-modified": "now"}, b""),
    "object-with-amazons-headers": ("HeadObject", 200, AMAZONS, b""),
    "refusal": ("PutObject", 403, {}, b"<Error><Code>AccessDenied</Code></Error>"),
    "refusal-called-html": ("PutObject", 403, HTML, b"<Error><Code>AccessDenied</Code></Error>"),
    "refusal-without-a-word": ("HeadObject", 404, HTML, b""),
    "put-answered-at-length": ("PutObject", 200, {}, b"<PutObjectResponse/>"),
    "error-where-nothing-is-to-be-said": ("DeleteObject", 200, {}, b"<Error><Code>SlowDown</Code></Error>"),
    "another-region-with-an-address": ("GetObject", 301, AMAZONS | {"location": "https://s3-eu.example/"}, b""),
    "gateway-that-is-busy": ("PutObject", 502, HTML, PAGE),
    "too-many": ("PutObject", 429, HTML, PAGE),
    "another-region": ("PutObject", 301, {}, b"<Error><Code>PermanentRedirect</Code></Error>"),
    "another-region-of-a-head": ("HeadObject", 301, {}, b""),
    "for-now-elsewhere": ("PutObject", 307, {"location": "https://b.s3-eu.amazonaws.com/k"}, b"<Error/>"),
}
FOREIGN = {
    "put-page": ("PutObject", 200, HTML, PAGE),
    "put-page-with-an-etag": ("PutObject", 200, HTML | {"etag": '"5f3e-1a"'}, PAGE),
    "put-page-of-no-type": ("PutObject", 200, {}, b"\n  <HTML>"),
    "put-json": ("PutObject", 200, JSON, b'{"ok": true}'),
    "part-page": ("UploadPart", 200, HTML, PAGE),
    "removal-page": ("DeleteObject", 200, HTML, PAGE),
    "abort-page": ("AbortMultipartUpload", 200, HTML, PAGE),
    "listing-page": ("ListObjectsV2", 200, HTML, PAGE),
    "listing-of-something-else": ("ListObjectsV2", 200, {}, XML + b"<ListAllMyBucketsResult/>"),
    "listing-without-a-word": ("ListObjectsV2", 200, {}, b""),
    "listing-in-json": ("ListObjectsV2", 200, JSON, b"[]"),
    "listing-for-a-setting": ("GetPublicAccessBlock", 200, {}, XML + b"<ListBucketResult/>"),
    "begin-without-a-word": ("CreateMultipartUpload", 200, {}, b""),
    "listing-that-breaks-off": ("ListObjectsV2", 200, {}, b"<ListBucketResult><Contents><Key>a</Key></Contents>"),
    "listing-with-what-no-document-has": (
        "ListObjectsV2",
        200,
        {},
        b"<ListBucketResult>&#1; & \xe4</ListBucketResult>",
    ),
    "uploads-page": ("ListMultipartUploads", 200, HTML, PAGE),
    "parts-page": ("ListParts", 200, HTML, PAGE),
    "complete-page": ("CompleteMultipartUpload", 200, HTML, PAGE),
    "copy-page": ("CopyObject", 200, HTML, PAGE),
    "object-of-nobody": ("GetObject", 200, HTML, b""),
    "head-of-nobody": ("HeadObject", 200, {"content-length": "12"}, b""),
    "refusal-page": ("ListObjectsV2", 403, HTML, PAGE),
    "nothing-here-page": ("ListObjectsV2", 404, HTML, PAGE),
    "removal-of-something-else": ("DeleteObject", 200, {}, XML + b"<multistatus/>"),
    "part-of-something-else": ("UploadPart", 200, {}, b"<feed/>"),
    "leads-there-for-good": ("HeadObject", 301, {"location": "https://s3.example/b/k"}, b""),
    "leads-there-for-now": ("ListObjectsV2", 307, {"location": "/login?next=/"}, b""),
    "leads-to-a-sign-in-page": ("HeadObject", 302, {"location": "https://portal.example/"}, b""),
    "leads-to-https": ("PutObject", 308, {"location": "https://s3.example/b/k"}, b""),
    "leads-there-with-a-page": ("PutObject", 301, HTML | {"location": "https://s3.example/b/k"}, PAGE),
}

Answer = tuple[str, int, dict[str, str], bytes]


@pytest.mark.parametrize("answer", OURS.values(), ids=OURS)
def test_what_some_store_answers_is_left_to_be_understood(answer: Answer) -> None:
    assert not is_foreign(*answer)


@pytest.mark.parametrize("answer", FOREIGN.values(), ids=FOREIGN)
def test_what_is_not_an_s3_response_is_an_error_of_the_server(answer: Answer) -> None:
    with pytest.raises(StoreBroken, match="not an S3 response") as refused:
        refuse_foreign(*answer, "https://s3.example")
    assert "at https://s3.example)" in str(refused.value)
    assert (refused.value.exit_code, refused.value.retryable) == (4, True)
    assert "S3_ENDPOINT_URL" in refused.value.hint


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(PAGE, "Hotel Please sign in", id="a page"),
        pytest.param(b"<style>a{}</style><SCRIPT>\nx()</SCRIPT ><!-- no --><b>Hi</b>", "Hi", id="what is not read"),
        pytest.param(b"a &lt;b&gt; &amp; c&#27;[2J", "a <b> & c[2J", id="entities, and an escape"),
        pytest.param("\x1b]0;x\x07 \u202egpj\u202c".encode(), "]0;x gpj", id="what moves cursors and turns directions"),
        pytest.param(b"\xff\xfe\n\n\tx", "\ufffd\ufffd x", id="no text"),
        pytest.param(b"<html", "", id="a tag that never ends"),
        pytest.param(b"w " * 500, f"{'w ' * 39}w…", id="too much"),
        pytest.param(b"", "", id="nothing"),
    ],
)
def test_its_first_words_fit_into_a_sentence(said: bytes, words: str) -> None:
    assert first_words(said) == words
    assert len(first_words(said)) <= WORDS


def test_where_it_leads_is_said_without_what_it_says_of_us() -> None:
    with pytest.raises(StoreBroken, match=r"it redirects to https://portal\.example$"):
        refuse_foreign("PutObject", 302, {"location": "https://portal.example/?from=secret"}, PAGE, "")


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("https://key:secret@portal.example:8443/x", "https://portal.example:8443"),
        ("//portal.example/x", "https://portal.example"),
        ("/login?next=/b", "/login"),
        ("https://[half", "https://[half"),
        ("", ""),
    ],
)
def test_where_an_answer_points(location: str, said: str) -> None:
    assert leads_to({"location": location}) == said


def test_of_one_without_words_its_type_is_said() -> None:
    with pytest.raises(StoreBroken, match="it is text/html"):
        refuse_foreign("GetObject", 200, HTML, b"", "")
    with pytest.raises(StoreBroken, match="it is empty"):
        refuse_foreign("ListObjectsV2", 200, {}, b"", "")


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        (XML, {}),
        (b"\r\n  " + XML, {}),
        (gzip.compress(b"\n" + XML), {"content-encoding": "GZIP"}),
    ],
    ids=["as it is", "blanks", "packed"],
)
def test_a_document_may_come_packed_or_behind_blanks(sent: bytes, headers: dict[str, str]) -> None:
    assert plain(sent, headers) == XML


def test_what_is_said_to_be_packed_and_is_not_stays_as_it_is() -> None:
    assert plain(PAGE, {"content-encoding": "gzip"}) == PAGE
