"""Rules on control: what officers may do to lots, who may bring evidence, who closes a finding.

Owns inspections, holds, seizures, evidence, disputes and the closing of findings. Corrections stand
in `corrections`, who is an officer of whom in `offices`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.accounts import QuotaAccount
from ledger.custody.control import (
    DisclosureWithdrawn,
    EvidenceAttached,
    FindingClosed,
    LotConfiscated,
    LotHeld,
    LotInspected,
    LotReleased,
    LotSeized,
    StatementCorrected,
    StatementDisputed,
)
from ledger.custody.decide import Check
from ledger.custody.documents import DocumentState
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import Part
from ledger.custody.lots import RETURNED, LotState, LotStatus
from ledger.custody.parties import PartyState
from ledger.custody.rules import corrections, holding, offices
from ledger.custody.rules.corrections import check_corrected
from ledger.custody.rules.offices import authority_of, check_power, has_power, is_concerned
from ledger.custody.rules.quotas import check_quotas
from ledger.custody.rules.registration import check_codes
from ledger.custody.rules.roles import WITNESSES
from ledger.custody.rules.stocks import check_taken
from ledger.custody.state import Draft, Signed, State
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.custody.transfers import ContainerState

RESULTS = ("matches", "differs", "cannot-tell")
DISPUTES_MAX = 8
"""The most open disputes of one lot: an officer must look at it anyway."""
DIFFERS = "control.differs"
STOPS = ("control.held", DIFFERS)
"""Findings that a release lifts."""
_REACHABLE = (LotStatus.LIVE, LotStatus.DEPARTED, LotStatus.RETIRED)
_MEDIA_TYPE = re.compile(r"[a-z0-9]+/[a-z0-9][a-z0-9.+-]{0,63}")

RULES = (
    *offices.RULES,
    *corrections.RULES,
    Rule("control.lots", "refuse", "An act of control names lots, each once."),
    Rule("control.reason", "refuse", "An officer says why."),
    Rule("control.result", "refuse", "An inspection matches, differs or cannot tell."),
    Rule("control.differs", "stop", "Goods that differ from the ledger stop until released."),
    Rule("control.held", "stop", "Goods that an officer holds stop until released."),
    Rule("control.nothing-to-release", "refuse", "Only what is held, differs or is seized."),
    Rule("control.not-seized", "refuse", "Only what an authority seized does it confiscate."),
    Rule("evidence.not-concerned", "refuse", "Evidence comes from those concerned or entrusted."),
    Rule("evidence.empty", "refuse", "Evidence is about a lot or a document, and has a size."),
    Rule("finding.unknown", "refuse", "A finding that is closed is open."),
    Rule("finding.more", "refuse", "Who closes a finding says how many others stand with it."),
    Rule("finding.judged", "refuse", "Nobody closes a finding on oneself or on one's own goods."),
    Rule("finding.release", "refuse", "A hold is lifted by a release, a suspension by restoring."),
    Rule("dispute.not-concerned", "refuse", "Parties dispute statements about their lots."),
    Rule("dispute.too-many", "refuse", "A lot has at most 8 open disputes."),
    Rule("dispute.open", "check", "A disputed statement waits for an officer."),
    Rule("disclosure.digests", "refuse", "Withdrawn disclosures are named by their hashes."),
)


def check_inspected(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why an inspection cannot stand; one that differs stops its lots."""
    event = signed.event
    if not isinstance(event, LotInspected):
        return
    yield from check_power(signed, draft, "control")
    yield from _check_lots(draft, event.lots)
    if event.result not in RESULTS:
        yield Refusal("control.result", {"result": event.result})
    if event.result == "differs":
        yield from _check_reason(event.reason or "")
        for code in event.lots:
            yield Flag(Subject(Kind.LOT, code), "control.differs", Severity.STOP)


def check_hold(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why lots or parts cannot be held; each is stopped, a part as a lot of its own."""
    event = signed.event
    if not isinstance(event, LotHeld):
        return
    yield from _check_office(signed, draft, "control", event.reason)
    yield from _check_taken(signed, draft, event.lots)
    for code in codes_after(signed, event.lots).values():
        yield Flag(Subject(Kind.LOT, code), "control.held", Severity.STOP)


def check_seized(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why lots or parts cannot be seized."""
    event = signed.event
    if not isinstance(event, LotSeized):
        return
    yield from _check_office(signed, draft, "control", event.reason)
    yield from _check_taken(signed, draft, event.lots)


def codes_after(signed: Signed, lots: Mapping[str, Part]) -> Mapping[str, str]:
    """Return for each lot the code of what is taken: its own, or that of the part born here."""
    partial = [code for code, part in sorted(lots.items()) if not part.is_whole]
    born = {code: signed.code_of(i) for i, code in enumerate(partial)}
    return {code: born.get(code, code) for code in sorted(lots)}


def check_released(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why lots cannot be released; the authority that seized a lot releases it."""
    event = signed.event
    if not isinstance(event, LotReleased):
        return
    yield from _check_office(signed, draft, "control", event.reason)
    yield from _check_lots(draft, event.lots)
    for code in event.lots:
        lot = draft.lot(code)
        if lot is None:
            continue
        seized = lot.status is LotStatus.SEIZED
        if not seized and not lifts(signed, draft, lot):
            yield Refusal("office.other-country", {"lot": code, "party": signed.party})
        if not seized and not any(finding.rule in STOPS for finding in lot.findings):
            yield Refusal("control.nothing-to-release", {"lot": code})
        if seized and lot.holder != authority_of(draft, signed.party):
            yield Refusal("custody.not-holder", {"lot": code, "party": signed.party})


def lifts(signed: Signed, draft: Draft, lot: LotState) -> bool:
    """Return whether the signer ends the stops on a lot: in scope, or all of them its own.

    Goods stand before an officer in whose country the ledger does not know them to be: what that
    office began it may end, and nothing that others said. A seizure brings nothing into scope.
    """
    own = authority_of(draft, signed.party)
    seized = lot.status is LotStatus.SEIZED
    others = any(finding.rule == DIFFERS for finding in lot.findings)
    if own is not None and not others and {*lot.held_by, *((own,) if seized else ())} == {own}:
        return True
    before = replace(lot, holder=lot.came_from or lot.owner) if lot.holder == own else lot
    return offices.in_scope(draft, signed.party, before)


def check_confiscated(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why title cannot pass: the lot is not seized, or by another authority."""
    event = signed.event
    if not isinstance(event, LotConfiscated):
        return
    yield from _check_office(signed, draft, "control", event.reason)
    yield from _check_lots(draft, event.lots)
    for code in event.lots:
        lot = draft.lot(code)
        if lot is None:
            continue
        if lot.status is not LotStatus.SEIZED:
            yield Refusal("control.not-seized", {"lot": code, "status": lot.status.value})
        if lot.holder != authority_of(draft, signed.party):
            yield Refusal("custody.not-holder", {"lot": code, "party": signed.party})


def check_evidence(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why evidence cannot be tied to lots: it says nothing, or comes from a stranger."""
    event = signed.event
    if not isinstance(event, EvidenceAttached):
        return
    if not event.lots and event.document is None:
        yield Refusal("evidence.empty", {})
    if event.size < 1 or not _MEDIA_TYPE.fullmatch(event.media_type):
        yield Refusal("evidence.empty", {})
    if event.document is not None and draft.document(event.document) is None:
        yield Refusal("document.unknown", {"document": event.document})
    if event.lots:
        yield from _check_lots(draft, event.lots)
    party = draft.party(signed.party)
    if party is not None and WITNESSES.intersection(party.roles):
        return
    for code in event.lots:
        lot = draft.lot(code)
        if lot is not None and not is_concerned(draft, lot, signed.party):
            yield Refusal("evidence.not-concerned", {"lot": code, "party": signed.party})
    document = draft.document(event.document) if event.document is not None else None
    if document is not None and document.by != signed.party and not event.lots:
        yield Refusal("evidence.not-concerned", {"lot": event.document or "", "party": ""})


def check_closed(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the finding cannot be closed.

    (1) the signer has the power, (2) the finding is open, (3) the signer says how many others stand
    with it, (4) it is no hold, (5) the signer is not the judged party, nor are the goods its own,
    (6) and they lie in its scope.
    """
    event = signed.event
    if not isinstance(event, FindingClosed):
        return
    yield from _check_office(signed, draft, "findings", event.reason)
    subject = subject_of(event)
    state = state_of(draft, subject) if subject is not None else None
    if subject is None or state is None:
        yield Refusal("finding.unknown", {"subject": event.subject, "rule": event.rule})
        return
    found = [f for f in state.findings if (f.rule, f.cause) == (event.rule, event.cause)]
    if not found:
        yield Refusal("finding.unknown", {"subject": event.subject, "rule": event.rule})
    # One statement may have left two, of different weight: both are closed, with all they count.
    more = sum(finding.more for finding in found)
    if found and more != (event.more or 0):
        since = min((f.since for f in found if f.since is not None), default=0)
        facts: dict[str, str | int] = {"more": more, "since": since}
        yield Refusal("finding.more", {"subject": event.subject, "rule": event.rule, **facts})
    if event.rule in (*STOPS, "party.suspended"):
        yield Refusal("finding.release", {"subject": event.subject, "rule": event.rule})
    if signed.party in _judged(draft, subject, state, signed.party):
        yield Refusal("finding.judged", {"subject": event.subject, "party": signed.party})
    if isinstance(state, LotState):
        yield from offices.check_scope(signed, draft, state, subject.name)
    elif not offices.reaches(draft, signed.party, *_countries_of(draft, subject, state)):
        yield Refusal("office.other-country", {"lot": event.subject, "party": signed.party})


def subject_of(event: FindingClosed) -> Subject | None:
    """Return the subject whose finding is closed, or None where it is not one."""
    kind, _, name = event.subject.partition("/")
    return Subject(Kind(kind), name) if kind in {k.value for k in Kind} else None


def state_of(draft: Draft, subject: Subject) -> State | None:
    """Return the state of any subject as the draft leaves it, or None."""
    return draft.standing(subject)


def check_disputed(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a statement cannot be disputed; its lots wait for an officer."""
    event = signed.event
    if not isinstance(event, StatementDisputed):
        return
    yield from _check_reason(event.reason)
    yield from _check_lots(draft, event.lots)
    for code in event.lots:
        lot = draft.lot(code)
        if lot is not None and not is_concerned(draft, lot, signed.party):
            yield Refusal("dispute.not-concerned", {"lot": code, "party": signed.party})
        if lot is not None and _open_disputes(lot) >= DISPUTES_MAX:
            yield Refusal("dispute.too-many", {"lot": code, "disputes_max": DISPUTES_MAX})
        yield Flag(Subject(Kind.LOT, code), "dispute.open", Severity.CHECK)


def _open_disputes(lot: LotState) -> int:
    return sum(finding.rule == "dispute.open" for finding in lot.findings)


def check_withdrawn(signed: Signed, _draft: Draft) -> Iterator[Remark]:
    """Yield why disclosures cannot be withdrawn; the log itself never held them."""
    event = signed.event
    if not isinstance(event, DisclosureWithdrawn):
        return
    yield from _check_reason(event.reason)
    digests = event.digests
    if not digests or len(set(digests)) != len(digests) or any(len(d) != 32 for d in digests):
        yield Refusal("disclosure.digests", {})


def _check_lots(draft: Draft, lots: tuple[str, ...]) -> Iterator[Refusal]:
    if not lots or len(set(lots)) != len(lots):
        yield Refusal("control.lots", {})
    for code in lots:
        if draft.lot(code) is None:
            yield Refusal("lot.unknown", {"lot": code})


def _check_taken(signed: Signed, draft: Draft, lots: Mapping[str, Part]) -> Iterator[Refusal]:
    """Goods that left or were given up can still be held and seized; only live ones in part."""
    yield from _check_lots(draft, tuple(sorted(lots)))
    for code, part in sorted(lots.items()):
        lot = draft.lot(code)
        if lot is None:
            continue
        reachable = _REACHABLE if part.is_whole else (LotStatus.LIVE,)
        # Goods that came back live on under another code: here they would exist twice.
        if lot.status not in reachable or lot.how == RETURNED:
            yield holding.not_live(code, lot)
        yield from holding.check_part(draft, code, part)
    yield from check_codes(signed, draft, count=sum(not p.is_whole for p in lots.values()))


def _check_office(signed: Signed, draft: Draft, power: str, reason: str) -> Iterator[Remark]:
    """Yield why an officer's act cannot be: without the power, or without a reason."""
    yield from check_power(signed, draft, power)
    yield from _check_reason(reason)


def _check_reason(reason: str) -> Iterator[Refusal]:
    if not reason.strip():
        yield Refusal("control.reason", {})


def _countries_of(draft: Draft, subject: Subject, state: State) -> tuple[str, ...]:
    match state:
        case PartyState() | FacilityState():
            return (state.country,)
        case DocumentState():
            return (subject.name.partition("/")[0],)
        case ContainerState():
            holder = draft.party(state.holder)
            return (holder.country,) if holder is not None else ()
        case QuotaAccount():
            return (state.quota.country,)
        case _ if subject.kind is Kind.ACCOUNT:
            owner = draft.party(_account_owner(subject))
            return (owner.country,) if owner is not None else ()
        case _:
            return ()


def _account_owner(subject: Subject) -> str:
    """Return the party whose account it is, by its name: `TYPE/PARTY/…`; of a quota nobody."""
    return subject.name.split("/")[1]


def _judged(draft: Draft, subject: Subject, state: State, signer: str) -> set[str | None]:
    match state:
        case LotState():
            return {state.holder, state.owner, state.born_by}
        case ContainerState():
            return {state.holder}
        case DocumentState():
            return {state.by}
        case _ if subject.kind is Kind.ACCOUNT:
            return {_account_owner(subject)}
        case _ if subject.kind is Kind.FACILITY:
            return {subject.name.partition("/")[0]}
        case _ if subject.kind is Kind.PARTY and authority_of(draft, signer) == subject.name:
            # An officer does not close a finding on the authority that it acts for.
            return {subject.name, signer}
        case _:
            return {subject.name}


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    LotInspected: (check_inspected,),
    LotHeld: (check_hold,),
    LotReleased: (check_released,),
    LotSeized: (check_seized,),
    LotConfiscated: (check_confiscated,),
    EvidenceAttached: (check_evidence,),
    FindingClosed: (check_closed,),
    StatementCorrected: (check_corrected, check_quotas, check_taken),
    StatementDisputed: (check_disputed,),
    DisclosureWithdrawn: (check_withdrawn,),
}

__all__ = ["CHECKS", "RULES", "codes_after", "has_power", "state_of", "subject_of"]
