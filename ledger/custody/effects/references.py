"""What setting references does to the state: accounts for quotas, and one record for each question.

Owns how rows are filed so that a rule finds them without a search: under the country and the last
accepted name of the taxon. A quota that replaces another takes over what was drawn on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

from msgspec.structs import replace

from ledger.custody.accounts import QuotaAccount
from ledger.custody.decide import Effect
from ledger.custody.references import (
    BanCountry,
    BanDeclared,
    FigureHistory,
    ListingChanged,
    ListingTaxon,
    Quota,
    QuotaCountry,
    QuotaPeriod,
    QuotaSet,
    QuotaTaxon,
    SuspensionCountry,
    SuspensionDeclared,
    YieldSet,
)
from ledger.custody.rules.references import filed_under
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind

R = TypeVar("R")


def quotas_set(signed: Signed, draft: Draft) -> None:
    """Open an account for each quota and file it under its country and taxon."""
    event = signed.event
    if not isinstance(event, QuotaSet):
        return
    for quota in event.quotas:
        drawn = _replaced(draft, quota) if quota.replaces is not None else (0, 0, 0)
        draft.put(Kind.ACCOUNT, f"quota/{quota.quota}", QuotaAccount(quota, *drawn))
        _file(draft, quota)


def suspensions_declared(signed: Signed, draft: Draft) -> None:
    """File suspensions by country and taxon; the same id again stands for the one before."""
    event = signed.event
    if not isinstance(event, SuspensionDeclared):
        return
    for row in event.suspensions:
        name = f"suspensions/{row.country}"
        state = draft.reference(name, SuspensionCountry) or SuspensionCountry({})
        taxon = filed_under(draft.tables, row.taxon) if row.taxon is not None else ""
        filed = _filed(state.suspended, row, taxon=taxon, of=attrgetter("suspension"))
        draft.put(Kind.REFERENCE, name, replace(state, suspended=filed))


def bans_declared(signed: Signed, draft: Draft) -> None:
    """File bans by country and taxon; the same id again stands for the one before."""
    event = signed.event
    if not isinstance(event, BanDeclared):
        return
    for row in event.bans:
        name = f"bans/{row.country}"
        state = draft.reference(name, BanCountry) or BanCountry({})
        taxon = filed_under(draft.tables, row.taxon)
        filed = _filed(state.banned, row, taxon=taxon, of=attrgetter("ban"))
        draft.put(Kind.REFERENCE, name, replace(state, banned=filed))


def listings_changed(signed: Signed, draft: Draft) -> None:
    """Keep how each taxon was listed, in the order of days."""
    event = signed.event
    if not isinstance(event, ListingChanged):
        return
    for row in event.listings:
        name = f"listings/{filed_under(draft.tables, row.taxon)}"
        state = draft.reference(name, ListingTaxon) or ListingTaxon(())
        same = (row.from_day, row.country)
        others = [old for old in state.listed if (old.from_day, old.country) != same]
        listed = sorted([*others, row], key=lambda r: (r.from_day, r.country or ""))
        draft.put(Kind.REFERENCE, name, replace(state, listed=tuple(listed)))


def figures_set(signed: Signed, draft: Draft) -> None:
    """Keep the values of each figure, in the order of days."""
    event = signed.event
    if not isinstance(event, YieldSet):
        return
    for row in event.figures:
        name = f"figures/{row.key}"
        state = draft.reference(name, FigureHistory) or FigureHistory(())
        others = [old for old in state.values if old.from_day != row.from_day]
        values = sorted([*others, row], key=lambda r: r.from_day)
        draft.put(Kind.REFERENCE, name, replace(state, values=tuple(values)))


def _filed(
    rows: Mapping[str, tuple[R, ...]], row: R, *, taxon: str, of: Callable[[R], str]
) -> dict[str, tuple[R, ...]]:
    """Return rows by taxon with `row` instead of the one with its id, wherever that was filed."""
    kept = {
        key: tuple(old for old in old_rows if of(old) != of(row)) for key, old_rows in rows.items()
    }
    kept[taxon] = (*kept.get(taxon, ()), row)
    return {key: left for key, left in kept.items() if left}


def _replaced(draft: Draft, quota: Quota) -> tuple[int, int, int]:
    """Close the account of the quota replaced; return what was drawn on it."""
    name = f"quota/{quota.replaces}"
    old = draft.account(name, QuotaAccount)
    if old is None:
        return (0, 0, 0)
    draft.put(Kind.ACCOUNT, name, replace(old, replaced_by=quota.quota))
    return (old.reserved, old.exported, old.imported)


def _file(draft: Draft, quota: Quota) -> None:
    taxon = filed_under(draft.tables, quota.taxon)
    name = f"quotas/{quota.country}/{taxon}"
    state = draft.reference(name, QuotaTaxon) or QuotaTaxon(())
    period = QuotaPeriod(quota.quota, quota.from_day, quota.until_day)
    periods = [p for p in state.quota_periods if p.quota != quota.replaces]
    new = replace(state, quota_periods=(*periods, period))
    draft.put(Kind.REFERENCE, name, new)
    of_country = f"quota-taxa/{quota.country}"
    country = draft.reference(of_country, QuotaCountry) or QuotaCountry({})
    count = country.quota_taxa.get(taxon, 0)
    if not count:
        taxa = {**country.quota_taxa, taxon: 1}
        draft.put(Kind.REFERENCE, of_country, replace(country, quota_taxa=taxa))


EFFECTS: Mapping[type[Any], Effect] = {
    QuotaSet: quotas_set,
    SuspensionDeclared: suspensions_declared,
    ListingChanged: listings_changed,
    BanDeclared: bans_declared,
    YieldSet: figures_set,
}
