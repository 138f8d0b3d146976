"""Files that carry proof, taken apart and put together again by whoever forges them."""

from __future__ import annotations

import copy
import hashlib
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


def parted(state: bytes) -> tuple[bytes, bytes]:
    """A remembered state as its pages, with what ends them, and its framed head."""
    at = state.index(b"\n") + 1
    while size := int.from_bytes(state[at : at + 4], "big"):
        at += 4 + size
    return state[: at + 4], state[at + 4 :]


def head_of(state: bytes) -> Any:
    """The head of a remembered state as plain values."""
    return unpacked(parted(state)[1])


def reheaded(state: bytes, name: str, value: Any) -> bytes:
    """A remembered state with one member of its head replaced, its frame mended."""
    pages, head = parted(state)
    return pages + rebuilt(head, (name,), value)


def repaged(state: bytes, old: bytes, new: bytes) -> bytes:
    """A remembered state whose records say something else of the same length, all hashes mended."""
    pages, head = parted(state)
    assert old in pages
    assert len(old) == len(new)
    changed = pages.replace(old, new)
    return changed + rebuilt(head, ("pages",), hashlib.sha256(changed).digest())
