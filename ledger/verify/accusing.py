"""From a failed audit to the file that proves it to others (docs/formats/contradiction.md).

Owns which leaves go into the file, and that nobody is accused of leaves that a log never signed.
"""

from __future__ import annotations

from typing import Protocol

from ledger.errors import RingmarkError
from ledger.log.checkpoint import Checkpoint
from ledger.log.frontier import Frontier, LevelStore, prove_consistency
from ledger.log.tree import leaf_hash
from ledger.statement import ledger_id, parse_statement
from ledger.verify.contradiction import build_contradiction

LEAVES_MAX = 200_000
"""Beyond this many leaves a contradiction is named, not written to a file."""


class Source(Protocol):
    """Where leaves come from."""

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return the leaves start <= index < stop, as many as there are."""
        ...


def accuse(source: Source, *, note: bytes, checkpoint: Checkpoint, index: int) -> bytes | None:
    """Return the portable proof: all leaves up to the end of the block that does not hold.

    `note` must be a checkpoint of the log's own key; None where the leaves are not under it.
    """
    if checkpoint.size > LEAVES_MAX:
        return None
    leaves = source.leaves(0, checkpoint.size)
    if len(leaves) != checkpoint.size:
        return None
    hashes = [leaf_hash(raw) for raw in leaves]
    whole = Frontier()
    whole.extend(hashes)
    if whole.root() != checkpoint.root:
        return None
    stop = _end_of_block(leaves, index)
    levels = LevelStore()
    for start in range(0, checkpoint.size - 255, 256):
        tile = Frontier()
        tile.extend(hashes[start : start + 256])
        levels.append(tile.root())
    reader = levels.reader(lambda start, end: hashes[start:end], size=checkpoint.size)
    return build_contradiction(
        ledger=ledger_id(parse_statement(leaves[0])),
        checkpoint=note,
        leaves=leaves[:stop],
        path=prove_consistency(reader, old_size=stop, size=checkpoint.size),
    )


def _end_of_block(leaves: list[bytes], index: int) -> int:
    """Return the size after the closing that ends the block of leaf `index`."""
    for place in range(index, len(leaves)):
        try:
            if parse_statement(leaves[place]).type == "BlockClosed":
                return place + 1
        except RingmarkError:
            return place + 1
    return len(leaves)
