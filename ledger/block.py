"""Blocks: a run of leaves judged one after another, ended by a closing.

Owns the order inside a block and what a closing states (docs/formats/block.md). The registrar and
every audit use the same class, so that both come to the same bytes. Reads no storage: what stood
before is an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from msgspec import Struct, field, structs

from ledger.custody.events import BlockClosed
from ledger.custody.parties import LedgerState
from ledger.custody.registrar_keys import closing_key, ledger_subject
from ledger.custody.rules.envelope import account_refused
from ledger.custody.state import Act, Change, KeyUse, State
from ledger.custody.subjects import Refusal, Subject
from ledger.custody.transfers import Offer
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap, StateMapOverlay
from ledger.log.tree import leaf_hash
from ledger.policy import Admission, admit
from ledger.records import Encoded, Record, encode_record
from ledger.reference.tables import Tables
from ledger.statement import Verified

__all__ = [
    "COUNT_MAX",
    "REFUSED_MAX",
    "Base",
    "Block",
    "Changes",
    "Closed",
    "MemoryBase",
    "Position",
    "closing_key",
    "ledger_subject",
]

V = TypeVar("V")
COUNT_MAX = 1_024
"""The most leaves in a block before its closing."""
REFUSED_MAX = 64
"""The most refused statements that one closing names."""


class Base(Protocol):
    """The state of the ledger after its last closing: what a block starts from."""

    ledger: bytes
    tables: Tables
    lots_born: int

    def record(self, subject: Subject) -> Record | None:
        """Return the record of `subject`, or None."""
        ...

    def offer(self, offer_id: bytes) -> Offer | None:
        """Return the open offer of that statement id, or None."""
        ...

    def act(self, act_id: bytes) -> Act | None:
        """Return the pending act of that statement id, or None."""
        ...

    def key_use(self, kid: bytes) -> KeyUse:
        """Return the numbers accounted for by key `kid`."""
        ...

    def key_owner(self, kid: bytes) -> str | None:
        """Return the party that ever owned key `kid`, or None."""
        ...


class Position(Struct, frozen=True):
    """Where a block begins: its height, its first leaf index, and the id of the last closing.

    For height 0, `last` is the ledger id.
    """

    height: int
    first: int
    last: bytes


class Changes(Struct):
    """All that a block changes, as it must be stored beside the leaves."""

    records: dict[Subject, Record] = field(default_factory=dict)
    offers: dict[bytes, Offer | None] = field(default_factory=dict)
    acts: dict[bytes, Act | None] = field(default_factory=dict)
    key_uses: dict[bytes, KeyUse] = field(default_factory=dict)
    owners: dict[bytes, str] = field(default_factory=dict)
    lots_born: int = 0

    def merge(self, change: Change, records: Mapping[Subject, Record]) -> None:
        """Take over what one statement changes."""
        self.records.update(records)
        self.offers.update(change.offers)
        self.acts.update(change.acts)
        self.key_uses.update(change.key_uses)
        self.owners.update(change.owners)
        self.lots_born += change.lots_born


class Closed(Struct, frozen=True):
    """A finished block before its closing is signed: what the closing says and what changed.

    `encoded` has the bytes of every changed record; `overlay` commits them to the state map,
    `frontier` is the tree before the closing's own leaf.
    """

    closing: BlockClosed
    changes: Changes
    encoded: Mapping[Subject, Encoded]
    overlay: StateMapOverlay
    frontier: Frontier


class Block:
    """An open block: a view of the state that every admitted statement moves on."""

    def __init__(
        self,
        base: Base,
        *,
        position: Position,
        at: int,
        frontier: Frontier,
        statemap: StateMap,
        is_careful: bool = False,
    ) -> None:
        """Open a block; a careful one writes out what each statement leads to before it counts."""
        self.ledger = base.ledger
        self.tables = base.tables
        self.at = at
        self.position = position
        self.changes = Changes()
        self.refused: list[tuple[bytes, int, bytes, str]] = []
        self.count = 0
        self._base = base
        self._base_record = base.record
        self._refusals: dict[bytes, Refusal] = {}
        self._is_ending = False
        self._is_careful = is_careful
        self._frontier = frontier.copy()
        self._statemap = statemap

    @property
    def lots_born(self) -> int:
        """Return how many lots were born up to here."""
        return self._base.lots_born + self.changes.lots_born

    @property
    def is_full(self) -> bool:
        """Return whether the block must be closed before it takes more."""
        crowded = self.count >= COUNT_MAX or len(self.refused) >= REFUSED_MAX
        return crowded or self._is_ending

    def record(self, subject: Subject) -> Record | None:
        """Return the record of `subject` as the block leaves it so far, or None."""
        return self.changes.records.get(subject) or self._base.record(subject)

    def state(self, subject: Subject) -> State | None:
        """Return the state of `subject` as the block leaves it so far, or None."""
        # Asked some forty times for a statement: one call less.
        record = self.changes.records.get(subject) or self._base_record(subject)
        return record.state if record else None

    def offer(self, offer_id: bytes) -> Offer | None:
        """Return the open offer of that statement id, or None."""
        if offer_id in self.changes.offers:
            return self.changes.offers[offer_id]
        return self._base.offer(offer_id)

    def act(self, act_id: bytes) -> Act | None:
        """Return the pending act of that statement id, or None."""
        if act_id in self.changes.acts:
            return self.changes.acts[act_id]
        return self._base.act(act_id)

    def key_use(self, kid: bytes) -> KeyUse:
        """Return the numbers accounted for by key `kid`."""
        return self.changes.key_uses.get(kid) or self._base.key_use(kid)

    def key_owner(self, kid: bytes) -> str | None:
        """Return the party that ever owned key `kid`, or None."""
        return self.changes.owners.get(kid) or self._base.key_owner(kid)

    def admit(self, verified: Verified) -> Admission | Refusal:
        """Judge one statement and, if it is admitted, move the state on.

        A refused one leaves no trace but its row in `refused`, once for each id: the same statement
        again has the same answer here. New rules are in force from the next block, so nothing
        follows them in theirs. A careful block raises MalformedError, and stays as it was, for a
        statement that leads to a record which cannot be written.
        """
        statement = verified.statement
        if statement.id in self._refusals:
            return self._refusals[statement.id]
        if self._is_ending:
            return Refusal("founding.next-block", {})
        index = self.position.first + self.count
        outcome = admit(verified, self, index=index, at=self.at)
        if isinstance(outcome, Refusal):
            self._refusals[statement.id] = outcome
            # A closing speaks of enrolled keys alone: who has none leaves no trace at all.
            if self.key_owner(statement.kid) is not None:
                self.refused.append((statement.kid, statement.seq, statement.id, outcome.rule))
            return outcome
        if self._is_careful:
            for record in outcome.records.values():
                encode_record(record, ledger=self.ledger)
        self._is_ending = self._adopts(outcome)
        self.changes.merge(outcome.change, outcome.records)
        self._frontier.append(leaf_hash(statement.raw))
        self.count += 1
        return outcome

    def _adopts(self, admission: Admission) -> bool:
        """Return whether the statement changes rules or tables of a ledger that was there."""
        after = admission.records.get(ledger_subject())
        before = self.record(ledger_subject()) if after is not None else None
        if before is None or after is None:
            return False
        old, new = before.state, after.state
        if not isinstance(old, LedgerState) or not isinstance(new, LedgerState):
            return False
        return (old.rules, old.tables) != (new.rules, new.tables)

    def close(self) -> Closed:
        """Return what the closing states; the block takes nothing more.

        `refused` first sets or clears findings on parties, which moves no count and no track; then
        the root of the state map is taken over all records that changed.
        """
        settled = account_refused(self, tuple(self.refused), at=self.at)
        self._settle(settled)
        encoded = {
            subject: encode_record(record, ledger=self.ledger)
            for subject, record in self.changes.records.items()
        }
        overlay = self._statemap.overlay()
        for item in encoded.values():
            overlay.set(item.path, item.hash)
        closing = BlockClosed(
            height=self.position.height,
            at=self.at,
            first=self.position.first,
            count=self.count,
            root=self._frontier.root(),
            last=self.position.last,
            state=overlay.root(),
            refused=tuple(self.refused),
        )
        return Closed(closing, self.changes, encoded, overlay, self._frontier)

    def _settle(self, change: Change) -> None:
        self.changes.key_uses.update(change.key_uses)
        for subject, state in change.states.items():
            before = self.record(subject)
            if before is not None:
                self.changes.records[subject] = structs.replace(before, state=state)


class MemoryBase:
    """A base that is kept in memory: audits, tests and small ledgers stand on it."""

    def __init__(self, *, ledger: bytes, tables: Tables) -> None:
        self.ledger = ledger
        self.tables = tables
        self.lots_born = 0
        self.records: dict[Subject, Record] = {}
        self.offers: dict[bytes, Offer] = {}
        self.acts: dict[bytes, Act] = {}
        self.key_uses: dict[bytes, KeyUse] = {}
        self.owners: dict[bytes, str] = {}

    def record(self, subject: Subject) -> Record | None:
        """Return the record of `subject`, or None."""
        return self.records.get(subject)

    def offer(self, offer_id: bytes) -> Offer | None:
        """Return the open offer of that statement id, or None."""
        return self.offers.get(offer_id)

    def act(self, act_id: bytes) -> Act | None:
        """Return the pending act of that statement id, or None."""
        return self.acts.get(act_id)

    def key_use(self, kid: bytes) -> KeyUse:
        """Return the numbers accounted for by key `kid`."""
        return self.key_uses.get(kid, KeyUse())

    def key_owner(self, kid: bytes) -> str | None:
        """Return the party that ever owned key `kid`, or None."""
        return self.owners.get(kid)

    def apply(self, changes: Changes) -> None:
        """Take over what a closed block changed."""
        self.records.update(changes.records)
        self.key_uses.update(changes.key_uses)
        self.owners.update(changes.owners)
        self.lots_born += changes.lots_born
        _merge(self.offers, changes.offers)
        _merge(self.acts, changes.acts)


def _merge(kept: dict[bytes, V], changed: Mapping[bytes, V | None]) -> None:
    for key, value in changed.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value
