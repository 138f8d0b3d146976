"""Cards: what anyone may see and check of one lot or document (docs/formats/card.md).

Owns the card's form and the order of its checks. No party, partner or other code stands in it: the
records follow each other in an order that the first one fixes. Reads no clock, no store.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.documents import DOCUMENT_NAME
from ledger.custody.parties import PartyState
from ledger.custody.subjects import Kind, Subject
from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError
from ledger.log.statemap import state_path
from ledger.trust import Trust
from ledger.verify.checks import check_absent, proved_record
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
from ledger.verify.judge import Freshness, Judged, goods_of, judge_absent, judge_lot
from ledger.verify.paper import judge_document, paper_of
from ledger.verify.steps import Steps
from ledger.verify.verdict import Verdict
from ledger.wire import cbor, fields, frame, text

NAME = "ringmark.card"
VERSION = 1


class Card(Struct, frozen=True):
    """The body of a card: head, whose it is, its record and all that this one rests on.

    `code` (12 symbols) is a lot's, `document` (`CC/KIND/NUMBER`) a document's; one of them is
    there. `records` are in the order of the walk, its own first. Without such a lot they are two:
    the proof of that, and what stands under the same code as a container, if anything; without
    such a document the proof of that alone.
    """

    head: Head
    records: tuple[ProvedRecord, ...]
    code: str | None = None
    document: str | None = None

    @property
    def subject(self) -> Subject:
        """Return whose card it is; raise MalformedError unless that is one lot or one document."""
        if self.code is not None and self.document is None:
            text.code_value(self.code)
            return Subject(Kind.LOT, self.code)
        # Under another spelling of a name nothing stands: the proof of that would mislead.
        if self.code is None and DOCUMENT_NAME.fullmatch(self.document or ""):
            return Subject(Kind.DOCUMENT, self.document or "")
        raise MalformedError("card.subject", "The card is of no single lot or document.")


class Examined(Struct, frozen=True):
    """A verdict with the proved head and the proved records, empty where nothing was proved."""

    verdict: Verdict
    opened: Opened | None = None
    reached: tuple[Reached, ...] = ()


def build_card(head: Head, *, subject: Subject, read: ReadRecord) -> bytes:
    """Return the card of a lot or document, present or absent, as `read` proves it."""
    path = state_path(head.ledger, subject.kind.value, subject.name)
    records = collect_records(path, read, kind=subject.kind)
    if subject.kind is Kind.DOCUMENT:
        return _framed(Card(head, records, document=subject.name))
    if records[0].record is None:
        # Lots and containers share one code space.
        records = (records[0], read(state_path(head.ledger, Kind.CONTAINER.value, subject.name)))
    return _framed(Card(head, records, code=subject.name))


def collect_records(
    path: bytes, read: ReadRecord, *, kind: Kind = Kind.LOT
) -> tuple[ProvedRecord, ...]:
    """Return the record of the subject at `path` and all it rests on, in the order of the walk."""
    first = read(path)
    if first.record is None:
        return (first,)
    records = [first]

    def following(at: bytes) -> OpenRecord:
        proved = read(at)
        if proved.record is None:
            raise ProofError("card.record", f"A record that the {kind} rests on does not exist.")
        records.append(proved)
        return read_record(at, proved.record)

    for _ in walk(read_record(path, first.record, kind=kind), following):
        pass
    return tuple(records)


def _framed(card: Card) -> bytes:
    return frame.frame(NAME, VERSION, cbor.encode(fields.to_plain(card)))


def parse_card(data: bytes) -> Card:
    """Return the card in `data`; raise MalformedError or, for its version, UndecidedError."""
    version, body = frame.unframe(data, name=NAME, size_max=FILE_SIZE_MAX)
    if version != VERSION:
        raise UndecidedError("file.unknown", f"The card has the unknown version {version}.")
    return fields.from_plain(Card, cbor.decode(body, size_max=FILE_SIZE_MAX), path="card")


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
            subject = card.subject
        opened = open_head(card.head, trust=trust, steps=steps, remembered=asked.remembered)
        verdict, reached = judge_records(
            card.records,
            subject=subject,
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
    subject: Subject,
    opened: Opened,
    trust: Trust,
    now_s: int,
    asked: Asked,
    steps: Steps,
) -> tuple[Verdict, tuple[Reached, ...]]:
    """Return the verdict on a lot or document by its records in the order of the walk, and those.

    Raise at the first record whose proof does not hold, is missing, or is one too many.
    """
    _check_asked(asked, subject, steps)
    base = opened.verdict(now_s=now_s, subject=subject)
    freshness = Freshness(trust.fresh_h, trust.check_h)
    supply = iter(records)
    first = _next(supply)
    if first.record is None:
        reason = _check_absent(subject, first, supply, opened=opened, steps=steps)
        as_of = opened.anchor.closing.at
        judged = judge_absent(reason, as_of=as_of, now_s=now_s, freshness=freshness)
        return base.with_level(judged.level, judged.reason, judged.params), ()
    reached = _walk_records(subject, first, supply, opened=opened, steps=steps)
    judged = _judge(subject, reached, opened, now_s=now_s, freshness=freshness, asked=asked)
    what = "goods" if subject.kind is Kind.LOT else "document"
    steps.stated("findings.open", f"{sum(f.reaches for f in judged.findings)} reach the {what}")
    verdict = base.with_level(judged.level, judged.reason, judged.params)
    shown = replace(verdict, findings=judged.findings, goods=goods_of(reached[0].record))
    return replace(shown, paper=paper_of(reached, name=subject.name)), reached


def _judge(
    subject: Subject,
    reached: tuple[Reached, ...],
    opened: Opened,
    *,
    now_s: int,
    freshness: Freshness,
    asked: Asked,
) -> Judged:
    as_of, is_behind = opened.anchor.closing.at, asked.is_behind(opened.anchor)
    if subject.kind is Kind.DOCUMENT:
        return judge_document(
            reached,
            name=subject.name,
            as_of=as_of,
            now_s=now_s,
            freshness=freshness,
            is_behind=is_behind,
        )
    return judge_lot(
        reached,
        as_of=as_of,
        now_s=now_s,
        freshness=freshness,
        mark=asked.mark,
        is_behind=is_behind,
    )


def _check_asked(asked: Asked, subject: Subject, steps: Steps) -> None:
    """Raise ProofError where the file is of something else than what the verifier asked for."""
    code, name = asked.code, asked.document
    is_lot = subject.kind is Kind.LOT
    if name is not None and (is_lot or name != subject.name):
        with steps.step("document.asked"):
            raise ProofError("document.other", f"The file is of {_said(subject)}, not of {name}.")
    if code is not None and (not is_lot or code != subject.name):
        with steps.step("lot.asked"):
            raise ProofError("lot.other", f"The file is of {_said(subject)}, not of {code}.")
    if asked.mark is not None and not is_lot:
        with steps.step("lot.asked"):
            raise ProofError("lot.other", f"The file is of {_said(subject)}, not of goods.")


def _said(subject: Subject) -> str:
    return f"{subject.kind} {subject.name}"


def _check_absent(
    subject: Subject,
    first: ProvedRecord,
    supply: Iterator[ProvedRecord],
    *,
    opened: Opened,
    steps: Steps,
) -> str:
    """Return the reason of the table for what provably is not there."""
    path = state_path(opened.ledger, subject.kind.value, subject.name)
    is_document = subject.kind is Kind.DOCUMENT
    with steps.step("document.absent") if is_document else steps.step("lot.absent"):
        check_absent(path, first.proof, anchor=opened.anchor)
        is_container = not is_document and _has_container(_next(supply), opened, code=subject.name)
        _nothing_left(supply)
    if is_document:
        return "document.absent"
    return "lot.container" if is_container else "lot.absent"


def _has_container(proved: ProvedRecord, opened: Opened, *, code: str) -> bool:
    path = state_path(opened.ledger, Kind.CONTAINER.value, code)
    if proved.record is None:
        check_absent(path, proved.proof, anchor=opened.anchor)
        return False
    proved_record(path, proved.record, proved.proof, anchor=opened.anchor, kind=Kind.CONTAINER)
    return True


def _walk_records(
    subject: Subject,
    first: ProvedRecord,
    supply: Iterator[ProvedRecord],
    *,
    opened: Opened,
    steps: Steps,
) -> tuple[Reached, ...]:
    anchor, kind = opened.anchor, subject.kind
    path = state_path(opened.ledger, kind.value, subject.name)
    is_document = kind is Kind.DOCUMENT
    with steps.step("document.record") if is_document else steps.step("lot.record"):
        own = proved_record(path, first.record or b"", first.proof, anchor=anchor, kind=kind)

    def following(at: bytes) -> OpenRecord:
        proved = _next(supply)
        return proved_record(at, proved.record or b"", proved.proof, anchor=anchor)

    with steps.step("rests.records"):
        reached = tuple(walk(own, following))
        _nothing_left(supply)
    steps.detail(f"{len(reached)} records")
    with steps.step("signers.in-force"):
        _check_signers(reached, at=anchor.closing.at)
    return reached


def _check_signers(reached: tuple[Reached, ...], *, at: int) -> None:
    """Raise ProofError where a record says that a key signed which its party did not have then.

    `at` is the closing's time, s: a key that begins only later has signed nothing yet.
    """
    parties = {item.record.path: item.record.state for item in reached}
    for row in (row for item in reached for row in item.record.signers):
        party = parties.get(row.path)
        key = party.keys.get(row.kid) if isinstance(party, PartyState) else None
        if key is None:
            raise ProofError("key.unknown", "A record names a key that its party never had.")
        if (
            at < key.from_at
            or row.last < key.first
            or (key.end is not None and row.last >= key.end)
        ):
            raise ProofError("key.not-in-force", "A record names a key that was not in force then.")


def _next(supply: Iterator[ProvedRecord]) -> ProvedRecord:
    for proved in supply:
        return proved
    raise MalformedError("card.records", "The file lacks a record that its own rests on.")


def _nothing_left(supply: Iterator[ProvedRecord]) -> None:
    for _ in supply:
        raise MalformedError("card.records", "The file has a record that nothing rests on.")
