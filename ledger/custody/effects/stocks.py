"""What declarations, counts and registrations do to the stock accounts of farms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.facilities import FacilityState
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.stocks import (
    BELOW_ZERO,
    STOCKS_MAX,
    UNDECLARED,
    UNSEEN,
    account_name,
    declared,
    explained,
    is_new_to,
    takings,
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
    counted = sum(size.count for size in event.counts)
    attested = replace(
        state, count=counted, counts=event.counts, attested_at=signed.at, unseen=None
    )
    draft.put(Kind.ACCOUNT, name, _capped(attested))
    settled = SETTLED if event.result == "matches" else frozenset()
    if not any(_is_unseen(draft, event.facility, taxon) for taxon in place.stocks):
        settled |= {UNSEEN}
    kept = tuple(f for f in place.findings if f.rule not in settled)
    draft.put(Kind.FACILITY, event.facility, replace(place, findings=kept))


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
            short=with_short(signed, state, taking),
        )
        draft.put(Kind.ACCOUNT, taking.account, _capped(counted))


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
