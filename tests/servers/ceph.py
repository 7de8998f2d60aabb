"""Ceph's RADOS gateway, from Debian's packages: one monitor and one storage daemon that keeps everything in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from tests.servers.processes import STARTS_WITHIN, done, free_port, running
from tests.support.s3_account import S3Account

PACKAGES = ("radosgw", "ceph-mon", "ceph-osd")
NEEDS = ("/usr/bin/radosgw", "/usr/bin/ceph-mon", "/usr/bin/ceph-osd", "/usr/bin/ceph")
KNOWN: tuple[str, ...] = ()

OWN_CLASS = "FROSTY"
"""A storage class of its own, as Ceph's administrators make them."""

_KEY, _SECRET = "smug2s3-tests", "not-a-secret-at-all"
_ALL = {"mon": "allow *", "mgr": "allow *", "osd": "allow *"}
_RIGHTS = {
    "mon.": {"mon": "allow *"},
    "client.admin": _ALL,
    "osd.0": {"mon": "allow profile osd", "mgr": "allow profile osd", "osd": "allow *"},
    "client.rgw.a": _ALL,
}
"""Of each daemon. Without keys (``auth … = none``) the gateway cannot speak to the storage daemon."""

_CONF = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{monitor}/0]
public addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
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
    conf, monitor, port = root / "ceph.conf", free_port(), free_port()
    cluster = uuid4()
    conf.write_text(_CONF.format(fsid=cluster, monitor=monitor, root=root))
    _make_keys(root / "keyring")
    with ExitStack() as ending:
        _start_monitor(ending, root, monitor, cluster)
        _start_storage(ending, root)
        _make_user(conf)
        listening = f"--rgw-frontends=beast endpoint=127.0.0.1:{port}"
        serving = ["/usr/bin/radosgw", "-c", conf, "-n", "client.rgw.a", "-f", listening]
        ending.enter_context(running(serving, root / "gateway.log", port))
        yield S3Account(endpoint=f"http://127.0.0.1:{port}", access_key=_KEY, secret_key=_SECRET)


def _make_keys(keyring: Path) -> None:
    """One file for all daemons; the monitor takes them over when it is made."""
    done(["/usr/bin/ceph-authtool", "--create-keyring", keyring])
    for name, rights in _RIGHTS.items():
        caps = [word for daemon, right in rights.items() for word in ("--cap", daemon, right)]
        done(["/usr/bin/ceph-authtool", keyring, "--gen-key", "-n", name, *caps])


def _start_monitor(ending: ExitStack, root: Path, port: int, cluster: object) -> None:
    conf, members = root / "ceph.conf", root / "monitors"
    address = f"[v2:127.0.0.1:{port}/0]"
    done(["/usr/bin/monmaptool", "--create", "--fsid", cluster, "--addv", "a", address, members])
    making = ["--mkfs", "--monmap", members, "--keyring", root / "keyring"]
    done(["/usr/bin/ceph-mon", "-c", conf, "-i", "a", *making])
    ending.enter_context(running(["/usr/bin/ceph-mon", "-c", conf, "-i", "a", "-f"], root / "monitor.log", port))


def _start_storage(ending: ExitStack, root: Path) -> None:
    conf, disk = root / "ceph.conf", uuid4()
    (root / "osd").mkdir()
    done(["/usr/bin/ceph", "-c", conf, "osd", "new", disk], timeout=STARTS_WITHIN)
    storing = ["/usr/bin/ceph-osd", "-c", conf, "-i", 0]
    done([*storing, "--mkfs", "--osd-uuid", disk])
    ending.enter_context(running([*storing, "-f"], root / "storage.log", None))
    _await_storage(conf)


def _await_storage(conf: Path) -> None:
    """Until the storage daemon is up."""
    ends = time.monotonic() + STARTS_WITHIN
    while "1 up" not in done(["/usr/bin/ceph", "-c", conf, "osd", "stat"], timeout=STARTS_WITHIN):
        assert time.monotonic() < ends, "the storage daemon did not come up"
        time.sleep(0.5)


def _make_user(conf: Path) -> None:
    """Its keys, and the storage class."""
    admin = partial(done, timeout=2 * STARTS_WITHIN)
    command = ["/usr/bin/radosgw-admin", "-c", conf]
    keys = ["--access-key", _KEY, "--secret-key", _SECRET]
    admin([*command, "user", "create", "--uid", "tests", "--display-name", "tests", *keys])
    place = ["--placement-id", "default-placement", "--storage-class", OWN_CLASS]
    admin([*command, "zonegroup", "placement", "add", "--rgw-zonegroup", "default", *place])
    admin([*command, "zone", "placement", "add", "--rgw-zone", "default", *place, "--data-pool", "default.rgw.frosty"])
