"""Strict deterministic CBOR (RFC 8949, 4.2.1), the one codec of everything that is signed.

Owns the fast way to the profile of docs/formats/cbor.md: definite lengths, shortest forms, map keys
unique and in bytewise order, no floats, no tags, integers within ±(2^53 - 1). General decoders are
too lax alone: what cbor2 returns is walked once and encoded again, and the bytes must be the same.
Why an input is refused is the word of `decode_reference`.

    a2 61 76 01 63 73 65 71 02        {"v": 1, "seq": 2}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, NoReturn

import cbor2

from ledger.errors import MalformedError
from ledger.wire.cbor_profile import DEPTH_MAX, INTEGER_MAX, SIZE_MAX, Plain, decode_reference
from ledger.wire.text import check_text

__all__ = [
    "DEPTH_MAX",
    "INTEGER_MAX",
    "SIZE_MAX",
    "Plain",
    "check_integer",
    "decode",
    "decode_known",
    "decode_reference",
    "dumps",
    "encode",
    "ordered",
]

_KEY_TYPES = frozenset((int, str))
_PLAIN_TYPES = frozenset((bytes, bool, type(None)))
_REMEMBERED_KEYS_MAX = 24
"""Maps of a fixed shape have few keys; larger ones are sorted each time and not remembered."""


class _ForeignError(Exception):
    """An item that is not of the profile; never leaves this module."""


class _NoTags(dict[int, Callable[..., Any]]):
    """Refuses every tag before cbor2 builds what the tag asks for."""

    def __missing__(self, tag: int) -> Callable[..., Any]:
        raise _ForeignError(tag)


_NO_TAGS = _NoTags()


def encode(value: object) -> bytes:
    """Return the one encoding of `value`: tuples and mappings count as arrays and maps.

    Raise MalformedError for floats and other types, integers out of range, forbidden text, depth.
    """
    return cbor2.dumps(_ordered(value, 0))


def decode(data: bytes, *, size_max: int = SIZE_MAX, depth_max: int = DEPTH_MAX) -> Plain:
    """Return the plain value of the one item that fills `data`; raise MalformedError otherwise.

    The outermost item has depth 0. `size_max` is in bytes and is checked first.
    """
    if len(data) <= size_max:
        try:
            value: Plain = _loads(data, depth_max)
            _check((value,), depth_max)
            if cbor2.dumps(value) == data:
                return value
        except Exception as error:
            return _refused(data, size_max=size_max, depth_max=depth_max, cause=error)
    return _refused(data, size_max=size_max, depth_max=depth_max, cause=None)


def decode_known(data: bytes, *, size_max: int = SIZE_MAX) -> Plain:
    """Return the plain value of bytes that are known, or shown elsewhere, to be strict CBOR.

    It takes other forms too: whoever cannot show that the bytes are strict must use `decode`. Raise
    MalformedError for what is no CBOR at all.
    """
    cause: Exception | None = None
    if len(data) <= size_max:
        try:
            value: Plain = _loads(data, DEPTH_MAX)
        except Exception as error:
            cause = error
        else:
            return value
    return _refused(data, size_max=size_max, depth_max=DEPTH_MAX, cause=cause)


def dumps(value: object) -> bytes:
    """Return the bytes of a value that is of the profile and in its order already; not checked."""
    return cbor2.dumps(value)


def ordered(keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return keys of a map, integers and texts, in the bytewise order of their encodings."""
    return _order(keys) if len(keys) <= _REMEMBERED_KEYS_MAX else _sorted(keys)


def check_integer(value: int) -> None:
    """Raise MalformedError unless `value` is in the range of the profile, ±(2^53 - 1)."""
    if not -INTEGER_MAX <= value <= INTEGER_MAX:
        raise MalformedError("cbor.integer", f"The integer {value} is out of range.")


def _loads(data: bytes, depth_max: int) -> Any:
    return cbor2.loads(
        data,
        max_depth=depth_max + 1,
        allow_indefinite=False,
        allow_duplicate_keys=False,
        semantic_decoders=_NO_TAGS,
    )


def _refused(data: bytes, *, size_max: int, depth_max: int, cause: Exception | None) -> NoReturn:
    """Raise the MalformedError that `decode_reference` words.

    Only files are longer than a statement, and nobody shall make us read one slowly: they are
    refused without the reason.
    """
    if len(data) <= SIZE_MAX or len(data) > size_max:
        decode_reference(data, size_max=size_max, depth_max=depth_max)
    # Not reached by a statement: tests/wire/test_cbor_agreement.py holds both to one verdict.
    raise MalformedError("cbor.malformed", "The bytes are not one item of the profile.") from cause


def _check(items: Iterable[Any], left: int) -> None:
    """Raise unless all `items` are of the profile, with at most `left` levels below them."""
    for item in items:
        kind = type(item)
        if kind is str:
            if not (item.isascii() and item.isprintable()):
                check_text(item)
        elif kind is int:
            if not -INTEGER_MAX <= item <= INTEGER_MAX:
                raise _ForeignError
        elif kind is dict or kind is list:
            if item:
                _check_members(item, left)
        elif kind not in _PLAIN_TYPES:
            raise _ForeignError


def _check_members(container: Any, left: int) -> None:
    if not left:
        raise _ForeignError
    if type(container) is list:
        _check(container, left - 1)
        return
    keys = tuple(container)
    # Types before the memory, where True and 1.0 would be found as 1.
    if not _KEY_TYPES.issuperset(map(type, keys)):
        raise _ForeignError
    ordered = _is_ordered(keys) if len(keys) <= _REMEMBERED_KEYS_MAX else _ranked(keys)
    if not ordered:
        raise _ForeignError
    _check(container.values(), left - 1)


def _ranked(keys: tuple[Any, ...]) -> bool:
    _check(keys, 0)
    encoded = [cbor2.dumps(key) for key in keys]
    return all(one < following for one, following in pairwise(encoded))


_is_ordered = lru_cache(maxsize=1_024)(_ranked)


def _ordered(value: object, depth: int) -> Any:
    """Return `value` as what cbor2 writes in the one form."""
    kind = type(value)
    if kind is bytes or kind is bool or value is None:
        pass
    elif kind is str:
        if not (value.isascii() and value.isprintable()):  # type: ignore[attr-defined]
            check_text(value)  # type: ignore[arg-type]
    elif kind is int:
        check_integer(value)  # type: ignore[arg-type]
    elif kind is dict or kind is list or kind is tuple:
        return _ordered_members(value, depth)
    else:
        return _plainer(value, depth)
    return value


def _ordered_members(value: Any, depth: int) -> Any:
    if depth >= DEPTH_MAX and (value or depth > DEPTH_MAX):
        raise MalformedError("cbor.depth", f"The value is nested deeper than {DEPTH_MAX}.")
    if not isinstance(value, dict):
        return [item if type(item) is bytes else _ordered(item, depth + 1) for item in value]
    keys = tuple(value)
    if not _KEY_TYPES.issuperset(map(type, keys)):
        value = {_plain_key(key): item for key, item in value.items()}
        keys = tuple(value)
    written = {}
    for key in ordered(keys):
        item = value[key]
        kind = type(item)
        # Most members are scalars: no call for each of them.
        if kind is str:
            if not (item.isascii() and item.isprintable()):
                check_text(item)
        elif kind is not bytes:
            item = _ordered(item, depth + 1)
        written[key] = item
    return written


def _sorted(keys: tuple[Any, ...]) -> tuple[Any, ...]:
    for key in keys:
        _ordered(key, 0)
    return tuple(sorted(keys, key=cbor2.dumps))


_order = lru_cache(maxsize=1_024)(_sorted)


def _plain_key(key: object) -> int | str:
    """Return a key that is a subclass (an enum) as its plain self."""
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return int(key)
    raise MalformedError("cbor.key", "A map key is neither an integer nor a text.")


def _plainer(value: object, depth: int) -> Any:
    """Return what subclasses and other containers are as plain types, ordered."""
    if isinstance(value, str):
        return _ordered(str.__str__(value), depth)
    if isinstance(value, int):
        return _ordered(int(value), depth)
    if isinstance(value, Mapping):
        return _ordered_members(dict(value), depth)
    if isinstance(value, list | tuple):
        return _ordered_members(list(value), depth)
    name = type(value).__name__
    raise MalformedError("cbor.type", f"A value of the type {name} cannot be encoded.")
