"""Custody values as rows and back: records, offers, pending acts, keys, holdings and findings.

Owns which derived rows a closed block leaves (docs/formats/block.md); the registrar and a rebuild
call the same function, so both write the same rows. Knows no SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ledger.block import Changes
from ledger.custody.concerning import countries_lain_in, parties_judged
from ledger.custody.lots import LotState
from ledger.custody.parties import PartyState
from ledger.custody.state import Act, KeyUse, State
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import ContainerState, Offer
from ledger.errors import DamagedError
from ledger.records import Encoded, Record, decode_record, pack_gaps, unpack_gaps
from ledger.statement import as_signed, parse_statement
from ledger.storage.checking import seal, unseal
from ledger.storage.finding_list import EVERYBODY, WEIGHTS, FindingRow
from ledger.storage.protocol import (
    Derived,
    HeldRow,
    KeyRow,
    OfferRow,
    RecordRow,
    StepRow,
)
from ledger.wire import cbor, fields

_BODY_MAX = 1 << 24


class _Numbers(Struct, frozen=True):
    """The numbers of a key as they are stored: the last one, and the gaps before it in one piece.

    A key may have a thousand gaps, and its row is written with each block that it signed for.
    """

    last: int
    gaps: bytes


def derived_of(
    changes: Changes,
    encoded: Mapping[Subject, Encoded],
    *,
    before: Callable[[Subject], Record | None],
    steps: Iterable[StepRow],
    keys: Mapping[bytes, tuple[str, KeyUse]],
) -> Derived:
    """Return what a closed block changes beside its leaves, as rows in a fixed order.

    `before` tells the record that a subject had until then (None: none), `steps` are the touches in
    the order of the leaves, `keys` owner and numbers of each changed key.
    """
    listing = _Listing(changes.records, before)
    records = []
    for subject in sorted(changes.records):
        listed = listing.turn(subject)
        records.append(record_row(changes.records[subject], encoded[subject], listed=listed))
    came, left = _holdings(changes.records, before)
    return Derived(
        records=tuple(records),
        steps=tuple(steps),
        offers=tuple(offer_row(o) for _, o in sorted(changes.offers.items()) if o is not None),
        acts=tuple((i, encode_act(i, a)) for i, a in sorted(changes.acts.items()) if a is not None),
        settled=tuple(
            sorted(
                i for some in (changes.offers, changes.acts) for i, v in some.items() if v is None
            )
        ),
        keys=tuple(key_row(kid, owner, use) for kid, (owner, use) in sorted(keys.items())),
        held=came,
        left=left,
        opened=tuple(sorted(listing.opened)),
        ended=tuple(sorted(listing.ended)),
    )


def record_row(record: Record, encoded: Encoded, *, listed: int) -> RecordRow:
    """Return the row of a record; `listed` counts the rows of its open findings."""
    return RecordRow(
        kind=record.subject.kind.value,
        name=record.subject.name,
        n=record.n,
        listed=listed,
        path=encoded.path,
        hash=encoded.hash,
        first=record.first,
        record=encoded.record,
        inner=encoded.inner,
    )


def record_of(row: RecordRow) -> Record:
    """Return the record of a row; MalformedError where its bytes are none."""
    subject = Subject(Kind(row.kind), row.name)
    return decode_record(subject, record=row.record, inner=row.inner, first=row.first)


def offer_row(offer: Offer) -> OfferRow:
    """Return the row of an open offer."""
    body = cbor.encode(fields.to_plain(offer))
    sender, receiver = offer.sender, offer.event.to
    sealed = seal(body, offer.id, sender.encode(), receiver.encode())
    return OfferRow(offer.id, sender, receiver, sealed)


def offer_of(row: OfferRow) -> Offer:
    """Return the open offer of a row."""
    body = unseal(row.body, row.id, row.sender.encode(), row.receiver.encode())
    return fields.from_plain(Offer, _decode(body), path="offer")


def encode_act(act_id: bytes, act: Act) -> bytes:
    """Return a pending act as sealed strict CBOR: `[index, at, lapses_at, [approvals]]`."""
    proposal = act.proposal
    body = cbor.encode([proposal.index, proposal.at, act.lapses_at, list(act.approvals)])
    return seal(body, act_id)


def act_index(act_id: bytes, body: bytes) -> int:
    """Return the leaf index of the proposal of a stored act."""
    index = _decode(unseal(body, act_id))[0]
    if type(index) is not int:
        raise DamagedError("store.act", "A stored act has no leaf index.")
    return index


def act_of(act_id: bytes, body: bytes, raw: bytes) -> Act:
    """Return the pending act of a row; `raw` is the leaf of its proposal."""
    index, at, lapses_at, approvals = _decode(unseal(body, act_id))
    proposal = as_signed(parse_statement(raw), index=index, at=at)
    return Act(proposal, tuple(approvals), lapses_at)


def key_row(kid: bytes, owner: str, use: KeyUse) -> KeyRow:
    """Return the row of a key: its owner, and its numbers as sealed strict CBOR."""
    body = cbor.encode(fields.to_plain(_Numbers(use.last, pack_gaps(use.gaps))))
    return KeyRow(kid, owner, seal(body, kid, owner.encode()))


def use_of(row: KeyRow) -> KeyUse:
    """Return the numbers of a key."""
    body = unseal(row.use, row.kid, row.owner.encode())
    numbers = fields.from_plain(_Numbers, _decode(body), path="key-use")
    return KeyUse(numbers.last, unpack_gaps(numbers.gaps))


def holders(state: State | None) -> tuple[str, ...]:
    """Return the parties that hold or own what a lot's or container's state describes."""
    if isinstance(state, LotState):
        return tuple({party for party in (state.holder, state.owner) if party})
    if isinstance(state, ContainerState) and state.holder:
        return (state.holder,)
    return ()


def finding_rows(
    subject: Subject, state: State, *, country_of: Callable[[str], str]
) -> Iterator[FindingRow]:
    """Yield the rows that a subject's open findings have in the lists, each once or more.

    `country_of` tells where a party is enrolled, "" for one that is not: it never changes.
    """
    if not state.findings:
        return
    parties = parties_judged(subject, state)
    countries = countries_lain_in(subject, state).union(map(country_of, parties)) - {""}
    for about in (EVERYBODY, *countries, *parties):
        for finding in state.findings:
            yield FindingRow(
                about,
                WEIGHTS.index(finding.severity),
                finding.from_at,
                finding.rule,
                finding.cause,
                subject.kind.value,
                subject.name,
            )


class _Listing:
    """What a block changes in the lists of findings, gathered subject by subject."""

    def __init__(
        self, records: Mapping[Subject, Record], before: Callable[[Subject], Record | None]
    ) -> None:
        self.opened: list[FindingRow] = []
        self.ended: list[FindingRow] = []
        self._records = records
        self._before = before

    def turn(self, subject: Subject) -> int:
        """Note what comes and goes of a subject's findings; return how many rows it has now."""
        record, known = self._records[subject], self._before(subject)
        now = self._rows(subject, record.state)
        then = self._rows(subject, known.state) if known is not None else frozenset[FindingRow]()
        if now != then:
            self.opened += now - then
            self.ended += then - now
        return len(now)

    def _rows(self, subject: Subject, state: State) -> frozenset[FindingRow]:
        return frozenset(finding_rows(subject, state, country_of=self._country_of))

    def _country_of(self, party: str) -> str:
        subject = Subject(Kind.PARTY, party)
        found = self._records.get(subject) or self._before(subject)
        return found.state.country if found and isinstance(found.state, PartyState) else ""


def _holdings(
    records: Mapping[Subject, Record], before: Callable[[Subject], Record | None]
) -> tuple[tuple[HeldRow, ...], tuple[HeldRow, ...]]:
    came: list[HeldRow] = []
    left: list[HeldRow] = []
    for subject, record in records.items():
        if subject.kind not in (Kind.LOT, Kind.CONTAINER):
            continue
        known = before(subject)
        old = set(holders(known.state if known is not None else None))
        new = set(holders(record.state))
        came += [HeldRow(party, subject.kind.value, subject.name) for party in new - old]
        left += [HeldRow(party, subject.kind.value, subject.name) for party in old - new]
    return tuple(sorted(came)), tuple(sorted(left))


def _decode(body: bytes) -> Any:
    return cbor.decode(body, size_max=_BODY_MAX)
