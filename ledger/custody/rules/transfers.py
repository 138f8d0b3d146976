"""Rules on transfers: one offer over many lots, one answer, and what a holder may give away.

Owns offers, dispatch and answers. What a lot must be to move at all is in `holding`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody import standing
from ledger.custody.decide import Check
from ledger.custody.goods import Part
from ledger.custody.lots import LotState
from ledger.custody.rules import (
    certified,
    dealing,
    goods,
    holding,
    leaving,
    marks,
    packing,
    placing,
    specimens,
)
from ledger.custody.rules.bans import check_banned
from ledger.custody.rules.holding import Right
from ledger.custody.rules.offices import HOLDERS, has_role
from ledger.custody.rules.packing import check_container
from ledger.custody.rules.registration import check_codes
from ledger.custody.rules.seals import check_sealed
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.custody.transfers import (
    Moves,
    Offer,
    TransferAccepted,
    TransferDeclined,
    TransferDispatched,
    TransferOffered,
    TransferWithdrawn,
)

OFFERED_MAX = 1_000
"""The most lots that one offer moves, those in containers included."""

RULES = (
    Rule("transfer.empty", "refuse", "An offer names at least one lot or container."),
    Rule("transfer.too-many", "refuse", "An offer moves at most 1,000 lots."),
    Rule("transfer.to-self", "refuse", "An offer goes to another party."),
    Rule("transfer.receiver-unknown", "refuse", "An offer goes to a party of this ledger."),
    Rule("transfer.receiver-suspended", "refuse", "An offer goes to a party that may answer."),
    Rule("transfer.receiver-role", "refuse", "Goods go to a party that handles goods."),
    Rule("transfer.expires", "refuse", "An offer that is over before it stands is no offer."),
    Rule("transfer.allows", "refuse", "Only an offer of custody allows, and only four things."),
    Rule("transfer.offer-not-open", "refuse", "An answer names an offer that still stands."),
    Rule("transfer.not-addressed", "refuse", "Only the party that is addressed answers."),
    Rule("transfer.not-sender", "refuse", "The sender dispatches or withdraws; the owner recalls."),
    Rule("transfer.expired", "refuse", "An offer is accepted before it expires."),
    Rule("transfer.not-offered", "refuse", "An answer speaks of lots of the offer."),
    Rule("transfer.short-title", "refuse", "Where only title moves, nothing can be short."),
    Rule("transfer.both", "refuse", "A lot is short or refused, not both."),
    Rule("transfer.all-refused", "refuse", "Who takes nothing declines."),
    Rule("transfer.dispatched", "refuse", "An offer is dispatched once."),
    Rule("transfer.nothing-to-carry", "refuse", "Where only title moves, nothing is dispatched."),
    Rule("transfer.due", "refuse", "Goods are due after they leave."),
    Rule("transfer.carrier-unknown", "refuse", "A carrier that is named is a party."),
    Rule("transfer.reason", "refuse", "Who declines or withdraws says why."),
    Rule("transfer.overdue", "check", "What left arrives by the time it is due."),
    Rule("transfer.late", "check", "What arrives after it was due is looked at."),
    Rule("transfer.recalled", "check", "An offer withdrawn after its goods left is looked at."),
    Rule("transfer.short", "check", "What did not arrive is found, lost or counted again."),
    *dealing.RULES,
    *packing.RULES,
)


def check_offered(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about an offer: (1) its terms, (2) each lot, (3) each container."""
    event = signed.event
    if not isinstance(event, TransferOffered):
        return
    yield from _check_terms(signed, draft, event)
    yield from goods.check_documents(draft, event.documents)
    for code, part in sorted(event.lots.items()):
        yield from _check_offered_lot(signed, draft, event, code, part=part)
        yield from holding.check_part(draft, code, part)
    selling = list(event.lots)
    moved = len(event.lots)
    if len(set(event.containers)) != len(event.containers):
        yield Refusal("container.twice", {})
    for code in event.containers:
        yield from check_container(signed, draft, code)
        inside = standing.within(draft, code)[0]
        moved += len(inside)
        selling += inside
        for lot_code in inside:
            lot = draft.lot(lot_code)
            if lot is not None:
                yield from _check_giving(signed, lot, event, lot_code)
                if event.moves is not Moves.CUSTODY and holding.on_offer(lot, at=signed.at):
                    yield Refusal("transfer.open-offer", {"lot": lot_code})
    if moved > OFFERED_MAX:
        yield Refusal("transfer.too-many", {"lots": moved, "lots_max": OFFERED_MAX})
    yield from certified.check_offered_claims(signed, draft, selling)


def check_dispatched(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about a dispatch; each lot gets a deadline."""
    event = signed.event
    if not isinstance(event, TransferDispatched):
        return
    offer = draft.offer(event.offer)
    if offer is None:
        yield Refusal("transfer.offer-not-open", {})
        return
    if offer.sender != signed.party:
        yield Refusal("transfer.not-sender", {"party": signed.party})
    if signed.at > offer.event.expires:
        yield Refusal("transfer.expired", {"expires": offer.event.expires})
    if offer.dispatched is not None:
        yield Refusal("transfer.dispatched", {})
    if offer.event.moves is Moves.TITLE:
        yield Refusal("transfer.nothing-to-carry", {})
    if event.due <= (signed.when or signed.iat):
        yield Refusal("transfer.due", {"due": event.due})
    if event.carrier is not None and draft.party(event.carrier) is None:
        yield Refusal("transfer.carrier-unknown", {"carrier": event.carrier})
    yield from marks.check_form(event.seals)
    yield from check_sealed(signed, draft, offer)
    for parcel in standing.parcels(draft, offer):
        lot = Subject(Kind.LOT, parcel.code)
        yield Flag(lot, "transfer.overdue", Severity.CHECK, from_at=event.due)


def check_accepted(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about an acceptance, and the findings on what came short or late.

    (1) the offer stands, (2) for the signer, (3) in time, (4) for each lot that it names, (5) and
    the codes born here are free.
    """
    event = signed.event
    if not isinstance(event, TransferAccepted):
        return
    offer = draft.offer(event.offer)
    if offer is None:
        yield Refusal("transfer.offer-not-open", {})
        return
    if offer.event.to != signed.party:
        yield Refusal("transfer.not-addressed", {"party": signed.party})
    if signed.at > offer.event.expires:
        yield Refusal("transfer.expired", {"expires": offer.event.expires})
    yield from _check_exceptions(offer, event)
    found = standing.arrivals(draft, offer, event)
    if isinstance(found, standing.Misfit):
        yield Refusal(found.rule, {"lot": found.code})
        return
    if not found:
        rule = "transfer.all-refused" if event.refused else "transfer.offer-not-open"
        yield Refusal(rule, {})
    shorts, parts = standing.shorts_of(event, found), standing.parts_of(found)
    yield from check_codes(signed, draft, count=len(shorts) + len(parts))
    for i in range(len(shorts)):
        lot = Subject(Kind.LOT, signed.code_of(i))
        yield Flag(lot, "transfer.short", Severity.CHECK)
    codes = received_codes(signed, event, found)
    yield from _lateness(signed, offer, codes)
    yield from dealing.check_dealt(signed, draft, codes)
    sales = placing.sales_of(draft, offer, found)
    if sales:
        yield from placing.check_placed(signed, draft, sales, codes)
    yield from leaving.check_taken_over(signed, draft, offer, codes)
    if offer.event.moves is not Moves.CUSTODY:
        yield from specimens.check_sold(draft, codes)


def received_codes(
    signed: Signed, event: TransferAccepted, found: tuple[standing.Arrival, ...]
) -> Mapping[str, str]:
    """Return for each lot of the offer the code under which the receiver has it."""
    first = len(standing.shorts_of(event, found))
    parts = {a.parcel.code: i for i, a in enumerate(standing.parts_of(found), start=first)}
    codes = [arrival.parcel.code for arrival in found]
    return {code: signed.code_of(parts[code]) if code in parts else code for code in codes}


def check_ended(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about a refusal or withdrawal of an offer; expired ones may be ended.

    Whoever owns goods takes them out of the offer of a party that only keeps them: else a keeper
    could keep the owner from selling, by an offer that lasts for years.
    """
    event = signed.event
    if not isinstance(event, TransferDeclined | TransferWithdrawn):
        return
    offer = draft.offer(event.offer)
    if offer is None:
        yield Refusal("transfer.offer-not-open", {})
        return
    declines = isinstance(event, TransferDeclined)
    if declines and offer.event.to != signed.party:
        yield Refusal("transfer.not-addressed", {"party": signed.party})
    recalled = standing.recalled(draft, offer, party=signed.party)
    if not declines and offer.sender != signed.party and not recalled:
        yield Refusal("transfer.not-sender", {"party": signed.party})
    if not event.reason.strip():
        yield Refusal("transfer.reason", {})
    if not declines and offer.dispatched is not None:
        for parcel in recalled:
            yield Flag(Subject(Kind.LOT, parcel.code), "transfer.recalled", Severity.CHECK)


def _check_terms(signed: Signed, draft: Draft, event: TransferOffered) -> Iterator[Refusal]:
    if not event.lots and not event.containers:
        yield Refusal("transfer.empty", {})
    if event.to == signed.party:
        yield Refusal("transfer.to-self", {"party": event.to})
    receiver = draft.party(event.to)
    if receiver is None:
        yield Refusal("transfer.receiver-unknown", {"party": event.to})
    elif receiver.status != "active":
        yield Refusal("transfer.receiver-suspended", {"party": event.to})
    elif not has_role(draft, event.to, HOLDERS):
        yield Refusal("transfer.receiver-role", {"party": event.to})
    if event.expires <= signed.at:
        yield Refusal("transfer.expires", {"expires": event.expires})
    known = {right.value for right in Right}
    if event.allows and event.moves is not Moves.CUSTODY:
        yield Refusal("transfer.allows", {"allows": ", ".join(event.allows)})
    if not known.issuperset(event.allows) or len(set(event.allows)) != len(event.allows):
        yield Refusal("transfer.allows", {"allows": ", ".join(event.allows)})


def _check_offered_lot(
    signed: Signed, draft: Draft, event: TransferOffered, code: str, *, part: Part
) -> Iterator[Refusal]:
    """A lot in a container may be sold where it stands: its title moves, whole, and nothing else.

    Else a keeper could keep the owner from selling by packing the goods.
    """
    refusal = holding.check_live(draft, code)
    if refusal is not None:
        yield refusal
    lot = draft.lot(code)
    if lot is None:
        return
    yield from _check_giving(signed, lot, event, code)
    if lot.container is not None and not (event.moves is Moves.TITLE and part.is_whole):
        yield Refusal("container.inside", {"lot": code, "container": lot.container})
    if holding.on_offer(lot, at=signed.at) or standing.is_sold_inside(draft, lot, at=signed.at):
        yield Refusal("transfer.open-offer", {"lot": code})


def _check_giving(
    signed: Signed, lot: LotState, event: TransferOffered, code: str
) -> Iterator[Refusal]:
    """Who holds gives custody, who owns gives title; a holder for others does what is allowed."""
    holds, owns = lot.holder == signed.party, lot.owner == signed.party
    where: dict[str, str | int] = {"lot": code, "party": signed.party}
    if event.moves is not Moves.TITLE and not holds:
        yield Refusal("custody.not-holder", where)
    if event.moves is not Moves.CUSTODY and not owns:
        if not holds:
            yield Refusal("custody.not-owner", where)
        elif not holding.may(lot, Right.SELL):
            yield Refusal("custody.not-allowed", {"lot": code, "right": Right.SELL.value})
    if event.moves is Moves.CUSTODY and not owns and event.to not in (lot.owner, lot.came_from):
        if not holding.may(lot, Right.CARRY):
            yield Refusal("custody.not-allowed", {"lot": code, "right": Right.CARRY.value})
        excess = [right for right in event.allows if right not in lot.allows]
        if excess:
            yield Refusal("custody.not-allowed", {"lot": code, "right": excess[0]})


def _check_exceptions(offer: Offer, event: TransferAccepted) -> Iterator[Refusal]:
    if event.short and offer.event.moves is Moves.TITLE:
        yield Refusal("transfer.short-title", {})
    both = set(event.short) & set(event.refused)
    if both:
        yield Refusal("transfer.both", {"lot": min(both)})


def _lateness(signed: Signed, offer: Offer, codes: Mapping[str, str]) -> Iterator[Flag]:
    if offer.dispatched is None or (signed.when or signed.at) <= offer.dispatched.due:
        return
    for code in codes.values():
        yield Flag(Subject(Kind.LOT, code), "transfer.late", Severity.CHECK)


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    TransferOffered: (check_offered, check_banned),
    TransferDispatched: (check_dispatched,),
    TransferAccepted: (check_accepted,),
    TransferDeclined: (check_ended,),
    TransferWithdrawn: (check_ended,),
    **packing.CHECKS,
}
