"""Rules on parties and the ledger itself: founding, enrolment, standing, recovery of custody.

Owns who may join and what may be said of a party. Keys have their own file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.lots import LotStatus
from ledger.custody.parties import (
    CustodyRecovered,
    LedgerFounded,
    PartyEnrolled,
    PartyRestored,
    PartyScopeChanged,
    PartySuspended,
    RegistrarKeyChanged,
    RootChanged,
    RuleSetAdopted,
    Scope,
)
from ledger.custody.rules import keys, numbers, roles
from ledger.custody.rules.approvals import check_approval
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Rule
from ledger.reference.thresholds import thresholds

RULE_SETS = ("ringmark-1",)
_PARTY = re.compile(r"[a-z0-9-]{2,32}")
_ORIGIN = re.compile(r"[a-z0-9.-]+(?::\d+)?(?:/[a-z0-9._-]+)*")

RULES = (
    Rule(
        "founding.malformed", "refuse", "A ledger is founded with an origin, a host and root keys."
    ),
    Rule(
        "founding.threshold", "refuse", "A root threshold lies between one and the keys there are."
    ),
    Rule("founding.table", "refuse", "A ledger names released rules and tables."),
    Rule("party.id", "refuse", "A party id is 2 to 32 of a-z, 0-9 and hyphens, and not reserved."),
    Rule("party.exists", "refuse", "A party id is never used again."),
    Rule("party.country", "refuse", "A party has a known country."),
    Rule("party.roles", "refuse", "A party has known roles, and an officer a scope."),
    Rule("party.acts-for", "refuse", "An officer acts for an authority of this ledger."),
    Rule("party.reason", "refuse", "An act against a party states its reason."),
    Rule("party.state", "refuse", "A party is suspended once, and restored when suspended."),
    Rule("party.judged", "refuse", "Nobody decides on itself."),
    Rule("recovery.not-theirs", "refuse", "Lots are recovered from the party that holds them."),
)


def check_founded(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a ledger cannot be founded like this."""
    event = signed.event
    if not isinstance(event, LedgerFounded):
        return
    if not _ORIGIN.fullmatch(event.origin) or not event.hosts or not event.root:
        yield Refusal("founding.malformed", {"origin": event.origin})
    if event.read not in ("open", "closed"):
        yield Refusal("founding.malformed", {"origin": event.origin})
    if not 1 <= event.threshold <= len(event.root):
        yield Refusal("founding.threshold", {"threshold": event.threshold})
    if len(set(signed.new_kids)) != len(signed.new_kids):
        yield Refusal("key.reused", {})
    yield from _check_rules(event.rules, event.tables)


def check_root_changed(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why the root cannot change to these keys."""
    event, ledger = signed.event, draft.ledger()
    if not isinstance(event, RootChanged) or ledger is None:
        return
    if not 1 <= event.threshold <= len(event.root):
        yield Refusal("founding.threshold", {"threshold": event.threshold})
    if len(set(signed.new_kids)) != len(signed.new_kids):
        yield Refusal("key.reused", {})
    for kid in signed.new_kids:
        if draft.key_owner(kid) not in (None, roles.FOUNDER):
            yield Refusal("key.reused", {})


def check_registrar_key(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a registrar's key cannot change: unknown purpose, or a key used before."""
    event = signed.event
    if isinstance(event, RegistrarKeyChanged):
        if event.purpose not in ("closing", "checkpoint", "receipt", "label"):
            yield Refusal("founding.malformed", {"origin": event.purpose})
        yield from keys.check_new(signed, draft)


def check_rule_set(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why rules or tables cannot be adopted: not released."""
    event = signed.event
    if isinstance(event, RuleSetAdopted):
        yield from _check_rules(event.rules, event.tables)


def check_enrolled(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a party cannot be enrolled."""
    event = signed.event
    if not isinstance(event, PartyEnrolled):
        return
    if not _PARTY.fullmatch(event.party) or event.party in roles.RESERVED:
        yield Refusal("party.id", {"party": event.party})
    if draft.party(event.party) is not None:
        yield Refusal("party.exists", {"party": event.party})
    if draft.tables.country(event.country) is None:
        yield Refusal("party.country", {"country": event.country})
    yield from _check_roles(event.roles, event.scope)
    if "officer" in event.roles and event.acts_for is None:
        yield Refusal("party.acts-for", {"party": event.party, "authority": ""})
    if event.acts_for is not None:
        authority = draft.party(event.acts_for)
        if authority is None or "authority" not in authority.roles:
            yield Refusal("party.acts-for", {"party": event.party, "authority": event.acts_for})
    if not roles.OFFICES.isdisjoint(event.roles):
        yield from _check_enrols_office(signed, draft, event)
    yield from _check_country(signed, draft, event.country)
    yield from keys.check_new(signed, draft)


def check_scope_changed(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why roles and scope cannot change."""
    event = signed.event
    if not isinstance(event, PartyScopeChanged):
        return
    party = draft.party(event.party)
    if party is None:
        yield Refusal("party.unknown", {"party": event.party})
        return
    if event.party == signed.party:
        yield Refusal("party.judged", {"party": event.party})
    yield from _check_roles(event.roles, event.scope)
    gains_office = not roles.OFFICES.isdisjoint({*event.roles, *party.roles})
    own = party.acts_for == signed.party and "authority" not in event.roles
    if gains_office and signed.party != roles.FOUNDER and not own:
        yield Refusal("party.not-entitled", {"party": signed.party, "event": "PartyScopeChanged"})
    yield from _check_country(signed, draft, party.country)


def check_standing(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a party cannot be suspended or restored."""
    event = signed.event
    if not isinstance(event, PartySuspended | PartyRestored):
        return
    party = draft.party(event.party)
    if party is None:
        yield Refusal("party.unknown", {"party": event.party})
        return
    if not event.reason.strip():
        yield Refusal("party.reason", {"party": event.party})
    if event.party == signed.party:
        yield Refusal("party.judged", {"party": event.party})
    expected = "active" if isinstance(event, PartySuspended) else "suspended"
    if party.status != expected:
        yield Refusal("party.state", {"party": event.party, "status": party.status})
    yield from _check_country(signed, draft, party.country)


def check_custody_recovered(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why custody cannot be recovered: unknown parties, or lots that are not theirs."""
    event = signed.event
    if not isinstance(event, CustodyRecovered):
        return
    for name in (event.party, event.to):
        if draft.party(name) is None:
            yield Refusal("party.unknown", {"party": name})
    if not event.reason.strip():
        yield Refusal("party.reason", {"party": event.party})
    if signed.party == event.party:
        yield Refusal("party.judged", {"party": event.party})
    for code in event.lots:
        lot = draft.lot(code)
        if lot is None:
            yield Refusal("lot.unknown", {"lot": code})
        elif event.party not in (lot.holder, lot.owner) or lot.status is not LotStatus.LIVE:
            yield Refusal("recovery.not-theirs", {"lot": code, "party": event.party})


def _check_rules(rules: str, tables: Mapping[str, bytes]) -> Iterator[Refusal]:
    if rules not in RULE_SETS:
        yield Refusal("founding.table", {"name": rules})
    if thresholds(tables.get("thresholds", b"")) is None:
        yield Refusal("founding.table", {"name": "thresholds"})


def _check_roles(held: tuple[str, ...], scope: Scope | None) -> Iterator[Refusal]:
    unknown = sorted(set(held) - roles.ROLES)
    if not held or unknown or len(set(held)) != len(held):
        yield Refusal("party.roles", {"roles": ", ".join(unknown or held)})
    if "officer" in held and scope is None:
        yield Refusal("party.roles", {"roles": "officer"})
    if scope is not None and not set(scope.powers) <= roles.POWERS:
        yield Refusal("party.roles", {"roles": ", ".join(sorted(set(scope.powers)))})


def _check_enrols_office(signed: Signed, draft: Draft, event: PartyEnrolled) -> Iterator[Refusal]:
    # Root makes authorities; an authority makes its own officers.
    if signed.party == roles.FOUNDER:
        return
    if "authority" in event.roles or event.acts_for != signed.party:
        yield Refusal("party.not-entitled", {"party": signed.party, "event": "PartyEnrolled"})


def _check_country(signed: Signed, draft: Draft, country: str) -> Iterator[Refusal]:
    party = draft.party(signed.party)
    scope = party.scope if party is not None else None
    if scope is not None and scope.countries and country not in scope.countries:
        yield Refusal("office.other-country", {"party": signed.party, "lot": country})


CHECKS: Mapping[type[Any], tuple[Any, ...]] = {
    LedgerFounded: (check_founded,),
    RootChanged: (check_root_changed,),
    RegistrarKeyChanged: (check_registrar_key,),
    RuleSetAdopted: (check_rule_set,),
    PartyEnrolled: (check_enrolled,),
    PartyScopeChanged: (check_scope_changed,),
    PartySuspended: (check_standing,),
    PartyRestored: (check_standing,),
    CustodyRecovered: (check_custody_recovered,),
    **keys.CHECKS,
    **{kind: (check_approval,) for kind in keys.APPROVALS},
    **{kind: (numbers.check_dropped,) for kind in keys.DROPS},
}
