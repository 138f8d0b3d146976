"""The rule set in force: all checks and effects of all families, and how an act waits.

Owns the join of the families and the frame of approvals. `policy.admit` calls `judge`, and nothing
else decides about a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.accounts import WaitingAccount
from ledger.custody.control import StatementCorrected
from ledger.custody.decide import Check, Effect, open_flags, refusal_of
from ledger.custody.effects import blanks as blank_effects
from ledger.custody.effects import control as control_effects
from ledger.custody.effects import documents as document_effects
from ledger.custody.effects import endorsements as endorsement_effects
from ledger.custody.effects import facilities as facility_effects
from ledger.custody.effects import founding as founding_effects
from ledger.custody.effects import keys as key_effects
from ledger.custody.effects import lots as lot_effects
from ledger.custody.effects import marks as mark_effects
from ledger.custody.effects import packing as packing_effects
from ledger.custody.effects import papers as paper_effects
from ledger.custody.effects import parties as party_effects
from ledger.custody.effects import references as reference_effects
from ledger.custody.effects import seizing as seizing_effects
from ledger.custody.effects import stocks as stock_effects
from ledger.custody.effects import transfers as transfer_effects
from ledger.custody.lots import LotState
from ledger.custody.parties import ApprovalGiven, LedgerFounded, RootChanged
from ledger.custody.rules import (
    allotments,
    approvals,
    blanks,
    control,
    conversions,
    corrections,
    diligence,
    document_suspending,
    documents,
    endorsements,
    envelope,
    facilities,
    founding,
    goods,
    governing,
    holding,
    keys,
    lots,
    marks,
    numbers,
    offices,
    packing,
    parties,
    passing,
    permit_marks,
    quotas,
    references,
    registration,
    replacing,
    seizing,
    stocks,
    tagging,
    transfers,
    transformation,
)
from ledger.custody.state import Act, Change, Draft, Signed, View
from ledger.custody.subjects import Flag, Kind, PendingAct, Refusal, Rule, Subject

CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    **founding.CHECKS,
    **parties.CHECKS,
    **keys.CHECKS,
    **approvals.CHECKS,
    **references.CHECKS,
    **documents.CHECKS,
    **document_suspending.CHECKS,
    **diligence.CHECKS,
    **blanks.CHECKS,
    **passing.CHECKS,
    **endorsements.CHECKS,
    **seizing.CHECKS,
    **quotas.CHECKS,
    **facilities.CHECKS,
    **stocks.CHECKS,
    **allotments.CHECKS,
    **replacing.CHECKS,
    **lots.CHECKS,
    **transfers.CHECKS,
    **packing.CHECKS,
    **control.CHECKS,
}
EFFECTS: Mapping[type[Any], Effect] = {
    **founding_effects.EFFECTS,
    **party_effects.EFFECTS,
    **key_effects.EFFECTS,
    **reference_effects.EFFECTS,
    **document_effects.EFFECTS,
    **paper_effects.EFFECTS,
    **endorsement_effects.EFFECTS,
    **blank_effects.EFFECTS,
    **seizing_effects.EFFECTS,
    **facility_effects.EFFECTS,
    **stock_effects.EFFECTS,
    **lot_effects.EFFECTS,
    **mark_effects.EFFECTS,
    **transfer_effects.EFFECTS,
    **packing_effects.EFFECTS,
    **control_effects.EFFECTS,
}
RULES: tuple[Rule, ...] = tuple(
    dict.fromkeys(
        rule
        for family in (
            envelope,
            numbers,
            founding,
            parties,
            governing,
            keys,
            approvals,
            references,
            documents,
            document_suspending,
            blanks,
            permit_marks,
            facilities,
            stocks,
            goods,
            registration,
            holding,
            passing,
            endorsements,
            seizing,
            lots,
            transformation,
            conversions,
            marks,
            allotments,
            tagging,
            replacing,
            transfers,
            packing,
            offices,
            control,
            corrections,
        )
        for rule in family.RULES
    )
)
"""Every rule of the set, in the order in which families are asked."""


def judge(signed: Signed, view: View) -> Change | Refusal:
    """Return what the statement changes on top of `view`, or the first refusal.

    An act that needs more approvals changes nothing yet: it stands as pending in the records it is
    about. The approval that completes it is judged as the act itself on the state of this moment.
    """
    draft = Draft(view)
    late: list[Flag] = []
    flags: list[Flag] = []
    refusal = refusal_of(signed, draft, envelope.ENVELOPE, late)
    if refusal is not None:
        return refusal
    envelope.take_effect(signed, draft)
    refusal = refusal_of(signed, draft, CHECKS[type(signed.event)], flags)
    if refusal is not None:
        return refusal
    event = signed.event
    act = draft.act(event.of) if isinstance(event, ApprovalGiven) else None
    if act is not None:
        refusal = _approve(signed, act, draft, flags)
    elif approvals.is_complete(signed, (approvals.approver(signed),), draft):
        EFFECTS[type(event)](signed, draft)
    else:
        # What only waits has no effect yet, so nothing is found about it either.
        flags.clear()
        refusal = _propose(signed, draft)
    if refusal is not None:
        return refusal
    _drop_stale(draft)
    open_flags(signed, draft, (*late, *flags))
    return draft.change()


def _drop_stale(draft: Draft) -> None:
    """Let go of corrections that wait on a lot whose goods this statement changed.

    What they propose was said of other goods: approved later, it would bring back what left.
    """
    for subject, state in tuple(draft.states.items()):
        if not isinstance(state, LotState) or not state.pending:
            continue
        before = draft.view.state(subject)
        if not isinstance(before, LotState) or _goods(before) == _goods(state):
            continue
        stale = {act.id for act in state.pending if act.type == StatementCorrected.__name__}
        draft.acts.update(dict.fromkeys(stale))
        kept = tuple(act for act in state.pending if act.id not in stale)
        draft.put(subject.kind, subject.name, replace(state, pending=kept))


def _goods(lot: LotState) -> tuple[object, object]:
    return lot.contents, lot.marks


def _propose(signed: Signed, draft: Draft) -> Refusal | None:
    """Let an act wait. A founding counts at once, and nothing else does before it is approved."""
    given = (approvals.approver(signed),)
    if isinstance(signed.event, LedgerFounded):
        EFFECTS[LedgerFounded](signed, draft)
        _wait(signed, draft, given, lapses_at=signed.at)
        return None
    refusal = refusal_of(signed, draft, (approvals.check_room,), [])
    if refusal is not None:
        return refusal
    if isinstance(signed.event, RootChanged):
        founding_effects.root_proposed(signed, draft)
    _wait(signed, draft, given, lapses_at=signed.at + approvals.LAPSES_AFTER_S)
    return None


def _approve(signed: Signed, act: Act, draft: Draft, flags: list[Flag]) -> Refusal | None:
    """Count an approval; where it completes the act, judge the act anew, here and now."""
    given = (*act.approvals, approvals.approver(signed))
    proposal = act.proposal
    kind = type(proposal.event)
    if kind is LedgerFounded:
        _count(proposal, draft, given, act=act)
        return None
    # The proposal's envelope was judged where it stands; its place and time are now these.
    settled = replace(proposal, index=signed.index, at=signed.at, placed=proposal.index)
    checks = (approvals.check_office, *CHECKS[kind])
    complete = approvals.is_complete(proposal, given, draft)
    for voice in approvals.as_if_by(settled, given if complete else given[-1:]):
        found: list[Flag] = []
        refusal = refusal_of(voice, draft, checks, found)
        if refusal is not None:
            return refusal
        if voice.party == settled.party:
            flags.extend(found)
    _count(proposal, draft, given, act=act)
    if complete:
        EFFECTS[kind](settled, draft)
    else:
        flags.clear()
    return None


def _count(proposal: Signed, draft: Draft, given: tuple[str, ...], *, act: Act) -> None:
    if approvals.is_complete(proposal, given, draft):
        draft.acts[proposal.id] = None
        for subject in approvals.about(proposal, draft):
            _set_pending(draft, subject, proposal, None)
    else:
        _wait(proposal, draft, given, lapses_at=act.lapses_at)


def _wait(proposal: Signed, draft: Draft, given: tuple[str, ...], *, lapses_at: int) -> None:
    draft.acts[proposal.id] = Act(proposal, given, lapses_at)
    pending = PendingAct(proposal.id, type(proposal.event).__name__, lapses_at, len(given))
    for subject in approvals.about(proposal, draft):
        _set_pending(draft, subject, proposal, pending)


def _set_pending(
    draft: Draft, subject: Subject, proposal: Signed, pending: PendingAct | None
) -> None:
    """Set or remove a waiting act in a record; acts that lapsed meanwhile leave with it."""
    state: Any = draft.standing(subject)
    if state is None and subject.kind is Kind.ACCOUNT:
        state = WaitingAccount()
    if state is None or not hasattr(state, "pending"):
        return
    others = [act for act in state.pending if act.id != proposal.id]
    draft.acts.update({act.id: None for act in others if act.lapses_at < proposal.at})
    kept = [act for act in others if act.lapses_at >= proposal.at]
    if pending is not None:
        kept.append(pending)
    draft.put(subject.kind, subject.name, replace(state, pending=tuple(kept)))
