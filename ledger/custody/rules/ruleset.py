"""The rule set in force: all checks and effects of all families, and how an act waits.

Owns the join of the families and the frame of approvals. `policy.admit` calls `judge`, and nothing
else decides about a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ledger.custody.decide import Check, Effect, open_flags, refusal_of
from ledger.custody.effects import control as control_effects
from ledger.custody.effects import documents as document_effects
from ledger.custody.effects import facilities as facility_effects
from ledger.custody.effects import lots as lot_effects
from ledger.custody.effects import marks as mark_effects
from ledger.custody.effects import packing as packing_effects
from ledger.custody.effects import parties as party_effects
from ledger.custody.effects import transfers as transfer_effects
from ledger.custody.parties import ApprovalGiven
from ledger.custody.rules import (
    approvals,
    control,
    conversions,
    corrections,
    documents,
    envelope,
    facilities,
    goods,
    holding,
    keys,
    lots,
    marks,
    numbers,
    offices,
    packing,
    parties,
    registration,
    transfers,
    transformation,
)
from ledger.custody.state import Act, Change, Draft, Signed, View
from ledger.custody.subjects import Flag, PendingAct, Refusal, Rule, Subject

CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    **parties.CHECKS,
    **documents.CHECKS,
    **facilities.CHECKS,
    **lots.CHECKS,
    **transfers.CHECKS,
    **packing.CHECKS,
    **control.CHECKS,
}
EFFECTS: Mapping[type[Any], Effect] = {
    **party_effects.EFFECTS,
    **document_effects.EFFECTS,
    **facility_effects.EFFECTS,
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
            parties,
            keys,
            approvals,
            documents,
            facilities,
            goods,
            registration,
            holding,
            lots,
            transformation,
            conversions,
            marks,
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
    flags: list[Flag] = []
    refusal = refusal_of(signed, draft, envelope.ENVELOPE, flags)
    if refusal is not None:
        return refusal
    envelope.take_effect(signed, draft)
    of_envelope = len(flags)
    refusal = refusal_of(signed, draft, CHECKS[type(signed.event)], flags)
    if refusal is not None:
        return refusal
    event = signed.event
    act = draft.act(event.of) if isinstance(event, ApprovalGiven) else None
    if act is not None:
        refusal = _approve(signed, act, draft, flags)
        if refusal is not None:
            return refusal
    elif approvals.is_complete(signed, (approvals.approver(signed),), draft):
        EFFECTS[type(event)](signed, draft)
    else:
        _wait(signed, draft, (approvals.approver(signed),))
        # What only waits has no effect yet, so nothing is found about it either.
        del flags[of_envelope:]
    open_flags(signed, draft, flags)
    return draft.change()


def _approve(signed: Signed, act: Act, draft: Draft, flags: list[Flag]) -> Refusal | None:
    given = (*act.approvals, approvals.approver(signed))
    proposal = act.proposal
    if not approvals.is_complete(proposal, given, draft):
        _wait(proposal, draft, given, lapses_at=act.lapses_at)
        return None
    # Judged anew as the act itself, here and now; the proposal's envelope stays as it was.
    settled = replace(proposal, index=signed.index, at=signed.at)
    refusal = refusal_of(settled, draft, CHECKS[type(proposal.event)], flags)
    if refusal is not None:
        return refusal
    draft.acts[proposal.id] = None
    _settle(proposal, draft)
    EFFECTS[type(proposal.event)](settled, draft)
    return None


def _wait(
    proposal: Signed, draft: Draft, given: tuple[str, ...], *, lapses_at: int | None = None
) -> None:
    due = proposal.at + approvals.LAPSES_AFTER_S if lapses_at is None else lapses_at
    draft.acts[proposal.id] = Act(proposal, given, due)
    pending = PendingAct(proposal.id, type(proposal.event).__name__, due, given)
    for subject in approvals.about(proposal, draft):
        _set_pending(draft, subject, proposal.id, pending)


def _settle(proposal: Signed, draft: Draft) -> None:
    for subject in approvals.about(proposal, draft):
        _set_pending(draft, subject, proposal.id, None)


def _set_pending(draft: Draft, subject: Subject, act_id: bytes, pending: PendingAct | None) -> None:
    state: Any = draft.states.get(subject) or draft.view.state(subject)
    if state is None or not hasattr(state, "pending"):
        return
    others = tuple(act for act in state.pending if act.id != act_id)
    kept = (*others, pending) if pending is not None else others
    draft.put(subject.kind, subject.name, replace(state, pending=kept))
