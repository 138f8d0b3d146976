"""Quantities: shown and read back, exact or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.reference.quantities import QUANTITY_MAX, display, parse_quantity
from ledger.reference.tables import LEDGER_UNITS, load_tables
from ledger.reference.wording import word


@given(st.integers(min_value=0, max_value=QUANTITY_MAX), st.sampled_from(LEDGER_UNITS))
def test_display_reads_back(quantity: int, unit: str) -> None:
    text, shown = display(quantity, unit)
    assert shown in ("NAR", "KGM", "MTQ", "MTK", "MTR", "LTR")
    assert parse_quantity(text, shown) == (quantity, unit)


@given(st.from_regex(r"(0|[1-9][0-9]{0,8})(\.[0-9]{0,5}[1-9])?", fullmatch=True))
def test_reading_shows_again(text: str) -> None:
    quantity, unit = parse_quantity(text, "MTQ")
    assert display(quantity, unit) == (text, "MTQ")


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("12.345", "MTQ", (12_345_000, "CMQ")),
        ("0.000001", "MTQ", (1, "CMQ")),
        ("500", "NAR", (500, "NAR")),
        ("2.50", "KGM", (2_500, "GRM")),
        ("1.5", "KIL", (1_500, "GRM")),
        ("3", "PAI", (6, "NAR")),
        ("0.25", "TON", (250_000, "GRM")),
        ("1", "MTK", (10_000, "CMK")),
        ("2.4", "CTM", (24, "MMT")),
        ("0.75", "LTR", (750, "MLT")),
        ("1000", "MGM", (1, "GRM")),
        ("0", "NAR", (0, "NAR")),
    ],
)
def test_units_convert_exactly(text: str, unit: str, expected: tuple[int, str]) -> None:
    assert parse_quantity(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        ("1,234", "NAR", "quantity.ambiguous"),
        ("1,5", "KGM", "quantity.ambiguous"),
        ("1.5", "NAR", "quantity.inexact"),
        ("0.0000001", "MTQ", "quantity.inexact"),
        ("1", "SQF", "quantity.inexact"),
        ("1", "MGM", "quantity.inexact"),
        ("", "NAR", "quantity.text"),
        ("-1", "NAR", "quantity.text"),
        ("+1", "NAR", "quantity.text"),
        ("01", "NAR", "quantity.text"),
        ("1e3", "NAR", "quantity.text"),
        ("1_000", "NAR", "quantity.text"),
        (" 1", "NAR", "quantity.text"),
        ("1 000", "NAR", "quantity.text"),
        (".5", "KGM", "quantity.text"),
        ("5.", "KGM", "quantity.text"),
        ("١٢", "NAR", "quantity.text"),
        ("1\n", "NAR", "quantity.text"),
        ("9007199254740992", "NAR", "quantity.range"),
        ("9007199254741", "KGM", "quantity.range"),
        ("1", "BOX", "unit.package"),
        ("1", "m3", "unit.unknown"),
        ("1", "", "unit.unknown"),
    ],
)
def test_what_is_not_exact_is_refused(text: str, unit: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_quantity(text, unit)
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    ("quantity", "unit", "code"),
    [
        (1, "KGM", "unit.not-of-ledger"),
        (-1, "GRM", "quantity.range"),
        (2**53, "GRM", "quantity.range"),
    ],
)
def test_display_refuses(quantity: int, unit: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        display(quantity, unit)
    assert caught.value.code == code


def test_ledger_units_are_their_own_base() -> None:
    tables = load_tables()
    for code in LEDGER_UNITS:
        unit = tables.unit(code)
        assert unit is not None
        assert (unit.base, unit.numerator, unit.denominator) == (code, 1, 1)
        shown = tables.unit(unit.display)
        assert shown is not None
        assert shown.base == code


def test_refusals_name_quantities_in_units_of_people() -> None:
    params = {"term": "SAW", "unit": "CMQ", "quantity": 71_500_000, "largest": 65_000_000}
    message, _ = word("conversion.too-much", params)
    assert message == "71.5 MTQ of SAW is more than can come out: at most 65 MTQ."
    assert params["unit"] == "CMQ"
    assert word("quantity.unit", {"unit": "FURLONG"})[0].endswith("FURLONG.")
