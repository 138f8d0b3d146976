"""Receipts in COSE: proofs of inclusion for SCITT tools (RFC 9942).

Owns the bytes of a receipt and its check; docs/formats/receipt.md. Knows nothing of what a leaf
says. Other people's tools read only alg -8 (EdDSA), so receipts have that number although the key
is Ed25519 like any other.

    d2 84 58 5e a4 01 27 04 58 20 … 0f a3 01 … 02 … 06 … 19 018b 01   alg, kid, claims, vds
          a1 19 018c a1 20 81 58 6a 83 07 05 83 …                     proof [7, 5, [3 hashes]]
          f6 58 40 …                                                  no payload; signature
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from ledger import keys
from ledger.errors import MalformedError, ProofError, UsageError
from ledger.log.tree import check_hashes, leaf_hash, reach_root
from ledger.wire import cbor, cose

RECEIPT_SIZE_MAX = 8_192

_ALG, _KID, _CLAIMS, _VDS, _VDP = 1, 4, 15, 395, 396
_ISS, _SUB, _IAT = 1, 2, 6
_EDDSA, _RFC9162_SHA256 = -8, 1
_INCLUSION = -1


class ReceiptClaims(Struct, frozen=True):
    """What the log says in a receipt: who it is, what it is about, and when it signed (s)."""

    iss: str
    sub: str
    iat: int


class InclusionReceipt(NamedTuple):
    """A checked receipt of inclusion: its claims and the root that was signed, 32 bytes.

    `claimed_size` and `claimed_index` are what the proof says: the signature does not cover them,
    and the same path fits other positions. Take a position from a checkpoint.
    """

    claims: ReceiptClaims
    root: bytes
    claimed_size: int
    claimed_index: int


class _Parts(NamedTuple):
    protected: bytes
    claims: ReceiptClaims
    kid: bytes
    proof: list[object]
    payload: bytes | None
    signature: bytes


def sign_inclusion_receipt(
    *,
    signer: keys.Signer,
    claims: ReceiptClaims,
    index: int,
    size: int,
    path: Sequence[bytes],
    root: bytes,
) -> bytes:
    """Return a receipt that the leaf at `index` is under `root` (payload detached).

    `path` must lead to `root`; the caller proves it. UsageError for a tree of one leaf, for which
    RFC 9942 has no receipt, and for a key that is not Ed25519.
    """
    if size < 2:
        raise UsageError("receipt.size", "There is no receipt for a tree of one leaf.")
    if signer.key.alg != keys.ED25519:
        raise UsageError("receipt.algorithm", "A receipt is signed with an Ed25519 key.")
    check_hashes((root,))
    protected = _protected(claims, signer.kid)
    signature = signer.sign(cose.sig_structure(protected=protected, payload=root))
    unprotected = {_VDP: {_INCLUSION: [cbor.encode([size, index, list(path)])]}}
    return cose.TAG + cbor.encode([protected, unprotected, None, signature])


def check_inclusion_receipt(
    receipt: bytes, *, entry: bytes, iss: str, sub: str, key: cose.CoseKey
) -> InclusionReceipt:
    """Return what a receipt proves about `entry`, or raise ProofError.

    `entry` is the leaf as it arrived, its receipts cut out; `iss`, `sub` (the statement's own) and
    the log's Ed25519 `key` come from the verifier's side, since a receipt's claims are not tied to
    the leaf. The path comes first, then the signature over the root that it leads to.
    """
    parts = _parse(receipt)
    _check_claims(parts, iss=iss, sub=sub, key=key)
    if parts.payload is not None:
        raise _malformed("payload", "A receipt of inclusion has no payload: the root is computed.")
    size, index, path = _proof_parts(parts.proof)
    root = reach_root(leaf=leaf_hash(entry), index=index, size=size, path=path)
    _check_signature(parts, root=root, key=key)
    return InclusionReceipt(parts.claims, root, size, index)


def _protected(claims: ReceiptClaims, kid: bytes) -> bytes:
    return cbor.encode(
        {
            _ALG: _EDDSA,
            _KID: kid,
            _CLAIMS: {_ISS: claims.iss, _SUB: claims.sub, _IAT: claims.iat},
            _VDS: _RFC9162_SHA256,
        }
    )


def _parse(receipt: bytes) -> _Parts:
    message = cose.decode_sign1_any(receipt, size_max=RECEIPT_SIZE_MAX)
    claims, kid = _parse_protected(message.protected)
    match message.unprotected:
        case {396: dict(proofs)} if len(message.unprotected) == 1 and list(proofs) == [_INCLUSION]:
            listed = proofs[_INCLUSION]
        case _:
            raise _malformed("vdp", "The receipt does not hold exactly proofs of inclusion.")
    if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], bytes):
        raise _malformed("vdp", "The receipt does not hold exactly one proof.")
    proof = cbor.decode(listed[0])
    if not isinstance(proof, list):
        raise _malformed("proof", "The receipt's proof has another form.")
    return _Parts(message.protected, claims, kid, proof, message.payload, message.signature)


def _parse_protected(protected: bytes) -> tuple[ReceiptClaims, bytes]:
    """Return claims and kid of a protected header that has exactly our members."""
    match cbor.decode(protected):
        case {4: bytes(kid), 15: {1: str(iss), 2: str(sub), 6: iat}} if type(iat) is int:
            claims = ReceiptClaims(iss, sub, iat)
            # One value has one encoding: equal bytes leave no room for another alg or member.
            if _protected(claims, kid) == protected:
                return claims, kid
    raise _malformed(
        "header", "The protected header is not alg -8, kid, the claims iss, sub, iat, and vds 1."
    )


def _proof_parts(proof: Sequence[object]) -> tuple[int, int, list[bytes]]:
    match proof:
        case [first, second, path] if type(first) is int and type(second) is int:
            pass
        case _:
            raise _malformed("proof", "A proof is two numbers and a path.")
    if not isinstance(path, list) or not all(isinstance(item, bytes) for item in path):
        raise _malformed("proof", "The path is not a list of byte strings.")
    check_hashes(path)
    return first, second, path


def _check_claims(parts: _Parts, *, iss: str, sub: str, key: cose.CoseKey) -> None:
    if (parts.claims.iss, parts.claims.sub) != (iss, sub):
        raise ProofError(
            "receipt.claims",
            f"The receipt is by {parts.claims.iss!r} about {parts.claims.sub!r}.",
            hint="Ask for the receipt of this statement at this log.",
        )
    if parts.kid != cose.thumbprint(key):
        raise ProofError("receipt.kid", "The receipt is signed by another key than the log's.")


def _check_signature(parts: _Parts, *, root: bytes, key: cose.CoseKey) -> None:
    if key.alg != keys.ED25519:
        raise UsageError("receipt.algorithm", "A receipt is checked with an Ed25519 key.")
    keys.check_signature(
        alg=keys.ED25519,
        public_key=key.public,
        message=cose.sig_structure(protected=parts.protected, payload=root),
        signature=parts.signature,
    )


def _malformed(what: str, message: str) -> MalformedError:
    return MalformedError(f"receipt.{what}", message, hint="Ask for the receipt again.")
