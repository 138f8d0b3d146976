"""From a failed audit to the file that proves it to others (docs/formats/contradiction.md).

Owns which leaves go into the file, and that nobody is accused of leaves that a log never signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ledger.errors import RingmarkError
from ledger.log.checkpoint import Checkpoint
from ledger.log.frontier import Frontier, LevelStore, prove_consistency
from ledger.log.tree import leaf_hash
from ledger.statement import ledger_id, parse_statement
from ledger.verify.contradiction import LEAVES_SIZE_MAX, ROW_SIZE, build_contradiction

LEAVES_MAX = 200_000
"""Beyond this many leaves a contradiction is named, not written to a file."""
CHUNK = 1_024
"""Leaves that are read at once."""


class Source(Protocol):
    """Where leaves come from."""

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return the leaves start <= index < stop, as many as there are."""
        ...


def accuse(source: Source, *, note: bytes, checkpoint: Checkpoint, index: int) -> bytes | None:
    """Return the portable proof: all leaves up to the end of the block that does not hold.

    `note` must be a checkpoint of the log's own key; None where the leaves are not under it, or are
    too many for one file: the ledger is refuted all the same.
    """
    if checkpoint.size > LEAVES_MAX:
        return None
    hashes, leaves = _gather(source, checkpoint.size, index)
    whole = Frontier()
    whole.extend(hashes)
    is_whole = (whole.size, whole.root()) == (checkpoint.size, checkpoint.root)
    if leaves is None or not is_whole:
        return None
    levels = LevelStore()
    for start in range(0, checkpoint.size - 255, 256):
        tile = Frontier()
        tile.extend(hashes[start : start + 256])
        levels.append(tile.root())
    reader = levels.reader(lambda start, end: hashes[start:end], size=checkpoint.size)
    return build_contradiction(
        ledger=ledger_id(parse_statement(leaves[0])),
        checkpoint=note,
        leaves=leaves,
        path=prove_consistency(reader, old_size=len(leaves), size=checkpoint.size),
    )


def _read(source: Source, size: int) -> Iterator[bytes]:
    for start in range(0, size, CHUNK):
        yield from source.leaves(start, min(start + CHUNK, size))


def _gather(source: Source, size: int, index: int) -> tuple[list[bytes], list[bytes] | None]:
    """Return the hashes of all leaves, and the leaves up to the end of the block of leaf `index`.

    None instead of leaves that have no room in one file: no more than that is held in memory. Each
    is read once: what is told is what was hashed.
    """
    hashes: list[bytes] = []
    leaves: list[bytes] = []
    room, is_open = LEAVES_SIZE_MAX, True
    for place, raw in enumerate(_read(source, size)):
        hashes.append(leaf_hash(raw))
        if is_open:
            leaves.append(raw)
            room -= len(raw) + ROW_SIZE
            is_open = room >= 0 and (place < index or not _ends_block(raw))
    return hashes, leaves if room >= 0 else None


def _ends_block(raw: bytes) -> bool:
    try:
        return parse_statement(raw).type == "BlockClosed"
    except RingmarkError:
        # No closing can be waited for behind what is no statement at all.
        return True
