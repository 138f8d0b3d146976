"""Rules on the seals of a load: each closes one, once; the same goods may travel on under it.

Owns what of a consignment a seal is known by: its containers and lots. A seal that was closed on
other goods, or stood on a container that was opened, stops what it is said to close now; goods that
are still under way under it are looked at. Source: house rule; fraud F22.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody import standing
from ledger.custody.goods import expand
from ledger.custody.marks import MarkState
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Severity, Subject
from ledger.custody.transfers import Offer, TransferDispatched

KNOWN_BY_MAX = 100
"""By how many of its containers and lots a seal of a consignment is known."""
ARRIVED = "arrived"
"""Why a seal stands on nothing any more: its goods were counted at the other end."""


def check_sealed(signed: Signed, draft: Draft, offer: Offer) -> Iterator[Flag]:
    """Yield a stop on goods whose seal closed others before, a check on those under way still."""
    event = signed.event
    if not isinstance(event, TransferDispatched) or not event.seals:
        return
    own = known_by(draft, offer)
    reused: list[str] = []
    for name in expand(event.seals):
        state = draft.mark(name)
        is_new = state is None or not (state.lots or state.ended)
        if state is None or is_new or is_same(draft, own, state):
            continue
        reused.append(name)
        for code in state.lots if state.ended is None else ():
            yield Flag(_subject(draft, code), "seal.reused", Severity.CHECK, marks=(name,))
    if reused:
        for parcel in standing.parcels(draft, offer):
            lot = Subject(Kind.LOT, parcel.code)
            yield Flag(lot, "seal.reused", Severity.STOP, marks=tuple(sorted(reused)))


def known_by(draft: Draft, offer: Offer) -> tuple[str, ...]:
    """Return the codes by which seals of an offer's consignment are known: containers first."""
    boxes = [code for code, _ in standing.containers_standing(draft, offer)]
    lots = [parcel.code for parcel in standing.parcels(draft, offer)]
    return tuple([*boxes, *lots][:KNOWN_BY_MAX])


def is_same(draft: Draft, codes: tuple[str, ...], state: MarkState) -> bool:
    """Return whether a seal stands on some of these goods already, or on what they were part of."""
    lots = (draft.lot(code) for code in codes)
    before = {parent for lot in lots if lot is not None for parent in lot.parents}
    return not before.union(codes).isdisjoint(state.lots)


def _subject(draft: Draft, code: str) -> Subject:
    return Subject(Kind.LOT if draft.lot(code) is not None else Kind.CONTAINER, code)
