"""An area in hectares is whole square metres or refused: it is never rounded in silence."""

from __future__ import annotations

import pytest

from ledger.desk.places import read_area_m2
from ledger.errors import MalformedError


@pytest.mark.parametrize(
    ("typed", "area_m2"),
    [
        (None, None),
        ("12", 120_000),
        ("12.5", 125_000),
        ("0.0001", 1),
        ("12.3456", 123_456),
        ("12.34560000", 123_456),
        ("0", 0),
    ],
)
def test_an_area_is_kept_exactly(typed: str | None, area_m2: int | None) -> None:
    assert read_area_m2(typed) == area_m2


@pytest.mark.parametrize(
    "typed", ["12.34567", "0.00009", "", "12,5", "-1", "1e3", "012", "12.", "ten"]
)
def test_what_is_no_area_in_square_metres(typed: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_area_m2(typed)
    assert caught.value.code == "place.area"
    assert caught.value.message.startswith("--area-ha: ")
