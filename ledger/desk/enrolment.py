"""Requests to be enrolled: a new key and the proof that its owner holds it, as a small file.

Owns the JSON of an enrolment request (docs/cli.md, Enrolment). It is no secret; whoever enrols
still checks by other means that it comes from the party.
"""

from __future__ import annotations

from msgspec import Struct

from ledger import keys
from ledger.custody.parties import PublicKey
from ledger.errors import MalformedError
from ledger.statement import public_key
from ledger.wire import cbor, cose, text

REQUEST = "ringmark-key-request-1"


class KeyRequest(Struct, frozen=True):
    """A party's new public key for one ledger (32-byte id), with its proof of possession."""

    ledger: bytes
    party: str
    key: cose.CoseKey
    proof: bytes

    @property
    def public(self) -> PublicKey:
        """Return the key as events carry it."""
        return public_key(self.key)

    @property
    def fingerprint(self) -> str:
        """Return the first 16 hex digits of the thumbprint, in groups, to read out over a phone."""
        digits = cose.thumbprint(self.key).hex()[:16]
        return " ".join(digits[i : i + 4] for i in range(0, 16, 4))


def make_request(signer: keys.Signer, *, ledger: bytes, party: str) -> KeyRequest:
    """Return the request of a party for the key of `signer`."""
    proof = keys.make_key_proof(signer, ledger=ledger, party=party)
    return KeyRequest(ledger, party, signer.key, proof)


def format_request(request: KeyRequest) -> str:
    """Return the request as JSON text; `parse_request` reads it back."""
    plain = {
        "request": REQUEST,
        "ledger": request.ledger.hex(),
        "party": request.party,
        "key": text.encode_base64(cose.encode_cose_key(request.key)),
        "proof": text.encode_base64(request.proof),
    }
    return text.json_dumps(plain) + "\n"


def parse_request(data: bytes) -> KeyRequest:
    """Return the request in `data`.

    Raise MalformedError for another form, ProofError where the party does not hold the key.
    """
    plain = text.json_loads(data)
    members = {"request", "ledger", "party", "key", "proof"}
    if not isinstance(plain, dict) or set(plain) != members or plain["request"] != REQUEST:
        raise MalformedError(
            "request.form",
            "The file is no request to be enrolled.",
            hint="The party makes one with: ringmark --as PARTY key create",
        )
    if not all(isinstance(value, str) for value in plain.values()):
        raise MalformedError("request.form", "The members of a request are texts.")
    request = KeyRequest(
        ledger=text.decode_hex(plain["ledger"], size=32),
        party=text.check_party(plain["party"]),
        key=cose.parse_cose_key(cbor.decode(text.decode_base64(plain["key"]))),
        proof=text.decode_base64(plain["proof"]),
    )
    keys.check_key_proof(request.proof, key=request.key, ledger=request.ledger, party=request.party)
    return request
