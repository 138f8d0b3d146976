"""Rules on security stamps and blank forms: what bears a stolen one stops.

Owns who reports them, and what a document bears: the stamp in box 5b, and the form with its own
number. One stamp stands on one document; that it is so everywhere is not confirmed. Sources:
Res. Conf. 12.3 (security stamps, unconfirmed details: check only); fraud F07.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.blanks import BlanksReported, BlankState, BlankStatus
from ledger.custody.decide import Check
from ledger.custody.documents import DocumentIssued, DocumentRecorded, DocumentReplaced, Paper
from ledger.custody.goods import expand
from ledger.custody.rules import goods, marks
from ledger.custody.rules.goods import country_of
from ledger.custody.rules.permit_marks import GONE
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

STAMP = "STAMP"
# A number as it is printed, in capitals: as the text of a mark.
_TEXT = re.compile(r"[A-Z0-9]+(?:[-./ ][A-Z0-9]+)*")

RULES = (
    Rule("blank.report", "refuse", "A report names stamps, or forms of a kind of document."),
    Rule("blank.not-own", "refuse", "An authority reports stamps and forms of its country."),
    Rule("blank.stolen", "stop", "No document bears a stolen stamp, or is a stolen form."),
    Rule("blank.twice", "check", "A security stamp stands on one document."),
)


def check_reported(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a report cannot stand, and a stop on each document that bears what was stolen.

    (1) the office is of the country, (2) the numbers are in sorted ranges, at most 1,000, (3) of
    stamps or of a kind of document, (4) and it says why.
    """
    event = signed.event
    if not isinstance(event, BlanksReported):
        return
    yield from goods.check_country(draft, event.country)
    party = draft.party(signed.party)
    if party is None or party.country != event.country:
        yield Refusal("blank.not-own", {"country": event.country, "party": signed.party})
    yield from marks.check_form(event.ranges)
    schemes = {one.scheme for one in event.ranges}
    known = all(s == STAMP or _is_form(draft, event.country, s) for s in schemes)
    if not event.ranges or not known or not event.reason.strip():
        yield Refusal("blank.report", {"country": event.country})
    if event.status is BlankStatus.STOLEN:
        for name in dict.fromkeys(n for one in _named(event) for n in bearers(draft, one)):
            yield Flag(Subject(Kind.DOCUMENT, name), "blank.stolen", Severity.STOP)


def check_blanks(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a stop on a document that bears what was stolen, a check where another bears the same.

    Where both were issued, on both.
    """
    event = signed.event
    if not isinstance(event, DocumentIssued | DocumentRecorded | DocumentReplaced):
        return
    own = Subject(Kind.DOCUMENT, event.document)
    states = {
        name: draft.reference(name, BlankState) for name in borne(event.document, event.paper)
    }
    if any(state is not None and state.stolen for state in states.values()):
        yield Flag(own, "blank.stolen", Severity.STOP)
    gone = event.replaces if isinstance(event, DocumentReplaced) else ""
    others = {
        other
        for state in states.values()
        for other in (state.documents if state is not None else ())
        if other not in (event.document, gone) and _in_force(draft, other)
    }
    if others:
        yield Flag(own, "blank.twice", Severity.CHECK)
    is_issued = not isinstance(event, DocumentRecorded)
    for other in sorted(others if is_issued else ()):
        state = draft.document(other)
        if state is not None and state.status != "recorded":
            yield Flag(Subject(Kind.DOCUMENT, other), "blank.twice", Severity.CHECK)


def borne(document: str, paper: Paper) -> tuple[str, ...]:
    """Return the names of the records of what a document bears: its form, and its stamp."""
    stamp = stamp_of(document, paper)
    form = f"blanks/{document}"
    return (form,) if stamp is None else (form, stamp)


def stamp_of(document: str, paper: Paper) -> str | None:
    """Return the name of the record of a document's stamp, None where it has none, or no number."""
    typed = " ".join((paper.stamp or "").upper().split())
    if _TEXT.fullmatch(typed) is None or len(typed) > 60:
        return None
    return f"blanks/{country_of(document)}/{STAMP}/{typed}"


def bearers(draft: Draft, name: str) -> tuple[str, ...]:
    """Return the documents that bear a stamp, or the one that is a form."""
    form = name.removeprefix("blanks/")
    if draft.document(form) is not None:
        return (form,)
    state = draft.reference(name, BlankState)
    return state.documents if state is not None else ()


def _named(event: BlanksReported) -> Iterator[str]:
    return (f"blanks/{event.country}/{name}" for name in expand(event.ranges))


def _is_form(draft: Draft, country: str, kind: str) -> bool:
    return draft.tables.document_kind(f"{country}/{kind}/1") is not None


def _in_force(draft: Draft, name: str) -> bool:
    state = draft.document(name)
    return state is not None and state.status not in GONE


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {BlanksReported: (check_reported,)}
