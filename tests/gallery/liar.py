"""A liar with the registrar's keys: it adds statements, changes records and closes what it likes.

What it says of one lot is a bundle or a card that proves under its own closing and checkpoint; only
what a verifier recomputes gives it away.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hostile import honest, signed_closing
from msgspec import structs
from trail import Trail

from ledger.custody.registrar_keys import closing_key
from ledger.custody.state import State
from ledger.custody.subjects import LEDGER_NAME, Kind, Subject
from ledger.keys import Signer
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.frontier import Frontier, LevelStore, prove_inclusion
from ledger.log.multiproof import prove_inclusions
from ledger.log.statemap import StateMap
from ledger.log.tree import leaf_hash
from ledger.records import Encoded, Record, decode_record, encode_record, track_of
from ledger.statement import parse_statement
from ledger.verify.bundle import Bundle, BundleSubject, format_bundle, parse_bundle
from ledger.verify.card import build_card
from ledger.verify.head import Head, ProvedRecord, ProvedStatement, build_head

Tracks = Mapping[Subject, Sequence[int]]
OWN = Subject(Kind.LEDGER, LEDGER_NAME)


@dataclasses.dataclass
class Lie:
    """What is told otherwise than it is.

    `more` are leaves after the honest ones, `tracks` the leaves that touched a subject, `states`
    what a record says. `log` signs the checkpoint as `origin`; `closing` makes the closing's bytes
    of its event.
    """

    more: Sequence[bytes] = ()
    tracks: Tracks = dataclasses.field(default_factory=dict)
    states: Mapping[Subject, State] = dataclasses.field(default_factory=dict)
    signers: Sequence[Subject] = ()
    origin: str | None = None
    log: Signer | None = None
    closing: Callable[[Trail, Any], bytes] = signed_closing


class Liar:
    """The files of one lot as the liar makes them."""

    def __init__(self, trail: Trail, code: str, lie: Lie) -> None:
        self.trail, self.code, self.lie = trail, code, lie
        self.bundle_before = parse_bundle(trail.reader.bundle(code))
        self.leaves = [*honest(trail).raw, *lie.more]
        self.rows: dict[Subject, tuple[Encoded, tuple[int, ...]]] = {}
        for row in (*self.bundle_before.subjects, *self.bundle_before.signers):
            self.tell(Subject(Kind(row.kind), row.name), row)
        self.tell(OWN, None)
        for subject in lie.signers:
            self.tell(subject, None)
        items = [(told.path, told.hash) for told, _ in self.rows.values()]
        self.statemap = StateMap.from_items(items)
        self.leaves.append(self.close())

    def tell(self, subject: Subject, row: BundleSubject | None) -> None:
        """Encode a subject's record as the lie has it."""
        kept = self.trail.store.record(kind=subject.kind.value, name=subject.name)
        before: tuple[int, ...] = ()
        if kept is not None:
            history = self.trail.store.history
            before = tuple(history(kind=subject.kind.value, name=subject.name))
        track = tuple(self.lie.tracks.get(subject, before))
        ids = [parse_statement(self.leaves[index]).id for index in track]
        first = ids[0] if ids else bytes(32)
        state = self.lie.states.get(subject)
        if state is None:
            assert kept is not None
            born = parse_statement(self.leaves[before[0]]).id
            inner = kept.inner
            state = decode_record(subject, record=kept.record, inner=inner, first=born).state
        record = Record(subject, len(ids), track_of(ids), first, state)
        self.rows[subject] = (encode_record(record, ledger=self.trail.ledger), track)

    def close(self) -> bytes:
        last = parse_statement(honest(self.trail).raw[-1])
        event = structs.replace(
            last.event,
            height=last.event.height + 1,
            first=len(self.leaves) - len(self.lie.more),
            count=len(self.lie.more),
            last=last.id,
            root=_frontier(self.leaves).root(),
            state=self.statemap.root(),
        )
        return self.lie.closing(self.trail, event)

    def head(self) -> Head:
        origin = self.lie.origin or self.trail.made.origin
        tree = Checkpoint(origin, len(self.leaves), _frontier(self.leaves).root())
        note = sign_checkpoint(tree, signer=self.lie.log or _log_key(self.trail), name=origin)
        return build_head(
            ledger=self.trail.ledger,
            checkpoint=note,
            closing=self.leaves[-1],
            path=tuple(self.path(len(self.leaves) - 1)),
            track=tuple(
                ProvedStatement(index, self.leaves[index], tuple(self.path(index)))
                for index in self.rows[OWN][1]
            ),
            read=self.read,
        )

    def read(self, path: bytes) -> ProvedRecord:
        told = next((told for told, _ in self.rows.values() if told.path == path), None)
        return ProvedRecord(self.statemap.prove(path), told.record if told else None)

    def path(self, index: int) -> list[bytes]:
        return prove_inclusion(self._hashes(), index=index, size=len(self.leaves))

    def card(self) -> bytes:
        return build_card(self.head(), subject=Subject(Kind.LOT, self.code), read=self.read)

    def bundle(self) -> bytes:
        subjects = [Subject(Kind(s.kind), s.name) for s in self.bundle_before.subjects]
        signers = [Subject(Kind(s.kind), s.name) for s in self.bundle_before.signers]
        signers += self.lie.signers
        named = [*subjects, *signers]
        indexes = sorted({index for subject in named for index in self.rows[subject][1]})
        nodes = prove_inclusions(self._hashes(), indexes=indexes, size=len(self.leaves))
        return format_bundle(
            Bundle(
                head=self.head(),
                code=self.code,
                subjects=tuple(map(self._row, subjects)),
                signers=tuple(map(self._row, signers)),
                statements=tuple((index, self.leaves[index]) for index in indexes),
                nodes=tuple(nodes),
            )
        )

    def _row(self, subject: Subject) -> BundleSubject:
        told, track = self.rows[subject]
        inner = (told.inner or None) if track else None
        proof = self.statemap.prove(told.path)
        return BundleSubject(subject.kind.value, subject.name, told.record, proof, inner, track)

    def _hashes(self) -> Any:
        hashes = [leaf_hash(raw) for raw in self.leaves]
        return LevelStore().reader(lambda start, stop: hashes[start:stop], size=len(hashes))


def _frontier(leaves: Sequence[bytes]) -> Frontier:
    frontier = Frontier()
    frontier.extend(leaf_hash(raw) for raw in leaves)
    return frontier


def _log_key(trail: Trail) -> Signer:
    state = trail.reader.ledger().state
    kid = closing_key(state, purpose="checkpoint", index=trail.store.head().size)
    assert kid is not None
    return trail.made.signers[kid]
