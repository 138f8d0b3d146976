"""Approvals: which acts wait, for how many, and who may approve.

Owns thresholds as the rules see them. The proposal is its signer's approval; the completing
approval is judged as the act itself on the state of that moment.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.control import StatementCorrected
from ledger.custody.events import lots_named
from ledger.custody.parties import ApprovalGiven, LedgerFounded, RootChanged
from ledger.custody.rules import roles
from ledger.custody.rules.corrections import Need, may_approve, need_of
from ledger.custody.rules.offices import has_power
from ledger.custody.state import Act, Draft, Signed
from ledger.custody.subjects import LEDGER_NAME, Kind, Refusal, Rule, Subject
from ledger.reference.thresholds import thresholds

LAPSES_AFTER_S = 30 * 86_400
RULES = (
    Rule("approval.unknown", "refuse", "An approval names an act that still waits."),
    Rule("approval.lapsed", "refuse", "An act lapses after 30 days."),
    Rule("approval.twice", "refuse", "Each approves once."),
    Rule("approval.not-entitled", "refuse", "Only who could propose the act approves it."),
)


def approver(signed: Signed) -> str:
    """Return who approves: the party, or for root the key."""
    return signed.kid.hex() if signed.party == roles.FOUNDER else signed.party


def is_complete(proposal: Signed, approvals: tuple[str, ...], draft: Draft) -> bool:
    """Return whether the approvals suffice for the act, on this state."""
    event = proposal.event
    if isinstance(event, StatementCorrected):
        return need_of(proposal, draft) is Need.NOBODY or len(approvals) > 1
    if isinstance(event, RootChanged):
        ledger = draft.ledger()
        if ledger is None:
            return False
        given = {bytes.fromhex(key) for key in approvals}
        old = len(given & set(ledger.root))
        new = len(given & set(proposal.new_kids))
        return old >= ledger.threshold and new >= event.threshold
    return len(approvals) >= _count(proposal, draft)


def about(proposal: Signed, draft: Draft) -> tuple[Subject, ...]:
    """Return the subjects in whose records the pending act stands."""
    event = proposal.event
    lots = lots_named(event)
    if lots:
        return tuple(Subject(Kind.LOT, code) for code in lots)
    party = getattr(event, "party", None)
    if isinstance(party, str) and draft.party(party) is not None:
        return (Subject(Kind.PARTY, party),)
    return (Subject(Kind.LEDGER, LEDGER_NAME),)


def check_approval(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why an approval does not count."""
    event = signed.event
    if not isinstance(event, ApprovalGiven):
        return
    act = draft.act(event.of)
    if act is None:
        if not _is_founding(signed, draft):
            yield Refusal("approval.unknown", {"of": event.of.hex()[:16]})
        return
    if signed.at > act.lapses_at:
        yield Refusal("approval.lapsed", {"of": event.of.hex()[:16]})
    if approver(signed) in act.approvals:
        yield Refusal("approval.twice", {"party": signed.party})
    if not _is_entitled(signed, act, draft):
        yield Refusal("approval.not-entitled", {"party": signed.party})


def _count(proposal: Signed, draft: Draft) -> int:
    ledger = draft.ledger()
    if ledger is None or isinstance(proposal.event, LedgerFounded):
        return 1
    if proposal.party == roles.FOUNDER:
        return ledger.threshold
    table = thresholds(ledger.tables.get("thresholds", b"")) or {}
    return table.get(type(proposal.event).__name__, 1)


def _is_founding(signed: Signed, draft: Draft) -> bool:
    ledger = draft.ledger()
    return signed.party == roles.FOUNDER and ledger is not None and signed.kid in ledger.root


def _is_entitled(signed: Signed, act: Act, draft: Draft) -> bool:
    proposal = act.proposal
    if isinstance(proposal.event, StatementCorrected):
        return may_approve(proposal, draft, party=signed.party)
    if proposal.party == roles.FOUNDER:
        return signed.party == roles.FOUNDER
    power = roles.BY_POWER.get(type(proposal.event), "control")
    return has_power(draft, signed.party, power)
