"""Rules on seizures of goods without a lot, and on what becomes of them and of their marks.

Owns the seizure record, a document of its own kind, and its sale by the State, once. Lots that are
seized stand in `control`. Sources: CITES Art. VIII; Res. Conf. 17.8; fraud F37.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.control import SeizureRecorded
from ledger.custody.decide import Check
from ledger.custody.goods import MarkRange, expand
from ledger.custody.lots import Basis, LotRegistered, LotTransformed
from ledger.custody.rules import documents
from ledger.custody.rules.goods import country_of
from ledger.custody.rules.offices import authority_of
from ledger.custody.rules.registration import returning
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

KIND = "SEIZURE"
RULES = (
    Rule("seizure.name", "refuse", "A seizure is named CC/SEIZURE/NUMBER, of the own country."),
    Rule("seizure.shown-with", "check", "Goods that were shown with a document were seized."),
    Rule("seizure.not-own", "refuse", "A State sells what its own authority seized."),
    Rule("seizure.unnamed", "check", "What a State sells names the seizure or the lot."),
    Rule("mark.seized", "stop", "A mark of seized goods stands on no lot."),
)


def check_recorded(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a seizure cannot be recorded; lots that bear its marks are stopped.

    (1) its name is new, and of the officer's country, (2) it says why, (3) its rows are goods, (4)
    and the document that was shown with them is there.
    """
    event = signed.event
    if not isinstance(event, SeizureRecorded):
        return
    yield from documents.check_name(draft, event.document)
    kind = draft.tables.document_kind(event.document)
    party = draft.party(signed.party)
    own = party is not None and party.country == country_of(event.document)
    if kind is None or kind.kind != KIND or not own:
        yield Refusal("seizure.name", {"document": event.document})
    known = draft.document(event.document)
    if known is not None:
        yield Refusal("document.exists", {"document": event.document, "status": known.status})
    if not event.reason.strip():
        yield Refusal("control.reason", {})
    yield from documents.check_rows(signed, draft, event.rows, name=event.document)
    if event.under is not None:
        if draft.document(event.under) is None:
            yield Refusal("document.unknown", {"document": event.under})
        paper = Subject(Kind.DOCUMENT, event.under)
        yield Flag(paper, "seizure.shown-with", Severity.CHECK)
    yield from _check_bearers(draft, tuple(m for row in event.rows for m in row.marks))


def check_sold(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about a sale by the State: whose seizure it was, and which."""
    event = signed.event
    if not isinstance(event, LotRegistered) or event.basis is not Basis.STATE_SALE:
        return
    authority = authority_of(draft, signed.party)
    for i, lot in enumerate(event.lots):
        seizures = [name for name in lot.documents if _is_seizure(draft, name)]
        for name in seizures:
            state = draft.document(name)
            by = authority_of(draft, state.by or "") if state is not None else None
            if by != authority:
                yield Refusal("seizure.not-own", {"document": name, "party": signed.party})
        if not seizures and returning(event, draft) is None:
            sold = Subject(Kind.LOT, signed.code_of(i))
            yield Flag(sold, "seizure.unnamed", Severity.CHECK)


def check_marks(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a stop on each new lot that bears marks of seized goods, but for their own sale."""
    event = signed.event
    if isinstance(event, LotRegistered):
        born = event.lots
    elif isinstance(event, LotTransformed):
        born = event.outputs
    else:
        return
    for i, lot in enumerate(born):
        found = _seized(draft, lot.marks, but=lot.documents)
        if found:
            subject = Subject(Kind.LOT, signed.code_of(i))
            yield Flag(subject, "mark.seized", Severity.STOP, marks=found)


def _check_bearers(draft: Draft, ranges: tuple[MarkRange, ...]) -> Iterator[Flag]:
    bearers: dict[str, list[str]] = {}
    for name in expand(ranges):
        known = draft.mark(name)
        for code in known.lots if known is not None else ():
            bearers.setdefault(code, []).append(name)
    for code, names in sorted(bearers.items()):
        subject = Subject(Kind.LOT, code)
        yield Flag(subject, "mark.seized", Severity.STOP, marks=tuple(sorted(names)))


def _seized(
    draft: Draft, ranges: tuple[MarkRange, ...], *, but: tuple[str, ...]
) -> tuple[str, ...]:
    known = ((name, draft.mark(name)) for name in expand(ranges))
    return tuple(
        sorted(n for n, mark in known if mark and mark.seized_in and mark.seized_in not in but)
    )


def _is_seizure(draft: Draft, name: str) -> bool:
    kind = draft.tables.document_kind(name)
    return kind is not None and kind.kind == KIND


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {SeizureRecorded: (check_recorded,)}
