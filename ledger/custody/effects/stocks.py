"""What declarations, counts and registrations do to the stock accounts of farms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.effects.vouching import vouched_with
from ledger.custody.facilities import FacilityState
from ledger.custody.references import CountedFarm, CountedFarms
from ledger.custody.rules.by_products import is_contradicted, summed
from ledger.custody.rules.counting import APART, counts_of, is_apart, register_name, with_count
from ledger.custody.rules.days import day_of
from ledger.custody.rules.farm_takings import account_name, takings
from ledger.custody.rules.figures import spot_of
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.stocks import (
    BELOW_ZERO,
    BY_PRODUCTS,
    STOCKS_MAX,
    UNDECLARED,
    UNSEEN,
    attested,
    declared,
    explained,
    is_new_to,
    with_short,
)
from ledger.custody.state import Draft, Signed
from ledger.custody.stocks import StockAccount, StockAttested, StockDeclared
from ledger.custody.subjects import Kind

SETTLED: frozenset[str] = frozenset({"stock.differs", "stock.unexplained"})
"""What a count that matches takes away from the farm."""


def stock_declared(signed: Signed, draft: Draft) -> None:
    """Add a declaration to the farm's account; the first one opens it."""
    event = signed.event
    if isinstance(event, StockDeclared):
        name = account_name(event.facility, event.taxon)
        known = draft.account(name, StockAccount)
        state = declared(signed, known, event)
        codes = explained(signed, known, event) if known is not None else ()
        _explain(draft, codes)
        left = tuple(short for short in state.short if short.lot not in codes)
        draft.put(Kind.ACCOUNT, name, _capped(replace(state, short=left)))
        place = draft.facility(event.facility)
        if known is None and place is not None:
            draft.put(Kind.FACILITY, event.facility, _with_stock(place, event.taxon))
        _settle_products(signed, draft, event.facility)


def stock_attested(signed: Signed, draft: Draft) -> None:
    """Set the stock to what an officer counted."""
    event = signed.event
    if not isinstance(event, StockAttested):
        return
    name = account_name(event.facility, event.taxon)
    state = draft.account(name, StockAccount)
    place = draft.get(Kind.FACILITY, event.facility, FacilityState)
    if state is None or place is None:
        return
    draft.put(Kind.ACCOUNT, name, _capped(attested(signed, state, event)))
    settled = SETTLED if event.result == "matches" else frozenset()
    if not any(_is_unseen(draft, event.facility, taxon) for taxon in place.stocks):
        settled |= {UNSEEN}
    kept = tuple(f for f in place.findings if f.rule not in settled)
    vouched = vouched_with(place, signed, event.taxon, settled)
    draft.put(Kind.FACILITY, event.facility, replace(place, findings=kept, vouched=vouched))
    _settle_products(signed, draft, event.facility)
    _note_count(signed, draft, event, place)


def take(signed: Signed, draft: Draft) -> None:
    """Count the animals that a registration of bred goods took out of the stocks."""
    for taking in draft.once(takings, signed):
        state = draft.account(taking.account, StockAccount)
        place = draft.facility(taking.facility)
        if place is not None and is_new_to(place, state, taking):
            sold = tuple(sorted({*place.undeclared, taking.taxon}))[:STOCKS_MAX]
            draft.put(Kind.FACILITY, taking.facility, replace(place, undeclared=sold))
        if state is None:
            continue
        counted = replace(
            state,
            count=state.count - taking.animals,
            taken=state.taken + taking.animals,
            ended=(state.ended or 0) + taking.animals - taking.whole or None,
            products=summed(state, taking),
            short=with_short(signed, state, taking),
        )
        draft.put(Kind.ACCOUNT, taking.account, _capped(counted))
        _settle_products(signed, draft, taking.facility)


def _capped(state: StockAccount) -> StockAccount:
    """Return the account with no sum further from zero than a record can hold."""
    cohorts = tuple(
        replace(c, hatched=min(c.hatched, QUANTITY_MAX), eggs=min(c.eggs, QUANTITY_MAX))
        for c in state.cohorts
    )
    return replace(
        state,
        count=max(min(state.count, QUANTITY_MAX), -QUANTITY_MAX),
        grown=min(state.grown, QUANTITY_MAX),
        taken=min(state.taken, QUANTITY_MAX),
        sold=min(state.sold, QUANTITY_MAX),
        ended=min(state.ended, QUANTITY_MAX) if state.ended is not None else None,
        products=tuple(replace(m, quantity=min(m.quantity, QUANTITY_MAX)) for m in state.products),
        cohorts=cohorts,
    )


def _with_stock(place: FacilityState, taxon: str) -> FacilityState:
    """Return the place with one more declared stock; once all are, it owes no declaration."""
    stocks = tuple(sorted({*place.stocks, taxon}))
    owed = tuple(name for name in place.undeclared if name != taxon)
    kept = tuple(f for f in place.findings if owed or f.rule != UNDECLARED)
    known = stocks if len(stocks) <= STOCKS_MAX else place.stocks
    return replace(place, stocks=known, undeclared=owed, findings=kept)


def _is_unseen(draft: Draft, facility: str, taxon: str) -> bool:
    state = draft.account(account_name(facility, taxon), StockAccount)
    return state is not None and bool(state.unseen)


def _settle_products(signed: Signed, draft: Draft, facility: str) -> None:
    """Take away what was found about meat and the like, once the animals account for it."""
    place = draft.facility(facility)
    if place is None or all(finding.rule != BY_PRODUCTS for finding in place.findings):
        return
    spot = spot_of(draft, facility, day=day_of(signed))
    accounts = (account_name(facility, taxon) for taxon in place.stocks)
    states = (draft.account(name, StockAccount) for name in accounts)
    if not any(state is not None and is_contradicted(draft, state, spot) for state in states):
        kept = tuple(f for f in place.findings if f.rule != BY_PRODUCTS)
        draft.put(Kind.FACILITY, facility, replace(place, findings=kept))


def _note_count(signed: Signed, draft: Draft, event: StockAttested, place: FacilityState) -> None:
    """Note the day of a count; farms that were counted on one day are apart no more.

    What the farm's own count before had found is found anew, or not.
    """
    new = CountedFarm(event.facility, day_of(signed))
    name = register_name(place.country, event.facility, event.taxon)
    known = with_count(counts_of(draft, name), new)
    draft.put(Kind.REFERENCE, name, CountedFarms(known))
    for farm in (farm for farm in known if farm.day == new.day):
        state = draft.facility(farm.facility)
        if state is None or _is_apart(draft, state, farm.facility):
            continue
        kept = tuple(f for f in state.findings if f.rule != APART)
        if kept != state.findings:
            draft.put(Kind.FACILITY, farm.facility, replace(state, findings=kept))


def _is_apart(draft: Draft, place: FacilityState, name: str) -> bool:
    """Return whether any stock of a farm was counted on another day than one of its party's."""
    for taxon in place.stocks:
        known = counts_of(draft, register_name(place.country, name, taxon))
        mine = next((farm for farm in known if farm.facility == name), None)
        if mine is not None and any(is_apart(mine, farm) for farm in known):
            return True
    return False


def _explain(draft: Draft, codes: tuple[str, ...]) -> None:
    """Take away what a stock had found about lots for which it was short of animals."""
    for code in codes:
        lot = draft.lot(code)
        if lot is not None:
            kept = tuple(f for f in lot.findings if f.rule != BELOW_ZERO)
            draft.put(Kind.LOT, code, replace(lot, findings=kept))


EFFECTS: Mapping[type[Any], Effect] = {
    StockDeclared: stock_declared,
    StockAttested: stock_attested,
}
