"""What facilities' events do to the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.custody.decide import Effect
from ledger.custody.facilities import FacilityRegistered, FacilityState
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind


def registered(signed: Signed, draft: Draft) -> None:
    """Enter a place as its party declares it; an officer's visit may attest it later."""
    event = signed.event
    if not isinstance(event, FacilityRegistered):
        return
    state = FacilityState(
        kind=event.kind,
        country=event.country,
        status="declared",
        area_m2=event.area_m2,
        cells=event.cells,
        capacity=event.capacity,
        licence=event.licence,
    )
    draft.put(Kind.FACILITY, event.facility, state)


EFFECTS: Mapping[type[Any], Effect] = {FacilityRegistered: registered}
