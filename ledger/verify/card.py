"""Cards: what anyone may see and check of one lot, with every proof (docs/formats/card.md).

Owns the card's form and the order of its checks. No party, partner or other code stands in it: the
records follow each other in an order that the lot's own record fixes. Reads no clock, no store.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.subjects import Kind
from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError
from ledger.log.statemap import state_path
from ledger.trust import Trust
from ledger.verify.checks import Anchor, check_absent, proved_record
from ledger.verify.gather import OpenRecord, Reached, read_record, walk
from ledger.verify.head import (
    FILE_SIZE_MAX,
    Asked,
    Head,
    Opened,
    ProvedRecord,
    ReadRecord,
    failed,
    open_head,
)
from ledger.verify.judge import Freshness, goods_of, judge_absent, judge_lot
from ledger.verify.steps import Steps
from ledger.verify.verdict import Verdict
from ledger.wire import cbor, fields, frame, text

NAME = "ringmark.card"
VERSION = 1


class Card(Struct, frozen=True):
    """The body of a card: head, code (12 symbols), the lot's record and all that it rests on.

    `records` are in the order of the walk, the lot's first. Without such a lot they are two:
    the proof of that, and what stands under the same code as a container, if anything.
    """

    head: Head
    code: str
    records: tuple[ProvedRecord, ...]


class Examined(Struct, frozen=True):
    """A verdict with the proved head and the proved records, empty where nothing was proved."""

    verdict: Verdict
    opened: Opened | None = None
    reached: tuple[Reached, ...] = ()


def build_card(head: Head, *, code: str, read: ReadRecord) -> bytes:
    """Return the card of lot `code` (12 symbols), present or absent, as `read` proves it."""
    path = state_path(head.ledger, Kind.LOT.value, code)
    records = collect_records(path, read)
    if records[0].record is None:
        # Lots and containers share one code space.
        records = (records[0], read(state_path(head.ledger, Kind.CONTAINER.value, code)))
    card = Card(head, code, records)
    return frame.frame(NAME, VERSION, cbor.encode(fields.to_plain(card)))


def collect_records(path: bytes, read: ReadRecord) -> tuple[ProvedRecord, ...]:
    """Return the record of the lot at `path` and all that it rests on, in the order of the walk."""
    first = read(path)
    if first.record is None:
        return (first,)
    records = [first]

    def following(at: bytes) -> OpenRecord:
        proved = read(at)
        if proved.record is None:
            raise ProofError("card.record", "A record that the lot rests on does not exist.")
        records.append(proved)
        return read_record(at, proved.record)

    for _ in walk(read_record(path, first.record, kind=Kind.LOT), following):
        pass
    return tuple(records)


def parse_card(data: bytes) -> Card:
    """Return the card in `data`; raise MalformedError or, for its version, UndecidedError."""
    version, body = frame.unframe(data, name=NAME, size_max=FILE_SIZE_MAX)
    if version != VERSION:
        raise UndecidedError("file.unknown", f"The card has the unknown version {version}.")
    card = fields.from_plain(Card, cbor.decode(body, size_max=FILE_SIZE_MAX), path="card")
    text.code_value(card.code)
    return card


def check_card(data: bytes, *, trust: Trust, now_s: int, asked: Asked | None = None) -> Verdict:
    """Return what a card says and whether its proofs hold; never raises for what is in `data`.

    `trust`, `now_s` (s) and `asked` come from the verifier's side. The steps are those of
    docs/formats/card.md; the first that fails ends the verification.
    """
    return examine_card(data, trust=trust, now_s=now_s, asked=asked).verdict


def examine_card(data: bytes, *, trust: Trust, now_s: int, asked: Asked | None = None) -> Examined:
    """Return the verdict on a card and, where it is verified, what was proved on the way."""
    asked = asked or Asked()
    steps = Steps()
    try:
        with steps.step("file.form"):
            card = parse_card(data)
        opened = open_head(card.head, trust=trust, steps=steps, remembered=asked.remembered)
        verdict, reached = judge_records(
            card.records,
            code=card.code,
            opened=opened,
            trust=trust,
            now_s=now_s,
            asked=asked,
            steps=steps,
        )
    except RingmarkError as error:
        return Examined(failed(error, steps))
    return Examined(replace(verdict, checks=steps.done), opened, reached)


def judge_records(
    records: tuple[ProvedRecord, ...],
    *,
    code: str,
    opened: Opened,
    trust: Trust,
    now_s: int,
    asked: Asked,
    steps: Steps,
) -> tuple[Verdict, tuple[Reached, ...]]:
    """Return the verdict on lot `code` by its records in the order of the walk, and the walk.

    Raise at the first record whose proof does not hold, is missing, or is one too many.
    """
    if asked.code is not None and asked.code != code:
        with steps.step("lot.asked"):
            raise ProofError("lot.other", f"The file is of lot {code}, not of {asked.code}.")
    anchor = opened.anchor
    path = state_path(opened.ledger, Kind.LOT.value, code)
    base = opened.verdict(now_s=now_s, code=code)
    freshness = Freshness(trust.fresh_h, trust.check_h)
    supply = iter(records)
    first = _next(supply)
    if first.record is None:
        with steps.step("lot.absent"):
            check_absent(path, first.proof, anchor=anchor)
            is_container = _has_container(_next(supply), opened, code=code)
            _nothing_left(supply)
        judged = judge_absent(
            as_of=anchor.closing.at, now_s=now_s, freshness=freshness, is_container=is_container
        )
        return base.with_level(judged.level, judged.reason, judged.params), ()
    reached = _walk_records(path, first, supply, anchor=anchor, steps=steps)
    judged = judge_lot(
        reached,
        as_of=anchor.closing.at,
        now_s=now_s,
        freshness=freshness,
        mark=asked.mark,
        is_behind=asked.is_behind(anchor),
    )
    steps.stated("findings.open", f"{sum(f.reaches for f in judged.findings)} reach the goods")
    verdict = base.with_level(judged.level, judged.reason, judged.params)
    return replace(verdict, findings=judged.findings, goods=goods_of(reached[0].record)), reached


def _has_container(proved: ProvedRecord, opened: Opened, *, code: str) -> bool:
    path = state_path(opened.ledger, Kind.CONTAINER.value, code)
    if proved.record is None:
        check_absent(path, proved.proof, anchor=opened.anchor)
        return False
    proved_record(path, proved.record, proved.proof, anchor=opened.anchor, kind=Kind.CONTAINER)
    return True


def _walk_records(
    path: bytes,
    first: ProvedRecord,
    supply: Iterator[ProvedRecord],
    *,
    anchor: Anchor,
    steps: Steps,
) -> tuple[Reached, ...]:
    with steps.step("lot.record"):
        lot = proved_record(path, first.record or b"", first.proof, anchor=anchor, kind=Kind.LOT)

    def following(at: bytes) -> OpenRecord:
        proved = _next(supply)
        return proved_record(at, proved.record or b"", proved.proof, anchor=anchor)

    with steps.step("rests.records"):
        reached = tuple(walk(lot, following))
        _nothing_left(supply)
    steps.detail(f"{len(reached)} records")
    return reached


def _next(supply: Iterator[ProvedRecord]) -> ProvedRecord:
    for proved in supply:
        return proved
    raise MalformedError("card.records", "The file lacks a record that the lot rests on.")


def _nothing_left(supply: Iterator[ProvedRecord]) -> None:
    for _ in supply:
        raise MalformedError("card.records", "The file has a record that nothing rests on.")
