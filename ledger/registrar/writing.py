"""One block from judged statements to a marked head: the fixed order of the write path.

Owns the order: COMMIT, read back, sign, high-water; the caller acknowledges after that. Whatever
goes wrong leaves the value in memory as spent, and the caller opens the ledger anew.
"""

from __future__ import annotations

import hashlib

from ledger import keys
from ledger.block import Closed, ledger_subject
from ledger.custody.parties import LedgerState
from ledger.errors import DamagedError
from ledger.log.edge import full_tiles
from ledger.log.frontier import TILE_WIDTH
from ledger.log.tree import leaf_hash
from ledger.registrar.live import Live
from ledger.registrar.opening import Signers, signed_mark, signer_for
from ledger.registrar.taking import OpenBlock
from ledger.statement import REGISTRAR, Statement, sign_statement
from ledger.storage.highwater import HighWaterMark
from ledger.storage.protocol import BlockRow, CommitBlock, Head, LeafRow, Store, TileRow
from ledger.storage.rows import derived_of
from ledger.wire.cose import CoseKey


def write_block(
    taken: OpenBlock, live: Live, *, store: Store, mark: HighWaterMark, signers: Signers
) -> None:
    """Close, store, read back, sign and mark a block; `live` moves on step by step.

    Raise whatever went wrong; it is not known then what was stored.
    """
    store_block(taken, live, store=store, signers=signers)
    if live.head is None or live.mark is None:
        raise DamagedError("ledger.not-founded", "There is no mark to move.")
    # The mark rises before anything signed leaves this process.
    signed = signed_mark(live, live.head, signers=signers)
    mark.move(expected=live.mark, new=signed)
    live.mark = signed


def store_block(taken: OpenBlock, live: Live, *, store: Store, signers: Signers) -> None:
    """Close a block, store it durably and read it back; then move `live` to the new head."""
    closed = taken.close()
    commit = _commit_of(taken, closed, live=live, signers=signers)
    # (1) durable, all of it or nothing
    store.commit(commit)
    # (2) hashed again from what another connection finds stored, never from what was sent there
    hashes = [leaf_hash(raw) for raw in store.reread(commit.block.first, commit.head.size)]
    frontier = live.edge.frontier()
    frontier.extend(hashes)
    if frontier.size != commit.head.size or frontier.root() != commit.head.root:
        raise DamagedError(
            "store.read-back",
            f"The leaves from {commit.block.first} on are not stored as they were judged.",
            hint="Do not trust this disk: move the ledger, then check it with `ringmark audit`.",
            params={"first": commit.block.first},
        )
    # (3) what was an overlay becomes the state
    closed.overlay.commit()
    live.state.apply(closed.changes)
    for item in hashes:
        live.edge.append(item)
    live.head = commit.head


def leaf_row(statement: Statement, *, index: int) -> LeafRow:
    """Return the row of a statement as leaf `index`."""
    return LeafRow(
        leaf=index,
        hash=leaf_hash(statement.raw),
        id=statement.id,
        kid=statement.kid,
        seq=statement.seq or None,
        party=statement.party,
        type=statement.type,
        raw=statement.raw,
    )


def _commit_of(taken: OpenBlock, closed: Closed, *, live: Live, signers: Signers) -> CommitBlock:
    event = closed.closing
    closing = _closing_row(closed, live=live, signers=signers)
    leaves = (*(leaf_row(a.statement, index=a.index) for a in taken.admitted), closing)
    frontier = closed.frontier
    frontier.append(closing.hash)
    tail = live.edge.tail()
    first_tile = (live.edge.size - len(tail)) // TILE_WIDTH
    tiles = full_tiles(tail, [leaf.hash for leaf in leaves])
    return CommitBlock(
        expected=live.head,
        head=Head(
            size=frontier.size,
            root=frontier.root(),
            height=event.height,
            closing=closing.id,
            at=event.at,
            born=live.state.lots_born + closed.changes.lots_born,
        ),
        block=BlockRow(closing.leaf, event.height, event.first, event.at),
        leaves=leaves,
        derived=derived_of(
            closed.changes,
            closed.encoded,
            before=live.state.record,
            steps=[step for admitted in taken.admitted for step in admitted.steps()],
            keys=live.state.keys_after(closed.changes),
        ),
        tiles=tuple(TileRow(first_tile + n, root, data) for n, (root, data) in enumerate(tiles)),
        refused=tuple(taken.refused),
    )


def _closing_row(closed: Closed, *, live: Live, signers: Signers) -> LeafRow:
    event = closed.closing
    index = event.first + event.count
    record = closed.changes.records.get(ledger_subject())
    about = record.state if record and isinstance(record.state, LedgerState) else None
    # The key in force after the block's statements: one of them may have changed it.
    signer = signer_for(live.state, purpose="closing", index=index, signers=signers, about=about)
    # What is stored has to be signed for: without that key too nothing is stored.
    signer_for(live.state, purpose="checkpoint", index=index, signers=signers, about=about)
    noting = _Noting(signer)
    raw = sign_statement(
        event=event, signer=noting, party=REGISTRAR, ledger=live.ledger, iat=event.at
    )
    return LeafRow(
        leaf=index,
        hash=leaf_hash(raw),
        id=hashlib.sha256(noting.message).digest(),
        kid=signer.kid,
        seq=None,
        party=REGISTRAR,
        type=type(event).__name__,
        raw=raw,
    )


class _Noting:
    """A signer that remembers what it signed: the closing's id is the hash of that."""

    def __init__(self, signer: keys.Signer) -> None:
        self._signer = signer
        self.message = b""

    @property
    def key(self) -> CoseKey:
        return self._signer.key

    @property
    def kid(self) -> bytes:
        return self._signer.kid

    def sign(self, message: bytes) -> bytes:
        self.message = message
        return self._signer.sign(message)
