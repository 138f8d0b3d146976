"""Disclosures: what a statement hides behind a hash, and hands over beside it.

Owns the form `[salt, field, value]` and its digest (docs/formats/statement.md, hidden). Which field
is hidden is the caller's word; no rule ever reads one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from msgspec import Struct

from ledger.ambient import Entropy
from ledger.errors import MalformedError, ProofError
from ledger.wire import cbor

SALT_SIZE = 16
SIZE_MAX = 65_536


class Disclosure(Struct, frozen=True):
    """One hidden value: 16 random bytes, the path of its field, and the value itself."""

    salt: bytes
    field: str
    value: str | int | bytes

    def encode(self) -> bytes:
        """Return the strict CBOR that the statement's digest was made of."""
        return cbor.encode([self.salt, self.field, self.value])

    def digest(self) -> bytes:
        """Return the 32 bytes that stand in `hidden`."""
        return hashlib.sha256(self.encode()).digest()


def make_disclosure(*, field: str, value: str | int | bytes, entropy: Entropy) -> Disclosure:
    """Return a new disclosure of `field`, such as `lots/51PB1X9SFP3J/price`."""
    return Disclosure(entropy.token(SALT_SIZE), field, value)


def parse_disclosure(data: bytes) -> Disclosure:
    """Return the disclosure in `data`; raise MalformedError for any other form."""
    plain = cbor.decode(data, size_max=SIZE_MAX)
    if not isinstance(plain, list) or len(plain) != 3:
        raise MalformedError("disclosure.form", "A disclosure is an array of three.")
    salt, field, value = plain
    if not isinstance(salt, bytes) or len(salt) != SALT_SIZE or not isinstance(field, str):
        raise MalformedError("disclosure.form", "A disclosure begins with 16 bytes and a field.")
    if not isinstance(value, str | int | bytes) or isinstance(value, bool):
        raise MalformedError("disclosure.form", "A disclosure ends with a text, number or bytes.")
    return Disclosure(salt, field, value)


def check_disclosure(data: bytes, *, hidden: Sequence[bytes]) -> Disclosure:
    """Return the disclosure in `data`; raise ProofError unless its digest is one of `hidden`."""
    found = parse_disclosure(data)
    if hashlib.sha256(data).digest() not in hidden:
        raise ProofError(
            "disclosure.other", f"This disclosure of {found.field} is not of that statement."
        )
    return found
