"""What stands in an offer or in a container at this moment, and what an answer makes of it.

Owns the reading of an open offer against the state of its lots: an officer may have taken some in
between, and then the offer means the rest. Changes nothing and refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ledger.custody.goods import Cut, Goods, Part, clip, cut
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.state import Draft
from ledger.custody.transfers import (
    ContainerState,
    Moves,
    Offer,
    Short,
    TransferAccepted,
)

NESTED_MAX = 1_000
"""The most lots and containers that may stand in one container, nested ones included."""


class Parcel(Struct, frozen=True):
    """One lot of an offer as it stands now; `part` is whole where all that is left goes."""

    code: str
    lot: LotState
    part: Part


class Arrival(Struct, frozen=True):
    """What an answer makes of a parcel: what arrived, what did not, what was never offered.

    `rest` is None where the whole lot was offered.
    """

    parcel: Parcel
    arrived: Goods
    missing: Goods | None = None
    rest: Goods | None = None


class Misfit(Struct, frozen=True):
    """An answer that does not fit its offer: the rule that it breaks, and on which lot."""

    rule: str
    code: str


def within(draft: Draft, code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of all lots, and of all containers, that stand in container `code`."""
    lots: list[str] = []
    containers: list[str] = []
    waiting = [code]
    while waiting and len(lots) + len(containers) <= NESTED_MAX:
        state = draft.container(waiting.pop())
        if state is not None:
            lots += state.lots
            containers += state.containers
            waiting += state.containers
    return tuple(sorted(lots)), tuple(sorted(containers))


def is_sold_inside(draft: Draft, lot: LotState, *, at: int) -> bool:
    """Return whether a container that the lot stands in is on an open offer that moves title."""
    code = lot.container
    while code is not None:
        held = draft.container(code)
        offer = draft.offer(held.offer) if held is not None and held.offer is not None else None
        if offer is not None and offer.event.moves is not Moves.CUSTODY:
            return at <= offer.event.expires
        code = held.container if held is not None else None
    return False


def containers_standing(draft: Draft, offer: Offer) -> tuple[tuple[str, ContainerState], ...]:
    """Return the containers that still stand in `offer`, sorted by code."""
    found = ((code, draft.container(code)) for code in sorted(offer.event.containers))
    return tuple((code, c) for code, c in found if c is not None and c.offer == offer.id)


def parcels(draft: Draft, offer: Offer) -> tuple[Parcel, ...]:
    """Return the lots that still stand in `offer`, those in its containers last, sorted by code."""
    found = list(_own_parcels(draft, offer))
    for code, _ in containers_standing(draft, offer):
        for inside in within(draft, code)[0]:
            lot = draft.lot(inside)
            if lot is not None and lot.status is LotStatus.LIVE:
                found.append(Parcel(inside, lot, Part()))
    return tuple(found)


def recalled(draft: Draft, offer: Offer, *, party: str) -> tuple[Parcel, ...]:
    """Return what leaves an offer that the party withdraws: all by its sender, else its own lots.

    A lot in a container is sold where it stands, whatever becomes of the container.
    """
    found = parcels(draft, offer)
    if offer.sender == party:
        return found
    return tuple(p for p in found if p.lot.owner == party and p.lot.offer == offer.id)


def arrivals(draft: Draft, offer: Offer, event: TransferAccepted) -> tuple[Arrival, ...] | Misfit:
    """Return what an acceptance makes of each parcel that it does not refuse, in their order."""
    standing = parcels(draft, offer)
    codes = {parcel.code for parcel in standing}
    for code in (*sorted(event.short), *event.refused):
        if code not in codes and code not in offer.event.lots:
            return Misfit("transfer.not-offered", code)
    found: list[Arrival] = []
    for parcel in standing:
        if parcel.code in event.refused:
            continue
        arrival = _arrival(parcel, event.short.get(parcel.code))
        if isinstance(arrival, str):
            return Misfit(arrival, parcel.code)
        found.append(arrival)
    return tuple(found)


def shorts_of(event: TransferAccepted, found: tuple[Arrival, ...]) -> tuple[Arrival, ...]:
    """Return the arrivals that lack something, in the order in which missing lots are born."""
    short = (a for a in found if a.missing is not None and a.parcel.code in event.short)
    return tuple(sorted(short, key=lambda arrival: arrival.parcel.code))


def parts_of(found: tuple[Arrival, ...]) -> tuple[Arrival, ...]:
    """Return the arrivals that are parts of lots, in the order in which they are born."""
    partial = (arrival for arrival in found if arrival.rest is not None)
    return tuple(sorted(partial, key=lambda arrival: arrival.parcel.code))


def _own_parcels(draft: Draft, offer: Offer) -> Iterator[Parcel]:
    for code, part in sorted(offer.event.lots.items()):
        lot = draft.lot(code)
        if lot is None or lot.offer != offer.id or lot.status is not LotStatus.LIVE:
            continue
        if offer.event.moves is not Moves.TITLE and lot.holder != offer.sender:
            continue
        left = clip(Goods(lot.contents, lot.marks), part)
        if left is not None:
            yield Parcel(code, lot, left)


def _arrival(parcel: Parcel, short: Short | None) -> Arrival | str:
    goods = Goods(parcel.lot.contents, parcel.lot.marks)
    rest: Goods | None = None
    if not parcel.part.is_whole:
        offered = cut(goods, parcel.part)
        if isinstance(offered, str):
            return offered
        goods, rest = offered.taken, offered.rest
    if short is None:
        return Arrival(parcel, goods, rest=rest)
    if short.quantity is None and not short.marks:
        return "quantity.needed"
    counted: Cut | str = cut(goods, Part(short.quantity, short.marks, short.row))
    if isinstance(counted, str):
        return counted
    return Arrival(parcel, counted.rest, missing=counted.taken, rest=rest)
