"""Codecs of what a field may hold: words, arrays, maps, and what is known of one once decoded.

Owns the plain form of each container that the annotations of a struct can name; the structs
themselves are read by `fields`. A decoder says what does not fit and notes what it cannot settle.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from msgspec import Struct

from ledger.wire import cbor


class Doubts:
    """What a decoder of fields saw and did not settle: for the codec to settle or to look again.

    `texts` are all texts and keys beyond printable ASCII. `is_settled` is False where a map was not
    in the one order, an integer out of range, or a value of a form that the fields do not say.
    """

    __slots__ = ("is_settled", "texts")

    def __init__(self) -> None:
        self.is_settled = True
        self.texts: list[str] = []

    def text(self, value: str) -> None:
        """Note a text, unless it is printable ASCII."""
        if not (value.isascii() and value.isprintable()):
            self.texts.append(value)

    def keys(self, keys: tuple[Any, ...]) -> None:
        """Note the keys of a map: those that are foreign texts, and whether all are in order."""
        for key in keys:
            if type(key) is str:
                self.text(key)
        if len(keys) > 1 and cbor.ordered(keys) != keys:
            self.is_settled = False

    def anything(self, value: Any) -> None:
        """Note a value of any form: its texts, and that nothing else was looked at."""
        self.is_settled = False
        waiting = [value]
        # The list grows while it is walked: what an item holds comes later in the same walk.
        for item in waiting:
            if isinstance(item, str):
                self.text(item)
            elif isinstance(item, dict):
                waiting += [*item, *item.values()]
            elif isinstance(item, list):
                waiting += item


Decoder = Callable[[Any, Doubts], Any]
Encoder = Callable[[Any], Any]


class WrongError(Exception):
    """What does not fit, found while going down; the way is gathered while coming back up."""

    def __init__(self, rule: str, reason: str, *way: object) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
        self.way: list[object] = list(way)


class Codec(Struct, frozen=True):
    """How one kind of content is read and written."""

    decode: Decoder | None
    """None where the value is taken as it is, once its type is right."""
    encode: Encoder | None = None
    """None where the value is written as it is."""
    exact: type[Any] | None = None
    """The plain type that the value must have; None where any will do."""
    size: int | None = None
    """How many bytes a byte string must have; None where any length will do."""


def anything(value: Any, doubts: Doubts) -> Any:
    """Return `value` as it is: nothing was looked at."""
    doubts.anything(value)
    return value


def enum_codec(kind: type[StrEnum]) -> Codec:
    """Return the codec of one of the words that an enumeration knows."""
    known = {member.value: member for member in kind}
    written = {member: member.value for member in kind}

    def decode(value: Any, _doubts: Doubts) -> Any:
        found = known.get(value) if type(value) is str else None
        if found is None:
            raise WrongError("value", f"is none of {', '.join(known)}")
        return found

    return Codec(decode, written.__getitem__, exact=str)


def tuple_codec(codecs: tuple[Codec, ...]) -> Codec:
    """Return the codec of a tuple with one codec for each place."""
    encoders = tuple(map(_member_encoder, codecs))
    decoders = tuple(_member_decoder(codec) for codec in codecs)

    def decode(value: Any, doubts: Doubts) -> Any:
        if type(value) is not list or len(value) != len(codecs):
            raise WrongError("type", f"is not an array of {len(codecs)}")
        pairs = enumerate(zip(decoders, value, strict=True))
        return tuple(_member(decoder, item, doubts, at=n) for n, (decoder, item) in pairs)

    return Codec(
        decode,
        lambda value: [encode(item) for encode, item in zip(encoders, value, strict=True)],
        exact=list,
    )


def array_codec(member: Codec) -> Codec:
    """Return the codec of a tuple of any length."""
    decode_item, encode_item = _member_decoder(member), member.encode

    def decode(value: Any, doubts: Doubts) -> Any:
        if type(value) is not list:
            raise WrongError("type", "is not an array")
        found: list[Any] = []
        try:
            for item in value:
                found.append(decode_item(item, doubts))
        except WrongError as wrong:
            wrong.way.append(len(found))
            raise
        return tuple(found)

    if member.exact is int:
        return Codec(decode, _numbers, exact=list)
    if encode_item is None:
        return Codec(decode, list, exact=list)
    return Codec(decode, lambda value: [encode_item(item) for item in value], exact=list)


def _numbers(value: Any) -> list[int]:
    for item in value:
        cbor.check_integer(item)
    return list(value)


def mapping_codec(key_hint: Any, member: Codec) -> Codec:
    """Return the codec of a map by texts, integers or (as sorted pairs) byte strings."""
    if key_hint is bytes:
        return _pairs_codec(member)
    decode_item, encode_item = _member_decoder(member), _member_encoder(member)
    key_types = frozenset((key_hint,))

    def decode(value: Any, doubts: Doubts) -> Any:
        if type(value) is not dict or not key_types.issuperset(map(type, value)):
            raise WrongError("type", f"is not a map by {key_hint.__name__}")
        doubts.keys(tuple(value))
        found: dict[Any, Any] = {}
        key: Any = None
        try:
            for key, item in value.items():
                found[key] = decode_item(item, doubts)
        except WrongError as wrong:
            wrong.way.append(key)
            raise
        return found

    def encode(value: Any) -> dict[Any, Any]:
        if len(value) == 1:
            return {key: encode_item(item) for key, item in value.items()}
        return {key: encode_item(value[key]) for key in cbor.ordered(tuple(value))}

    return Codec(decode, encode, exact=dict)


def _pairs_codec(member: Codec) -> Codec:
    """Return the codec of maps by byte strings, which travel as sorted pairs."""
    decode_item, encode_item = _member_decoder(member), _member_encoder(member)

    def decode(value: Any, doubts: Doubts) -> Any:
        if type(value) is not list or any(type(p) is not list or len(p) != 2 for p in value):
            raise WrongError("type", "is not an array of pairs")
        keys = [pair[0] for pair in value]
        if any(type(key) is not bytes for key in keys) or sorted(set(keys)) != keys:
            raise WrongError("type", "is not sorted by unique byte strings")
        return {key: _member(decode_item, item, doubts, at=key.hex()) for key, item in value}

    return Codec(
        decode, lambda value: [[key, encode_item(value[key])] for key in sorted(value)], exact=list
    )


def _member_decoder(codec: Codec) -> Decoder:
    """Return a decoder that also checks the type, for members that no plan speaks of."""
    exact = codec.exact
    if codec.decode is not None or exact is None:
        return codec.decode or anything

    def decode(value: Any, doubts: Doubts) -> Any:
        if type(value) is not exact:
            raise WrongError("type", f"is not of type {exact.__name__}")
        if exact is str:
            doubts.text(value)
        elif exact is int and not -cbor.INTEGER_MAX <= value <= cbor.INTEGER_MAX:
            doubts.is_settled = False
        return value

    return decode


def _member(decode: Decoder, item: Any, doubts: Doubts, *, at: object) -> Any:
    try:
        return decode(item, doubts)
    except WrongError as wrong:
        wrong.way.append(at)
        raise


def _member_encoder(codec: Codec) -> Encoder:
    return codec.encode or (_number if codec.exact is int else _same)


def _number(value: Any) -> Any:
    cbor.check_integer(value)
    return value


def _same(value: Any) -> Any:
    return value
