"""The kinds of destination in the wizard: what each asks for, and the settings that follow."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from smug2s3.rules.endpoints import endpoint_of
from smug2s3.rules.paths import expanded, folder_path

ENDPOINT, REGION, BUCKET = "S3_ENDPOINT_URL", "S3_REGION", "S3_BUCKET"

Settings = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of destination."""

    title: str
    question: str
    """The question for its address."""
    settings: Callable[[str], Settings]
    """Returns the settings for an answer; raises ValueError with what the answer must be."""
    default: str = ""
    advice: str = ""
    """Advice before its keys are entered."""
    own_credentials: bool = False
    """Whether it works without keys in the settings."""
    a_folder: bool = False
    asks_region: bool = False


def _amazon(answer: str) -> Settings:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", answer.lower()):
        raise ValueError("must be an AWS region, like eu-central-1")
    return {ENDPOINT: "", REGION: answer.lower()}


def _in_region(host: str, example: str) -> Callable[[str], Settings]:
    """For a provider whose address contains the region; the whole address is accepted as well."""

    def settings(answer: str) -> Settings:
        found = re.fullmatch(
            rf"(?:https://)?(?:s3\.)?([a-z]+(?:-[a-z0-9]+)+)(?:\.{re.escape(host)})?/?", answer.lower()
        )
        if not found:
            raise ValueError(f"must be a region like {example}, or the address s3.{example}.{host}")
        return {ENDPOINT: f"https://s3.{found[1]}.{host}", REGION: found[1]}

    return settings


def _cloudflare(answer: str) -> Settings:
    host = "r2.cloudflarestorage.com"
    found = re.fullmatch(
        rf"(?:https://)?([0-9a-f]{{32}})((?:\.[a-z]+)?)(?:\.{re.escape(host)})?(?:/.*)?", answer.lower()
    )
    if not found:
        raise ValueError(
            "must be the account ID (32 digits and letters from a to f), or the S3 API address that R2 shows"
        )
    return {ENDPOINT: f"https://{found[1]}{found[2]}.{host}", REGION: ""}


def _anywhere(answer: str) -> Settings:
    return {ENDPOINT: endpoint_of(answer)}


def _own_server(answer: str) -> Settings:
    return {ENDPOINT: endpoint_of(answer), REGION: ""}


def _folder(answer: str) -> Settings:
    path = Path(os.path.normpath(expanded(answer)))
    if not path.is_absolute() or not path.name:
        raise ValueError("must be the full path of a folder, like /media/jane/MyDisk/my-photos")
    return {ENDPOINT: path.parent.as_uri(), BUCKET: path.name}


KINDS: dict[str, Kind] = {
    "aws": Kind(
        title="Amazon S3",
        question="The bucket's region",
        default="us-east-1",
        settings=_amazon,
        advice="Once the bucket is set, `smug2s3 check --policy` prints the permissions the key needs.",
        own_credentials=True,
    ),
    "b2": Kind(
        title="Backblaze B2",
        question="The bucket's region or endpoint, as shown on its page",
        default="us-west-004",
        settings=_in_region("backblazeb2.com", "us-west-004"),
        advice="Create an application key with read and write access to this bucket; the master key does not work. "
        "keyID is the access key, applicationKey the secret key.",
    ),
    "r2": Kind(
        title="Cloudflare R2",
        question="Your account ID, or the S3 API address that R2 shows",
        settings=_cloudflare,
        advice='Create an API token with "Object Read & Write" for this bucket; both keys are shown only once.',
    ),
    "wasabi": Kind(
        title="Wasabi",
        question="The bucket's region",
        default="us-east-1",
        settings=_in_region("wasabisys.com", "eu-central-1"),
    ),
    "minio": Kind(
        title="MinIO, or another server you run yourself",
        question="The server's address",
        default="http://localhost:9000",
        settings=_own_server,
    ),
    "folder": Kind(
        title="a folder, for example on a USB disk or a NAS",
        question="The full path of the folder to copy to; it must exist",
        settings=_folder,
        a_folder=True,
    ),
    "other": Kind(
        title="another provider",
        question="The endpoint address that your provider gives",
        settings=_anywhere,
        asks_region=True,
    ),
}


def kind_of(endpoint: str, bucket: str) -> str:
    """The kind that the current settings mean; empty if they name no destination yet."""
    address = endpoint.strip().lower()
    if not address:
        return "aws" if bucket else ""
    if address.startswith("file:"):
        return "folder"
    if address.startswith("http:"):
        return "minio"  # only your own server is used without encryption
    hosts = {"backblazeb2.com": "b2", "r2.cloudflarestorage.com": "r2", "wasabisys.com": "wasabi"}
    return next((kind for host, kind in hosts.items() if host in address), "other")


def answer_of(kind: Kind, *, endpoint: str, region: str, bucket: str) -> str:
    """The answer that the current settings stand for; the kind's default if they mean another kind."""
    now = KINDS.get(kind_of(endpoint, bucket))
    anywhere = (KINDS["minio"], KINDS["other"])  # the address does not show whether it is your own server
    if now is not kind and not (kind in anywhere and now in anywhere):
        return kind.default
    if kind.a_folder:
        return str(Path(folder_path(endpoint) or "") / bucket) if bucket else ""
    return endpoint or region or kind.default
