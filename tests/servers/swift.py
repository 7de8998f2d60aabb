"""OpenStack Swift with its S3 API, from Debian's packages: one device, one replica, everything in one folder."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers.processes import done, free_port, running
from tests.support.s3_account import S3Account

PACKAGES = ("swift-proxy", "swift-account", "swift-container", "swift-object", "memcached")
NEEDS = ("/usr/bin/swift-proxy-server", "/usr/bin/swift-object-server", "/usr/bin/memcached")
KNOWN = ("in-parts-onto-itself", "in-parts-to-another-key")
"""Its listing has another ETag for a copy of what came in parts than its HEAD."""

_USER, _KEY = "test:tester", "testing"
_KINDS = ("account", "container", "object")

_SWIFT = """
[swift-hash]
swift_hash_path_suffix = tests
[storage-policy:0]
name = only
default = yes
"""
_STORAGE = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {root}
devices = {root}/devices
mount_check = false
workers = 0
log_facility =
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
_PROXY = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {root}
workers = 0
[pipeline:main]
pipeline = catch_errors cache listing_formats bulk s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memory}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def version() -> str:
    """Of the package."""
    return done(["dpkg-query", "-W", "-f", "${Version}", "swift-proxy"])


@contextmanager
def swift(root: Path) -> Iterator[S3Account]:
    """A running server that keeps everything under ``root``."""
    (root / "swift.conf").write_text(_SWIFT)
    (root / "devices" / "d1").mkdir(parents=True)
    user = getpass.getuser()
    with ExitStack() as ending:
        for kind in _KINDS:
            port = free_port()
            _ring(root, kind, port)
            conf = root / f"{kind}-server.conf"
            conf.write_text(_STORAGE.format(kind=kind, port=port, user=user, root=root))
            ending.enter_context(running([f"/usr/bin/swift-{kind}-server", conf], root / f"{kind}.log", port))
        memory, port = free_port(), free_port()
        cache = ["/usr/bin/memcached", "-l", "127.0.0.1", "-p", memory, "-u", user]
        ending.enter_context(running(cache, root / "memcached.log", memory))
        conf = root / "proxy-server.conf"
        conf.write_text(_PROXY.format(port=port, user=user, root=root, memory=memory))
        ending.enter_context(running(["/usr/bin/swift-proxy-server", conf], root / "proxy.log", port))
        yield S3Account(endpoint=f"http://127.0.0.1:{port}", access_key=_USER, secret_key=_KEY)


def _ring(root: Path, kind: str, port: int) -> None:
    builder = root / f"{kind}.builder"
    for words in (
        ["create", 4, 1, 1],
        ["add", "--region", 1, "--zone", 1, "--ip", "127.0.0.1", "--port", port, "--device", "d1", "--weight", 1],
        ["rebalance"],
    ):
        done(["/usr/bin/swift-ring-builder", builder, *words])
