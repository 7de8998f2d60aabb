"""The certificates of a cluster."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import dask
import pytest
from distributed import Security

from smug2s3.cluster.certificates import ROLES, make, security
from smug2s3.errors import ClusterError, UsageError

ADDRESS = "tls://host:8786"


def known(folder: Path, role: str) -> Security:
    found = security(ADDRESS, folder, role)
    assert found
    return found


def handshake(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    """One handshake in memory; raises ssl.SSLError if either rejects the other."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(to_client, to_server), server.wrap_bio(to_server, to_client, server_side=True)]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    ends[1].write(b"hello")
    assert ends[0].read(5) == b"hello"


def test_each_role_accepts_only_certificates_of_the_same_cluster(tmp_path: Path) -> None:
    written = make(tmp_path / "certs")
    make(tmp_path / "others")

    assert {path.name for path in written} == {"ca.pem"} | {f"{r}{end}.pem" for r in ROLES for end in ("", "-key")}
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    for role in ROLES:
        mine, theirs = known(tmp_path / "certs", role), known(tmp_path / "others", role)
        server = known(tmp_path / "certs", "scheduler").get_listen_args("scheduler")["ssl_context"]
        handshake(mine.get_connection_args(role)["ssl_context"], server)
        with pytest.raises(ssl.SSLError):
            handshake(theirs.get_connection_args(role)["ssl_context"], server)


def test_a_folder_that_is_not_empty_is_not_changed(tmp_path: Path) -> None:
    make(tmp_path / "certs")

    with pytest.raises(UsageError, match="is not empty"):
        make(tmp_path / "certs")


def test_a_folder_that_cannot_be_written_is_reported_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="cannot write"):
        make(tmp_path / "file" / "certs")


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"there is no .*ca\.pem"):
        security(ADDRESS, tmp_path, "client")


def test_no_folder_is_needed_without_tls_or_if_dask_is_configured_for_it() -> None:
    assert security("tcp://127.0.0.1:8786", None, "client") is None
    with dask.config.set({"distributed.comm.tls.ca-file": "ca.pem"}):
        assert security(ADDRESS, None, "client") is None
    with pytest.raises(ClusterError, match="needs certificates, and none are named"):
        security(ADDRESS, None, "client")
