"""Rules on due-diligence references (EUDR): the plots that they name, and how they are amended.

Owns the question whether goods come from a plot that their reference names: the plot of a lot is
its own, or those of what it was made of. A reference is amended under its number within 72 hours,
while nothing rests on it; from the day on which it is withdrawn or rejected it covers nothing.
Sources: EUDR (Reg. 2023/1115); EC EUDR API and UI validation rules v1.3; EC Operator API Reference
v1.0 (statuses); fraud F31.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.documents import (
    DocumentRecorded,
    DocumentState,
    Paper,
    ReferenceRestored,
    ReferenceWithdrawn,
)
from ledger.custody.lots import LotRegistered, LotState
from ledger.custody.rules import offices
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import DAY_S, country_of
from ledger.custody.rules.papers import Use, is_reference
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

AMEND_S = 3 * DAY_S
PLOTS_MAX = 500
ANCESTORS_MAX = 1_000
"""Of how many lots the plots are asked, nearest first."""
_CONFIRMED = ("issued", "attested")

RULES = (
    Rule("document.plots", "refuse", "A reference names plots of this ledger, each once."),
    Rule("document.amended", "refuse", "A reference is amended within 72 hours, while unused."),
    Rule(
        "document.other-plot", "stop, check", "Goods come from a plot that their reference names."
    ),
    Rule("document.plots-beyond", "note", "Plots are asked of the nearest 1,000 lots."),
    Rule("reference.kind", "refuse", "Only a due-diligence reference is withdrawn."),
    Rule("reference.not-own", "refuse", "A reference is withdrawn by its operator or an office."),
    Rule("reference.state", "refuse", "A reference is withdrawn once, and restored afterwards."),
    Rule("reference.reason", "refuse", "Who withdraws or restores a reference says why."),
    Rule("reference.withdrawn", "stop, check", "A withdrawn reference covers nothing."),
    Rule("reference.used-after", "stop, check", "A reference is not used once it is withdrawn."),
)


def check_plots(draft: Draft, paper: Paper, *, name: str) -> Iterator[Refusal]:
    """Yield a refusal unless each plot that a paper names is one of this ledger."""
    facts: dict[str, str | int] = {"document": name, "plots_max": PLOTS_MAX}
    if len(set(paper.plots)) != len(paper.plots) or len(paper.plots) > PLOTS_MAX:
        yield Refusal("document.plots", facts)
    for plot in paper.plots:
        state = draft.facility(plot)
        if state is None:
            yield Refusal("facility.unknown", {"facility": plot})
        elif state.kind != "plot":
            yield Refusal("document.plots", facts)


def is_amendable(signed: Signed, known: DocumentState) -> bool:
    """Return whether who recorded a reference may still say it anew under the same number."""
    event = signed.event
    is_own = known.status == "recorded" and known.by == signed.party
    is_used = bool(known.drawn) or bool(known.shown) or known.referenced
    return (
        isinstance(event, DocumentRecorded)
        and is_reference(event.document)
        and is_own
        and not is_used
        and known.withdrawn is None
        and signed.at - known.entered_at <= AMEND_S
    )


def check_withdrawn(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a reference cannot be withdrawn or restored, and what stands on it afterwards.

    (1) it is a reference, (2) of the signer, or of a country of its office, (3) it stands, or was
    withdrawn, (4) and the signer says why. An office's word is a stop, its operator's own a check.
    """
    event = signed.event
    if not isinstance(event, ReferenceWithdrawn | ReferenceRestored):
        return
    name = event.document
    known = draft.document(name)
    if known is None:
        yield Refusal("document.unknown", {"document": name})
        return
    if not is_reference(name):
        yield Refusal("reference.kind", {"document": name})
    is_office = _is_of_office(draft, signed.party, name, known)
    ends = isinstance(event, ReferenceWithdrawn)
    if not is_office and not _is_of_operator(known, signed.party, ends=ends):
        yield Refusal("reference.not-own", {"document": name, "party": signed.party})
    if ends is (known.withdrawn is not None) or known.status in ("cancelled", "replaced"):
        status = known.withdrawn.status.value if known.withdrawn is not None else known.status
        yield Refusal("reference.state", {"document": name, "status": status})
    if not event.reason.strip():
        yield Refusal("reference.reason", {"document": name})
    if ends:
        severity = Severity.STOP if is_office else Severity.CHECK
        yield Flag(Subject(Kind.DOCUMENT, name), "reference.withdrawn", severity)


def check_standing(
    signed: Signed, draft: Draft, subject: Subject, *, document: str
) -> Iterator[Flag]:
    """Yield a finding where goods use a reference from the day on which it was withdrawn.

    Or one that names another reference which was. Judged on the day of the act: what was brought
    to market before waits on the reference itself.
    """
    state = draft.document(document) if is_reference(document) else None
    if state is None:
        return
    day = day_of(signed)
    if state.withdrawn is not None and day >= state.withdrawn.day:
        yield Flag(subject, "reference.used-after", Severity.STOP)
    rests_on = state.paper.rests_on if state.paper is not None else ()
    older = (draft.document(name) for name in rests_on if is_reference(name))
    if any(o is not None and o.withdrawn is not None and day >= o.withdrawn.day for o in older):
        yield Flag(subject, "reference.used-after", Severity.CHECK)


def check_origin(signed: Signed, draft: Draft, use: Use) -> Iterator[Flag]:
    """Yield a finding on a lot that comes from a plot which its reference does not name."""
    if not is_reference(use.document):
        return
    event = signed.event
    if not isinstance(event, LotRegistered):
        yield from check_plots_of(draft, use.code, (use.document,))
        return
    new = (lot for i, lot in enumerate(event.lots) if signed.code_of(i) == use.code)
    places = {lot.facility for lot in new if lot.facility is not None}
    yield from _compared(draft, use.code, (use.document,), places)


def check_plots_of(draft: Draft, code: str, references: Iterable[str]) -> Iterator[Flag]:
    """Yield a finding on a lot that comes from a plot which none of its references names.

    What a party says of its own reference is a check; where an officer or the issuer confirmed all
    of them, a stop. Who was made of more than are asked has a note.
    """
    names = tuple(references)
    if _plots_named(draft, names) is None:
        return
    grown = tuple(ancestors(draft, code))
    yield from _compared(draft, code, names, {lot.facility for lot in grown if lot.facility})
    if len(grown) >= ANCESTORS_MAX:
        yield Flag(Subject(Kind.LOT, code), "document.plots-beyond", Severity.NOTE)


def ancestors(draft: Draft, code: str) -> Iterator[LotState]:
    """Yield a lot and what it was made of, nearest first, up to where goods grew."""
    ahead, seen = deque([code]), {code}
    while ahead and len(seen) <= ANCESTORS_MAX:
        lot = draft.lot(ahead.popleft())
        if lot is None:
            continue
        yield lot
        if lot.facility is not None and _is_plot(draft, lot.facility):
            continue
        new = [parent for parent in lot.parents if parent not in seen]
        seen.update(new)
        ahead.extend(new)


def _compared(
    draft: Draft, code: str, references: tuple[str, ...], places: Iterable[str]
) -> Iterator[Flag]:
    """Compare the plots among some places with those that all references together name."""
    named = _plots_named(draft, references)
    if named is None:
        return
    if not named.issuperset(place for place in places if _is_plot(draft, place)):
        states = (draft.document(name) for name in references)
        confirmed = all(state is not None and state.status in _CONFIRMED for state in states)
        severity = Severity.STOP if confirmed else Severity.CHECK
        yield Flag(Subject(Kind.LOT, code), "document.other-plot", severity)


def _plots_named(draft: Draft, references: tuple[str, ...]) -> frozenset[str] | None:
    """Return the plots that references name together, None where one of them names none."""
    states = (draft.document(name) for name in references)
    named = [s.paper.plots if s is not None and s.paper is not None else () for s in states]
    if not named or not all(named):
        return None
    return frozenset(plot for plots in named for plot in plots)


def _is_of_office(draft: Draft, party: str, name: str, known: DocumentState) -> bool:
    """Return whether the party decides on the paper for a country: of its name, or its operator."""
    operator = draft.party(known.by) if known.by is not None else None
    countries = (country_of(name), operator.country if operator is not None else None)
    has_power = offices.has_power(draft, party, "documents")
    return has_power and offices.reaches(draft, party, *countries)


def _is_of_operator(known: DocumentState, party: str, *, ends: bool) -> bool:
    """Return whether the reference is the party's own, and its own word what it takes back."""
    holder = known.paper.holder if known.paper is not None else None
    own = holder == party or (holder is None and known.by == party)
    return own and (ends or known.withdrawn_by == party)


def _is_plot(draft: Draft, name: str) -> bool:
    state = draft.facility(name)
    return state is not None and state.kind == "plot"


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    ReferenceWithdrawn: (check_withdrawn,),
    ReferenceRestored: (check_withdrawn,),
}
