"""Approvals: which acts wait, for how many, and who may approve.

Owns thresholds as the rules see them. The proposal is its signer's approval; the completing
approval is judged as the act itself on the state of that moment (`ruleset`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.control import StatementCorrected
from ledger.custody.decide import Check
from ledger.custody.documents import DocumentIssued, DocumentReplaced, EndorsementWithdrawn
from ledger.custody.events import documents_named, lots_named
from ledger.custody.marks import MarkReplaced
from ledger.custody.parties import ApprovalGiven, LedgerFounded, RootChanged
from ledger.custody.rules import replacing, roles
from ledger.custody.rules.boxes import is_grave
from ledger.custody.rules.corrections import Need, may_approve, need_of
from ledger.custody.rules.endorsements import is_relied_on
from ledger.custody.rules.envelope import is_entitled
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import LEDGER_NAME, Kind, PendingAct, Refusal, Rule, Subject
from ledger.reference.thresholds import thresholds

LAPSES_AFTER_S = 30 * 86_400
WAITING_MAX = 20
"""The most acts of one proposer that wait in one record."""
RULES = (
    Rule("approval.unknown", "refuse", "An approval names an act that still waits."),
    Rule("approval.lapsed", "refuse", "An act lapses after 30 days."),
    Rule("approval.twice", "refuse", "Each approves once."),
    Rule("approval.not-entitled", "refuse", "Only who could propose the act approves it."),
    Rule("approval.too-many", "refuse", "At most 20 acts of one proposer wait on one subject."),
)


def grades_of(proposal: Signed, draft: Draft) -> tuple[str, ...]:
    """Return what makes an act graver than its kind, as the table of thresholds names it.

    A document of Appendix I specimens, one that is issued after the act, and an endorsement taken
    back on which others rely (fraud F24).
    """
    event = proposal.event
    if isinstance(event, EndorsementWithdrawn):
        return ("relied-on",) if is_relied_on(proposal, draft) else ()
    if not isinstance(event, DocumentIssued | DocumentReplaced):
        return ()
    grades = ["appendix-i"] if any(is_grave(draft, row) for row in event.paper.rows) else []
    grades += ["retrospective"] if event.paper.retrospective is not None else []
    return tuple(grades)


def approver(signed: Signed) -> str:
    """Return who approves: the party, or for root the key in hex."""
    return signed.kid.hex() if signed.party == roles.FOUNDER else signed.party


def is_complete(proposal: Signed, approvals: tuple[str, ...], draft: Draft) -> bool:
    """Return whether the approvals suffice for the act, on this state.

    Root acts count distinct keys that are root keys now; RootChanged must reach the threshold of
    the old set and that of the new; a founding needs all its keys.
    """
    event = proposal.event
    if isinstance(event, StatementCorrected):
        return need_of(proposal, draft) is Need.NOBODY or len(approvals) > 1
    if isinstance(event, MarkReplaced):
        return replacing.is_complete(proposal, draft, approvals=len(approvals))
    if isinstance(event, LedgerFounded):
        return _keys(approvals) >= set(proposal.new_kids[: len(event.root)])
    if proposal.party == roles.FOUNDER:
        return _is_complete_root(proposal, _keys(approvals), draft)
    return len(set(approvals)) >= _count(proposal, draft)


def about(proposal: Signed, draft: Draft) -> tuple[Subject, ...]:
    """Return the subjects in whose records the pending act stands.

    Of what is not in the ledger yet, that is an account of the acts of its proposer that wait: all
    that touches the ledger's own record stands in every card. It stays where it began to wait.
    """
    event = proposal.event
    waiting = Subject(Kind.ACCOUNT, f"waiting/{proposal.party}")
    if any(act.id == proposal.id for act in pending_of(draft, waiting)):
        return (waiting,)
    found = [Subject(Kind.LOT, code) for code in lots_named(event)]
    if isinstance(event, DocumentIssued | DocumentReplaced | EndorsementWithdrawn):
        names = documents_named(event)
        found += [Subject(Kind.DOCUMENT, n) for n in names if draft.document(n) is not None]
    party = getattr(event, "party", None)
    if isinstance(party, str) and draft.party(party) is not None:
        found.append(Subject(Kind.PARTY, party))
    if not found and proposal.party not in roles.RESERVED:
        return (waiting,)
    return tuple(found) or (Subject(Kind.LEDGER, LEDGER_NAME),)


def check_approval(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why an approval does not count: no such act, too late, twice, or not entitled."""
    event = signed.event
    if not isinstance(event, ApprovalGiven):
        return
    act = draft.act(event.of)
    if act is None:
        yield Refusal("approval.unknown", {"of": event.of.hex()[:16]})
        return
    if signed.at > act.lapses_at:
        yield Refusal("approval.lapsed", {"of": event.of.hex()[:16]})
    if approver(signed) in act.approvals:
        yield Refusal("approval.twice", {"party": signed.party})
    if not _may_approve(signed, act.proposal, draft):
        yield Refusal("approval.not-entitled", {"party": signed.party})


def check_room(proposal: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield a refusal where too many acts of the signer wait in a record that this one is about.

    Each has room of its own: nobody keeps others, or root, from acting by what only waits.
    """
    own = approver(proposal)
    for subject in about(proposal, draft):
        acts = (draft.act(a.id) for a in pending_of(draft, subject) if a.lapses_at >= proposal.at)
        waiting = sum(act is not None and act.approvals[:1] == (own,) for act in acts)
        if waiting >= WAITING_MAX:
            yield Refusal("approval.too-many", {"subject": str(subject), "waiting": waiting})


def as_if_by(proposal: Signed, approvals: tuple[str, ...]) -> tuple[Signed, ...]:
    """Return the proposal as each of those that approved would sign it, its own signer first.

    The rules judge each of them. For root acts, where keys and not parties are counted, and for
    corrections and replacements of marks, which ask others, that is the proposal alone.
    """
    asks_others = isinstance(proposal.event, StatementCorrected | MarkReplaced)
    if proposal.party == roles.FOUNDER or asks_others:
        return (proposal,)
    return tuple(replace(proposal, party=name) for name in approvals)


def check_office(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield a refusal unless the party is active, and entitled to the event, at this moment."""
    if signed.party != roles.FOUNDER and not _has_office(signed, draft):
        yield Refusal("approval.not-entitled", {"party": signed.party})


def pending_of(draft: Draft, subject: Subject) -> tuple[PendingAct, ...]:
    """Return the acts that wait in the record of `subject`."""
    state = draft.standing(subject)
    return getattr(state, "pending", ())


def _is_complete_root(proposal: Signed, given: set[bytes], draft: Draft) -> bool:
    ledger = draft.ledger()
    if ledger is None:
        return False
    if type(proposal.event) in roles.ALONE:
        return True
    event = proposal.event
    if isinstance(event, RootChanged) and len(given & set(proposal.new_kids)) < event.threshold:
        return False
    return len(given & set(ledger.root)) >= ledger.threshold


def _count(proposal: Signed, draft: Draft) -> int:
    ledger = draft.ledger()
    table = thresholds(ledger.tables.get("thresholds", b"")) if ledger is not None else None
    if table is None:
        return 1
    name = type(proposal.event).__name__
    grades = grades_of(proposal, draft)
    return max([table.get(name, 1), *(table.get(f"{name}/{grade}", 1) for grade in grades)])


def _may_approve(signed: Signed, proposal: Signed, draft: Draft) -> bool:
    event = proposal.event
    if isinstance(event, StatementCorrected):
        return may_approve(proposal, draft, party=signed.party)
    if isinstance(event, MarkReplaced):
        return replacing.may_approve(proposal, draft, party=signed.party)
    if proposal.party != roles.FOUNDER:
        return _has_office(replace(proposal, party=signed.party), draft)
    ledger = draft.ledger()
    if signed.party != roles.FOUNDER or ledger is None:
        return False
    if isinstance(event, RootChanged) and signed.kid in proposal.new_kids:
        return True
    return signed.kid in ledger.root


def _has_office(signed: Signed, draft: Draft) -> bool:
    party = draft.party(signed.party)
    return party is not None and party.status == "active" and is_entitled(signed, draft)


def _keys(approvals: tuple[str, ...]) -> set[bytes]:
    return {bytes.fromhex(key) for key in approvals}


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {ApprovalGiven: (check_approval,)}
