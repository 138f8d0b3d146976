"""Rules on office: which authority an officer acts for, with which powers, over which goods.

Owns what it takes to act on goods of others. Who may enrol whom is not here (`parties`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.lots import LotState
from ledger.custody.parties import PartyState
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Rule

EVERYWHERE = "XV"
"""The country of what holds for every country, and in a scope: all of them."""
TRADERS = frozenset(
    {
        "farm",
        "ranch",
        "plot",
        "tannery",
        "sawmill",
        "maker",
        "dealer",
        "retailer",
        "carrier",
        "store",
        "plant",
    }
)
"""Roles that handle goods."""
HOLDERS = TRADERS | {"authority", "lab"}
"""Roles that goods may be given to."""

RULES = (
    Rule("office.no-power", "refuse", "An act of office needs an officer with that power."),
    Rule("office.other-country", "refuse", "An officer decides on goods in its countries."),
)


def authority_of(draft: Draft, party: str) -> str | None:
    """Return the authority that `party` is or acts for, or None.

    An officer of a ledger without authorities acts for itself.
    """
    state = draft.party(party)
    if state is None:
        return None
    if "authority" in state.roles:
        return party
    return (state.acts_for or party) if "officer" in state.roles else None


def has_role(draft: Draft, party: str, roles: frozenset[str]) -> bool:
    """Return whether `party` has one of `roles`."""
    state = draft.party(party)
    return state is not None and not roles.isdisjoint(state.roles)


def has_power(draft: Draft, party: str, power: str) -> bool:
    """Return whether `party` has a power of office: an authority has all, an officer its own."""
    state = draft.party(party)
    if state is None or state.status != "active":
        return False
    if "authority" in state.roles:
        return True
    scope = state.scope
    if "officer" not in state.roles or scope is None or power not in scope.powers:
        return False
    # Whom a suspended authority sends out decides nothing either.
    authority = draft.party(state.acts_for) if state.acts_for is not None else None
    return authority is None or authority.status == "active"


def check_power(signed: Signed, draft: Draft, power: str) -> Iterator[Refusal]:
    """Yield a refusal unless the signer has the power of office."""
    if not has_power(draft, signed.party, power):
        yield Refusal("office.no-power", {"party": signed.party, "power": power})


def check_scope(signed: Signed, draft: Draft, lot: LotState, code: str) -> Iterator[Refusal]:
    """Yield a refusal unless the lot touches a country of the signer's scope."""
    if not in_scope(draft, signed.party, lot):
        yield Refusal("office.other-country", {"lot": code, "party": signed.party})


def in_scope(draft: Draft, party: str, lot: LotState) -> bool:
    """Return whether a lot touches a country for which the party decides.

    It touches the country where the goods are, and those of its holder, its owner and the party
    that it is offered to.
    """
    offer = draft.offer(lot.offer) if lot.offer is not None else None
    parties = [lot.holder, lot.owner, offer.event.to if offer is not None else lot.owner]
    known = (draft.party(name) for name in parties)
    countries = {lot.country, *(p.country for p in known if p is not None)}
    return reaches(draft, party, *countries)


def reaches(draft: Draft, party: str, *countries: str | None) -> bool:
    """Return whether the party decides for one of `countries`."""
    state = draft.party(party)
    if state is None:
        return False
    own = countries_of(state)
    return EVERYWHERE in own or not own.isdisjoint(countries)


def countries_of(state: PartyState) -> frozenset[str]:
    """Return the countries for which a party decides: those of its scope, else its own alone.

    Who decides for all of them has `XV` in its scope: that is given, never left open.
    """
    named = state.scope.countries if state.scope is not None else ()
    return frozenset(named or (state.country,))


def is_concerned(draft: Draft, lot: LotState, party: str) -> bool:
    """Return whether the lot is, was or is to be the party's: it signed, holds, owns, receives."""
    offer = draft.offer(lot.offer) if lot.offer is not None else None
    receiver = offer.event.to if offer is not None else None
    own = {lot.holder, lot.owner, lot.born_by, receiver}
    return party in own or any(signer.party == party for signer in lot.signers)
