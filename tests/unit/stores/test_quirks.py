"""Where providers differ, the endpoint alone tells which one it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.stores.quirks import AWS, GENERIC, GIB, MIB, PROVIDERS, Provider, part_size, provider_of, smaller_pieces


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        pytest.param(None, "AWS S3", id="none"),
        pytest.param("", "AWS S3", id="an empty one"),
        pytest.param("https://s3.eu-central-1.amazonaws.com", "AWS S3", id="AWS by region"),
        pytest.param("https://s3.cn-north-1.amazonaws.com.cn", "AWS S3", id="AWS in China"),
        pytest.param("https://ACCOUNT.r2.cloudflarestorage.com", "Cloudflare R2", id="R2"),
        pytest.param("https://account.eu.r2.cloudflarestorage.com", "Cloudflare R2", id="R2 in Europe"),
        pytest.param("https://s3.us-west-004.backblazeb2.com:443/", "Backblaze B2", id="B2, with its port"),
        pytest.param("https://s3.wasabisys.com", "Wasabi", id="Wasabi"),
        pytest.param("https://s3.fr-par.scw.cloud", "Scaleway", id="Scaleway"),
        pytest.param("https://gateway.storjshare.io", "Storj", id="Storj"),
        pytest.param("http://127.0.0.1:9000", "S3-compatible", id="this machine"),
        pytest.param("https://evilamazonaws.com", "S3-compatible", id="a name that ends alike"),
        pytest.param("https://amazonaws.com.example.org", "S3-compatible", id="a name that begins alike"),
        pytest.param("https://example.org/amazonaws.com", "S3-compatible", id="a path that looks like a host"),
    ],
)
def test_a_provider_is_known_by_its_host(endpoint: str | None, name: str) -> None:
    assert provider_of(endpoint).name == name


def test_only_aws_is_addressed_by_the_buckets_own_host() -> None:
    assert AWS.virtual_hosts
    assert not any(provider.virtual_hosts for provider in (*PROVIDERS, GENERIC) if provider is not AWS)


@given(st.sampled_from((*PROVIDERS, GENERIC)), st.integers(0, 5 * 1024 * GIB))
def test_any_object_fits_into_the_allowed_parts_of_an_allowed_size(provider: Provider, size: int) -> None:
    part = part_size(provider, size)
    assert -(-size // part) <= provider.parts
    assert 5 * MIB <= part <= 6 * GIB
    assert part % MIB == 0
    assert part >= provider.part_size


@pytest.mark.parametrize(
    ("size", "mebibytes"),
    [
        pytest.param(300 * MIB, 16, id="an ordinary video: the least"),
        pytest.param(140 * GIB, 16, id="as many of the least as may be"),
        pytest.param(200 * GIB, 23, id="a very large one: more a part"),
        pytest.param(None, 32, id="of unknown size"),
    ],
)
def test_parts_are_as_small_as_the_number_of_parts_allows(size: int | None, mebibytes: int) -> None:
    assert part_size(GENERIC, size) == mebibytes * MIB


def test_no_provider_is_sent_more_in_one_request_than_s3_takes() -> None:
    assert all(provider.single_put <= 5 * GIB for provider in (*PROVIDERS, GENERIC))


@pytest.mark.parametrize(
    ("size", "single_put", "part"),
    [
        pytest.param(64 * MIB, 32 * MIB, 16 * MIB, id="a whole file"),
        pytest.param(12 * MIB, 6 * MIB, 6 * MIB, id="a whole file smaller than a part"),
        pytest.param(300 * MIB, 8 * MIB, 8 * MIB, id="a part"),
        pytest.param(None, 8 * MIB, 8 * MIB, id="a part of what has no size"),
        pytest.param(3 * MIB, 5 * MIB, 5 * MIB, id="less than S3's least part"),
    ],
)
def test_after_what_was_too_large_at_most_half_of_it_is_sent_at_once(
    size: int | None, single_put: int, part: int
) -> None:
    smaller = smaller_pieces(GENERIC, size)
    assert (smaller.single_put, smaller.part_size) == (single_put, part)


def test_below_the_least_part_nothing_smaller_is_left() -> None:
    least = smaller_pieces(GENERIC, 3 * MIB)
    assert smaller_pieces(least, 3 * MIB) == least
