"""Frozen dataclasses to plain values and back, by their annotations.

Owns one rule for all events and records: absent means None or empty, and there is one spelling
only. Knows no event; the class is an argument. Codecs are built once for each class.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ledger.errors import MalformedError
from ledger.wire.cbor import Plain

T = TypeVar("T")
Decoder = Callable[[Any, str], Any]
Encoder = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class _Field:
    name: str
    key: str | int
    size: int | None
    decode: Decoder
    encode: Encoder
    optional: bool
    """Whether the key may be absent: its default is None, empty or a plain value."""
    empty: bool
    """Whether the default is an empty tuple or mapping, which is never written."""


def to_plain(value: object) -> Plain:
    """Return a dataclass instance as a plain map; None and empty defaults are left out."""
    plain: dict[str | int, Any] = {}
    kind: Any = type(value)
    for item in _fields(kind):
        content = getattr(value, item.name)
        if content is None or (item.empty and not content):
            continue
        plain[item.key] = item.encode(content)
    return plain


def from_plain(kind: type[T], value: Plain, *, path: str = "") -> T:
    """Return an instance of `kind` from a plain map.

    Raise MalformedError `field.missing`, `field.unknown`, `field.type` or `field.size` with the
    path of the field. An empty array or map where absence says the same is refused.
    """
    if not isinstance(value, dict):
        raise MalformedError("field.type", f"{path or kind.__name__} is not a map.")
    found: dict[str, Any] = {}
    asked: Any = kind
    items = _fields(asked)
    for item in items:
        where = f"{path}.{item.key}" if path else str(item.key)
        if item.key not in value:
            if not item.optional:
                raise MalformedError(
                    "field.missing", f"{where} is missing.", params={"field": where}
                )
            continue
        content = item.decode(value[item.key], where)
        if item.size is not None and len(content) != item.size:
            raise MalformedError("field.size", f"{where} has not {item.size} bytes.")
        if item.empty and not content:
            raise MalformedError("field.empty", f"{where} is empty: it must be left out.")
        found[item.name] = content
    if len(found) != len(value):
        unknown = set(value) - {item.key for item in items}
        raise MalformedError(
            "field.unknown", f"{path or kind.__name__} has unknown {sorted(map(str, unknown))}."
        )
    return kind(**found)


@lru_cache(maxsize=256)
def _fields(kind: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(kind)
    made: list[_Field] = []
    for item in dataclasses.fields(kind):
        empty = item.default == () or item.default_factory in (dict, tuple)
        optional = item.default is not dataclasses.MISSING or empty
        decode, encode = _codec(hints[item.name])
        size = item.metadata.get("size")
        key = item.metadata.get("key", item.name)
        made.append(_Field(item.name, key, size, decode, encode, optional, empty))
    return tuple(made)


@lru_cache(maxsize=512)
def _codec(hint: Any) -> tuple[Decoder, Encoder]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _codec(inner)
    if origin is tuple:
        return _tuple_codec(arguments)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_codec(*arguments)
    if hint is object or hint is Any:
        return (lambda value, _path: value), (lambda value: value)
    if hint in (int, str, bytes, bool):
        return _exact(hint), (lambda value: value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _enum(hint), (lambda value: value.value)
    if dataclasses.is_dataclass(hint):
        return (lambda value, path: from_plain(hint, value, path=path)), to_plain  # type: ignore[arg-type]
    raise TypeError(f"no codec for {hint!r}")


def _exact(kind: type[Any]) -> Decoder:
    def decode(value: Any, path: str) -> Any:
        if type(value) is not kind:
            raise MalformedError("field.type", f"{path} is not of type {kind.__name__}.")
        return value

    return decode


def _enum(kind: type[StrEnum]) -> Decoder:
    known = {member.value: member for member in kind}

    def decode(value: Any, path: str) -> Any:
        if type(value) is not str or value not in known:
            raise MalformedError("field.value", f"{path} is none of {', '.join(known)}.")
        return known[value]

    return decode


def _tuple_codec(arguments: tuple[Any, ...]) -> tuple[Decoder, Encoder]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        decode_item, encode_item = _codec(arguments[0])

        def decode_all(value: Any, path: str) -> Any:
            if type(value) is not list:
                raise MalformedError("field.type", f"{path} is not an array.")
            return tuple(decode_item(item, path) for item in value)

        return decode_all, lambda value: [encode_item(item) for item in value]
    codecs = tuple(_codec(argument) for argument in arguments)

    def decode_each(value: Any, path: str) -> Any:
        if type(value) is not list or len(value) != len(codecs):
            raise MalformedError("field.type", f"{path} is not an array of {len(codecs)}.")
        return tuple(codec[0](item, path) for codec, item in zip(codecs, value, strict=True))

    return decode_each, lambda value: [
        codec[1](item) for codec, item in zip(codecs, value, strict=True)
    ]


def _mapping_codec(key_hint: Any, value_hint: Any) -> tuple[Decoder, Encoder]:
    decode_item, encode_item = _codec(value_hint)
    if key_hint is bytes:
        # Map keys are integers or text only: byte keys travel as sorted pairs.
        return _pairs_codec(decode_item, encode_item)

    def decode(value: Any, path: str) -> Any:
        if type(value) is not dict or any(type(key) is not key_hint for key in value):
            raise MalformedError("field.type", f"{path} is not a map by {key_hint.__name__}.")
        return {key: decode_item(item, f"{path}.{key}") for key, item in value.items()}

    return decode, lambda value: {key: encode_item(item) for key, item in value.items()}


def _pairs_codec(decode_item: Decoder, encode_item: Encoder) -> tuple[Decoder, Encoder]:
    def decode(value: Any, path: str) -> Any:
        if type(value) is not list or any(type(p) is not list or len(p) != 2 for p in value):
            raise MalformedError("field.type", f"{path} is not an array of pairs.")
        keys = [pair[0] for pair in value]
        if any(type(key) is not bytes for key in keys) or sorted(set(keys)) != keys:
            raise MalformedError("field.type", f"{path} has no sorted, unique byte strings.")
        return {key: decode_item(item, path) for key, item in value}

    return decode, lambda value: [[key, encode_item(value[key])] for key in sorted(value)]
