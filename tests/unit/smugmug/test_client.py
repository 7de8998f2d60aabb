"""What a failed connection to SmugMug is called."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from smug2s3.smugmug.client import plain_cause

KEY: Any = SimpleNamespace(host="api.smugmug.com", port=443, ssl=True)


@pytest.mark.parametrize(
    ("variable", "name", "said"),
    [
        ("SSL_CERT_FILE", "no.pem", "which is not there"),
        ("SSL_CERT_DIR", "no", "which is not there"),
        ("SSL_CERT_FILE", "empty.pem", "which holds no certificates"),
        ("SSL_CERT_FILE", "ours.pem", ""),
    ],
)
def test_a_variable_that_leaves_nobody_to_trust_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, name: str, said: str
) -> None:
    (tmp_path / "empty.pem").write_text("# nobody")
    (tmp_path / "ours.pem").write_text("-----BEGIN CERTIFICATE-----")
    monkeypatch.setenv(variable, str(tmp_path / name))

    cause = plain_cause(aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("no")))

    assert "api.smugmug.com:443" in cause
    assert (f"{variable} names {tmp_path / name}, {said}" in cause) == bool(said)
