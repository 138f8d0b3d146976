"""Copying a ledger while it is served: database and mark of one moment (`ringmark backup`).

Owns that the two belong together. Reads, signs nothing, and holds up no writer.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ledger.storage.durable import sync_directory, sync_file
from ledger.storage.highwater import HighWater, create_high_water
from ledger.storage.keyfiles import copy_keys, key_names
from ledger.storage.published import PublishedFile
from ledger.storage.trustfile import TRUST
from ledger.storage.twin import DATABASE, MARK
from ledger.wiring import KEYS, PUBLISHED, ReadLedger

TRIES = 200
"""States of the database that are looked at for one whose mark is still to be read."""
POLLS = 2_000
"""Looks at the mark for each of them: a block is marked moments after it is stored."""


def copy_folder(opened: ReadLedger, source: Path, directory: Path, *, with_keys: bool) -> int:
    """Copy a ledger's folder into an empty or new one, durably, and return its size.

    Where it fails, as on a full disk, nothing of it is left: half a copy looks like one.
    """
    is_new = not directory.exists()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # What is published first: it never says more than the mark.
        for name in (PUBLISHED, TRUST):
            if (source / name).exists():
                shutil.copy2(source / name, directory / name)
                sync_file(directory / name)
        size = copy_ledger(opened, directory)
        if with_keys:
            (directory / KEYS).mkdir(mode=0o700)
            copy_keys(key_names(source / KEYS), source / KEYS, directory / KEYS)
        sync_directory(directory)
        sync_directory(directory.parent)
    except BaseException:
        for path in directory.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if is_new:
            directory.rmdir()
        raise
    return size


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
