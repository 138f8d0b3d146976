"""A server that lies: it has the database and every key of the registrar, and uses both.

It takes the leaves of an honest ledger, judges them again, and changes the state or the log where
it likes before it signs its closings and checkpoints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trail import Trail

from ledger.block import Block, MemoryBase, Position, closing_key
from ledger.custody.subjects import Kind, Subject
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.frontier import Frontier, LevelStore, prove_inclusion
from ledger.log.statemap import StateMap, state_path
from ledger.log.tree import leaf_hash
from ledger.policy import Admission, key_for
from ledger.records import encode_record
from ledger.reference.tables import load_tables
from ledger.statement import REGISTRAR, Verified, parse_statement, sign_statement
from ledger.verify.card import build_card
from ledger.verify.head import Head, ProvedRecord, ProvedStatement, build_head
from ledger.verify.replay import blocks_of

Hide = Callable[[Block, MemoryBase], None]


@dataclass
class Hostile:
    """What the liar serves: leaves, a signed checkpoint, and records that prove under it."""

    trail: Trail
    leaves: list[bytes]
    note: bytes
    base: MemoryBase
    statemap: StateMap

    def source(self) -> Source:
        return Source(self.leaves, self.note)

    def head(self) -> Head:
        size = len(self.leaves)
        track = tuple(
            ProvedStatement(index, raw, tuple(self.path(index)))
            for index, raw in enumerate(self.leaves)
            if parse_statement(raw).type == "LedgerFounded"
        )
        return build_head(
            ledger=self.trail.ledger,
            checkpoint=self.note,
            closing=self.leaves[-1],
            path=tuple(self.path(size - 1)),
            track=track,
            read=self.read,
        )

    def card(self, code: str) -> bytes:
        return build_card(self.head(), subject=Subject(Kind.LOT, code), read=self.read)

    def read(self, path: bytes) -> ProvedRecord:
        proof = self.statemap.prove(path)
        for subject, record in self.base.records.items():
            if state_path(self.trail.ledger, subject.kind.value, subject.name) == path:
                return ProvedRecord(proof, encode_record(record, ledger=self.trail.ledger).record)
        return ProvedRecord(proof)

    def path(self, index: int) -> list[bytes]:
        hashes = [leaf_hash(raw) for raw in self.leaves]
        reader = LevelStore().reader(lambda start, stop: hashes[start:stop], size=len(hashes))
        return prove_inclusion(reader, index=index, size=len(hashes))


@dataclass
class Source:
    """Leaves and a note, as an audit reads them."""

    raw: list[bytes]
    note: bytes

    def checkpoint_note(self) -> bytes:
        return self.note

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return self.raw[start:stop]


def honest(trail: Trail) -> Source:
    size = trail.store.head().size
    return Source(trail.store.raws(0, size), trail.reader.checkpoint_note())


def note_of(trail: Trail, leaves: Sequence[bytes]) -> bytes:
    frontier = Frontier()
    frontier.extend(leaf_hash(raw) for raw in leaves)
    checkpoint = Checkpoint(trail.made.origin, frontier.size, frontier.root())
    signer = next(s for kid, s in trail.made.signers.items() if kid == checkpoint_kid(trail))
    return sign_checkpoint(checkpoint, signer=signer, name=trail.made.origin)


def checkpoint_kid(trail: Trail) -> bytes:
    state = trail.reader.ledger().state
    kid = closing_key(state, purpose="checkpoint", index=trail.store.head().size)
    assert kid is not None
    return kid


def rewritten(
    trail: Trail,
    *,
    hide: Hide | None = None,
    drop: Callable[[str], bool] | None = None,
    forge: Callable[[object], object] | None = None,
    bend: Callable[[int, bytes], bytes] | None = None,
    refuse: Mapping[int, tuple[bytes, int, bytes, str]] | None = None,
) -> Hostile:
    """The ledger as the liar tells it.

    `hide` changes the last block's state before it is closed, `drop` leaves statements of a type
    out, `forge` changes what the last closing says, `bend` the bytes of a leaf by its index,
    `refuse` names a refused statement in the last block (1), the one before it (2), and so on.
    """
    tables = load_tables()
    source = honest(trail)
    blocks = list(blocks_of(source.raw, counts=Counter()))
    base = MemoryBase(ledger=trail.ledger, tables=tables)
    frontier, statemap = Frontier(), StateMap()
    position = Position(0, 0, trail.ledger)
    leaves: list[bytes] = []
    for number, block in enumerate(blocks):
        made = Block(
            base, position=position, at=block.event.at, frontier=frontier, statemap=statemap
        )
        for statement in block.statements:
            if drop is not None and drop(statement.type):
                continue
            if bend is not None:
                statement = parse_statement(bend(len(leaves), statement.raw))
            key = key_for(statement, made)
            outcome = made.admit(Verified(statement, key))
            assert isinstance(outcome, Admission), outcome
            leaves.append(statement.raw)
        if hide is not None and number == len(blocks) - 1:
            hide(made, base)
        if refuse is not None and len(blocks) - number in refuse:
            made.refused.append(refuse[len(blocks) - number])
        closed = made.close()
        event = closed.closing
        if forge is not None and number == len(blocks) - 1:
            event = forge(event)
        raw = signed_closing(trail, event)
        closed.overlay.commit()
        base.apply(closed.changes)
        frontier = closed.frontier
        frontier.append(leaf_hash(raw))
        leaves.append(raw)
        position = Position(position.height + 1, len(leaves), parse_statement(raw).id)
    return Hostile(trail, leaves, note_of(trail, leaves), base, statemap)


def signed_closing(trail: Trail, event) -> bytes:
    state = trail.reader.ledger().state
    kid = closing_key(state, purpose="closing", index=trail.store.head().size)
    assert kid is not None
    return sign_statement(
        event=event,
        signer=trail.made.signers[kid],
        party=REGISTRAR,
        ledger=trail.ledger,
        iat=event.at,
    )


def as_before(*subjects: Subject) -> Hide:
    """Let the last block leave these records as they stood before it."""

    def hide(block: Block, base: MemoryBase) -> None:
        for subject in subjects:
            block.changes.records.pop(subject, None)

    return hide
