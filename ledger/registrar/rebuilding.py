"""Rebuilding the derived tables from the leaves, by the same judgement that wrote them.

Owns the replay for `doctor --rebuild` and for a restoration from leaves. Signatures are not checked
here, an audit does that; but each block must come to the roots that its closing states, or nothing
is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from msgspec import Struct

from ledger.block import Block, Closed, Position
from ledger.custody.events import BlockClosed
from ledger.custody.subjects import Refusal
from ledger.errors import DamagedError
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap
from ledger.log.tree import leaf_hash
from ledger.policy import key_for
from ledger.reference.tables import Tables
from ledger.registrar.intake import Entry
from ledger.registrar.taking import Admitted
from ledger.statement import Statement, Verified, ledger_id, parse_statement
from ledger.storage.protocol import BlockRow, Derived, Store
from ledger.storage.rows import derived_of
from ledger.storage.shelf import DiskShelf
from ledger.verify.packed import PackedBase, Shelf
from ledger.verify.replay import Ended


def rebuild(store: Store, *, tables: Tables) -> None:
    """Replace every derived table by what the leaves give, in one transaction.

    Raise DamagedError where a leaf cannot be judged as it was, or a block comes to other roots than
    its closing; the tables stay as they are then.
    """
    store.rebuild(replay(store, tables=tables))


def replay(store: Store, *, tables: Tables) -> Iterator[Derived]:
    """Yield the derived rows of each block, oldest first, from the leaves alone."""
    founding = store.leaf(0)
    if founding is None:
        return
    ledger, after = ledger_id(parse_statement(founding.raw)), -1
    with closing(DiskShelf()) as shelf:
        judging = Rejudging(ledger=ledger, tables=tables, shelf=shelf)
        while blocks := store.blocks(after=after):
            for row in blocks:
                yield judging.take(_block_at(store, row)).derived
            after = blocks[-1].closing


class Rejudged(Struct, frozen=True):
    """What a block leaves beside its leaves: its derived rows, and how many lots were born."""

    derived: Derived
    born: int


class Rejudging:
    """A ledger judged again block by block; `base` is the state that the last one left."""

    def __init__(self, *, ledger: bytes, tables: Tables, shelf: Shelf) -> None:
        self.base = PackedBase(ledger=ledger, tables=tables, shelf=shelf)
        self._frontier, self._statemap, self._last = Frontier(), StateMap(), ledger

    def take(self, ended: Ended) -> Rejudged:
        """Judge a block again; raise DamagedError where it does not come to its closing."""
        event, index = ended.event, ended.size - 1
        block = Block(
            self.base,
            position=Position(event.height, event.first, self._last),
            at=event.at,
            frontier=self._frontier,
            statemap=self._statemap,
        )
        admitted = [_admit(block, one, ended.first + i) for i, one in enumerate(ended.statements)]
        block.refused.extend(event.refused)
        closed = block.close()
        if closed.closing != event:
            raise _damaged(index, "states other roots than its leaves give")
        rejudged = Rejudged(self._derived(closed, admitted), closed.changes.lots_born)
        closed.overlay.commit()
        self.base.keep(closed.changes, closed.encoded)
        for statement in (*ended.statements, ended.closing):
            self._frontier.append(leaf_hash(statement.raw))
        self._last = ended.closing.id
        return rejudged

    def _derived(self, closed: Closed, admitted: list[Admitted]) -> Derived:
        changes, base = closed.changes, self.base
        keys = {
            kid: (
                changes.owners.get(kid) or base.key_owner(kid) or "",
                changes.key_uses.get(kid) or base.key_use(kid),
            )
            for kid in {*changes.owners, *changes.key_uses}
        }
        steps = [step for one in admitted for step in one.steps()]
        return derived_of(changes, closed.encoded, before=base.record, steps=steps, keys=keys)


def _block_at(store: Store, row: BlockRow) -> Ended:
    *statements, closing = map(parse_statement, store.raws(row.first, row.closing + 1))
    if not isinstance(closing.event, BlockClosed):
        raise _damaged(row.closing, "is no closing")
    return Ended(row.first, tuple(statements), closing, closing.event)


def _admit(block: Block, statement: Statement, index: int) -> Admitted:
    key = key_for(statement, block)
    if isinstance(key, Refusal):
        raise _damaged(index, f"is refused now: {key.rule}")
    outcome = block.admit(Verified(statement, key))
    if isinstance(outcome, Refusal):
        raise _damaged(index, f"is refused now: {outcome.rule}")
    return Admitted(Entry(statement.raw), statement, index, outcome)


def _damaged(index: int, what: str) -> DamagedError:
    return DamagedError(
        "store.leaf",
        f"The leaf {index} {what}.",
        hint="Leaf bytes changed or this version judges otherwise: run `ringmark audit`.",
        params={"index": index},
    )
