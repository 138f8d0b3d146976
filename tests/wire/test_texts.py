"""Texts of one form: what is not written the one way is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.wire import text

FORBIDDEN = [
    *range(0x20),
    *range(0x7F, 0xA0),
    0x061C,
    0x200E,
    0x200F,
    0x2028,
    0x2029,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
]


def test_forbidden_characters_are_exactly_those() -> None:
    refused = []
    for point in range(0x11_0000):
        if 0xD800 <= point < 0xE000:
            continue
        try:
            text.check_text(f"a{chr(point)}b")
        except MalformedError:
            refused.append(point)
    assert refused == FORBIDDEN
    with pytest.raises(MalformedError):
        text.check_text("\udfff")


@pytest.mark.parametrize(
    ("parse", "good", "bad"),
    [
        (
            text.parse_decimal,
            ["0", "7", "10", "9223372036854775807"],
            [
                "",
                "07",
                "+7",
                "-7",
                " 7",
                "7 ",
                "4_2",
                "1e3",
                "\u0667",
                "9223372036854775808",
                "7\n",
            ],
        ),
        (
            text.check_party,
            ["zw", "maker-7", "-" * 2, "a" * 32],
            ["", "a", "a" * 33, "Maker", "a b", "a_b", "a\n", "\u00e9e"],
        ),
        (
            text.decode_base64,
            ["", "aGk=", "AAAA"],
            ["aGk", "aGk==", "aGl=", "aG k=", "aGk=\n", "aGk=!!!!", "a-_=", "\u00e9"],
        ),
        (
            text.decode_base64url,
            ["", "aGk", "-_-_"],
            ["aGk=", "aGl", "a", "+/+/", "aG k", "aGk\n", "\u00e9\u00e9"],
        ),
        (
            text.decode_hex,
            ["", "00", "ab01"],
            ["0", "AB", "0x00", " 00", "00\n", "zz", "\u0660\u0660"],
        ),
        (
            text.parse_time,
            ["1970-01-01T00:00:00Z", "2026-11-24T01:53:00Z", "1969-12-31T23:59:59Z"],
            [
                "2026-11-24T01:53:00",
                "2026-11-24T01:53:00z",
                "2026-11-24 01:53:00Z",
                "2026-11-24T01:53:00+00:00",
                "2026-11-24T01:53:00.0Z",
                "2026-11-24T01:53:60Z",
                "2026-11-24T24:00:00Z",
                "2026-2-24T01:53:00Z",
                "2026-02-30T01:53:00Z",
                " 2026-11-24T01:53:00Z",
            ],
        ),
        (
            text.parse_day,
            ["1970-01-01", "2024-02-29", "1947-06-01"],
            ["2026-02-29", "20260101", "2026-W01-1", "2026-1-1", "2026-01-01 ", "26-01-01"],
        ),
        (
            text.json_loads,
            ["{}", '{"a": [1, 2.5, null]}', '"\\u00e9"', '"\\ud83d\\ude00"'],
            [
                "",
                "{",
                '{"a": 1, "a": 2}',
                "[NaN]",
                "[Infinity]",
                "[-Infinity]",
                "[1e999]",
                "{} {}",
                "\ufeff{}",
                '"\\ud800"',
                '{"\\udc00": 1}',
                "[" * 100_000,
                "1" * 5_000,
                b"\xff",
                '{"a": 1}'.encode("utf-16"),
            ],
        ),
    ],
)
def test_one_form(parse: Callable[[Any], object], good: list[Any], bad: list[Any]) -> None:
    for value in good:
        parse(value)
    for value in bad:
        with pytest.raises(MalformedError):
            raise AssertionError(value[:40], parse(value))


@given(st.binary(max_size=80))
def test_bytes_there_and_back(data: bytes) -> None:
    assert text.decode_base64(text.encode_base64(data)) == data
    assert text.decode_base64url(text.encode_base64url(data)) == data
    assert text.decode_hex(data.hex(), size=len(data)) == data
    with pytest.raises(MalformedError):
        text.decode_hex(data.hex(), size=len(data) + 1)


@given(st.integers(-62_135_596_800, 253_402_300_799))
def test_times_there_and_back(seconds: int) -> None:
    assert text.parse_time(text.format_time(seconds)) == seconds
    assert text.parse_day(text.format_day(seconds // 86_400)) == seconds // 86_400


@pytest.mark.parametrize("seconds", [-62_135_596_801, 253_402_300_800, 2**53 - 1, -(2**53)])
def test_times_without_a_date_do_not_break_a_page(seconds: int) -> None:
    assert text.format_time(seconds) == str(seconds)
    assert text.format_day(seconds) == str(seconds)


@given(st.integers(0, 2**50 - 1))
def test_codes_there_and_back(number: int) -> None:
    assert text.parse_code(text.format_code(number)) == number
    assert text.code_value(text.code_symbols(number)) == number


@given(st.integers(0, 2**50 - 1), st.integers(0, 11), st.integers(1, 31))
def test_one_wrong_symbol_of_a_code_is_found(number: int, at: int, step: int) -> None:
    symbols = text.code_symbols(number)
    other = text.ALPHABET[(text.ALPHABET.index(symbols[at]) + step) % 32]
    with pytest.raises(MalformedError):
        text.parse_code(symbols[:at] + other + symbols[at + 1 :])


@given(st.integers(0, 2**50 - 1), st.integers(0, 10))
def test_two_swapped_symbols_of_a_code_are_found(number: int, at: int) -> None:
    symbols = text.code_symbols(number)
    swapped = symbols[:at] + symbols[at + 1] + symbols[at] + symbols[at + 2 :]
    if swapped != symbols:
        with pytest.raises(MalformedError):
            text.parse_code(swapped)


@pytest.mark.parametrize("number", [-1, 2**50])
def test_a_code_holds_fifty_bits(number: int) -> None:
    with pytest.raises(MalformedError):
        text.code_symbols(number)


@pytest.mark.parametrize("symbols", ["51pb1x9sfp3j", "51PB-1X9S-FP3J", "O1PB1X9SFP3J", ""])
def test_the_strict_form_of_a_code_is_the_only_one(symbols: str) -> None:
    with pytest.raises(MalformedError):
        text.code_value(symbols)


def test_normal_form() -> None:
    assert text.is_nfc("caf\u00e9")
    assert not text.is_nfc("cafe\u0301")
