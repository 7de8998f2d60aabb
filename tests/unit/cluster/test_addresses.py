"""Parsing the address of a scheduler."""

from __future__ import annotations

import pytest

from smug2s3.cluster.addresses import scheduler_address
from smug2s3.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("tls://host.example:8786", "tls://host.example:8786"),
        ("tls://host.example", "tls://host.example:8786"),
        ("host.example:9000", "tls://host.example:9000"),
        ("tls://[fd00::1]:8786", "tls://[fd00::1]:8786"),
        ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("tcp://localhost:8786/", "tcp://localhost:8786"),
    ],
)
def test_an_address_is_completed(typed: str, address: str) -> None:
    assert scheduler_address(typed, insecure=False) == address


@pytest.mark.parametrize("typed", ["", "tls://", "http://host:8786", "tls://host:many", "tls://host:1/path", "tcp://"])
def test_a_malformed_address_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a scheduler"):
        scheduler_address(typed, insecure=False)


@pytest.mark.parametrize("host", ["10.0.0.5", "host.example", "192.168.1.7", "[fd00::1]"])
def test_another_machine_needs_tls_or_the_insecure_option(host: str) -> None:
    with pytest.raises(UsageError, match="has no TLS") as refused:
        scheduler_address(f"tcp://{host}:8786", insecure=False)

    assert "--insecure" in refused.value.hint
    assert scheduler_address(f"tcp://{host}:8786", insecure=True) == f"tcp://{host}:8786"
