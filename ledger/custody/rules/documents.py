"""Rules on documents: their names, who issues them, and what their rows may say.

Owns the form `CC/KIND/NUMBER` and the question whose document it is. What a document covers is
judged where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Check
from ledger.custody.documents import (
    DOCUMENT_NAME,
    DocumentAttested,
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Paper,
)
from ledger.custody.goods import Row, count
from ledger.custody.rules import (
    boxes,
    diligence,
    goods,
    ivory,
    kinds,
    marks,
    near_numbers,
    offices,
    openings,
    origin_permits,
    validity,
)
from ledger.custody.rules.blanks import check_blanks
from ledger.custody.rules.boxes import Boxes, check_boxes
from ledger.custody.rules.days import day_of, is_day, log_day
from ledger.custody.rules.goods import country_of
from ledger.custody.rules.group_names import check_group_names
from ledger.custody.rules.in_place import is_more
from ledger.custody.rules.lines import lines_of
from ledger.custody.rules.near_numbers import check_near
from ledger.custody.rules.openings import check_opening
from ledger.custody.rules.origin_papers import check_origin_paper
from ledger.custody.rules.origin_permits import check_origin_permits
from ledger.custody.rules.papers import is_reference
from ledger.custody.rules.permit_marks import check_marks
from ledger.custody.rules.quota_forms import check_forms
from ledger.custody.rules.quotas import check_quotas
from ledger.custody.rules.sturgeon import check_sturgeon
from ledger.custody.rules.suspensions import check_crossings
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

ROWS_MAX = 100
"""The most rows of one document."""
MARKS_MAX = 10_000
"""The most marks on one document: each hundred of them have a register of their own."""
AHEAD_S = 14 * 3_600
"""How far local time runs ahead of UTC at most."""
SEEN = ("original", "electronic", "issuer")
"""What an officer saw: the paper, its electronic form, or the issuer's answer."""

NOT_CONFIRMED, NO_LAST_DAY = "document.not-confirmed", "document.no-last-day"

RULES = (
    *boxes.RULES,
    *ivory.RULES,
    *kinds.RULES,
    *openings.RULES,
    *near_numbers.RULES,
    *origin_permits.RULES,
    Rule("document.name", "refuse", "A document is named CC/KIND/NUMBER, in capitals."),
    Rule("document.exists", "refuse", "A document is entered once; its issuer may confirm a copy."),
    Rule("document.not-issued-by", "refuse", "A document is issued and cancelled by its country."),
    Rule("document.days", "refuse", "A document's first day is not after its last."),
    Rule("document.rows", "refuse", "A document has at most 100 rows."),
    Rule("document.reason", "refuse", "Who cancels or replaces a document says why."),
    Rule("document.purpose", "refuse", "A purpose is one of the CITES purpose codes."),
    Rule("document.holder", "refuse", "A holder that is named is a party of this ledger."),
    Rule("document.cancelled", "stop", "A cancelled document stops what rests on it."),
    Rule("document.not-confirmed", "note", "A copy waits for its issuer or an officer."),
    Rule("document.no-last-day", "check", "A copy of a paper that ends says when it was issued."),
    Rule("document.copy-differs", "check", "A copy says what the issuer's document says."),
    Rule("document.not-a-copy", "refuse", "An officer confirms a recorded copy, by what it saw."),
    Rule("document.judged", "refuse", "Nobody confirms a copy of one's own."),
    Rule("document.replaced-itself", "refuse", "A document is replaced by another one."),
    Rule(
        "document.replaced-more",
        "check",
        "A replacement repeats the old document, or covers what it had left.",
    ),
)


def check_issued(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the document cannot be issued: (1) name, (2) issuer, (3) standing, (4) paper."""
    event = signed.event
    if not isinstance(event, DocumentIssued):
        return
    yield from check_name(draft, event.document)
    yield from check_issuer(signed, draft, event.document)
    known = draft.document(event.document)
    if known is not None and known.status not in ("recorded", "attested"):
        yield Refusal("document.exists", {"document": event.document, "status": known.status})
    yield from _check_paper(signed, draft, event.paper, name=event.document)
    if known is not None and _differs(known, event.paper):
        subject = Subject(Kind.DOCUMENT, event.document)
        yield Flag(subject, "document.copy-differs", Severity.CHECK)
    yield from _check_used_before(signed, known, event.paper, name=event.document)


def check_recorded(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the document cannot be recorded as a copy."""
    event = signed.event
    if not isinstance(event, DocumentRecorded):
        return
    yield from check_name(draft, event.document)
    known = draft.document(event.document)
    if known is not None and not diligence.is_amendable(signed, known):
        is_own = is_reference(event.document) and known.by == signed.party
        rule = "document.amended" if is_own else "document.exists"
        yield Refusal(rule, {"document": event.document, "status": known.status})
    yield from _check_paper(signed, draft, event.paper, name=event.document)
    subject = Subject(Kind.DOCUMENT, event.document)
    yield Flag(subject, NOT_CONFIRMED, Severity.NOTE)
    kind = draft.tables.document_kind(event.document)
    ends = kind is not None and kind.months is not None
    said = (event.paper.issued_day, event.paper.from_day, event.paper.until_day)
    if ends and said == (None, None, None):
        yield Flag(subject, NO_LAST_DAY, Severity.CHECK)


def check_attested(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a copy cannot be confirmed.

    (1) it is there and a copy, (2) the officer says what it saw, (3) it neither recorded the copy
    nor holds the document, (4) and the document touches a country of its scope.
    """
    event = signed.event
    if not isinstance(event, DocumentAttested):
        return
    known = draft.document(event.document)
    if known is None:
        yield Refusal("document.unknown", {"document": event.document})
        return
    facts: dict[str, str | int] = {"document": event.document}
    if known.status != "recorded" or event.basis not in SEEN:
        yield Refusal("document.not-a-copy", {**facts, "status": known.status})
    holder = known.paper.holder if known.paper is not None else None
    if signed.party in (known.by, holder):
        yield Refusal("document.judged", {**facts, "party": signed.party})
    recorder = draft.party(known.by) if known.by is not None else None
    paper = known.paper or Paper()
    countries = [country_of(event.document), paper.from_country, paper.to_country]
    countries.append(recorder.country if recorder is not None else None)
    if not offices.reaches(draft, signed.party, *countries):
        yield Refusal("office.other-country", {"lot": event.document, "party": signed.party})


def check_replaced(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a document cannot take another one's place; both are the issuer's."""
    event = signed.event
    if not isinstance(event, DocumentReplaced):
        return
    yield from check_name(draft, event.document)
    for name in (event.document, event.replaces):
        yield from check_issuer(signed, draft, name)
    if event.document == event.replaces:
        yield Refusal("document.replaced-itself", {"document": event.document})
    yield from goods.check_documents(draft, (event.replaces,))
    known = draft.document(event.document)
    if known is not None and known.status not in ("recorded", "attested"):
        yield Refusal("document.exists", {"document": event.document, "status": known.status})
    if not event.reason.strip():
        yield Refusal("document.reason", {"document": event.replaces})
    yield from _check_paper(signed, draft, event.paper, name=event.document)
    yield from _check_used_before(signed, known, event.paper, name=event.document)
    old = draft.document(event.replaces)
    if old is not None and old.rows and is_more(old, event.paper):
        subject = Subject(Kind.DOCUMENT, event.document)
        yield Flag(subject, "document.replaced-more", Severity.CHECK)


def check_cancelled(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the document cannot be cancelled; a stop stands on it afterwards."""
    event = signed.event
    if not isinstance(event, DocumentCancelled):
        return
    known = draft.document(event.document)
    if known is None:
        yield Refusal("document.unknown", {"document": event.document})
        return
    yield from check_issuer(signed, draft, event.document)
    # What a State seized stays seized: its record is no paper that its issuer may take back.
    if known.status in ("cancelled", "replaced", "seized"):
        facts: dict[str, str | int] = {"document": event.document, "status": known.status}
        yield Refusal("document.not-in-force", facts)
    if not event.reason.strip():
        yield Refusal("document.reason", {"document": event.document})
    subject = Subject(Kind.DOCUMENT, event.document)
    yield Flag(subject, "document.cancelled", Severity.STOP)


def check_name(draft: Draft, name: str) -> Iterator[Refusal]:
    """Yield a refusal unless `name` is that of a document, of a country that is known."""
    found = DOCUMENT_NAME.fullmatch(name)
    if found is None:
        yield Refusal("document.name", {"document": name[:96]})
    else:
        yield from goods.check_country(draft, found.group(1))


def check_issuer(signed: Signed, draft: Draft, name: str) -> Iterator[Refusal]:
    """Yield a refusal unless the signer's party is of the document's country."""
    party = draft.party(signed.party)
    if party is None or party.country != country_of(name):
        yield Refusal("document.not-issued-by", {"document": name, "party": signed.party})


def _check_paper(signed: Signed, draft: Draft, paper: Paper, *, name: str) -> Iterator[Remark]:
    yield from _check_days(signed, paper, name=name)
    if paper.holder is not None and draft.party(paper.holder) is None:
        yield Refusal("document.holder", {"party": paper.holder})
    if paper.purpose is not None and draft.tables.purpose(paper.purpose) is None:
        yield Refusal("document.purpose", {"purpose": paper.purpose})
    for country in (paper.from_country, paper.to_country):
        if country is not None:
            yield from goods.check_country(draft, country)
    if paper.rows:
        yield from check_rows(signed, draft, paper.rows, name=name)
    yield from goods.check_documents(draft, paper.rests_on)
    by_issuer = not isinstance(signed.event, DocumentRecorded)
    issued = paper.issued_day or (day_of(signed) if by_issuer else None)
    filled = Boxes(name, draft.tables.document_kind(name), paper, issued)
    entered = log_day(signed.at)
    yield from kinds.check_kind(filled)
    yield from diligence.check_plots(draft, paper, name=name)
    yield from check_boxes(draft, filled, by_issuer=by_issuer, entered_day=entered)
    yield from ivory.check_exemption(draft, filled, by_issuer=by_issuer)


def _check_days(signed: Signed, paper: Paper, *, name: str) -> Iterator[Refusal]:
    """A document's days are days, in their order, and it is not issued after it is entered."""
    term = [day for day in (paper.from_day, paper.until_day) if day is not None]
    others = [row.origin_day for row in paper.rows] + [row.last_day for row in paper.rows]
    others += [row.acquired for row in paper.rows]
    issued = paper.issued_day
    all_days = [day for day in (*term, issued, *others) if day is not None]
    is_sound = all(map(is_day, all_days)) and sorted(term) == term
    # Where the office is, the next day may have begun before it begins in UTC.
    if not is_sound or (issued or "") > max(day_of(signed), log_day(signed.at + AHEAD_S)):
        yield Refusal("document.days", {"document": name})


def check_rows(
    signed: Signed, draft: Draft, lines: tuple[DocumentRow, ...], *, name: str
) -> Iterator[Remark]:
    """Yield what is wrong with the rows as goods; what is odd about them stands on the document."""
    if len(lines) > ROWS_MAX:
        yield Refusal("document.rows", {"rows": len(lines), "rows_max": ROWS_MAX})
        return
    named = sum(count(row.marks) for row in lines)
    if named > MARKS_MAX:
        yield Refusal("mark.too-many", {"marks": named, "marks_max": MARKS_MAX})
        return
    rows = tuple(
        Row(row.taxon, row.term, row.quantity, row.unit, row.source, row.origin) for row in lines
    )
    for remark in goods.check_rows(signed, draft, rows=rows, code=name):
        if isinstance(remark, Flag):
            yield replace(remark, subject=Subject(Kind.DOCUMENT, name))
        else:
            yield remark
    for row in lines:
        yield from marks.check_form(row.marks)
        if row.last_country is not None:
            yield from goods.check_country(draft, row.last_country)


def _check_used_before(
    signed: Signed, known: DocumentState | None, paper: Paper, *, name: str
) -> Iterator[Flag]:
    """Yield a check on a permit of which a copy was used before its issuer issued it.

    Whoever records a copy of a number that does not exist yet would have it stand before the goods
    left. An officer who saw the paper saw that it exists.
    """
    if known is None or known.status != "recorded" or paper.retrospective is not None:
        return
    if validity.is_used_before(known, paper.issued_day or day_of(signed)):
        yield Flag(Subject(Kind.DOCUMENT, name), "document.back-dated", Severity.CHECK)


def _differs(copy: DocumentState, paper: Paper) -> bool:
    """Return whether a copy said more, or longer, than its issuer now says."""
    if not copy.rows and copy.until_day is None:
        return False
    covered = lines_of(paper.rows)
    more = any(quantity > covered[line] for line, quantity in lines_of(copy.rows).items())
    longer = paper.until_day is not None and (copy.until_day or "") > paper.until_day
    return more or longer


_ENTERED: tuple[Check, ...] = (
    check_opening,
    check_blanks,
    check_near,
    check_marks,
    check_quotas,
    check_forms,
    check_group_names,
    check_crossings,
    check_origin_paper,
    check_origin_permits,
    check_sturgeon,
)
"""What is asked of every document that its issuer enters."""
CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    DocumentIssued: (check_issued, *_ENTERED),
    DocumentRecorded: (
        check_recorded,
        check_opening,
        check_blanks,
        check_near,
        check_marks,
        check_origin_paper,
        check_origin_permits,
    ),
    DocumentAttested: (check_attested,),
    DocumentReplaced: (check_replaced, *_ENTERED),
    DocumentCancelled: (check_cancelled,),
}
