"""Rules on parties: enrolment, roles and scope, suspension, and custody of those who are gone.

Owns who may join and what may be said of a party. Keys and the ledger itself have their own files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.lots import LotStatus
from ledger.custody.parties import (
    CustodyRecovered,
    PartyEnrolled,
    PartyRestored,
    PartyScopeChanged,
    PartyState,
    PartySuspended,
    Scope,
    StatementDropped,
)
from ledger.custody.rules import goods, roles
from ledger.custody.rules.governing import check_country, check_governs, check_within
from ledger.custody.rules.keys import check_new
from ledger.custody.rules.numbers import check_dropped
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

LOTS_MAX = 1_000
_PARTY = re.compile(r"[a-z0-9-]{2,32}")

RULES = (
    Rule("party.id", "refuse", "A party id is 2 to 32 of a-z, 0-9 and hyphens, and not reserved."),
    Rule("party.exists", "refuse", "A party id is never used again."),
    Rule("party.roles", "refuse", "A party has known roles; an office stands alone."),
    Rule("party.scope", "refuse", "An officer has a scope of known powers and countries."),
    Rule("party.acts-for", "refuse", "An officer acts for an authority of this ledger."),
    Rule("party.reason", "refuse", "An act against a party states its reason."),
    Rule("party.state", "refuse", "A party is suspended once, and restored when suspended."),
    Rule("recovery.lots", "refuse", "Custody is recovered of 1 to 1,000 lots, each once."),
    Rule("recovery.not-theirs", "refuse", "Lots are recovered from the party that has them."),
    Rule("recovery.receiver", "refuse", "Recovered lots go to another party that may hold goods."),
    Rule("recovery.moved", "note", "An officer moved the lot from a party that was gone."),
)


def check_enrolled(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a party cannot be enrolled: (1) id, (2) country, (3) roles, (4) office, (5) key."""
    event = signed.event
    if not isinstance(event, PartyEnrolled):
        return
    if not _PARTY.fullmatch(event.party) or event.party in roles.RESERVED:
        yield Refusal("party.id", {"party": event.party[:40]})
    if draft.party(event.party) is not None:
        yield Refusal("party.exists", {"party": event.party})
    yield from goods.check_country(draft, event.country)
    yield from check_country(signed, draft, event.country)
    yield from _check_roles(event.roles)
    yield from _check_scope(signed, draft, event.roles, event.scope, country=event.country)
    yield from _check_acts_for(signed, draft, event)
    yield from check_new(signed, draft)


def check_scope_changed(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why roles and scope cannot change: offices are given by enrolment, not by change."""
    event = signed.event
    if not isinstance(event, PartyScopeChanged):
        return
    yield from check_governs(signed, draft, event.party, power="enrol")
    party = draft.party(event.party)
    if party is None:
        return
    yield from _check_roles(event.roles)
    yield from _check_scope(signed, draft, event.roles, event.scope, country=party.country)
    if roles.OFFICES.intersection(party.roles) != roles.OFFICES.intersection(event.roles):
        yield Refusal("party.roles", {"roles": ", ".join(event.roles)})


def check_standing(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a party cannot be suspended or restored; suspended, a stop stands on it."""
    event = signed.event
    if not isinstance(event, PartySuspended | PartyRestored):
        return
    yield from check_governs(signed, draft, event.party, power="enrol")
    party = draft.party(event.party)
    if party is None:
        return
    if not event.reason.strip():
        yield Refusal("party.reason", {"party": event.party})
    expected = "active" if isinstance(event, PartySuspended) else "suspended"
    if party.status != expected:
        yield Refusal("party.state", {"party": event.party, "status": party.status})
    if isinstance(event, PartySuspended):
        yield Flag(Subject(Kind.PARTY, event.party), "party.suspended", Severity.STOP)


def check_custody_recovered(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why custody cannot be recovered: unknown parties, or lots that are not theirs."""
    event = signed.event
    if not isinstance(event, CustodyRecovered):
        return
    yield from check_governs(signed, draft, event.party, power="recover")
    receiver = draft.party(event.to)
    if receiver is None:
        yield Refusal("party.unknown", {"party": event.to})
    elif not _may_receive(receiver) or event.to == event.party:
        yield Refusal("recovery.receiver", {"party": event.to})
    if not event.reason.strip():
        yield Refusal("party.reason", {"party": event.party})
    if len(set(event.lots)) != len(event.lots) or not 1 <= len(event.lots) <= LOTS_MAX:
        yield Refusal("recovery.lots", {"lots": len(event.lots)})
    for code in event.lots:
        lot = draft.lot(code)
        if lot is None:
            yield Refusal("lot.unknown", {"lot": code})
        elif event.party not in (lot.holder, lot.owner) or lot.status is not LotStatus.LIVE:
            yield Refusal("recovery.not-theirs", {"lot": code, "party": event.party})
        yield Flag(Subject(Kind.LOT, code), "recovery.moved", Severity.NOTE)


def _may_receive(party: PartyState) -> bool:
    return party.status == "active" and not roles.HANDLERS.isdisjoint(party.roles)


def _check_roles(held: tuple[str, ...]) -> Iterator[Refusal]:
    unknown = sorted(set(held) - roles.ROLES)
    is_mixed = len(held) > 1 and not roles.OFFICES.isdisjoint(held)
    if not held or unknown or is_mixed or len(set(held)) != len(held):
        yield Refusal("party.roles", {"roles": ", ".join(unknown or held)[:80]})


def _check_scope(
    signed: Signed, draft: Draft, held: tuple[str, ...], scope: Scope | None, *, country: str
) -> Iterator[Refusal]:
    if scope is None:
        if "officer" in held:
            yield Refusal("party.scope", {"scope": ""})
        return
    unknown = [power for power in scope.powers if power not in roles.POWERS]
    unknown += [code for code in scope.countries if draft.tables.country(code) is None]
    if unknown or roles.OFFICES.isdisjoint(held):
        yield Refusal("party.scope", {"scope": ", ".join(unknown)[:80]})
    yield from check_within(signed, draft, scope, country=country)


def _check_acts_for(signed: Signed, draft: Draft, event: PartyEnrolled) -> Iterator[Refusal]:
    """Root makes authorities, and officers for one or for nobody; an authority makes its own."""
    facts: dict[str, str | int] = {"party": event.party[:40], "authority": event.acts_for or ""}
    if event.acts_for is not None:
        authority = draft.party(event.acts_for)
        is_one = authority is not None and "authority" in authority.roles
        if not is_one or "officer" not in event.roles:
            yield Refusal("party.acts-for", facts)
    if signed.party == roles.FOUNDER:
        return
    if "authority" in event.roles:
        yield Refusal("party.not-entitled", {"party": signed.party, "event": "PartyEnrolled"})
    if "officer" in event.roles and event.acts_for != signed.party:
        yield Refusal("party.acts-for", facts)


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    PartyEnrolled: (check_enrolled,),
    PartyScopeChanged: (check_scope_changed,),
    PartySuspended: (check_standing,),
    PartyRestored: (check_standing,),
    CustodyRecovered: (check_custody_recovered,),
    StatementDropped: (check_dropped,),
}
