"""Numbers and runs of marks as people write them: read in every way they can be, or in none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.desk.sheet_values import number_readings, range_of_marks


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1,234", ("1.234", "1234")),
        ("1.234", ("1.234", "1234")),
        ("12.000", ("12", "12000")),
        ("500", ("500",)),
        ("0500", ("500",)),
        ("1,5", ("1.5",)),
        ("1.25", ("1.25",)),
        ("0,125", ("0.125",)),
        ("1234,567", ("1234.567",)),
        ("1.234,5", ("1234.5",)),
        ("1,234.5", ("1234.5",)),
        ("1.234.567", ("1234567",)),
        ("1 234", ("1234",)),
        ("1\u00a0234,5", ("1234.5",)),
        ("1\u202f234\u202f567", ("1234567",)),
        ("1'234.50", ("1234.5",)),
        ("12 345,678", ("12345.678",)),
        ("1.2.3", ()),
        ("1,23,456", ()),
        ("12 34", ()),
        ("1e3", ()),
        ("-5", ()),
        ("5 kg", ()),
        ("٣", ()),
        (".5", ()),
        ("5.", ()),
        ("", ()),
    ],
)
def test_numbers_are_read_in_every_way_they_can_be(text: str, readings: tuple[str, ...]) -> None:
    assert number_readings(text, decimal=None) == readings


@pytest.mark.parametrize(
    ("text", "decimal", "reading"),
    [
        ("1,234", ",", ("1.234",)),
        ("1,234", ".", ("1234",)),
        ("1.234", ",", ("1234",)),
        ("1.234", ".", ("1.234",)),
        ("1.5", ",", ()),
        ("1,5", ".", ()),
    ],
)
def test_the_decimal_sign_settles_it(text: str, decimal: str, reading: tuple[str, ...]) -> None:
    assert number_readings(text, decimal=decimal) == reading


@given(st.integers(0, 10**12), st.integers(0, 6), st.sampled_from(".,"))
def test_a_number_reads_back(number: int, places: int, sign: str) -> None:
    whole, fraction = divmod(number, 10**places)
    text = f"{whole:,}".replace(",", "," if sign == "." else ".")
    text += f"{sign}{fraction:0{places}d}" if places else ""
    expected = f"{whole}.{fraction:0{places}d}".rstrip("0").rstrip(".") if places else f"{whole}"
    assert number_readings(text, decimal=sign) == (expected,)
    assert expected in number_readings(text, decimal=None)


@given(st.integers(0, 9000), st.integers(0, 900))
def test_a_range_holds_what_it_says(first: int, more: int) -> None:
    marks = range_of_marks(first=f"Z{first:05d}-X", last=f"Z{first + more:05d}-X")
    assert marks == tuple(f"Z{n:05d}-X" for n in range(first, first + more + 1))
