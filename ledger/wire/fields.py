"""Frozen dataclasses to plain values and back, by their annotations.

Owns one rule for all events and records: absent means None or empty, and there is one spelling
only. Knows no event; the class is an argument. Codecs are built once for each class.

    LotFound(lot="51PB1X9SFP3J")        {"lot": "51PB1X9SFP3J"}
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ledger.errors import MalformedError
from ledger.wire.cbor import Plain

T = TypeVar("T")
Decoder = Callable[[Any], Any]
Encoder = Callable[[Any], Any]
_ABSENT = object()
_SCALARS = (int, str, bytes, bool)


class _WrongError(Exception):
    """What does not fit, found while going down; the way is gathered while coming back up."""

    def __init__(self, rule: str, reason: str, *way: object) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
        self.way: list[object] = list(way)


@dataclasses.dataclass(frozen=True, slots=True)
class _Field:
    name: str
    key: str | int
    size: int | None
    exact: type[Any] | None
    """The scalar type that the value must have, where the value needs no decoder."""
    decode: Decoder
    encode: Encoder | None
    """None where the value is written as it is."""
    required: bool
    empty: bool
    """Whether the default is an empty tuple or mapping, which is never written."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Codec:
    decode: Decoder
    encode: Encoder | None = None
    exact: type[Any] | None = None


def to_plain(value: object) -> Plain:
    """Return a dataclass instance as a plain map; None and empty defaults are left out."""
    kind: Any = type(value)
    plain: Plain = _encoder(kind)(value)
    return plain


def from_plain(kind: type[T], value: Plain, *, path: str = "") -> T:
    """Return an instance of `kind` from a plain map, the inverse of `to_plain`.

    Raise MalformedError with the path of the field: `field.missing`, `field.unknown`, `field.type`,
    `field.size` (a byte string of another length), `field.value` (none of the known words) or
    `field.empty` (an empty array or map that must be left out).
    """
    asked: Any = kind
    try:
        found: T = _decoder(asked)(value)
    except _WrongError as wrong:
        steps = [str(step) for step in reversed(wrong.way)]
        where = ".".join([path, *steps] if path else steps) or kind.__name__
        raise MalformedError(
            f"field.{wrong.rule}", f"{where} {wrong.reason}.", params={"field": where}
        ) from None
    return found


@lru_cache(maxsize=512)
def _encoder(kind: Any) -> Encoder:
    items = tuple((item.key, item.encode, item.empty) for item in _fields(kind))
    names = [item.name for item in _fields(kind)]
    # attrgetter returns a tuple from two names on.
    contents: Callable[[Any], Any] = (
        attrgetter(*names)
        if len(names) > 1
        else lambda value: [getattr(value, name) for name in names]
    )

    def encode(value: Any) -> dict[str | int, Any]:
        plain: dict[str | int, Any] = {}
        for (key, encode_item, empty), content in zip(items, contents(value), strict=True):
            if content is None or (empty and not content):
                continue
            plain[key] = content if encode_item is None else encode_item(content)
        return plain

    return encode


@lru_cache(maxsize=512)
def _decoder(kind: Any) -> Decoder:
    items = _fields(kind)
    known = frozenset(item.key for item in items)
    # Most fields are scalars of any size: one comparison settles them.
    rows = tuple((i, i.name, i.key, None if i.size else i.exact) for i in items)

    def decode(value: Any) -> Any:
        if type(value) is not dict:
            raise _WrongError("type", "is not a map")
        found: dict[str, Any] = {}
        present = 0
        for item, name, key, exact in rows:
            content = value.get(key, _ABSENT)
            if content is _ABSENT:
                if item.required:
                    raise _WrongError("missing", "is missing", key)
                continue
            present += 1
            found[name] = content if type(content) is exact else _content(item, content)
        if present != len(value):
            unknown = sorted(str(key) for key in value if key not in known)
            raise _WrongError("unknown", "is not a known field", unknown[0])
        return kind(**found)

    return decode


def _content(item: _Field, content: Any) -> Any:
    if item.exact is None:
        try:
            content = item.decode(content)
        except _WrongError as wrong:
            wrong.way.append(item.key)
            raise
    elif type(content) is not item.exact:
        raise _WrongError("type", f"is not of type {item.exact.__name__}", item.key)
    if item.size is not None and len(content) != item.size:
        raise _WrongError("size", f"has {len(content)} bytes, not {item.size}", item.key)
    if item.empty and not content:
        raise _WrongError("empty", "is empty: it must be left out", item.key)
    return content


@lru_cache(maxsize=512)
def _fields(kind: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(kind)
    made: list[_Field] = []
    for item in dataclasses.fields(kind):
        codec = _codec(hints[item.name])
        empty = item.default == () or item.default_factory in (dict, tuple)
        made.append(
            _Field(
                name=item.name,
                key=item.metadata.get("key", item.name),
                size=item.metadata.get("size"),
                exact=codec.exact,
                decode=codec.decode,
                encode=codec.encode,
                # Any other default is always written, so its absence would be a second spelling.
                required=not empty and item.default is not None,
                empty=empty,
            )
        )
    return tuple(made)


@lru_cache(maxsize=512)
def _codec(hint: Any) -> _Codec:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _codec(inner)
    if origin is tuple:
        return _tuple_codec(arguments)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_codec(*arguments)
    if hint is object or hint is Any:
        return _Codec(lambda value: value)
    if hint in _SCALARS:
        return _Codec(_exact(hint), exact=hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _Codec(_enum(hint), lambda value: value.value)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _Codec(_decoder(hint), _encoder(hint))
    raise TypeError(f"no codec for {hint!r}")


def _exact(kind: type[Any]) -> Decoder:
    def decode(value: Any) -> Any:
        if type(value) is not kind:
            raise _WrongError("type", f"is not of type {kind.__name__}")
        return value

    return decode


def _enum(kind: type[StrEnum]) -> Decoder:
    known = {member.value: member for member in kind}

    def decode(value: Any) -> Any:
        found = known.get(value) if type(value) is str else None
        if found is None:
            raise _WrongError("value", f"is none of {', '.join(known)}")
        return found

    return decode


def _tuple_codec(arguments: tuple[Any, ...]) -> _Codec:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return _array_codec(_codec(arguments[0]))
    codecs = tuple(_codec(argument) for argument in arguments)
    encoders = tuple(codec.encode or _same for codec in codecs)

    def decode(value: Any) -> Any:
        if type(value) is not list or len(value) != len(codecs):
            raise _WrongError("type", f"is not an array of {len(codecs)}")
        pairs = enumerate(zip(codecs, value, strict=True))
        return tuple(_member(codec.decode, item, at=n) for n, (codec, item) in pairs)

    return _Codec(
        decode,
        lambda value: [encode(item) for encode, item in zip(encoders, value, strict=True)],
    )


def _array_codec(member: _Codec) -> _Codec:
    decode_item, encode_item = member.decode, member.encode

    def decode(value: Any) -> Any:
        if type(value) is not list:
            raise _WrongError("type", "is not an array")
        found: list[Any] = []
        try:
            for item in value:
                found.append(decode_item(item))
        except _WrongError as wrong:
            wrong.way.append(len(found))
            raise
        return tuple(found)

    if encode_item is None:
        return _Codec(decode, list)
    return _Codec(decode, lambda value: [encode_item(item) for item in value])


def _mapping_codec(key_hint: Any, value_hint: Any) -> _Codec:
    member = _codec(value_hint)
    if key_hint is bytes:
        return _pairs_codec(member)
    decode_item, encode_item = member.decode, member.encode
    key_types = frozenset((key_hint,))

    def decode(value: Any) -> Any:
        if type(value) is not dict or not key_types.issuperset(map(type, value)):
            raise _WrongError("type", f"is not a map by {key_hint.__name__}")
        found: dict[Any, Any] = {}
        key: Any = None
        try:
            for key, item in value.items():
                found[key] = decode_item(item)
        except _WrongError as wrong:
            wrong.way.append(key)
            raise
        return found

    if encode_item is None:
        return _Codec(decode, dict)
    return _Codec(decode, lambda value: {key: encode_item(item) for key, item in value.items()})


def _pairs_codec(member: _Codec) -> _Codec:
    """Return the codec of maps by byte strings, which travel as sorted pairs."""
    decode_item, encode_item = member.decode, member.encode or _same

    def decode(value: Any) -> Any:
        if type(value) is not list or any(type(p) is not list or len(p) != 2 for p in value):
            raise _WrongError("type", "is not an array of pairs")
        keys = [pair[0] for pair in value]
        if any(type(key) is not bytes for key in keys) or sorted(set(keys)) != keys:
            raise _WrongError("type", "is not sorted by unique byte strings")
        return {key: _member(decode_item, item, at=key.hex()) for key, item in value}

    return _Codec(decode, lambda value: [[key, encode_item(value[key])] for key in sorted(value)])


def _member(decode: Decoder, item: Any, *, at: object) -> Any:
    try:
        return decode(item)
    except _WrongError as wrong:
        wrong.way.append(at)
        raise


def _same(value: Any) -> Any:
    return value
