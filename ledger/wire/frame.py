"""Framed files: `[name, version, SHA-256(body), body]` in strict CBOR, so that no bit can flip.

Owns the frame of cards, bundles, kits and key files (docs/formats/framed-file.md), not what is in
them.

    84 6d 72696e676d61726b2e63617264 01 5820 <SHA-256 of a0> 41 a0    ["ringmark.card", 1, …]
"""

from __future__ import annotations

import hashlib

from ledger.errors import MalformedError
from ledger.wire import cbor


def frame(name: str, version: int, body: bytes) -> bytes:
    """Return the framed file of `body`, which holds one strict CBOR item."""
    return cbor.encode([name, version, hashlib.sha256(body).digest(), body])


def unframe(data: bytes, *, name: str, size_max: int) -> tuple[int, bytes]:
    """Return version and body of a framed file of kind `name`, at most `size_max` bytes.

    Raise MalformedError for another kind, a wrong hash or any other form. Whether the version is
    known and what is in the body the caller must still check.
    """
    value = cbor.decode(data, size_max=size_max)
    if not isinstance(value, list) or len(value) != 4:
        raise MalformedError("frame.shape", "The file is not a framed file.")
    kind, version, digest, body = value
    if kind != name:
        raise MalformedError("frame.name", f"The file is not a {name}.")
    if type(version) is not int or version < 1 or type(body) is not bytes:
        raise MalformedError("frame.shape", "The file is not a framed file.")
    if hashlib.sha256(body).digest() != digest:
        raise MalformedError("frame.hash", "The file is damaged: its hash is another one.")
    return version, body
