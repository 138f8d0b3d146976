"""Whom a subject concerns: the parties that a remark on it speaks of, the countries it lies in.

Owns what follows from a subject's own state alone; where a party is enrolled its record says.
"""

from __future__ import annotations

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import DocumentState
from ledger.custody.facilities import FacilityState
from ledger.custody.lots import LotState
from ledger.custody.parties import PartyState
from ledger.custody.state import State
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import ContainerState


def parties_judged(subject: Subject, state: State) -> set[str]:
    """Return the parties that a finding on the subject speaks of."""
    found: set[str | None] = set()
    match state:
        case LotState():
            found = {state.holder, state.owner, state.born_by}
        case ContainerState():
            found = {state.holder}
        case DocumentState():
            found = {state.by, state.paper.holder if state.paper is not None else None}
        case FacilityState():
            found = {subject.name.partition("/")[0]}
        case PartyState():
            found = {subject.name}
        case QuotaAccount():
            pass
        case _ if subject.kind is Kind.ACCOUNT:
            # Every other account is a party's: allotment, stock, yield, credit.
            found = {subject.name.split("/")[1]}
        case _:
            pass
    return {party for party in found if party}


def countries_lain_in(subject: Subject, state: State) -> set[str]:
    """Return the countries in which a subject lies, as its own record says."""
    found: set[str | None] = set()
    match state:
        case LotState() | PartyState() | FacilityState():
            found = {state.country}
        case QuotaAccount():
            found = {state.quota.country}
        case DocumentState():
            to = state.paper.to_country if state.paper is not None else None
            found = {subject.name.partition("/")[0], to}
        case _:
            pass
    return {country for country in found if country}
