"""Reading a ledger of this machine for one command.

Owns how much a command can afford: the whole state map of a small ledger, not that of a large one.
"""

from __future__ import annotations

from pathlib import Path

from ledger.reader import Reader, StoredMoments
from ledger.storage.keyfiles import read_key
from ledger.wiring import KEYS, ReadLedger, open_for_reading

BOUND_MAX = 50_000
"""Up to so many subjects a command holds every row to the root, as a server does: 0.3 s."""


def open_reader(
    directory: Path, database: str | None, *, receipts: bool, passphrase: str | None
) -> tuple[ReadLedger, Reader]:
    """Return an opened ledger, which the caller closes, and its reader.

    With `receipts` it signs RFC 9942 receipts by the folder's own key, sealed by `passphrase`.
    """
    signer = read_key(directory / KEYS, "receipt", passphrase=passphrase) if receipts else None
    opened = open_for_reading(directory, database=database)
    moments = StoredMoments(opened.store, note=opened.newest_note)
    is_small = opened.store.subjects() <= BOUND_MAX
    return opened, Reader(opened.store, moments, receipt_signer=signer, is_bound=is_small)
