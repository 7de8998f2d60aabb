"""How much memory the parts of large files may take: what suits the store, or what the user says, if a part fits."""

from __future__ import annotations

import pytest

from smug2s3.errors import SettingsError
from smug2s3.stores.quirks import GENERIC, MIB, Provider, provider_of
from smug2s3.stores.upload import bytes_held

STORJ = provider_of("https://gateway.storjshare.io")


@pytest.mark.parametrize(
    ("provider", "wanted", "held"),
    [
        pytest.param(GENERIC, None, 48 * MIB, id="three-parts-by-itself"),
        pytest.param(STORJ, None, 64 * MIB, id="one-part-where-parts-are-large"),
        pytest.param(GENERIC, 16 * MIB, 16 * MIB, id="one-part"),
        pytest.param(STORJ, 256 * MIB, 256 * MIB, id="as-much-as-is-said"),
    ],
)
def test_at_least_one_part_fits(provider: Provider, wanted: int | None, held: int) -> None:
    assert bytes_held(provider, wanted) == held


def test_less_than_a_part_of_this_store_is_refused_with_what_would_do() -> None:
    with pytest.raises(SettingsError, match="is smaller than one part, which is 64M for ") as refused:
        bytes_held(STORJ, 48 * MIB)
    assert "64M or more" in refused.value.hint
