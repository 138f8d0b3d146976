"""Files that carry proof, taken apart and put together again by whoever forges them."""

from __future__ import annotations

import copy
from typing import Any

from ledger.wire import cbor, frame


def unpacked(data: bytes) -> Any:
    """The body of a framed file as plain values."""
    name = cbor.decode(data, size_max=1 << 26)[0]
    _, body = frame.unframe(data, name=name, size_max=1 << 26)
    return cbor.decode(body, size_max=1 << 26)


def packed(data: bytes, body: Any) -> bytes:
    """A framed file of the same kind with another body and a fitting hash."""
    name, version = cbor.decode(data, size_max=1 << 26)[:2]
    return frame.frame(name, version, cbor.encode(body))


def rebuilt(data: bytes, path: tuple[Any, ...], value: Any) -> bytes:
    """The file with one part replaced."""
    body = copy.deepcopy(unpacked(data))
    place = body
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return packed(data, body)
