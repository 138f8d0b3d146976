"""Strict deterministic CBOR (RFC 8949, 4.2.1), the one codec of everything that is signed.

Owns the profile of docs/formats/cbor.md: definite lengths, shortest forms, map keys unique and in
bytewise order, no floats, no tags, integers within ±(2^53 - 1). General decoders are too lax: what
cbor2 returns is walked and encoded again, and the bytes must be the same.

    a2 61 76 01 63 73 65 71 02        {"v": 1, "seq": 2}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cbor2

from ledger.errors import MalformedError
from ledger.wire.text import check_text

Plain = None | bool | int | str | bytes | list[Any] | dict[Any, Any]
INTEGER_MAX = 2**53 - 1
SIZE_MAX = 65_536
DEPTH_MAX = 16


def encode(value: object) -> bytes:
    """Return the one encoding of `value`: tuples and mappings count as arrays and maps.

    Raise MalformedError for floats, other types, integers out of range, forbidden text or depth.
    """
    return cbor2.dumps(_ordered(value, 0))


def decode(data: bytes, *, size_max: int = SIZE_MAX, depth_max: int = DEPTH_MAX) -> Plain:
    """Return the plain value of one item that fills `data`; raise MalformedError otherwise.

    The outermost item has depth 0; `size_max` is in bytes and is checked first.
    """
    if len(data) > size_max:
        raise MalformedError("cbor.size", f"{len(data):,} bytes, at most {size_max:,} are taken.")
    try:
        value: Plain = cbor2.loads(
            data, max_depth=depth_max + 2, allow_indefinite=False, allow_duplicate_keys=False
        )
    except Exception as error:
        raise MalformedError("cbor.malformed", "The bytes are not one CBOR item.") from error
    _walk(value, 0, depth_max)
    if cbor2.dumps(value) != data:
        raise MalformedError(
            "cbor.not-deterministic", "The CBOR item is not in its one, shortest form."
        )
    return value


def _walk(value: object, depth: int, depth_max: int) -> None:
    kind = type(value)
    if kind is str:
        check_text(value)  # type: ignore[arg-type]
    elif kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:  # type: ignore[operator]
            raise MalformedError("cbor.integer", "An integer is out of range.")
    elif kind is dict or kind is list:
        if depth >= depth_max + 1:
            raise MalformedError("cbor.depth", f"The item is nested deeper than {depth_max}.")
        _walk_items(value, depth, depth_max)
    elif kind is not bytes and kind is not bool and value is not None:
        raise MalformedError("cbor.type", "The item has a float, a tag or another foreign value.")


def _walk_items(value: Any, depth: int, depth_max: int) -> None:
    if type(value) is list:
        for item in value:
            _walk(item, depth + 1, depth_max)
        return
    last = (-1, b"")
    for key, item in value.items():
        kind = type(key)
        if kind is str:
            check_text(key)
            written = key.encode()
            # A head grows with the length it states, so bytewise order of the encodings is
            # order by major type, then by length, then by content.
            place = (3 << 64 | len(written), written)
        elif kind is int:
            _walk(key, depth + 1, depth_max)
            place = (key, b"") if key >= 0 else (1 << 64 | ~key, b"")
        else:
            raise MalformedError("cbor.key", "A map key is neither an integer nor a text.")
        if place <= last:
            raise MalformedError("cbor.order", "Map keys are not in bytewise order.")
        last = place
        _walk(item, depth + 1, depth_max)


def _ordered(value: object, depth: int) -> Any:
    if depth > DEPTH_MAX:
        raise MalformedError("cbor.depth", f"The value is nested deeper than {DEPTH_MAX}.")
    kind = type(value)
    if value is None or kind is bool or kind is bytes:
        return value
    if isinstance(value, str):
        check_text(value)
        return str(value)
    if isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise MalformedError("cbor.integer", f"The integer {value} is out of range.")
        return int(value)
    if isinstance(value, Mapping):
        items = {key: _ordered(item, depth + 1) for key, item in value.items()}
        if any(type(key) is bool or not isinstance(key, int | str) for key in items):
            raise MalformedError("cbor.key", "A map key is neither an integer nor a text.")
        return {_ordered(key, depth + 1): items[key] for key in sorted(items, key=cbor2.dumps)}
    if isinstance(value, list | tuple):
        return [_ordered(item, depth + 1) for item in value]
    raise MalformedError("cbor.type", f"A value of type {kind.__name__} cannot be encoded.")
