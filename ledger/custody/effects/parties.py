"""What the events of parties do to the state, once no rule refused them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.effects.moves import leave_container, leave_offer, moved, without_rule
from ledger.custody.parties import (
    CustodyRecovered,
    KeyState,
    PartyEnrolled,
    PartyRestored,
    PartyScopeChanged,
    PartyState,
    PartySuspended,
    StatementDropped,
)
from ledger.custody.rules.numbers import account
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind

ACTIVE = "active"
SUSPENDED = "suspended"


def enrolled(signed: Signed, draft: Draft) -> None:
    """Add the party with its first key."""
    event = signed.event
    if not isinstance(event, PartyEnrolled):
        return
    kid = signed.new_kids[0]
    draft.owners[kid] = event.party
    state = PartyState(
        country=event.country,
        roles=event.roles,
        status=ACTIVE,
        keys={kid: KeyState(event.key, signed.index + 1, signed.at)},
        scope=event.scope,
        acts_for=event.acts_for,
    )
    draft.put(Kind.PARTY, event.party, state)


def scope_changed(signed: Signed, draft: Draft) -> None:
    """Set roles and scope."""
    event = signed.event
    party = draft.party(event.party) if isinstance(event, PartyScopeChanged) else None
    if isinstance(event, PartyScopeChanged) and party is not None:
        draft.put(Kind.PARTY, event.party, replace(party, roles=event.roles, scope=event.scope))


def suspended(signed: Signed, draft: Draft) -> None:
    """Suspend the party; the stop that stands on it comes from the rule."""
    event = signed.event
    party = draft.party(event.party) if isinstance(event, PartySuspended) else None
    if isinstance(event, PartySuspended) and party is not None:
        draft.put(Kind.PARTY, event.party, replace(party, status=SUSPENDED))


def restored(signed: Signed, draft: Draft) -> None:
    """Let the party sign again, and take its stop away."""
    event = signed.event
    party = draft.party(event.party) if isinstance(event, PartyRestored) else None
    if isinstance(event, PartyRestored) and party is not None:
        findings = without_rule(party.findings, "party.suspended")
        draft.put(Kind.PARTY, event.party, replace(party, status=ACTIVE, findings=findings))


def custody_recovered(signed: Signed, draft: Draft) -> None:
    """Move lots of a party that is gone: they leave offer and container, the head moves.

    Where the party was holder or owner alone, the other stays what it was.
    """
    event = signed.event
    if not isinstance(event, CustodyRecovered):
        return
    for code in event.lots:
        leave_offer(draft, code)
        leave_container(draft, code)
        lot = draft.lot(code)
        if lot is None:
            continue
        holder = event.to if lot.holder == event.party else lot.holder
        owner = event.to if lot.owner == event.party else lot.owner
        allows = () if holder == owner else lot.allows
        state = moved(signed, lot, holder=holder, owner=owner, allows=allows)
        draft.put(Kind.LOT, code, state)


def dropped(signed: Signed, draft: Draft) -> None:
    """Account for numbers that were given up."""
    event = signed.event
    if isinstance(event, StatementDropped):
        account(draft, signed, kid=event.kid, numbers=event.numbers)


EFFECTS: Mapping[type[Any], Effect] = {
    PartyEnrolled: enrolled,
    PartyScopeChanged: scope_changed,
    PartySuspended: suspended,
    PartyRestored: restored,
    CustodyRecovered: custody_recovered,
    StatementDropped: dropped,
}
