"""What documents' events do to the state: entered, confirmed, replaced, suspended, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.documents import (
    DocumentAttested,
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    DocumentReinstated,
    DocumentReplaced,
    DocumentState,
    DocumentSuspended,
    Paper,
    ReferenceRestored,
    ReferenceWithdrawn,
    SuspendedDays,
    Way,
    Withdrawal,
)
from ledger.custody.effects.certified import open_credit
from ledger.custody.effects.confirming import confirmed
from ledger.custody.effects.filing import file_document
from ledger.custody.effects.moves import signers_with, without_rule
from ledger.custody.effects.quotas import draw_quotas, release_quotas
from ledger.custody.effects.shared_papers import settle_sharing
from ledger.custody.goods import Row
from ledger.custody.rules.days import day_before, day_of
from ledger.custody.rules.documents import NO_LAST_DAY, NOT_CONFIRMED
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.in_place import repeats, takes_over
from ledger.custody.rules.lines import balance_of, rows_of
from ledger.custody.rules.near_numbers import NEAR
from ledger.custody.rules.papers import is_reference
from ledger.custody.rules.permit_marks import file_marks, unfile_marks
from ledger.custody.rules.quota_releases import released
from ledger.custody.rules.quotas import draws
from ledger.custody.rules.showing import noted
from ledger.custody.rules.unnamed import both_told, claimed_before, of_both
from ledger.custody.rules.validity import runs_on
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind

CONFIRMED = (NOT_CONFIRMED, NEAR)
"""Findings that end when the issuer or an officer speaks for a copy."""
SUSPENDED_MAX = 50
"""Of how many suspensions a document keeps the days: the last ones."""


def entered(signed: Signed, draft: Draft) -> None:
    """Enter a document: issued by its country, or recorded as a copy that nobody confirmed.

    What the issuer says takes the place of an earlier copy; other findings on the copy stay.
    """
    event = signed.event
    if isinstance(event, DocumentIssued | DocumentRecorded):
        status = "issued" if isinstance(event, DocumentIssued) else "recorded"
        counted = draws(signed, draft)
        unfile_marks(draft, event.document)
        state = _state(signed, draft, event.document, event.paper, status)
        draft.put(Kind.DOCUMENT, event.document, state)
        _refer(draft, event.paper)
        draw_quotas(counted, draft)
        file_marks(draft, event.document, state.rows, is_copy=status == "recorded")
        file_document(draft, event.document, event.paper)
        if isinstance(event, DocumentIssued):
            open_credit(event, draft)
            confirmed(draft, event.document)


def attested(signed: Signed, draft: Draft) -> None:
    """Note that an officer saw the document that a party had recorded."""
    event = signed.event
    known = draft.document(event.document) if isinstance(event, DocumentAttested) else None
    if isinstance(event, DocumentAttested) and known is not None:
        findings = without_rule(known.findings, *CONFIRMED)
        _change(signed, draft, event.document, status="attested", findings=findings)
        file_marks(draft, event.document, known.rows, is_copy=False)
        file_document(draft, event.document, known.paper or Paper())
        confirmed(draft, event.document)


def replaced(signed: Signed, draft: Draft) -> None:
    """Enter the new document; the old one covers nothing any more, what passed under it stays."""
    event = signed.event
    old = draft.document(event.replaces) if isinstance(event, DocumentReplaced) else None
    if not isinstance(event, DocumentReplaced) or old is None:
        return
    counted, back = draws(signed, draft), released(signed, draft)
    unfile_marks(draft, event.document)
    new = _state(signed, draft, event.document, event.paper, "issued")
    new = _in_place_of(old, new, event)
    draft.put(Kind.DOCUMENT, event.document, new)
    _refer(draft, event.paper)
    gone = replace(old, status="replaced", replaced_by=event.document, gone_day=day_of(signed))
    draft.put(Kind.DOCUMENT, event.replaces, gone)
    settle_sharing(draft, event.replaces)
    release_quotas(back, draft)
    draw_quotas(counted, draft)
    file_marks(draft, event.document, new.rows, is_copy=False)
    file_document(draft, event.document, event.paper)


def _refer(draft: Draft, paper: Paper) -> None:
    """Note on due-diligence references that another document names them: they stand as they are."""
    for name in paper.rests_on:
        state = draft.document(name)
        if state is not None and is_reference(name) and not state.referenced:
            draft.put(Kind.DOCUMENT, name, replace(state, referenced=True))


def _in_place_of(old: DocumentState, new: DocumentState, event: DocumentReplaced) -> DocumentState:
    """Return the new document with what it has of the old one: its balance, and its age."""
    found = replace(new, replaces=event.replaces)
    if repeats(old, event.paper):
        found = replace(found, entered_at=min(old.entered_at, new.entered_at))
    if takes_over(old, event.paper):
        drawn = {way: _added(old, new, way) for way in sorted({*old.drawn, *new.drawn})}
        shown = reduce(noted, new.shown, old.shown)
        by = of_both(old.claimed_by, new.claimed_by)
        told = both_told(old, new)
        found = replace(
            found, drawn=drawn, shown=shown, carries=True, claimed_by=by, told_alone=told
        )
    return found


def _added(old: DocumentState, new: DocumentState, way: str) -> tuple[Row, ...]:
    """Return what passed on one side under both: a copy of the new one may have been used."""
    both = balance_of(old, Way(way)) + balance_of(new, Way(way))
    return rows_of(both, quantity_max=QUANTITY_MAX)


def cancelled(signed: Signed, draft: Draft) -> None:
    """Note that the document covers nothing any more."""
    event = signed.event
    known = draft.document(event.document) if isinstance(event, DocumentCancelled) else None
    if isinstance(event, DocumentCancelled) and known is not None:
        release_quotas(released(signed, draft), draft)
        _change(signed, draft, event.document, status="cancelled", gone_day=day_of(signed))
        settle_sharing(draft, event.document)


def suspended(signed: Signed, draft: Draft) -> None:
    """Suspend the document from the act's day on, or set anew until when it is suspended."""
    event = signed.event
    known = draft.document(event.document) if isinstance(event, DocumentSuspended) else None
    if not isinstance(event, DocumentSuspended) or known is None:
        return
    day = day_of(signed)
    running = [days for days in known.suspended if runs_on(days, day)]
    first = min((days.from_day for days in running), default=day)
    kept = [days for days in known.suspended if days not in running]
    after = (*kept, SuspendedDays(first, event.until_day))
    _change(signed, draft, event.document, suspended=after[-SUSPENDED_MAX:])


def reinstated(signed: Signed, draft: Draft) -> None:
    """End what suspends the document on the act's day with the day before."""
    event = signed.event
    known = draft.document(event.document) if isinstance(event, DocumentReinstated) else None
    if not isinstance(event, DocumentReinstated) or known is None:
        return
    day = day_of(signed)
    ended = (
        replace(days, until_day=day_before(day)) if runs_on(days, day) else days
        for days in known.suspended
    )
    after = tuple(days for days in ended if days.from_day <= (days.until_day or days.from_day))
    _change(signed, draft, event.document, suspended=after[-SUSPENDED_MAX:])


def withdrawn(signed: Signed, draft: Draft) -> None:
    """Note since when, and how, a due-diligence reference covers nothing any more."""
    event = signed.event
    if isinstance(event, ReferenceWithdrawn):
        end = Withdrawal(day_of(signed), event.status)
        _change(signed, draft, event.document, withdrawn=end, withdrawn_by=signed.party)


def restored(signed: Signed, draft: Draft) -> None:
    """Let a reference stand again; what was found about it ends."""
    event = signed.event
    known = draft.document(event.document) if isinstance(event, ReferenceRestored) else None
    if isinstance(event, ReferenceRestored) and known is not None:
        findings = without_rule(known.findings, "reference.withdrawn")
        name = event.document
        _change(signed, draft, name, withdrawn=None, withdrawn_by=None, findings=findings)


def _change(signed: Signed, draft: Draft, name: str, **changes: Any) -> None:
    """Change what stands of a document that is known, and note who said so."""
    known = draft.document(name)
    if known is not None:
        signers = signers_with(known.signers, signed)
        draft.put(Kind.DOCUMENT, name, replace(known, signers=signers, **changes))


def _state(signed: Signed, draft: Draft, name: str, paper: Paper, status: str) -> DocumentState:
    known = draft.document(name) or DocumentState(status="", entered_at=signed.at)
    is_issued = status == "issued"
    # A copy that is recorded later says nothing of when it was issued.
    issued_day = paper.issued_day or (day_of(signed) if is_issued else None)
    return DocumentState(
        status=status,
        rows=paper.rows,
        from_day=paper.from_day,
        until_day=paper.until_day,
        purpose=paper.purpose,
        drawn=known.drawn,
        claimed_by=claimed_before(known, paper),
        told_alone=known.told_alone,
        issued_day=issued_day,
        entered_at=known.entered_at,
        shown=known.shown,
        suspended=known.suspended,
        pending=known.pending,
        findings=without_rule(known.findings, *CONFIRMED, NO_LAST_DAY),
        signers=signers_with(known.signers, signed),
        paper=paper,
        by=signed.party,
        referenced=known.referenced,
        ended_day=known.ended_day,
        withdrawn=known.withdrawn,
        withdrawn_by=known.withdrawn_by,
        waiting=known.waiting,
    )


EFFECTS: Mapping[type[Any], Effect] = {
    DocumentIssued: entered,
    DocumentRecorded: entered,
    DocumentAttested: attested,
    DocumentReplaced: replaced,
    DocumentCancelled: cancelled,
    DocumentSuspended: suspended,
    DocumentReinstated: reinstated,
    ReferenceWithdrawn: withdrawn,
    ReferenceRestored: restored,
}
