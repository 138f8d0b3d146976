"""Rules on the use of documents: on its days, for its rows, and no more than it covers.

Owns the balance of a document: what passed under it, by the word of the traders. A use never
refuses a statement; what does not fit is a finding on the lot that came with it. Sources: CITES
Art. VI; Reg. (EC) 865/2006, Art. 10; frauds F05, F09, F28.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.custody.documents import DocumentRow, DocumentState
from ledger.custody.goods import Measure, Row
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered
from ledger.custody.rules.goods import DAY_S, same_taxon
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject
from ledger.reference.tables import Tables

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

RULES = (
    Rule("document.other-holder", "check", "A document is used by the party that it names."),
    Rule("document.outside-days", "check", "A document is used on one of its days."),
    Rule("document.not-covered", "check", "A document has a row for the goods that it covers."),
    Rule("document.overdrawn", "stop", "No more passes under a document than it covers."),
)

Line = tuple[str, str, str, str, str]
"""Taxon, term, unit, source and origin of a document's row, as the document writes them."""


@dataclass(frozen=True, slots=True)
class Use:
    """A lot that passes under a document for the first time."""

    code: str
    document: str
    contents: tuple[Row, ...]
    also: tuple[Measure, ...]


def uses(signed: Signed, draft: Draft) -> Iterator[Use]:
    """Yield each use of a document that the statement makes, in the order of its lots.

    A lot, or what it was split from, passes under one document once.
    """
    event = signed.event
    if isinstance(event, LotRegistered) and event.basis is Basis.IMPORT:
        for i, new in enumerate(event.lots):
            for name in sorted(set(new.documents)):
                yield Use(signed.code_of(i), name, new.contents, new.also)
    elif isinstance(event, LotExported | LotImported):
        for code in event.lots:
            lot = draft.lot(code)
            if lot is not None and event.document not in lot.drawn:
                yield Use(code, event.document, lot.contents, lot.also)


def check_uses(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield the findings on lots that a document does not cover.

    (1) it is the signer's, where it names a holder, (2) on its days, (3) its rows, (4) its balance.
    """
    passed: dict[str, Counter[Line]] = {}
    for use in uses(signed, draft):
        state = draft.document(use.document)
        if state is None:
            continue
        lot = Subject(Kind.LOT, use.code)
        if not is_holder(state, signed.party):
            yield Flag(lot, "document.other-holder", Severity.CHECK)
            continue
        if not _on_its_days(state, day_of(signed)):
            yield Flag(lot, "document.outside-days", Severity.CHECK)
        if not state.rows:
            continue
        taken = draw_of(draft.tables, state, use)
        if len(taken) < len(use.contents):
            yield Flag(lot, "document.not-covered", Severity.CHECK)
        so_far = passed.setdefault(use.document, balance_of(state))
        for line, quantity in taken:
            so_far[line] += quantity
        covered = covered_by(state)
        if any(so_far[line] > covered[line] for line, _ in taken):
            yield Flag(lot, "document.overdrawn", Severity.STOP)


def is_holder(state: DocumentState, party: str) -> bool:
    """Return whether the document is the party's to use: it names that party, or nobody.

    Others draw nothing from it, so that nobody can use up the document of another.
    """
    holder = state.paper.holder if state.paper is not None else None
    return holder in (None, party)


def draw_of(tables: Tables, state: DocumentState, use: Use) -> tuple[tuple[Line, int], ...]:
    """Return what the use draws from which line, for each row of the lot that one covers.

    Goods of one row may be covered in the unit of another measure of theirs: kg beside pieces.
    """
    drawn: list[tuple[Line, int]] = []
    for row in use.contents:
        measures = {row.unit: row.quantity}
        if len(use.contents) == 1:
            measures = {measure.unit: measure.quantity for measure in use.also} | measures
        fits = (r for r in state.rows if r.unit in measures and _is_alike(tables, r, row))
        best = next(fits, None)
        if best is not None:
            drawn.append((_line(best), measures[best.unit]))
    return tuple(drawn)


def balance_of(state: DocumentState) -> Counter[Line]:
    """Return what passed under the document so far, by line."""
    return Counter({_line(row): row.quantity for row in state.drawn})


def covered_by(state: DocumentState) -> Counter[Line]:
    """Return what the document covers, by line."""
    covered: Counter[Line] = Counter()
    for row in state.rows:
        covered[_line(row)] += row.quantity
    return covered


def day_of(signed: Signed) -> str:
    """Return the day of the act, `YYYY-MM-DD`: as stated, else in UTC."""
    if signed.day is not None:
        return signed.day
    seconds = signed.at if signed.when is None else signed.when
    return date.fromordinal(_EPOCH_ORDINAL + seconds // DAY_S).isoformat()


def _on_its_days(state: DocumentState, day: str) -> bool:
    return (state.from_day or day) <= day <= (state.until_day or day)


def _is_alike(tables: Tables, covered: DocumentRow, row: Row) -> bool:
    same = (covered.term, covered.source, covered.origin) == (row.term, row.source, row.origin)
    return same and same_taxon(tables, covered.taxon, row.taxon)


def _line(row: DocumentRow | Row) -> Line:
    return (row.taxon, row.term, row.unit, row.source, row.origin)
