"""COSE_Sign1 and COSE_Key (RFC 9052), as far as statements, proofs and labels need them.

Owns the shape of signed messages and of public keys; checks no signature. What arrived is kept as
bytes: nothing signed is ever rebuilt.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.wire import cbor
from ledger.wire.cbor import Plain

TAG = b"\xd2"
"""The encoded tag 18."""
_SIGNED = b"\x84\x6aSignature1"
"""The head of an array of four and its first member."""
_ED25519 = -19
_ESP256 = -9


class Sign1(Struct, frozen=True):
    """A COSE_Sign1 with an empty unprotected header; all members as they arrived."""

    protected: bytes
    payload: bytes
    signature: bytes


class OpenSign1(Struct, frozen=True):
    """A COSE_Sign1 with whatever unprotected header; `payload` is None where it is detached."""

    protected: bytes
    unprotected: dict[int | str, Plain]
    payload: bytes | None
    signature: bytes


class CoseKey(Struct, frozen=True):
    """A public key: `alg` -19 with 32 bytes, or -9 with 64 bytes x ‖ y."""

    alg: int
    public: bytes


def decode_sign1(data: bytes, *, tagged: bool = True, size_max: int = 61_440) -> Sign1:
    """Return the COSE_Sign1 in `data`, with tag 18 or, if not `tagged`, without.

    Raise MalformedError unless it is strict CBOR of four members with an empty unprotected header
    and a payload.
    """
    found = _usual(data) if tagged and len(data) <= size_max else None
    if found is not None:
        return found
    protected, unprotected, payload, signature = _members(data, tagged=tagged, size_max=size_max)
    if unprotected != {}:
        raise MalformedError("cose.unprotected", "The unprotected header is not empty.")
    if not (type(protected) is type(payload) is type(signature) is bytes):
        raise MalformedError("cose.shape", "Header, payload and signature must be byte strings.")
    return Sign1(protected, payload, signature)


def decode_sign1_any(data: bytes, *, size_max: int = 61_440) -> OpenSign1:
    """Return any tagged COSE_Sign1: with unprotected headers, with or without a payload.

    For receipts and for other people's messages. Raise MalformedError unless it is strict CBOR of
    four members. Nothing unprotected is signed: the caller trusts it only after checking it.
    """
    value = _members(data, tagged=True, size_max=size_max)
    protected, unprotected, payload, signature = value
    if not isinstance(unprotected, dict):
        raise MalformedError("cose.unprotected", "The unprotected header is not a map.")
    if not isinstance(protected, bytes) or not isinstance(signature, bytes):
        raise MalformedError("cose.shape", "Header and signature must be byte strings.")
    if payload is not None and not isinstance(payload, bytes):
        raise MalformedError("cose.shape", "The payload is neither a byte string nor absent.")
    return OpenSign1(protected, unprotected, payload, signature)


def encode_sign1(sign1: Sign1, *, tagged: bool = True) -> bytes:
    """Return the bytes of a COSE_Sign1 with an empty unprotected header."""
    members = (sign1.protected, sign1.payload, sign1.signature)
    protected, payload, signature = map(_encode_bytes, members)
    body = b"\x84" + protected + b"\xa0" + payload + signature
    return TAG + body if tagged else body


def sig_structure(*, protected: bytes, payload: bytes, external_aad: bytes = b"") -> bytes:
    """Return the bytes that a COSE_Sign1 signs (RFC 9052, 4.4)."""
    return _SIGNED + b"".join(map(_encode_bytes, (protected, external_aad, payload)))


def cose_key_map(key: CoseKey) -> dict[int, int | bytes]:
    """Return a key as the map that RFC 9679 hashes."""
    if key.alg == _ED25519 and len(key.public) == 32:
        return {1: 1, -1: 6, -2: key.public}
    if key.alg == _ESP256 and len(key.public) == 64:
        return {1: 2, -1: 1, -2: key.public[:32], -3: key.public[32:]}
    raise MalformedError("cose.key", "The key is neither Ed25519 nor P-256.")


def encode_cose_key(key: CoseKey) -> bytes:
    """Return the deterministic encoding of a key."""
    return cbor.encode(cose_key_map(key))


def parse_cose_key(value: Plain) -> CoseKey:
    """Return the key in a plain map; raise MalformedError unless it has exactly its members.

    The curve names the algorithm. That the key is sound the caller must still check
    (`keys.check_public_key`).
    """
    if isinstance(value, dict):
        x, y = value.get(-2), value.get(-3)
        if isinstance(x, bytes) and len(x) == 32 and (y is None or isinstance(y, bytes)):
            key = CoseKey(_ED25519, x) if y is None else CoseKey(_ESP256, x + y)
            # Written again it must be the same: 1 and True are equal here, but not as bytes.
            if cbor.encode(value) == encode_cose_key(key):
                return key
    raise MalformedError("cose.key", "The COSE_Key is neither Ed25519 nor P-256 in its one form.")


@lru_cache(maxsize=4_096)
def thumbprint(key: CoseKey) -> bytes:
    """Return the SHA-256 COSE key thumbprint, 32 bytes (RFC 9679)."""
    return hashlib.sha256(encode_cose_key(key)).digest()


def _usual(data: bytes) -> Sign1 | None:
    """Return the message if it is just what a Sign1 of 64 signature bytes is written as.

    The sizes are read without their forms; that `encode_sign1` writes the same bytes again is what
    shows that they are the one form. None leaves it to the strict decoder to say what is wrong.
    """
    if data[:2] != b"\xd2\x84" or data[-66:-64] != b"\x58\x40":
        return None
    start, size = _sized(data, 2)
    protected = data[start : start + size]
    start, size = _sized(data, start + size + 1)
    made = Sign1(protected, data[start : start + size], data[-64:])
    return made if encode_sign1(made) == data else None


def _sized(data: bytes, at: int) -> tuple[int, int]:
    """Return where the contents of the byte string at `at` begin, and their size."""
    head = data[at] if at < len(data) else 0
    if head == 0x58:
        return at + 2, data[at + 1] if at + 1 < len(data) else 0
    if head == 0x59:
        return at + 3, int.from_bytes(data[at + 1 : at + 3], "big")
    return at + 1, head & 0x1F


def _encode_bytes(value: bytes) -> bytes:
    """Return a byte string in its one form: what `cbor.encode` writes, without the walk."""
    size = len(value)
    if size < 24:
        return bytes((0x40 | size,)) + value
    if size < 256:
        return bytes((0x58, size)) + value
    if size < 65_536:
        return b"\x59" + size.to_bytes(2, "big") + value
    return cbor.encode(value)


def _members(data: bytes, *, tagged: bool, size_max: int) -> list[Any]:
    if len(data) > size_max:
        raise MalformedError("cose.size", f"{len(data):,} bytes, at most {size_max:,} are taken.")
    if tagged:
        if data[:1] != TAG:
            raise MalformedError("cose.tag", "The message has not the tag 18.")
        data = data[1:]
    value = cbor.decode(data, size_max=size_max)
    if not isinstance(value, list) or len(value) != 4:
        raise MalformedError("cose.shape", "The message is not an array of four.")
    return value
