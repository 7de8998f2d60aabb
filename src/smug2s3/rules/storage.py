"""How objects are stored: class, encryption, tags, owner's rights, and the way to the bucket; as settings, and as headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from smug2s3.rules.directories import RESERVED
from smug2s3.rules.endpoints import is_amazon
from smug2s3.rules.gallery_pages import is_page
from smug2s3.rules.keys import SIDECAR
from smug2s3.rules.preview_keys import file_of
from smug2s3.rules.variable import Variable

AWS_CLASSES = (
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
    "EXPRESS_ONEZONE",
)
CLASSES = (*AWS_CLASSES, "NEARLINE", "COLDLINE", "ARCHIVE")
"""AWS's classes, which others use too, and Google's. Any other server may have classes of its own."""

UNREADABLE = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Classes whose objects cannot be read until they are restored. (Google's ``ARCHIVE`` can be read at once.)"""

ENCRYPTIONS = ("AES256", "aws:kms", "aws:kms:dsse")
ACLS = ("private", "bucket-owner-read", "bucket-owner-full-control")
"""None makes anything public."""
ADDRESSINGS = ("path", "virtual")

_OWN_FILES = frozenset({SIDECAR, *RESERVED})
_TAG = re.compile(r"[\w \-+=.:/@]*")
_COPY = "CopyObject"
_NEW_OBJECTS = frozenset({"PutObject", "CreateMultipartUpload", _COPY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """How every object of a destination is stored and reached; empty values leave it to the server."""

    storage_class: str = ""
    encryption: str = ""
    kms_key: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    acl: str = ""
    addressing: str = ""
    accelerate: bool = False
    dual_stack: bool = False
    requester_pays: bool = False

    @property
    def archived(self) -> bool:
        """Whether photos and videos cannot be read back."""
        return self.storage_class in UNREADABLE

    @property
    def hides_md5(self) -> bool:
        """Whether the encryption makes ETags something else than MD5s, though they look like them."""
        return "kms" in self.encryption

    @property
    def written(self) -> dict[str, Storage]:
        """The settings that each new object is sent with, each by its variable alone."""
        only = {
            "S3_STORAGE_CLASS": Storage(storage_class=self.storage_class),
            "S3_SSE": Storage(encryption=self.encryption, kms_key=self.kms_key),
            "S3_TAGS": Storage(tags=self.tags),
            "S3_ACL": Storage(acl=self.acl),
        }
        return {name: storage for name, storage in only.items() if storage != Storage()}

    @property
    def fingerprint(self) -> str:
        """What two computers that store for one archive must have in common."""
        return ", ".join(f"{name}={self.value_of(name)}" for name in self.written)

    def without(self, name: str) -> Storage:
        """The same without one of ``written``."""
        return replace(self, **{field: getattr(ORDINARY, field) for field in _FIELDS[name]})

    def value_of(self, name: str) -> str:
        """What one of ``written`` is set to."""
        if name == "S3_TAGS":
            return ",".join("=".join(tag) for tag in self.tags)
        return " with ".join(filter(None, (getattr(self, field) for field in _FIELDS[name])))

    def headers(self, operation: str, key: str = "") -> dict[str, str]:
        """The headers of a request; ``operation`` as the library names it.

        `_album.json`, the manifest and previews always have the bucket's ordinary class: they are read and rewritten.
        """
        found = {"x-amz-request-payer": "requester"} if self.requester_pays else {}
        if operation not in _NEW_OBJECTS:
            return found
        own = key.rpartition("/")[2] in _OWN_FILES or file_of(key) != key
        values = {
            "x-amz-storage-class": "" if own or is_page(key) else self.storage_class,
            "x-amz-server-side-encryption": self.encryption,
            "x-amz-server-side-encryption-aws-kms-key-id": self.kms_key,
            "x-amz-tagging": urlencode(self.tags, quote_via=quote),
            "x-amz-tagging-directive": "REPLACE" if self.tags and operation == _COPY else "",
            "x-amz-acl": self.acl,
        }
        return found | {name: value for name, value in values.items() if value}


ORDINARY = Storage()
"""As the server stores what is sent without a wish."""

_FIELDS = {
    "S3_STORAGE_CLASS": ("storage_class",),
    "S3_SSE": ("encryption", "kms_key"),
    "S3_TAGS": ("tags",),
    "S3_ACL": ("acl",),
}


def _one_of(*values: str) -> Any:
    known = {value.lower(): value for value in values}

    def parse(text: str) -> str:
        if text.strip().lower() not in known:
            raise ValueError(f"must be {', '.join(values[:-1])} or {values[-1]}")
        return known[text.strip().lower()]

    return parse


def _class(text: str) -> str:
    """The name of a class as it is known; one that is not, as it was typed: only the server can tell."""
    name = {one.lower(): one for one in CLASSES}.get(text.strip().lower(), text.strip())
    if not re.fullmatch(r"[\w.:+-]{1,128}", name, re.ASCII):
        raise ValueError("must be the name of a storage class, like GLACIER_IR")
    return name


def _switch(text: str) -> bool:
    if text.strip().lower() not in ("yes", "no", "true", "false", "1", "0"):
        raise ValueError("must be yes or no")
    return text.strip().lower() in ("yes", "true", "1")


def _kms_key(text: str) -> str:
    if not re.fullmatch(r"[\w:/.-]{1,2048}", text.strip(), re.ASCII):
        raise ValueError("must be the ID, the ARN or the alias/name of a KMS key")
    return text.strip()


def _tags(text: str) -> tuple[tuple[str, str], ...]:
    parts = [one.partition("=") for one in text.split(",")]
    pairs = [(name.strip(), value.strip()) for name, _, value in parts]
    names = [name for name, _ in pairs]
    if not all(sign for _, sign, _ in parts) or not all(names) or len(set(names)) < len(names):
        raise ValueError("must be like name=value,name=value, each name once")
    if len(pairs) > 10 or any(len(name) > 128 or len(value) > 256 for name, value in pairs):
        raise ValueError("must be at most 10 tags, names up to 128 characters and values up to 256")
    if not all(_TAG.fullmatch(part) for pair in pairs for part in pair) or any(n.startswith("aws:") for n in names):
        raise ValueError("must be letters, digits, spaces and + - = . _ : / @ only, and no name may begin with aws:")
    return tuple(pairs)


VARIABLES = {
    "storage_class": Variable("S3_STORAGE_CLASS", "", "GLACIER_IR", "the storage class of photos and videos", _class),
    "encryption": Variable("S3_SSE", "", "aws:kms", "how the server encrypts objects", _one_of(*ENCRYPTIONS)),
    "kms_key": Variable(
        "S3_SSE_KMS_KEY", "", "alias/photos", "the KMS key for S3_SSE=aws:kms; empty for the bucket's", _kms_key
    ),
    "tags": Variable("S3_TAGS", "", "project=photos,owner=jane", "tags for every object", _tags),
    "acl": Variable("S3_ACL", "", "bucket-owner-full-control", "the ACL, if the server demands one", _one_of(*ACLS)),
    "addressing": Variable(
        "S3_ADDRESSING", "", "path", "where the bucket's name is: in the path or in the host", _one_of(*ADDRESSINGS)
    ),
    "accelerate": Variable("S3_ACCELERATE", "no", "yes", "whether to use AWS transfer acceleration", _switch),
    "dual_stack": Variable("S3_DUAL_STACK", "no", "yes", "whether to reach AWS by IPv6 too", _switch),
    "requester_pays": Variable(
        "S3_REQUESTER_PAYS", "no", "yes", "whether to pay for requests to a bucket of somebody else", _switch
    ),
}
"""The settings by their field in Storage."""


def contradictions(values: Mapping[str, Any]) -> dict[str, str]:
    """Which valid settings cannot be, given the others and the destination: why, by field."""
    return dict(_contradictions(values, values.get("endpoint") or "", values.get("bucket") or ""))


def _contradictions(values: Mapping[str, Any], endpoint: str, bucket: str) -> Iterator[tuple[str, str]]:
    folder = endpoint.startswith("file:")
    for name in VARIABLES if folder else ("accelerate", "dual_stack"):
        if endpoint and values.get(name):
            kind, where = ("S3 servers", "a folder") if folder else ("AWS alone", "another server")
            yield name, f"is for {kind}, but S3_ENDPOINT_URL names {where}"
    if values.get("storage_class", "") not in ("", *AWS_CLASSES) and is_amazon(endpoint):
        yield "storage_class", f"must be {', '.join(AWS_CLASSES[:-1])} or {AWS_CLASSES[-1]}"
    if values.get("kms_key") and "kms" not in values.get("encryption", "") and not folder:
        yield "kms_key", "needs S3_SSE=aws:kms"
    if values.get("accelerate") and not endpoint and values.get("addressing") == "path":
        yield "addressing", "must not be path with S3_ACCELERATE"
    if values.get("accelerate") and not endpoint and "." in bucket:
        yield "accelerate", "needs a bucket without dots in its name"
