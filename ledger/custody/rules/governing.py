"""Rules on who decides on whom: root on all, an authority on its officers, offices on the rest.

Owns the hierarchy of parties. What an officer may do to goods stands in `offices`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.parties import Scope
from ledger.custody.rules import roles
from ledger.custody.rules.offices import has_power
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Rule

RULES = (
    Rule("party.judged", "refuse", "Nobody decides on itself."),
    Rule("party.out-of-reach", "refuse", "An office decides on parties of its countries only."),
)


def check_governs(signed: Signed, draft: Draft, party: str, *, power: str) -> Iterator[Refusal]:
    """Yield why the signer may not decide on `party`.

    (1) the party exists; (2) it is another; root decides on all; (3) on an authority only root
    decides, on its officer the authority; (4) on others who has the power, (5) in its countries.
    """
    target = draft.party(party)
    if target is None:
        yield Refusal("party.unknown", {"party": party})
        return
    if party == signed.party:
        yield Refusal("party.judged", {"party": party})
    if signed.party == roles.FOUNDER:
        return
    facts: dict[str, str | int] = {"party": signed.party, "event": type(signed.event).__name__}
    is_office = not roles.OFFICES.isdisjoint(target.roles)
    is_own = "officer" in target.roles and target.acts_for == signed.party
    if (is_office and not is_own) or not has_power(draft, signed.party, power):
        yield Refusal("party.not-entitled", facts)
    yield from check_country(signed, draft, target.country)


def check_within(signed: Signed, draft: Draft, scope: Scope) -> Iterator[Refusal]:
    """Yield a refusal where the scope that is given reaches further than the signer's own.

    Who decides for some countries gives an office for some of them, never for all.
    """
    party = draft.party(signed.party)
    own = party.scope.countries if party is not None and party.scope is not None else ()
    if not own:
        return
    beyond = [country for country in scope.countries if country not in own]
    if beyond or not scope.countries:
        facts: dict[str, str | int] = {"party": signed.party, "country": ", ".join(beyond)[:80]}
        yield Refusal("party.out-of-reach", facts)


def check_country(signed: Signed, draft: Draft, country: str) -> Iterator[Refusal]:
    """Yield a refusal unless the country is one of the signer's scope; none named: all are."""
    party = draft.party(signed.party)
    scope = party.scope if party is not None else None
    if scope is not None and scope.countries and country not in scope.countries:
        yield Refusal("party.out-of-reach", {"party": signed.party, "country": country})
