"""What an auditor keeps to go on from: the whole replayed state, bound to a size and a root.

Owns the file `ringmark.remembered` (docs/formats/remembered.md). It is the auditor's own: nobody
else's is ever taken. Old leaves are hashed again against its root, only new ones are judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.block import MemoryBase, Position
from ledger.custody.state import Act, KeyUse
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Offer
from ledger.errors import DamagedError, MalformedError, UndecidedError
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap, state_path
from ledger.records import decode_record, encode_record
from ledger.reference.tables import Tables
from ledger.statement import as_signed, parse_statement
from ledger.verify.replay import Replay, SignatureCheck
from ledger.wire import cbor, fields, frame

NAME = "ringmark.remembered"
VERSION = 1
SIZE_MAX = 1 << 32
LeafAt = Callable[[int], bytes]
"""Reads the leaf at a 0-based index."""


@dataclass(frozen=True, slots=True)
class _Kept:
    ledger: bytes = field(metadata={"size": 32})
    size: int
    root: bytes = field(metadata={"size": 32})
    height: int
    last: bytes = field(metadata={"size": 32})
    at: int
    lots_born: int
    nodes: tuple[bytes, ...]
    records: tuple[tuple[str, str, bytes, bytes, bytes], ...]
    """Rows of kind, name, id of the first statement, record, inner map."""
    offers: tuple[Offer, ...]
    acts: tuple[tuple[bytes, int, int, int, tuple[str, ...]], ...]
    """Rows of id, leaf index, time of its block, time of lapse, approvals."""
    uses: tuple[tuple[bytes, int, object], ...]
    """Rows of kid, last number, and missing number to time as an array of pairs."""
    owners: tuple[tuple[bytes, str], ...]


def is_remembered(data: bytes) -> bool:
    """Return whether a file is of this kind, by its first bytes."""
    head = cbor.encode(NAME)
    return data[1 : 1 + len(head)] == head


def format_state(replay: Replay) -> bytes:
    """Return the file to resume from after a replay that found nothing wrong."""
    position = replay.position
    if position is None:
        raise MalformedError("remembered.empty", "Nothing was replayed: there is nothing to keep.")
    base = replay.base
    encoded = {
        subject: encode_record(record, ledger=base.ledger)
        for subject, record in sorted(base.records.items())
    }
    kept = _Kept(
        ledger=base.ledger,
        size=replay.size,
        root=replay.frontier.root(),
        height=position.height,
        last=position.last,
        at=replay.at,
        lots_born=base.lots_born,
        nodes=replay.frontier.nodes,
        records=tuple(
            (subject.kind.value, subject.name, base.records[subject].first, item.record, item.inner)
            for subject, item in encoded.items()
        ),
        offers=tuple(offer for _, offer in sorted(base.offers.items())),
        acts=tuple(
            (act_id, act.proposal.index, act.proposal.at, act.lapses_at, act.approvals)
            for act_id, act in sorted(base.acts.items())
        ),
        uses=tuple(
            (kid, use.last, [[number, at] for number, at in sorted(use.missing.items())])
            for kid, use in sorted(base.key_uses.items())
        ),
        owners=tuple(sorted(base.owners.items())),
    )
    return frame.frame(NAME, VERSION, cbor.encode(fields.to_plain(kept)))


def parse_state(data: bytes, *, tables: Tables, check: SignatureCheck, leaf: LeafAt) -> Replay:
    """Return the replay that `format_state` kept, ready for the next block.

    `leaf` gives back the statements of pending acts. The caller must still hash the old leaves and
    compare with the replay's root. Raise MalformedError for another file.
    """
    version, body = frame.unframe(data, name=NAME, size_max=SIZE_MAX)
    if version != VERSION:
        raise UndecidedError("file.unknown", f"The file has the unknown version {version}.")
    kept = fields.from_plain(_Kept, cbor.decode(body, size_max=SIZE_MAX), path="remembered")
    replay = Replay(tables, check)
    replay.base = _base(kept, tables, leaf)
    replay.frontier = Frontier(kept.size, kept.nodes)
    replay.statemap = StateMap.from_items(
        (state_path(kept.ledger, kind, name), hashlib.sha256(record).digest())
        for kind, name, _, record, _ in kept.records
    )
    replay.position = Position(kept.height, kept.size, kept.last)
    replay.at = kept.at
    if replay.frontier.root() != kept.root:
        raise DamagedError("remembered.root", "The remembered file contradicts itself.")
    return replay


def _base(kept: _Kept, tables: Tables, leaf: LeafAt) -> MemoryBase:
    base = MemoryBase(ledger=kept.ledger, tables=tables)
    base.lots_born = kept.lots_born
    for kind, name, first, record, inner in kept.records:
        subject = Subject(Kind(kind), name)
        base.records[subject] = decode_record(subject, record=record, inner=inner, first=first)
    base.offers = {offer.id: offer for offer in kept.offers}
    for act_id, index, at, lapses_at, approvals in kept.acts:
        proposal = as_signed(parse_statement(leaf(index)), index=index, at=at)
        base.acts[act_id] = Act(proposal, approvals, lapses_at)
    base.key_uses = {kid: KeyUse(last, _pairs(missing)) for kid, last, missing in kept.uses}
    base.owners = dict(kept.owners)
    return base


def _pairs(rows: object) -> dict[int, int]:
    if not isinstance(rows, list):
        raise MalformedError("remembered.numbers", "Missing numbers are not an array.")
    return {number: at for number, at in rows}
