"""Reading tokens: who asks a closed ledger, proved by the asker's own key for a few minutes.

Owns the form of docs/formats/reading-token.md. Must not know who may read what: `ledger.reader`
does. A token names the host it is shown to, so that whoever gets one cannot use it elsewhere.

    Authorization: Ringmark 0oRYSKMBMgN4…
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from msgspec import Struct

from ledger import keys
from ledger.errors import MalformedError, ProofError
from ledger.wire import cbor, cose, text

SCHEME = "Ringmark"
CONTENT_TYPE = "application/vnd.ringmark.reading+cbor"
SIZE_MAX = 1_024
LIFE_S = 600
"""A token counts for so long after its time, and no earlier than so long before it."""
_MEMBERS = {"ledger": bytes, "party": str, "host": str, "iat": int}


class ReadingToken(Struct, frozen=True):
    """A parsed token; its signature is not checked yet. `ledger` and `kid` are 32 bytes."""

    ledger: bytes
    party: str
    host: str
    iat: int
    kid: bytes
    alg: int
    message: bytes
    signature: bytes


def make_token(signer: keys.Signer, *, ledger: bytes, party: str, host: str, iat: int) -> str:
    """Return the value of an Authorization header with which `party` asks `host` at `iat` (s)."""
    protected = cbor.encode({1: signer.key.alg, 3: CONTENT_TYPE, 4: signer.kid})
    payload = cbor.encode({"ledger": ledger, "party": party, "host": host.lower(), "iat": iat})
    signature = signer.sign(cose.sig_structure(protected=protected, payload=payload))
    signed = cose.encode_sign1(cose.Sign1(protected, payload, signature))
    return f"{SCHEME} {text.encode_base64url(signed)}"


def parse_token(value: str) -> ReadingToken:
    """Return the token in the value of an Authorization header; raise MalformedError."""
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != SCHEME.lower() or len(encoded) > SIZE_MAX:
        raise _malformed("It is no short token of this scheme.")
    try:
        sign1 = cose.decode_sign1(text.decode_base64url(encoded), size_max=SIZE_MAX)
        headers, payload = cbor.decode(sign1.protected), cbor.decode(sign1.payload)
    except MalformedError as error:
        raise _malformed(error.message) from error
    if not isinstance(headers, dict) or set(headers) != {1, 3, 4} or headers[3] != CONTENT_TYPE:
        raise _malformed("Its header has not exactly alg, content type and kid.")
    plain = _payload(payload)
    kid = headers[4]
    if not isinstance(kid, bytes) or len(kid) != 32 or len(plain["ledger"]) != 32:
        raise _malformed("A key id or ledger id in it is not of 32 bytes.")
    message = cose.sig_structure(protected=sign1.protected, payload=sign1.payload)
    alg = headers[1] if type(headers[1]) is int else 0
    return ReadingToken(**plain, kid=kid, alg=alg, message=message, signature=sign1.signature)


def check_token(
    token: ReadingToken, key: cose.CoseKey, *, ledger: bytes, hosts: Collection[str], now_s: int
) -> None:
    """Raise ProofError unless `token` is the word of `key`, for this ledger, host and time.

    `key` is the one that the verifier holds in force for the token's party; `hosts` are the
    verifier's own names, `now_s` its own time (docs/formats/reading-token.md).
    """
    if token.ledger != ledger:
        raise ProofError("token.ledger", "The token is for another ledger.")
    if token.host not in hosts:
        raise ProofError(
            "token.host",
            f"The token is for {token.host}, which is none of this server's names.",
            hint="Ask the server under a name of its trust file.",
            params={"host": token.host},
        )
    if abs(now_s - token.iat) > LIFE_S:
        raise ProofError(
            "token.time",
            f"The token is of {text.format_time(token.iat)}, here it is {text.format_time(now_s)}.",
            hint="Set the clock of your machine right, then ask again.",
            params={"now": now_s, "iat": token.iat},
        )
    if token.alg != key.alg or token.kid != cose.thumbprint(key):
        raise ProofError("token.key", "The token is not by the key that it names.")
    try:
        keys.check_signature(
            alg=key.alg, public_key=key.public, message=token.message, signature=token.signature
        )
    except (ProofError, MalformedError) as error:
        message = f"The token's signature does not hold. {error.message}"
        raise ProofError("token.signature", message) from error


def _payload(plain: Any) -> dict[str, Any]:
    if not isinstance(plain, dict) or set(plain) != set(_MEMBERS):
        raise _malformed("It has not exactly ledger, party, host and iat.")
    for name, kind in _MEMBERS.items():
        if type(plain[name]) is not kind:
            raise _malformed(f"Its {name} is not of its type.")
    return plain


def _malformed(message: str) -> MalformedError:
    return MalformedError(
        "token.form",
        f"The reading token is not of its form. {message}",
        hint="Make one with this ledger's own command line.",
    )
