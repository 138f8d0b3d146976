"""What transfers do to the state: offers open and end, custody and title move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody import standing
from ledger.custody.decide import Effect
from ledger.custody.effects import packing
from ledger.custody.effects.certified import sold_as, take_back
from ledger.custody.effects.moves import (
    child,
    end_if_empty,
    leave_container,
    moved,
    rest_of,
    without_rule,
)
from ledger.custody.effects.papers import place, spend
from ledger.custody.effects.sealing import close_seals, open_seals
from ledger.custody.effects.specimens import end_sold
from ledger.custody.goods import Cut, Goods, compress, expand
from ledger.custody.lots import LotState
from ledger.custody.rules.dealing import dealings
from ledger.custody.rules.placing import sales_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind
from ledger.custody.transfers import (
    Moves,
    Offer,
    TransferAccepted,
    TransferDeclined,
    TransferDispatched,
    TransferOffered,
    TransferWithdrawn,
)

_ON_THE_WAY = ("transfer.overdue",)


def offered(signed: Signed, draft: Draft) -> None:
    """Open an offer: its lots and containers stand in it and in no older, expired one."""
    event = signed.event
    if not isinstance(event, TransferOffered):
        return
    draft.offers[signed.id] = Offer(signed.id, signed.party, event)
    older: set[bytes] = set()
    for code in event.lots:
        lot = draft.lot(code)
        if lot is not None:
            older.update(() if lot.offer is None else (lot.offer,))
            state = moved(signed, lot, offer=signed.id, offer_expires=event.expires)
            draft.put(Kind.LOT, code, state)
    for code in event.containers:
        held = draft.container(code)
        if held is not None:
            older.update(() if held.offer is None else (held.offer,))
            draft.put(Kind.CONTAINER, code, replace(held, head=signed.id, offer=signed.id))
    for offer_id in sorted(older):
        take_back(draft, offer_id, event.lots)
        end_if_empty(draft, offer_id)


def dispatched(signed: Signed, draft: Draft) -> None:
    """Note the dispatch in the offer; heads stay."""
    event = signed.event
    if isinstance(event, TransferDispatched):
        offer = draft.offer(event.offer)
        if offer is not None:
            close_seals(draft, offer, event)
            draft.offers[event.offer] = replace(offer, dispatched=event)


def ended(signed: Signed, draft: Draft) -> None:
    """End an offer that nothing came of: its lots and containers are free again."""
    event = signed.event
    if not isinstance(event, TransferDeclined | TransferWithdrawn):
        return
    offer = draft.offer(event.offer)
    if offer is None:
        return
    if isinstance(event, TransferWithdrawn) and signed.party != offer.sender:
        _recall(signed, draft, offer)
        return
    _free_lots(signed, draft, offer)
    take_back(draft, offer.id, offer.event.lots)
    for code, _ in standing.containers_standing(draft, offer):
        for inside in standing.within(draft, code)[0]:
            _free_of_deadline(draft, inside)
            take_back(draft, offer.id, (inside,))
        _settle_container(signed, draft, code)
    draft.offers[offer.id] = None


def accepted(signed: Signed, draft: Draft) -> None:
    """Settle an offer: missing lots and parts are born, the rest changes hands as offered.

    Births in this order: what is missing, by code; then the parts, by code.
    """
    event = signed.event
    offer = draft.offer(event.offer) if isinstance(event, TransferAccepted) else None
    if not isinstance(event, TransferAccepted) or offer is None:
        return
    sold = draft.once(dealings, signed)
    open_seals(draft, offer)
    stood = standing.parcels(draft, offer)
    found = standing.arrivals(draft, offer, event)
    if isinstance(found, standing.Misfit):
        raise LookupError(found.rule)
    placed = sales_of(draft, offer, found)
    shorts, parts = standing.shorts_of(event, found), standing.parts_of(found)
    missing = {a.parcel.code: signed.code_of(i) for i, a in enumerate(shorts)}
    born = {a.parcel.code: signed.code_of(i) for i, a in enumerate(parts, start=len(shorts))}
    for arrival in shorts:
        _lose(signed, draft, arrival, code=missing[arrival.parcel.code])
    for arrival in parts:
        _take_part(signed, draft, offer, arrival, code=born[arrival.parcel.code], missing=missing)
    for arrival in found:
        if arrival.rest is None:
            _take_whole(signed, draft, offer, arrival, missing=missing)
    refused = [p for p in stood if p.lot.container is not None and p.code in event.refused]
    for parcel in refused:
        _leave_with_sender(signed, draft, offer, parcel.code)
    _end_older(draft, offer, stood)
    _free_lots(signed, draft, offer)
    for code, _ in standing.containers_standing(draft, offer):
        _take_container(signed, draft, offer, code)
    spend(signed, draft, sold, codes=born)
    place(signed, draft, placed, codes=born)
    end_sold(signed, draft, offer, (born.get(a.parcel.code, a.parcel.code) for a in found))
    draft.offers[offer.id] = None


def _free_lots(signed: Signed, draft: Draft, offer: Offer) -> None:
    """Free every lot that still stands in the offer: its answer becomes the head."""
    for code in offer.event.lots:
        lot = draft.lot(code)
        if lot is not None and lot.offer == offer.id:
            draft.put(Kind.LOT, code, _settled(signed, lot, offer))


def _recall(signed: Signed, draft: Draft, offer: Offer) -> None:
    """Free the lots that their owner takes out of a keeper's offer; others stand there still."""
    codes = [parcel.code for parcel in standing.recalled(draft, offer, party=signed.party)]
    for code in codes:
        lot = draft.lot(code)
        if lot is not None:
            draft.put(Kind.LOT, code, _settled(signed, lot, offer))
    take_back(draft, offer.id, codes)
    end_if_empty(draft, offer.id)


def _lose(signed: Signed, draft: Draft, arrival: standing.Arrival, *, code: str) -> None:
    of = arrival.parcel.code
    goods = arrival.missing or Goods()
    child(signed, draft, code=code, of=of, goods=goods, missing_of=of)


def _take_part(
    signed: Signed,
    draft: Draft,
    offer: Offer,
    arrival: standing.Arrival,
    *,
    code: str,
    missing: Mapping[str, str],
) -> None:
    of, lot = arrival.parcel.code, arrival.parcel.lot
    lost = (missing[of],) if of in missing else ()
    hands = {**_hands(signed, offer, lot), **sold_as(offer, of)}
    child(signed, draft, code=code, of=of, goods=arrival.arrived, missing=lost, **hands)
    gone = _joined(arrival.arrived, arrival.missing)
    left = rest_of(draft, lot, Cut(gone, arrival.rest or Goods()))
    draft.put(Kind.LOT, of, _settled(signed, left, offer))


def _take_whole(
    signed: Signed,
    draft: Draft,
    offer: Offer,
    arrival: standing.Arrival,
    *,
    missing: Mapping[str, str],
) -> None:
    code, lot = arrival.parcel.code, arrival.parcel.lot
    lost: tuple[str, ...] = ()
    if arrival.missing is not None:
        lot = rest_of(draft, lot, Cut(arrival.missing, arrival.arrived))
        lost = (missing[code],)
    changes = {**_hands(signed, offer, lot), **sold_as(offer, code)}
    draft.put(
        Kind.LOT, code, _settled(signed, lot, offer, missing=(*lot.missing, *lost), **changes)
    )


def _end_older(draft: Draft, offer: Offer, stood: tuple[standing.Parcel, ...]) -> None:
    """End the sales of what stood in a container that was sold meanwhile: they had expired."""
    older = {p.lot.offer for p in stood if p.lot.offer is not None}
    for offer_id in sorted(older - {offer.id}):
        end_if_empty(draft, offer_id)


def _leave_with_sender(signed: Signed, draft: Draft, offer: Offer, code: str) -> None:
    """A refused lot stays behind: it leaves its container, where that moves on without it."""
    if offer.event.moves is not Moves.TITLE:
        leave_container(draft, code)
    lot = draft.lot(code)
    if lot is not None:
        draft.put(Kind.LOT, code, _settled(signed, lot, offer))


def _take_container(signed: Signed, draft: Draft, offer: Offer, code: str) -> None:
    moves = offer.event.moves is not Moves.TITLE
    nested = standing.within(draft, code)[1] if moves else ()
    _settle_container(signed, draft, code, holder=signed.party if moves else None)
    for inside in nested:
        _settle_container(signed, draft, inside, holder=signed.party)


def _settle_container(
    signed: Signed, draft: Draft, code: str, *, holder: str | None = None
) -> None:
    held = draft.container(code)
    if held is not None:
        state = replace(held, head=signed.id, offer=None, holder=holder or held.holder)
        draft.put(Kind.CONTAINER, code, state)


def _settled(signed: Signed, lot: LotState, offer: Offer, **changes: Any) -> LotState:
    """Return a lot for which `offer` is settled. Its sale stands while its container is carried."""
    findings = without_rule(lot.findings, *_ON_THE_WAY) if lot.findings else lot.findings
    is_sold = lot.offer != offer.id and offer.event.moves is Moves.CUSTODY
    freed = {} if is_sold else {"offer": None, "offer_expires": None}
    return moved(signed, lot, **{**freed, "findings": findings, **changes})


def _free_of_deadline(draft: Draft, code: str) -> None:
    lot = draft.lot(code)
    if lot is not None and lot.findings:
        findings = without_rule(lot.findings, *_ON_THE_WAY)
        draft.put(Kind.LOT, code, replace(lot, findings=findings))


def _hands(signed: Signed, offer: Offer, lot: LotState) -> dict[str, Any]:
    """Return who holds and owns the lot once the offer is accepted, and what the holder may do."""
    moves, receiver = offer.event.moves, signed.party
    allows: tuple[str, ...] = ()
    came_from: str | None = None
    holder = lot.holder if moves is Moves.TITLE else receiver
    owner = lot.owner if moves is Moves.CUSTODY else receiver
    if holder != owner and moves is Moves.CUSTODY:
        allows, came_from = tuple(sorted(offer.event.allows)), offer.sender
    elif holder != owner:
        # Who sold what it keeps in store may store it, and give it to the new owner.
        keeps = lot.holder == lot.owner
        allows, came_from = (("store",), None) if keeps else _under_new_owner(lot)
    return {"holder": holder, "owner": owner, "allows": allows, "came_from": came_from}


def _under_new_owner(lot: LotState) -> tuple[tuple[str, ...], str | None]:
    """Return what a holder may do once the title passed over its head, and where it may return.

    The leave to sell came from the old owner and ends with its title, and so does the way back.
    """
    allows = tuple(right for right in lot.allows if right != "sell")
    return allows, None if lot.came_from == lot.owner else lot.came_from


def _joined(first: Goods, second: Goods | None) -> Goods:
    if second is None:
        return first
    marks = compress((*expand(first.marks), *expand(second.marks)))
    return Goods((*first.contents, *second.contents), marks)


EFFECTS: Mapping[type[Any], Effect] = {
    TransferOffered: offered,
    TransferDispatched: dispatched,
    TransferAccepted: accepted,
    TransferDeclined: ended,
    TransferWithdrawn: ended,
    **packing.EFFECTS,
}
