"""The form of a leaf: COSE_Sign1, header and payload, before anything is read as an event.

Owns the headers (docs/formats/statement.md). An audit shares its work here: one process holds each
leaf to the one strict form and checks its signature, another reads the event and judges it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from ledger import keys
from ledger.errors import MalformedError
from ledger.wire import cbor, cose, text

CONTENT_TYPE = "application/vnd.ringmark.event+cbor"
SIZE_MAX = 61_440
_ALGS = (keys.ED25519, keys.ESP256)
_HEADER_KEYS = (1, 3, 4, 15, 1, 2, 3, 6)
_HEADER_TYPES = (int,) * 10 + (bytes, str, str, str)
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
    """Return what `_headers` returns for a header that is just of the form, None for any other.

    Each member is looked at once, by its place, instead of by a walk and again by its name.
    """
    try:
        headers: Any = cbor.decode_known(protected)
        alg, content_type, kid, claims = headers.values()
        iss, sub, aud, iat = claims.values()
    except (MalformedError, AttributeError, TypeError, ValueError):
        return None
    # Types before values: True is found as 1, and -19.0 as -19.
    types = tuple(map(type, (*headers, *claims, alg, iat, kid, iss, sub, aud)))
    if types != _HEADER_TYPES or (*headers, *claims) != _HEADER_KEYS:
        return None
    is_usual = (
        alg in _ALGS
        and content_type == CONTENT_TYPE
        and len(kid) == 32
        and 0 <= iat <= cbor.INTEGER_MAX
        and f"{sub}{aud}".isascii()
        and f"{sub}{aud}".isprintable()
        and text.is_party(iss)
    )
    return (alg, kid, claims) if is_usual and cbor.dumps(headers) == protected else None


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
