"""The form of a leaf: COSE_Sign1, header and payload, before anything is read as an event.

Owns the headers (docs/formats/statement.md). An audit shares its work here: one process holds each
leaf to the one strict form and checks its signature, another reads the event and judges it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from ledger import keys
from ledger.errors import MalformedError
from ledger.wire import cbor, cose, text

CONTENT_TYPE = "application/vnd.ringmark.event+cbor"
SIZE_MAX = 61_440
_ALGS = (keys.ED25519, keys.ESP256)
_HEADS = {bytes((0x60 + n,)) if n < 24 else bytes((0x78, n)): n for n in range(256)}
"""The length of a text by the head that states it in its shortest form (RFC 8949, 3.1)."""
_USUAL = re.compile(
    rb"\xa4\x01([\x32\x28])\x03\x78\x23"
    + re.escape(CONTENT_TYPE.encode())
    + rb"\x04\x58\x20(.{32})\x0f\xa4\x01([\x62-\x77]|\x78[\x18-\x20])([a-z0-9-]{2,32})"
    rb"\x02([\x60-\x77]|\x78.)([\x20-\x7e]*)\x03\x78\x40([0-9a-f]{64})\x06\x1a(.{4})",
    re.DOTALL,
)
"""The header of a statement on a founded ledger, but for its two lengths and the range of `iat`."""
Decode = Callable[..., cbor.Plain]
"""`cbor.decode`, or `cbor.decode_known` for bytes that another process holds to the strict form."""


class Form(Struct, frozen=True):
    """A leaf's header and payload as plain values; neither event nor signature is looked at yet.

    `claims` are iss (1), sub (2), aud (3) and iat (6).
    """

    sign1: cose.Sign1
    alg: int
    kid: bytes
    claims: dict[int, Any]
    plain: dict[Any, Any]

    @property
    def signature(self) -> bytes:
        """Return the signature, 64 bytes if it is one."""
        return self.sign1.signature

    @property
    def message(self) -> bytes:
        """Return the Sig_structure that was signed."""
        return cose.sig_structure(protected=self.sign1.protected, payload=self.sign1.payload)


def open_form(raw: bytes, *, decode: Decode = cbor.decode) -> Form:
    """Return the form of the leaf `raw`, at most 61,440 bytes; raise MalformedError for any other.

    With another `decode` the caller must still see to it that the payload is strict CBOR.
    """
    sign1 = cose.decode_sign1(raw, size_max=SIZE_MAX)
    alg, kid, claims = _usual(sign1.protected) or _headers(cbor.decode(sign1.protected))
    plain = decode(sign1.payload, size_max=SIZE_MAX)
    if not isinstance(plain, dict):
        raise MalformedError("statement.payload", "The payload is not a map.")
    return Form(sign1, alg, kid, claims, plain)


def _usual(protected: bytes) -> tuple[int, bytes, dict[int, Any]] | None:
    """Return what `_headers` returns for a header just as most are written, None for any other.

    What fits the pattern and has the lengths that it states is strict CBOR by its form.
    """
    found = _USUAL.fullmatch(protected)
    if found is None:
        return None
    alg, kid, iss_size, iss, sub_size, sub, aud, iat_bytes = found.groups()
    iat = int.from_bytes(iat_bytes, "big")
    sizes = _HEADS.get(iss_size), _HEADS.get(sub_size)
    if sizes != (len(iss), len(sub)) or iat <= 0xFFFF:
        return None
    claims = {1: iss.decode(), 2: sub.decode(), 3: aud.decode(), 6: iat}
    return _ALGS[alg == b"\x28"], kid, claims


def _headers(headers: cbor.Plain) -> tuple[int, bytes, dict[int, Any]]:
    if not isinstance(headers, dict) or set(headers) != {1, 3, 4, 15}:
        raise MalformedError(
            "statement.headers", "The protected header has not exactly 1, 3, 4, 15."
        )
    alg, kid, claims = headers[1], headers[4], headers[15]
    if alg not in _ALGS:
        raise MalformedError("statement.alg", f"The algorithm {alg!r} is not allowed.")
    if headers[3] != CONTENT_TYPE:
        raise MalformedError("statement.content-type", "The content type is not an event's.")
    if not isinstance(kid, bytes) or len(kid) != 32:
        raise MalformedError("statement.kid", "The kid is not a thumbprint of 32 bytes.")
    if not isinstance(claims, dict) or set(claims) != {1, 2, 3, 6}:
        raise MalformedError("statement.claims", "The claims are not exactly iss, sub, aud, iat.")
    if not all(isinstance(claims[name], str) for name in (1, 2, 3)):
        raise MalformedError("statement.claims", "The claims iss, sub and aud must be texts.")
    if type(claims[6]) is not int or claims[6] < 0:
        raise MalformedError("statement.claims", "The claim iat is not a time in seconds.")
    text.check_party(claims[1])
    return alg, kid, claims
