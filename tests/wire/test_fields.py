"""Structs to plain values and back: one spelling, and the field that does not fit by name."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct, field

from ledger.custody.subjects import Inner
from ledger.errors import MalformedError
from ledger.wire import cbor, fields


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


Four = Annotated[bytes, Meta(min_length=4, max_length=4)]


class Row(Struct, frozen=True):
    taxon: str
    quantity: int
    note: str | None = None


class Key(Struct, frozen=True):
    kty: Annotated[int, Meta(extra={"key": 1})]
    x: Annotated[Four, Meta(extra={"key": -2})]
    y: Annotated[Four | None, Meta(extra={"key": -3})] = None


class Everything(Struct, frozen=True):
    lot: str
    flag: bool
    rows: tuple[Row, ...]
    pair: tuple[str, int]
    colour: Colour
    key: Key
    maybe: Row | None = None
    marks: tuple[str, ...] = ()
    prev: Mapping[str, bytes] = field(default_factory=dict)
    parts: Mapping[str, Row] = field(default_factory=dict)
    by_kid: Mapping[bytes, int] = field(default_factory=dict)
    by_number: Mapping[int, str] = field(default_factory=dict)
    rest: object = None
    head: bytes = b""
    hidden: Inner[bytes | None] = None


FULL = Everything(
    lot="51PB1X9SFP3J",
    flag=True,
    rows=(Row("Loxodonta", 1), Row("Cedrela", 2, "kiln")),
    pair=("a", 1),
    colour=Colour.GREEN,
    key=Key(1, b"1234", b"5678"),
    maybe=Row("Python", 0),
    marks=("m/1",),
    prev={"51PB1X9SFP3J": bytes(32)},
    parts={"x": Row("y", 3)},
    by_kid={b"b": 2, b"a": 1},
    by_number={7: "seven"},
    rest=[1, {"a": None}],
    head=b"head",
    hidden=b"inner",
)
LEAN = Everything("lot", False, (), ("b", 2), Colour.RED, Key(1, b"1234"))


@pytest.mark.parametrize("value", [FULL, LEAN], ids=["full", "lean"])
def test_there_and_back(value: Everything) -> None:
    plain = fields.to_plain(value)
    assert fields.from_plain(Everything, plain) == value
    data = cbor.encode(plain)
    again = fields.from_plain(Everything, cbor.decode(data))
    assert again == value
    assert cbor.encode(fields.to_plain(again)) == data


def test_absent_means_none_or_empty() -> None:
    plain = fields.to_plain(LEAN)
    assert isinstance(plain, dict)
    assert set(plain) == {"lot", "flag", "rows", "pair", "colour", "key", "head"}
    assert plain["key"] == {1: 1, -2: b"1234"}


def test_keys_that_are_bytes_travel_as_sorted_pairs() -> None:
    plain = fields.to_plain(FULL)
    assert isinstance(plain, dict)
    assert plain["by_kid"] == [[b"a", 1], [b"b", 2]]


def change(**changes: Any) -> dict[str, Any]:
    plain = fields.to_plain(FULL)
    assert isinstance(plain, dict)
    for name, value in changes.items():
        if value is ...:
            del plain[name]
        else:
            plain[name] = value
    return plain


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"lot": ...}, "field.missing", "lot"),
        ({"head": ...}, "field.missing", "head"),
        ({"colours": "red"}, "field.unknown", "colours"),
        ({"lot": 7}, "field.type", "lot"),
        ({"lot": None}, "field.type", "lot"),
        ({"maybe": None}, "field.type", "maybe"),
        ({"flag": 1}, "field.type", "flag"),
        ({"rows": {}}, "field.type", "rows"),
        ({"rows": [{"taxon": "x", "quantity": True}]}, "field.type", "rows.0.quantity"),
        ({"rows": [{"taxon": "x", "quantity": 1, "n": 1}]}, "field.unknown", "rows.0.n"),
        ({"rows": [7]}, "field.type", "rows.0"),
        ({"pair": ["a"]}, "field.type", "pair"),
        ({"pair": ["a", 1, 2]}, "field.type", "pair"),
        ({"pair": [1, 1]}, "field.type", "pair.0"),
        ({"colour": "blue"}, "field.value", "colour"),
        ({"colour": 1}, "field.value", "colour"),
        ({"key": {1: 1, -2: b"123"}}, "field.size", "key.-2"),
        ({"key": {1: 1, -2: b"1234", -3: b"12345"}}, "field.size", "key.-3"),
        ({"key": {1: 1, "-2": b"1234"}}, "field.missing", "key.-2"),
        ({"marks": []}, "field.empty", "marks"),
        ({"prev": {}}, "field.empty", "prev"),
        ({"prev": {1: bytes(32)}}, "field.type", "prev"),
        ({"prev": {"a": "text"}}, "field.type", "prev.a"),
        ({"parts": {"x": {"taxon": "y"}}}, "field.missing", "parts.x.quantity"),
        ({"by_kid": {"a": 1}}, "field.type", "by_kid"),
        ({"by_kid": [[b"b", 1], [b"a", 2]]}, "field.type", "by_kid"),
        ({"by_kid": [[b"a", 1], [b"a", 2]]}, "field.type", "by_kid"),
        ({"by_kid": [[b"a", "x"]]}, "field.type", "by_kid.61"),
        ({"by_number": {True: "x"}}, "field.type", "by_number"),
    ],
)
def test_the_field_that_does_not_fit_is_named(
    changes: dict[str, Any], code: str, where: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        fields.from_plain(Everything, change(**changes))
    assert caught.value.code == code
    assert caught.value.params == {"field": where}
    with pytest.raises(MalformedError) as caught:
        fields.from_plain(Everything, change(**changes), path="LotRegistered")
    assert caught.value.params == {"field": f"LotRegistered.{where}"}


def test_what_is_no_map_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        fields.from_plain(Row, ["x", 1])
    assert caught.value.message == "Row is not a map."


def test_a_type_without_a_codec_is_our_own_mistake() -> None:
    class Odd(Struct, frozen=True):
        share: float

    with pytest.raises(TypeError):
        fields.to_plain(Odd(0.5))


@given(
    st.builds(
        Row, taxon=st.text("abc"), quantity=st.integers(0, 9), note=st.none() | st.text("abc")
    )
)
def test_any_row_there_and_back(row: Row) -> None:
    assert fields.from_plain(Row, fields.to_plain(row)) == row
