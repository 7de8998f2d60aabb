"""A server, or a proxy before it, that takes no large bodies; a bucket that is full."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from smug2s3.errors import StoreUnusable
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.quick import Pair

MIB = 1024 * 1024
PAGE = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>nginx</body>\r\n</html>"


def over(limit: int) -> StoreFault:
    """What nginx answers to a body over its ``client_max_body_size``."""

    def too_large(headers: Mapping[str, str]) -> bool:
        return int(headers.get("content-length", "0")) > limit

    return StoreFault(
        action="answer", method="PUT", times=None, status=413, content_type="text/html", body=PAGE, when=too_large
    )


@pytest.mark.parametrize(
    ("limit", "found"),
    [pytest.param(15 * MIB, "8 MiB", id="of a whole file"), pytest.param(6 * MIB, "5 MiB", id="of a part")],
)
async def test_what_is_too_large_for_one_request_goes_in_parts_for_the_rest_of_the_run(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path, limit: int, found: str
) -> None:
    world = World("mine")
    album = world.add_album("One")
    for number in range(3):
        world.add_image(album, f"{number}.jpg", noise_photo(number, 17 * MIB + number))
    proxy.script(over(limit))
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)
        summary = await pair.sync(transfers=1)

        assert (summary.moved, pair.reporter.failures) == (3, {})
        pair.assert_complete()
        assert (await pair.verify(deep=1.0)).clean
    *_, note = [text for text in pair.reporter.notes if "one request" in text]
    assert f"files over {found} are sent in parts of {found} from now on" in note
    assert proxy.struck <= 6


FULL = {
    "Ceph": (403, "QuotaExceeded", ""),
    "MinIO": (507, "XMinioStorageFull", "Storage backend has reached its minimum free drive threshold."),
    "Swift": (413, "EntityTooLarge", "Upload exceeds quota."),
    "Backblaze": (403, "AccessDenied", "Cannot upload files, storage cap exceeded."),
    "a file system behind a gateway": (500, "InternalError", "write /srv/x: no space left on device"),
}


@pytest.mark.parametrize("answer", [pytest.param(answer, id=name) for name, answer in FULL.items()])
async def test_a_full_bucket_ends_the_run_at_once_in_its_own_words(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path, answer: tuple[int, str, str]
) -> None:
    status, code, words = answer
    body = f"<Error><Code>{code}</Code><Message>{words}</Message></Error>"
    proxy.script(StoreFault(action="answer", method="PUT", times=None, status=status, body=body))
    async with Simulator(worlds.tiny()) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)
        with pytest.raises(StoreUnusable, match="the bucket has no room for more") as ended:
            await pair.sync(transfers=2)

        assert words in str(ended.value)
        assert "it continues from here" in ended.value.hint
        assert proxy.struck <= 6

        proxy.script()
        assert (await pair.sync()).failed == 0
        pair.assert_complete()
