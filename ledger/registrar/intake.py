"""What is checked of a submitted statement before it waits for a block: form and signature.

Owns the two steps that need no order. Judges nothing; a key that is not known yet is looked for
again inside the block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

from msgspec import Struct

from ledger import keys
from ledger.errors import MalformedError, RingmarkError
from ledger.policy import Admission
from ledger.registrar.outcomes import Failed, Outcome
from ledger.statement import Statement, Verified, parse_statement, verify_statement
from ledger.wire.cose import CoseKey

SPLIT_MIN = 16
"""From this many statements on, both threads of the pool check one half each."""


class Place(Struct, frozen=True):
    """Where a registered statement stands, and what its receipt and labels are made from.

    `size` is the tree size after its own block and `note` the signed checkpoint of that size.
    `admission` is None where the statement had been there before.
    """

    index: int
    at: int
    size: int
    note: bytes
    labeller: keys.Signer | None
    admission: Admission | None = None


class Entry(Struct):
    """A submitted statement on its way: in the end it has an `outcome` or a `place` in the log."""

    raw: bytes
    statement: Statement | None = None
    verified: Verified | None = None
    place: Place | None = None
    outcome: Outcome | None = None


def read_entry(raw: bytes) -> Entry:
    """Return the entry of a submitted statement, parsed; what is malformed has its outcome."""
    entry = Entry(raw)
    try:
        statement = parse_statement(raw)
        if statement.type == "BlockClosed":
            raise MalformedError(
                "statement.closing", "Only the registrar closes a block; nobody submits that."
            )
    except RingmarkError as error:
        entry.outcome = Failed(error)
        return entry
    entry.statement = statement
    return entry


def verify_entries(
    entries: Sequence[Entry], known_keys: Mapping[bytes, CoseKey], pool: Executor
) -> None:
    """Verify the statements of `entries` wherever the key is known.

    They were all parsed before: parsing holds the interpreter, verifying lets go of it, and the
    two mixed on many threads take longer than one after the other on one.
    """
    if len(entries) < SPLIT_MIN:
        _verify_all(entries, known_keys)
        return
    middle = len(entries) // 2
    half = pool.submit(_verify_all, entries[middle:], known_keys)
    _verify_all(entries[:middle], known_keys)
    half.result()


def verify_entry(entry: Entry, key: CoseKey) -> None:
    """Verify the entry's statement with `key`, or set why that failed as its outcome."""
    if entry.statement is None:
        return
    try:
        entry.verified = verify_statement(entry.statement, key)
    except RingmarkError as error:
        entry.outcome = Failed(error, entry.statement.id)


def _verify_all(entries: Sequence[Entry], known_keys: Mapping[bytes, CoseKey]) -> None:
    for entry in entries:
        key = known_keys.get(entry.statement.kid) if entry.statement else None
        if key is not None:
            verify_entry(entry, key)
