"""The strict CBOR profile, spelled out head by head: the definition that every codec is held to.

Owns the limits, the plain types and `decode_reference`, which also words every refusal. It is the
twin of the browser's decoder. `ledger.wire.cbor` is what other modules use: it is ten times as fast
and takes the same inputs.
"""

from __future__ import annotations

from typing import Any, NoReturn

from ledger.errors import MalformedError
from ledger.wire.text import check_text

Plain = None | bool | int | str | bytes | list[Any] | dict[Any, Any]
"""What an accepted item becomes; map keys are int or str."""
INTEGER_MAX = 2**53 - 1
SIZE_MAX = 65_536
DEPTH_MAX = 16

_FALSE, _TRUE, _NULL = 20, 21, 22
_ITEMS = 2**32
"""No input has as many items: a claim above it is refused before anything is multiplied."""


def decode_reference(data: bytes, *, size_max: int = SIZE_MAX, depth_max: int = DEPTH_MAX) -> Plain:
    """Return the plain value of the one item that fills `data` (docs/formats/cbor.md).

    The outermost item has depth 0, members one more than their container. Raise MalformedError with
    the rule that the input breaks first.
    """
    if len(data) > size_max:
        _refuse("size", f"{len(data):,} bytes are more than the {size_max:,} that are taken.")
    value, end = _item(data, 0, depth=0, depth_max=depth_max)
    if end != len(data):
        _refuse("trailing", f"{len(data) - end} bytes follow the item.")
    return value


def _item(data: bytes, start: int, *, depth: int, depth_max: int) -> tuple[Plain, int]:
    if depth > depth_max:
        _refuse("depth", f"The item is nested deeper than {depth_max}.")
    major, argument, at = _head(data, start)
    if major == 7:
        return _simple(argument), at
    if major == 0:
        return _integer(argument), at
    if major == 1:
        return _integer(-1 - argument), at
    if major == 6:
        _refuse("type", f"The tag {argument} is not of the profile.")
    if major in (2, 3):
        return _string(data, at, major=major, length=argument)
    if argument > _ITEMS or argument * (major - 3) > len(data) - at:
        _refuse("truncated", "More members are claimed than bytes are left.")
    if major == 4:
        return _array(data, at, count=argument, depth=depth, depth_max=depth_max)
    return _map(data, at, count=argument, depth=depth, depth_max=depth_max)


def _head(data: bytes, start: int) -> tuple[int, int, int]:
    if start >= len(data):
        _refuse("truncated", "The input ends where an item should begin.")
    major, short = data[start] >> 5, data[start] & 31
    if short < 24:
        return major, short, start + 1
    if short > 27:
        _refuse("indefinite", "A length is indefinite or reserved.")
    if major == 7:
        _refuse("type", "Floats and further simple values are not of the profile.")
    size = 1 << (short - 24)
    end = start + 1 + size
    if end > len(data):
        _refuse("truncated", "The input ends inside a length.")
    argument = int.from_bytes(data[start + 1 : end], "big")
    # The next smaller form holds values below 24, 2^8, 2^16, 2^32.
    if argument < (24 if size == 1 else 1 << (4 * size)):
        _refuse("not-shortest", f"The number {argument} is not in its shortest form.")
    return major, argument, end


def _simple(argument: int) -> bool | None:
    if argument == _NULL:
        return None
    if argument not in (_FALSE, _TRUE):
        _refuse("type", "Undefined and further simple values are not of the profile.")
    return argument == _TRUE


def _integer(value: int) -> int:
    if not -INTEGER_MAX <= value <= INTEGER_MAX:
        _refuse("integer", f"The integer {value} is out of range.")
    return value


def _string(data: bytes, at: int, *, major: int, length: int) -> tuple[bytes | str, int]:
    if length > len(data) - at:
        _refuse("truncated", f"A string of {length:,} bytes is longer than the input.")
    content = data[at : at + length]
    if major == 2:
        return content, at + length
    try:
        value = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("cbor.utf8", "A text is not UTF-8.") from error
    check_text(value)
    return value, at + length


def _array(
    data: bytes, at: int, *, count: int, depth: int, depth_max: int
) -> tuple[list[Plain], int]:
    items: list[Plain] = []
    for _ in range(count):
        item, at = _item(data, at, depth=depth + 1, depth_max=depth_max)
        items.append(item)
    return items, at


def _map(
    data: bytes, at: int, *, count: int, depth: int, depth_max: int
) -> tuple[dict[int | str, Plain], int]:
    items: dict[int | str, Plain] = {}
    last = b""
    for _ in range(count):
        key, end = _item(data, at, depth=depth + 1, depth_max=depth_max)
        if type(key) is not int and type(key) is not str:
            _refuse("key", "A map key is neither an integer nor a text.")
        # Strictly ascending encodings are sorted and unique at once.
        if data[at:end] <= last:
            _refuse("order", "Map keys are not unique and in bytewise order.")
        last = data[at:end]
        items[key], at = _item(data, end, depth=depth + 1, depth_max=depth_max)
    return items, at


def _refuse(rule: str, message: str) -> NoReturn:
    raise MalformedError(f"cbor.{rule}", message)
