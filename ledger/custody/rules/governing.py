"""Rules on who decides on whom: root on all, an authority on its officers, offices on the rest.

Owns the hierarchy of parties. What an officer may do to goods stands in `offices`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.parties import Scope
from ledger.custody.rules import roles
from ledger.custody.rules.offices import EVERYWHERE, countries_of, has_power, reaches
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


def check_within(
    signed: Signed, draft: Draft, scope: Scope | None, *, country: str
) -> Iterator[Refusal]:
    """Yield a refusal where the scope that is given reaches further than the signer's own.

    Who decides for some countries gives an office for some of them, never for all. An office
    without countries decides for its own `country`.
    """
    party = draft.party(signed.party)
    if party is None:
        return
    own = countries_of(party)
    named = scope.countries if scope is not None else ()
    beyond = [code for code in named or (country,) if code not in own]
    if beyond and EVERYWHERE not in own:
        facts: dict[str, str | int] = {"party": signed.party, "country": ", ".join(beyond)[:80]}
        yield Refusal("party.out-of-reach", facts)


def check_country(signed: Signed, draft: Draft, country: str) -> Iterator[Refusal]:
    """Yield a refusal unless the signer decides for the country."""
    party = draft.party(signed.party)
    if party is not None and not reaches(draft, signed.party, country):
        yield Refusal("party.out-of-reach", {"party": signed.party, "country": country})
