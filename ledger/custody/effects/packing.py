"""What packing and opening do to the state: lots stand in a container, or alone again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.effects.claims import claim_marks, end_marks
from ledger.custody.effects.moves import end_if_empty, leave_offer, moved, with_stops
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind
from ledger.custody.transfers import ContainerOpened, ContainerPacked, ContainerState


def packed(signed: Signed, draft: Draft) -> None:
    """Put lots and containers into a new container in the hands of the signer."""
    event = signed.event
    if not isinstance(event, ContainerPacked):
        return
    code = signed.code_of(0)
    new = ContainerState(
        status="packed",
        seals=event.seals,
        head=signed.id,
        holder=signed.party,
        lots=tuple(sorted(event.lots)),
        containers=tuple(sorted(event.containers)),
    )
    draft.put(Kind.CONTAINER, code, new)
    claim_marks(draft, event.seals, to=code, party=signed.party)
    for inside in event.lots:
        leave_offer(draft, inside)
        lot = draft.lot(inside)
        if lot is not None:
            draft.put(Kind.LOT, inside, moved(signed, lot, container=code))
    for inside in event.containers:
        held = draft.container(inside)
        if held is not None:
            state = replace(held, head=signed.id, offer=None, container=code)
            draft.put(Kind.CONTAINER, inside, state)
            _leave_offer(draft, held)


def opened(signed: Signed, draft: Draft) -> None:
    """Empty a container: what stood in it stands alone, with its stops; boxes in it stay packed."""
    event = signed.event
    held = draft.container(event.container) if isinstance(event, ContainerOpened) else None
    if not isinstance(event, ContainerOpened) or held is None:
        return
    state = replace(held, status="opened", head=signed.id, offer=None, lots=(), containers=())
    draft.put(Kind.CONTAINER, event.container, state)
    _leave_offer(draft, held)
    end_marks(draft, held.seals, of=event.container, how="opened")
    for inside in held.lots:
        lot = draft.lot(inside)
        if lot is not None:
            findings = with_stops(lot.findings, held.findings)
            draft.put(Kind.LOT, inside, replace(lot, container=None, findings=findings))
    for inside in held.containers:
        other = draft.container(inside)
        if other is not None:
            findings = with_stops(other.findings, held.findings)
            draft.put(Kind.CONTAINER, inside, replace(other, container=None, findings=findings))


def _leave_offer(draft: Draft, before: ContainerState) -> None:
    if before.offer is not None:
        end_if_empty(draft, before.offer)


EFFECTS: Mapping[type[Any], Effect] = {ContainerPacked: packed, ContainerOpened: opened}
