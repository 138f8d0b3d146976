"""Rebuilding the derived tables from the leaves, by the same judgement that wrote them.

Owns the replay for `doctor --rebuild`. Signatures are not checked here, an audit does that; but
each block must come to the roots that its closing states, or nothing is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.block import Block, MemoryBase, Position
from ledger.custody.events import BlockClosed
from ledger.custody.subjects import Kind, Refusal
from ledger.errors import DamagedError
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap
from ledger.log.tree import leaf_hash
from ledger.policy import key_for
from ledger.reference.tables import Tables
from ledger.registrar.intake import Entry
from ledger.registrar.taking import Admitted
from ledger.statement import Verified, ledger_id, parse_statement
from ledger.storage.protocol import BlockRow, Derived, Store
from ledger.storage.rows import derived_of


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
    base = MemoryBase(ledger=ledger_id(parse_statement(founding.raw)), tables=tables)
    frontier, statemap, last = Frontier(), StateMap(), base.ledger
    after = -1
    while blocks := store.blocks(after=after):
        for row in blocks:
            derived, last = _replay_block(
                store, row, base=base, frontier=frontier, statemap=statemap, last=last
            )
            yield derived
        after = blocks[-1].closing


def _replay_block(
    store: Store,
    row: BlockRow,
    *,
    base: MemoryBase,
    frontier: Frontier,
    statemap: StateMap,
    last: bytes,
) -> tuple[Derived, bytes]:
    raws = store.raws(row.first, row.closing + 1)
    closing = parse_statement(raws[-1])
    event = closing.event
    if not isinstance(event, BlockClosed):
        raise _damaged(row.closing, "is no closing")
    block = Block(
        base,
        position=Position(event.height, event.first, last),
        at=event.at,
        frontier=frontier,
        statemap=statemap,
    )
    admitted = [_admit(block, raw, row.first + i) for i, raw in enumerate(raws[:-1])]
    block.refused.extend(event.refused)
    closed = block.close()
    if closed.closing != event:
        raise _damaged(row.closing, "states other roots than its leaves give")
    before = {
        subject: known.state
        for subject in closed.changes.records
        if subject.kind in (Kind.LOT, Kind.CONTAINER) and (known := base.record(subject))
    }
    keys = {
        kid: (
            closed.changes.owners.get(kid) or base.key_owner(kid) or "",
            closed.changes.key_uses.get(kid) or base.key_use(kid),
        )
        for kid in {*closed.changes.owners, *closed.changes.key_uses}
    }
    steps = [step for one in admitted for step in one.steps()]
    derived = derived_of(closed.changes, closed.encoded, before=before, steps=steps, keys=keys)
    closed.overlay.commit()
    base.apply(closed.changes)
    frontier.extend(leaf_hash(raw) for raw in raws)
    return derived, closing.id


def _admit(block: Block, raw: bytes, index: int) -> Admitted:
    statement = parse_statement(raw)
    key = key_for(statement, block)
    if isinstance(key, Refusal):
        raise _damaged(index, f"is refused now: {key.rule}")
    outcome = block.admit(Verified(statement, key))
    if isinstance(outcome, Refusal):
        raise _damaged(index, f"is refused now: {outcome.rule}")
    return Admitted(Entry(raw), statement, index, outcome)


def _damaged(index: int, what: str) -> DamagedError:
    return DamagedError(
        "store.leaf",
        f"The leaf {index} {what}.",
        hint="Leaf bytes changed or this version judges otherwise: run `ringmark audit`.",
        params={"index": index},
    )
