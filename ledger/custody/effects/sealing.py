"""What closing and opening a consignment does to the records of its seals."""

from __future__ import annotations

from msgspec.structs import replace

from ledger.custody.goods import expand
from ledger.custody.marks import MarkState
from ledger.custody.rules.seals import ARRIVED, KNOWN_BY_MAX, is_same, known_by
from ledger.custody.state import Draft
from ledger.custody.subjects import Kind
from ledger.custody.transfers import Offer, TransferDispatched


def close_seals(draft: Draft, offer: Offer, event: TransferDispatched) -> None:
    """Let the seals stand on the goods that leave; one that stands on a container stays there."""
    own = known_by(draft, offer) if event.seals else ()
    for name in expand(event.seals):
        state = draft.mark(name)
        if state is None:
            draft.put(Kind.MARK, name, MarkState(claims=1, lots=own))
        elif not any(draft.container(code) is not None for code in state.lots):
            travels_on = is_same(draft, own, state)
            lots = tuple(dict.fromkeys((*own, *state.lots)))[:KNOWN_BY_MAX]
            again = replace(
                state,
                claims=state.claims + (not travels_on),
                lots=lots,
                ended=None if travels_on else state.ended,
            )
            draft.put(Kind.MARK, name, again)


def open_seals(draft: Draft, offer: Offer) -> None:
    """Note that the seals of a dispatched offer were opened: its goods were counted."""
    for name in expand(offer.dispatched.seals) if offer.dispatched is not None else ():
        state = draft.mark(name)
        on_box = state is not None and any(draft.container(c) is not None for c in state.lots)
        if state is not None and not on_box:
            draft.put(Kind.MARK, name, replace(state, ended=ARRIVED))
