"""What a quota counts: goods of its terms, sources and purposes, measured in its unit.

Owns the goods that may draw, and the two questions about them. Which quotas there are for a taxon
and a day, and how much is left of them, is in `quotas`. Sources: Res. Conf. 14.7; frauds F04, F29.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import DocumentRow
from ledger.custody.goods import Measure, Row
from ledger.custody.references import Quota
from ledger.custody.state import Draft
from ledger.custody.subjects import Subject

_SIDE, _SKIN = "SID", "SKI"


class Side(StrEnum):
    """Whose word draws on a quota, named as the field of the account that it adds to."""

    RESERVED = "reserved"
    EXPORTED = "exported"
    IMPORTED = "imported"


class Taking(Struct, frozen=True):
    """Goods that may draw on a quota: one row of a lot, or of a document."""

    subject: Subject
    row: Row | DocumentRow
    also: tuple[Measure, ...]
    side: Side
    counts: str
    day: str
    drawn: tuple[str, ...] = ()
    """Accounts on which these goods were counted before, on this side."""
    left_on: tuple[str, ...] = ()
    """Accounts on which they were counted when they left: what arrives is counted there too."""
    seen: bool = False
    """Whether an officer saw them pass: what happened is never kept out."""
    purpose: str | None = None
    """Why they cross a border, where a document says so."""


def covers(quota: Quota, taking: Taking) -> bool:
    """Return whether a quota counts such goods; a purpose that nobody stated may be any."""
    row, purpose = taking.row, taking.purpose
    return (
        quota.counts == taking.counts
        and (not quota.terms or not counted_as(row.term).isdisjoint(quota.terms))
        and (not quota.sources or row.source in quota.sources)
        and (not quota.purposes or purpose is None or purpose in quota.purposes)
    )


def counted_as(term: str) -> frozenset[str]:
    """Return the terms under which goods count: a side is half a skin, whatever a quota lists."""
    return frozenset({term, _SKIN}) if term == _SIDE else frozenset({term})


def measured(taking: Taking, quota: Quota) -> int | None:
    """Return the goods in the unit of the quota, or None where they are not measured in it.

    Two sides are one skin where the quota counts skins (UNEP-WCMC); an odd one counts as begun.
    """
    if not quota.amount and not quota.carried:
        # Of what may not be traded at all, any unit is too much.
        return taking.row.quantity
    measures = {measure.unit: measure.quantity for measure in taking.also}
    measures[taking.row.unit] = taking.row.quantity
    quantity = measures.get(quota.unit)
    if quantity is not None and taking.row.term == _SIDE and _SKIN in quota.terms:
        return (quantity + 1) // 2
    return quantity


Pool = tuple[object, ...]


def pools_of(quotas: Sequence[Quota]) -> tuple[Pool, ...]:
    """Return for each quota what tells it apart from the others for whoever draws.

    Goods tell of no region: regions of one country are alike, whatever forms each of them counts.
    A quota of the whole country is none of them, and of one region two are told apart.
    """
    regions = Counter((q.taxon, q.unit, q.region) for q in quotas if q.region is not None)
    several = {(taxon, unit) for (taxon, unit, _), number in regions.items() if number > 1}
    return tuple(
        (True, q.taxon, q.unit)
        if q.region is not None and (q.taxon, q.unit) not in several
        else (q.region is not None, q.taxon, q.unit, q.terms, q.sources)
        for q in quotas
    )


def current(draft: Draft, account: str) -> str:
    """Return the account of the quota that took over what was drawn on this one, else itself."""
    state = draft.account(account, QuotaAccount)
    while state is not None and state.replaced_by is not None:
        account = f"quota/{state.replaced_by}"
        state = draft.account(account, QuotaAccount)
    return account
