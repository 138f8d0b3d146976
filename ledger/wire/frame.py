"""Framed files: `[name, version, SHA-256(body), body]` in strict CBOR, so that no bit can flip.

Owns the frame of cards, bundles and kits (docs/formats/framed-file.md), not what is in them.
"""

from __future__ import annotations

import hashlib

from ledger.errors import MalformedError, UndecidedError
from ledger.wire import cbor


def frame(name: str, version: int, body: bytes) -> bytes:
    """Return the framed file of `body`, which holds one strict CBOR item."""
    digest = hashlib.sha256(body).digest()
    head = cbor.encode([name, version, digest])
    return b"\x84" + head[1:] + _bytes_head(len(body)) + body


def unframe(data: bytes, *, name: str, size_max: int) -> tuple[int, bytes]:
    """Return version and body of a framed file of kind `name`, at most `size_max` bytes.

    Raise MalformedError for another kind, a wrong hash or any other form.
    """
    value = cbor.decode(data, size_max=size_max)
    if not isinstance(value, list) or len(value) != 4:
        raise MalformedError("frame.shape", "The file is not a framed file.")
    kind, version, digest, body = value
    if kind != name:
        raise MalformedError("frame.name", f"The file is not a {name}.")
    if type(version) is not int or not isinstance(body, bytes) or not isinstance(digest, bytes):
        raise MalformedError("frame.shape", "The file is not a framed file.")
    if hashlib.sha256(body).digest() != digest:
        raise MalformedError("frame.hash", "The file is damaged: its hash is another one.")
    if version < 1:
        raise UndecidedError("frame.version", f"The file has the unknown version {version}.")
    return version, body


def _bytes_head(length: int) -> bytes:
    if length < 24:
        return bytes([0x40 + length])
    for size, first in ((1, 0x58), (2, 0x59), (4, 0x5A)):
        if length < 1 << (8 * size):
            return bytes([first]) + length.to_bytes(size, "big")
    raise MalformedError("frame.size", "The body is too long for a framed file.")
