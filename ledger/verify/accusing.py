"""From a failed audit to the file that proves it to others (docs/formats/contradiction.md).

Owns what goes into the file, and that nobody is accused of leaves that a log never signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ledger.errors import MalformedError, ProofError, RingmarkError
from ledger.log.checkpoint import Checkpoint
from ledger.log.frontier import Frontier, LevelStore, prove_consistency
from ledger.log.tree import leaf_hash, root_of
from ledger.statement import ledger_id, parse_statement
from ledger.trust import Trust
from ledger.verify.contradiction import LEAVES_SIZE_MAX, ROW_SIZE, build_contradiction, build_fork

LEAVES_MAX = 200_000
"""Beyond this many leaves a contradiction is named, not written to a file."""
CHUNK = 1_024
"""Leaves that are read at once."""


class Source(Protocol):
    """Where leaves come from."""

    def checkpoint_note(self) -> bytes:
        """Return the signed checkpoint that the leaves lead to."""
        ...

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
    return build_contradiction(
        ledger=ledger_id(parse_statement(leaves[0])),
        checkpoint=note,
        leaves=leaves,
        path=_path(hashes, old_size=len(leaves)),
    )


def accuse_of_fork(source: Source, *, note: bytes, trust: Trust) -> bytes | None:
    """Return the portable proof that a log which signed `note` shows another history now.

    None where it extends the tree of `note`, is smaller or too large, or where one of the two
    checkpoints is not signed by the trusted key: that proves nothing of the ledger.
    """
    own = source.checkpoint_note()
    try:
        (founding,) = source.leaves(0, 1) or (b"",)
        trusted = trust.ledger(ledger_id(parse_statement(founding)))
        one, other = trusted.open_checkpoint(note), trusted.open_checkpoint(own)
    except (MalformedError, ProofError):
        return None
    if not 0 < one.size <= other.size <= LEAVES_MAX:
        return None
    hashes = [leaf_hash(raw) for raw in _read(source, other.size)]
    before = root_of(hashes[: one.size])
    if len(hashes) != other.size or root_of(hashes) != other.root or before == one.root:
        return None
    path = _path(hashes, old_size=one.size)
    return build_fork(ledger=trusted.ledger, one=note, other=own, before=before, path=path)


def _path(hashes: list[bytes], *, old_size: int) -> list[bytes]:
    """Return the consistency path from the first `old_size` leaves to all."""
    levels = LevelStore()
    for start in range(0, len(hashes) - 255, 256):
        levels.append(root_of(hashes[start : start + 256]))
    reader = levels.reader(lambda start, end: hashes[start:end], size=len(hashes))
    return prove_consistency(reader, old_size=old_size, size=len(hashes))


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
