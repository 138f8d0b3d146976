"""Copying a ledger while it is served: database and mark of one moment (`ringmark backup`).

Owns that the two belong together. Reads, signs nothing, and holds up no writer.
"""

from __future__ import annotations

from pathlib import Path

from ledger.storage.highwater import HighWater, create_high_water
from ledger.storage.published import PublishedFile
from ledger.storage.twin import DATABASE, MARK
from ledger.wiring import PUBLISHED, ReadLedger

TRIES = 200
"""States of the database that are looked at for one whose mark is still to be read."""
POLLS = 2_000
"""Looks at the mark for each of them: a block is marked moments after it is stored."""


def copy_ledger(opened: ReadLedger, directory: Path) -> int:
    """Write database, mark and checkpoint into a directory, all of one moment; return its size.

    Where blocks are written all the time the mark may lie a little below the head: what is above it
    is verified and signed when the copy is opened.
    """
    tries = 0
    while True:
        tries += 1
        # Read before the database it never lies above the head: such a copy would be refused.
        before = opened.mark()
        with opened.store.snapshot():
            head = opened.store.head()
            size = head.size if head is not None else 0
            mark = _mark_at(opened, size) if before is not None else None
            if mark is None and before is not None and tries < TRIES:
                continue
            opened.store.backup(str(directory / DATABASE))
        if before is not None:
            create_high_water(directory / MARK, mark or before)
            # What is published in the copy is signed and marked, and a second newer than outside.
            PublishedFile(directory / PUBLISHED).write((mark or before).note)
        return size


def _mark_at(opened: ReadLedger, size: int) -> HighWater | None:
    """Return the mark at exactly `size`, or None where it has moved on or does not come."""
    for _ in range(POLLS):
        mark = opened.mark()
        if mark is None or mark.size > size:
            return None
        if mark.size == size:
            return mark
    return None
