"""Ceph's RADOS gateway, from Debian's packages: one monitor and one storage daemon that keeps everything in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from tests.servers.processes import STARTS_WITHIN, done, free_port, running
from tests.support.s3_account import S3Account

PACKAGES = ("radosgw", "ceph-mon", "ceph-osd")
NEEDS = ("/usr/bin/radosgw", "/usr/bin/ceph-mon", "/usr/bin/ceph-osd", "/usr/bin/ceph")
KNOWN: tuple[str, ...] = ()

_KEY, _SECRET = "smug2s3-tests", "not-a-secret-at-all"

_CONF = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{monitor}/0]
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
keyring = {root}/keyring
run dir = {root}
admin socket = {root}/$name.asok
pid file = {root}/$name.pid
log file =
log to stderr = true
mon cluster log file = {root}/cluster.log
mon data = {root}/mon
mon data avail crit = 1
mon allow pool size one = true
mon max pg per osd = 1000
osd data = {root}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
rgw dns name = localhost
"""


def version() -> str:
    """Of the package."""
    return done(["dpkg-query", "-W", "-f", "${Version}", "radosgw"])


@contextmanager
def ceph(root: Path) -> Iterator[S3Account]:
    """A running gateway; what it keeps is gone with it."""
    conf, monitor, port, disk = root / "ceph.conf", free_port(), free_port(), uuid4()
    cluster, members = uuid4(), root / "monitors"
    conf.write_text(_CONF.format(fsid=cluster, monitor=monitor, root=root))
    (root / "osd").mkdir()
    with ExitStack() as ending:
        address = f"[v2:127.0.0.1:{monitor}/0]"
        done(["/usr/bin/monmaptool", "--create", "--fsid", cluster, "--addv", "a", address, members])
        done(["/usr/bin/ceph-mon", "-c", conf, "-i", "a", "--mkfs", "--monmap", members])
        monitoring = ["/usr/bin/ceph-mon", "-c", conf, "-i", "a", "-f"]
        ending.enter_context(running(monitoring, root / "monitor.log", monitor))
        done(["/usr/bin/ceph", "-c", conf, "osd", "new", disk], timeout=STARTS_WITHIN)
        done(["/usr/bin/ceph-osd", "-c", conf, "-i", 0, "--mkfs", "--osd-uuid", disk])
        storing = ["/usr/bin/ceph-osd", "-c", conf, "-i", 0, "-f"]
        ending.enter_context(running(storing, root / "storage.log", None))
        _await_storage(conf)
        new = ["user", "create", "--uid", "tests", "--display-name", "tests"]
        keys = ["--access-key", _KEY, "--secret-key", _SECRET]
        done(["/usr/bin/radosgw-admin", "-c", conf, *new, *keys], timeout=2 * STARTS_WITHIN)
        listening = f"--rgw-frontends=beast endpoint=127.0.0.1:{port}"
        # It wants a key even where nobody asks for one.
        keyring = root / "keyring"
        done(["/usr/bin/ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "client.rgw.a"])
        serving = ["/usr/bin/radosgw", "-c", conf, "-n", "client.rgw.a", "-k", keyring, "-f", listening]
        ending.enter_context(running(serving, root / "gateway.log", port))
        yield S3Account(endpoint=f"http://127.0.0.1:{port}", access_key=_KEY, secret_key=_SECRET)


def _await_storage(conf: Path) -> None:
    """Until the storage daemon is up."""
    ends = time.monotonic() + STARTS_WITHIN
    while "1 up" not in done(["/usr/bin/ceph", "-c", conf, "osd", "stat"], timeout=STARTS_WITHIN):
        assert time.monotonic() < ends, "the storage daemon did not come up"
        time.sleep(0.5)
