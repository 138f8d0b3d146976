"""Labels of documents: who signed this print, and does it say what the ledger says?

Owns the order of questions of a scanned document (docs/formats/label.md). Keys and values come
from the proved records of a card: the document's own, or that of a lot under it; any other card of
the ledger has the keys alone.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.documents import DocumentRow, DocumentState
from ledger.custody.rules.validity import last_day_of
from ledger.custody.subjects import Kind
from ledger.errors import MalformedError, ProofError
from ledger.log.statemap import state_path
from ledger.reference.tables import Tables
from ledger.trust import Trust
from ledger.verify.card import Examined, examine_card
from ledger.verify.gather import OpenRecord, Reached
from ledger.verify.head import Asked, failed
from ledger.verify.judge import Freshness
from ledger.verify.label import OTHER_LEDGER, alone, is_at_host, open_sealed, weigh
from ledger.verify.paper import judge_document, paper_of, parts_of
from ledger.verify.steps import Steps
from ledger.verify.verdict import Outcome, Verdict
from ledger.wire import text
from ledger.wire.label import (
    DOCUMENT_BYTES_MAX,
    DOCUMENT_CONTEXT,
    DocumentPayload,
    LabelUrl,
    decode_document,
    parse_label_url,
)


class DocumentRead(Struct, frozen=True):
    """A verdict, and what the print says where one of the ledger's label keys signed it."""

    verdict: Verdict
    payload: DocumentPayload | None = None


def check_document_label(
    link: str,
    *,
    card: bytes | None,
    trust: Trust,
    now_s: int,
    tables: Tables,
    asked: Asked | None = None,
) -> DocumentRead:
    """Return the verdict on a document's scanned label, together with a card of its ledger.

    Where the card is neither the document's own nor of a lot under it, its record is not proved:
    the label may be genuine, its state is unknown. `asked` says what the verifier remembers. Never
    raises for what is in `link` or `card`.
    """
    try:
        url = parse_label_url(link)
    except MalformedError as error:
        damaged = error.code in ("label.digits", "label.size")
        return DocumentRead(alone("label.malformed" if damaged else "not-a-label"))
    if not trust.by_host(url.host):
        return DocumentRead(alone("label.foreign-host", host=url.host))
    if url.kind != "d":
        return DocumentRead(alone("not-a-label"))
    if card is None:
        return DocumentRead(alone("unavailable"))
    examined = examine_card(card, trust=trust, now_s=now_s, asked=asked)
    if examined.opened is None:
        return DocumentRead(examined.verdict)
    if not is_at_host(examined.opened.ledger, url, trust):
        return DocumentRead(alone("unavailable", why=OTHER_LEDGER))
    path = state_path(examined.opened.ledger, Kind.DOCUMENT.value, url.name)
    parts = parts_of(path, examined.reached)
    try:
        freshness = Freshness(trust.fresh_h, trust.check_h)
        verdict = _state_of(
            url.name, parts, examined, asked=asked or Asked(), now_s=now_s, freshness=freshness
        )
        if url.cose is None:
            return DocumentRead(weigh(verdict, "label.code-only", passed=True))
        return _judge(url, verdict, parts[0].record if parts else None, examined, tables)
    except MalformedError as error:
        # A record may be proved and yet name days that none are.
        return DocumentRead(failed(error, Steps()))


def _judge(
    url: LabelUrl, verdict: Verdict, record: OpenRecord | None, examined: Examined, tables: Tables
) -> DocumentRead:
    opened = examined.opened
    if opened is None:
        return DocumentRead(verdict)
    try:
        sealed = open_sealed(
            url.cose or b"",
            state=opened.state,
            ledger=opened.ledger,
            size_max=DOCUMENT_BYTES_MAX,
            context=DOCUMENT_CONTEXT,
            since=_entered_at(record),
        )
        payload = decode_document(sealed)
    except MalformedError:
        return DocumentRead(weigh(verdict, "label.malformed"))
    except ProofError as error:
        reason = error.code if error.code.startswith("label.") else "label.altered"
        return DocumentRead(weigh(verdict, reason))
    if payload.name != url.name:
        return DocumentRead(weigh(verdict, "label.other-lot"), payload)
    if record is not None and not _says_same(payload, record, tables):
        return DocumentRead(weigh(verdict, "label.differs"), payload)
    return DocumentRead(weigh(verdict, "", passed=True), payload)


def _entered_at(record: OpenRecord | None) -> int | None:
    state = record.state if record is not None else None
    return state.entered_at if isinstance(state, DocumentState) else None


def _state_of(
    name: str,
    parts: tuple[Reached, ...],
    examined: Examined,
    *,
    asked: Asked,
    now_s: int,
    freshness: Freshness,
) -> Verdict:
    """Return what the ledger says of the document itself, before the label is looked at."""
    if examined.opened is None or examined.verdict.document == name:
        return examined.verdict
    verdict = examined.opened.verdict(now_s=now_s)
    verdict = replace(verdict, checks=examined.verdict.checks)
    if not parts:
        return replace(verdict, outcome=Outcome.UNDECIDED)
    judged = judge_document(
        parts,
        name=name,
        as_of=examined.opened.anchor.closing.at,
        now_s=now_s,
        freshness=freshness,
        is_behind=asked.is_behind(examined.opened.anchor),
    )
    found = verdict.with_level(judged.level, judged.reason, judged.params)
    paper = paper_of(parts, name=name)
    return replace(found, findings=judged.findings, document=name, paper=paper)


def _says_same(payload: DocumentPayload, record: OpenRecord, tables: Tables) -> bool:
    state = record.state
    if not isinstance(state, DocumentState):
        return False
    last = last_day_of(tables, payload.name, state)
    until = text.parse_day(last) if last is not None else None
    rows = tuple(row_numbers(row, tables) for row in state.rows)
    return payload.until_day == until and payload.rows == rows


def row_numbers(row: DocumentRow, tables: Tables) -> tuple[int, int, int, int, int]:
    """Return taxon, term, source, quantity and unit of a row as its label has them.

    All but the quantity are numbers of `tables`; 0 stands for what they do not have.
    """
    taxon, term = tables.taxon(row.taxon), tables.term(row.term)
    source, unit = tables.source(row.source), tables.unit(row.unit)
    named = [item.number if item is not None else 0 for item in (taxon, term, source, unit)]
    return named[0], named[1], named[2], row.quantity, named[3]
