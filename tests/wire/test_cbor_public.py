"""RFC 8949, Appendix A, under the profile; and what the encoder refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.wire import cbor
from ledger.wire.cbor_profile import decode_reference

OUTSIDE = {
    "1bffffffffffffffff": "cbor.integer",
    "3bffffffffffffffff": "cbor.integer",
    "5f42010243030405ff": "cbor.indefinite",
    "7f657374726561646d696e67ff": "cbor.indefinite",
    "9fff": "cbor.indefinite",
    "9f018202039f0405ffff": "cbor.indefinite",
    "9f01820203820405ff": "cbor.indefinite",
    "83018202039f0405ff": "cbor.indefinite",
    "83019f0203ff820405": "cbor.indefinite",
    "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff": "cbor.indefinite",
    "bf61610161629f0203ffff": "cbor.indefinite",
    "826161bf61626163ff": "cbor.indefinite",
    "bf6346756ef563416d7421ff": "cbor.indefinite",
}
"""What the profile leaves out besides floats, tags and further simple values."""


@pytest.mark.parametrize("decode", [cbor.decode, decode_reference])
def test_appendix_a(shared_data: Path, decode: Callable[[bytes], Any]) -> None:
    rows = json.loads((shared_data / "crypto" / "cbor" / "rfc8949_appendix_a.json").read_text())
    taken = 0
    for row in rows:
        data = bytes.fromhex(row["hex"])
        # Major type 6 is a tag; in 7 only false, true and null are of the profile.
        foreign = data[0] >> 5 == 6 or (data[0] >> 5 == 7 and data[0] not in b"\xf4\xf5\xf6")
        code = "cbor.type" if foreign else OUTSIDE.get(row["hex"])
        if code is not None:
            with pytest.raises(MalformedError) as caught:
                decode(data)
            assert caught.value.code == code, row["hex"]
            continue
        value = decode(data)
        assert cbor.encode(value) == data
        if "decoded" in row and not isinstance(row["decoded"], dict):
            assert value == row["decoded"]
        taken += 1
    assert (len(rows), taken) == (82, 35)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "cbor.type"),
        (float("nan"), "cbor.type"),
        ({1, 2}, "cbor.type"),
        (bytearray(b"x"), "cbor.type"),
        (object(), "cbor.type"),
        (2**53, "cbor.integer"),
        (-(2**53), "cbor.integer"),
        ([2**64], "cbor.integer"),
        ("a\nb", "text.forbidden"),
        ("\ud800", "text.forbidden"),
        ({"\u202e": 1}, "text.forbidden"),
        ({b"x": 1}, "cbor.key"),
        ({True: 1}, "cbor.key"),
        ({None: 1}, "cbor.key"),
        ({1.0: 1}, "cbor.key"),
        ({2**53: 1}, "cbor.integer"),
    ],
)
def test_the_encoder_refuses(value: object, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        cbor.encode(value)
    assert caught.value.code == code


def test_the_encoder_remembers_no_wrong_keys() -> None:
    # 1, True and 1.0 are one key to Python: a memory of key orders must not take one for another.
    assert cbor.encode({1: 0, 2: 0}) == bytes.fromhex("a201000200")
    with pytest.raises(MalformedError):
        cbor.encode({True: 0, 2: 0})
    with pytest.raises(MalformedError):
        cbor.decode(bytes.fromhex("a2f5000200"))


def test_what_is_like_a_plain_value_is_encoded_as_one() -> None:
    class Word(StrEnum):
        LEAF = "leaf"

    class Label(IntEnum):
        ALG = 1

    given_value = MappingProxyType({Word.LEAF: (Word.LEAF, Label.ALG), Label.ALG: None})
    assert cbor.encode(given_value) == cbor.encode({"leaf": ["leaf", 1], 1: None})


def test_keys_are_sorted_bytewise_by_their_encoding() -> None:
    keys = [0, 23, 24, 255, 256, 2**32, -1, -24, -25, -256, "", "a", "b", "aa", "z" * 24, "a" * 300]
    data = cbor.encode({key: None for key in reversed(keys)})
    decoded = cbor.decode(data)
    assert isinstance(decoded, dict)
    encodings = [cbor.encode(key) for key in decoded]
    assert encodings == sorted(encodings)
    large = {f"k{n}": n for n in range(200)} | {n: n for n in range(300)}
    assert cbor.decode(cbor.encode(large)) == large


def test_depth_of_values() -> None:
    def nested(depth: int, inmost: object) -> object:
        return [nested(depth - 1, inmost)] if depth else inmost

    for inmost in (0, b"", [], {}):
        assert cbor.decode(cbor.encode(nested(16, inmost))) == nested(16, inmost)
        with pytest.raises(MalformedError) as caught:
            cbor.encode(nested(17, inmost))
        assert caught.value.code == "cbor.depth"


def test_size_is_checked_first() -> None:
    with pytest.raises(MalformedError) as caught:
        cbor.decode(b"\xff" * 65_537)
    assert caught.value.code == "cbor.size"
    assert cbor.decode(cbor.encode(bytes(65_533))) == bytes(65_533)


def test_a_long_file_is_refused_quickly() -> None:
    data = b"\x9a\x00\x10\x00\x00" + bytes(2**20 - 1) + b"\xff"
    with pytest.raises(MalformedError) as caught:
        cbor.decode(data, size_max=2**21)
    assert caught.value.code == "cbor.malformed"
    with pytest.raises(MalformedError) as caught:
        cbor.decode(data)
    assert caught.value.code == "cbor.size"


def test_shared_references_cannot_make_work() -> None:
    # Sixteen levels of a thousand references to one array would be 10^48 items to walk.
    level = b"\xd8\x1c\x80"
    for _ in range(15):
        level = b"\xd8\x1c\x82" + level + b"\xd8\x1d\x00"
    with pytest.raises(MalformedError):
        cbor.decode(level)


ALLOWED = st.characters(
    codec="utf-8",
    exclude_categories=("Cs", "Cc"),
    exclude_characters="\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2066\u2067\u2068\u2069\ufeff",
)
INTEGERS = st.integers(-cbor.INTEGER_MAX, cbor.INTEGER_MAX)
TEXTS = st.text(ALLOWED, max_size=30)
PLAIN = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.binary(max_size=30) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(INTEGERS | TEXTS, inner, max_size=5)
    ),
    max_leaves=25,
)


@given(PLAIN)
def test_what_is_encoded_is_decoded_by_both(value: object) -> None:
    data = cbor.encode(value)
    assert repr(sort(cbor.decode(data))) == repr(sort(value))
    assert repr(decode_reference(data)) == repr(cbor.decode(data))
    assert cbor.encode(cbor.decode(data)) == data


def sort(value: object) -> object:
    if isinstance(value, dict):
        return {key: sort(value[key]) for key in sorted(value, key=repr)}
    return [sort(item) for item in value] if isinstance(value, list) else value
