"""Rules on documents: their names, who issues them, and what their rows may say.

Owns the form `CC/KIND/NUMBER` and the question whose document it is. What a document covers is
judged where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    Paper,
)
from ledger.custody.goods import Row
from ledger.custody.replacing import replace
from ledger.custody.rules import goods, marks
from ledger.custody.rules.permit_marks import check_marks
from ledger.custody.rules.quotas import check_quotas
from ledger.custody.rules.suspensions import check_crossings
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

ROWS_MAX = 100
"""The most rows of one document."""
# CC "/" KIND "/" NUMBER: capitals, no outer and no double space, at most 96 characters.
_NAME = re.compile(
    r"([A-Z]{2})/[A-Z][A-Z0-9-]{0,31}/(?=.{1,60}\Z)[0-9A-Z._/()#+-]+(?: [0-9A-Z._/()#+-]+)*"
)
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")

RULES = (
    Rule("document.name", "refuse", "A document is named CC/KIND/NUMBER, in capitals."),
    Rule("document.exists", "refuse", "A document is entered once; its issuer may confirm a copy."),
    Rule("document.not-issued-by", "refuse", "A document is issued and cancelled by its country."),
    Rule("document.days", "refuse", "A document's first day is not after its last."),
    Rule("document.rows", "refuse", "A document has at most 100 rows."),
    Rule("document.reason", "refuse", "Who cancels a document says why."),
    Rule("document.purpose", "refuse", "A purpose is one of the CITES purpose codes."),
    Rule("document.holder", "refuse", "A holder that is named is a party of this ledger."),
    Rule("document.cancelled", "stop", "A cancelled document stops what rests on it."),
)


def check_issued(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the document cannot be issued: (1) name, (2) issuer, (3) standing, (4) paper."""
    event = signed.event
    if not isinstance(event, DocumentIssued):
        return
    yield from _check_name(draft, event.document)
    yield from _check_issuer(signed, draft, event.document)
    known = draft.document(event.document)
    if known is not None and known.status != "recorded":
        yield Refusal("document.exists", {"document": event.document, "status": known.status})
    yield from _check_paper(signed, draft, event.paper, name=event.document)


def check_recorded(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the document cannot be recorded as a copy."""
    event = signed.event
    if not isinstance(event, DocumentRecorded):
        return
    yield from _check_name(draft, event.document)
    known = draft.document(event.document)
    if known is not None:
        yield Refusal("document.exists", {"document": event.document, "status": known.status})
    yield from _check_paper(signed, draft, event.paper, name=event.document)


def check_cancelled(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the document cannot be cancelled; a stop stands on it afterwards."""
    event = signed.event
    if not isinstance(event, DocumentCancelled):
        return
    known = draft.document(event.document)
    if known is None:
        yield Refusal("document.unknown", {"document": event.document})
        return
    yield from _check_issuer(signed, draft, event.document)
    if known.status in ("cancelled", "replaced"):
        facts: dict[str, str | int] = {"document": event.document, "status": known.status}
        yield Refusal("document.not-in-force", facts)
    if not event.reason.strip():
        yield Refusal("document.reason", {"document": event.document})
    subject = Subject(Kind.DOCUMENT, event.document)
    yield Flag(subject, "document.cancelled", Severity.STOP)


def _check_name(draft: Draft, name: str) -> Iterator[Refusal]:
    found = _NAME.fullmatch(name)
    if found is None:
        yield Refusal("document.name", {"document": name[:96]})
    else:
        yield from goods.check_country(draft, found.group(1))


def _check_issuer(signed: Signed, draft: Draft, name: str) -> Iterator[Refusal]:
    party = draft.party(signed.party)
    if party is None or party.country != name.partition("/")[0]:
        yield Refusal("document.not-issued-by", {"document": name, "party": signed.party})


def _check_paper(signed: Signed, draft: Draft, paper: Paper, *, name: str) -> Iterator[Remark]:
    days = [day for day in (paper.from_day, paper.until_day) if day is not None]
    if any(_DAY.fullmatch(day) is None for day in days) or sorted(days) != days:
        yield Refusal("document.days", {"document": name})
    if paper.holder is not None and draft.party(paper.holder) is None:
        yield Refusal("document.holder", {"party": paper.holder})
    if paper.purpose is not None and draft.tables.purpose(paper.purpose) is None:
        yield Refusal("document.purpose", {"purpose": paper.purpose})
    for country in (paper.from_country, paper.to_country):
        if country is not None:
            yield from goods.check_country(draft, country)
    if len(paper.rows) > ROWS_MAX:
        yield Refusal("document.rows", {"rows": len(paper.rows), "rows_max": ROWS_MAX})
    elif paper.rows:
        yield from _check_rows(signed, draft, paper, name=name)


def _check_rows(signed: Signed, draft: Draft, paper: Paper, *, name: str) -> Iterator[Remark]:
    """A document's rows obey the rules of goods; what is odd about them stands on the document."""
    rows = tuple(
        Row(row.taxon, row.term, row.quantity, row.unit, row.source, row.origin)
        for row in paper.rows
    )
    for remark in goods.check_rows(signed, draft, rows=rows, code=name):
        if isinstance(remark, Flag):
            yield replace(remark, subject=Subject(Kind.DOCUMENT, name))
        else:
            yield remark
    for row in paper.rows:
        yield from marks.check_form(row.marks)


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    DocumentIssued: (check_issued, check_marks, check_quotas, check_crossings),
    DocumentRecorded: (check_recorded, check_marks),
    DocumentCancelled: (check_cancelled,),
}
