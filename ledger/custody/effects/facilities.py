"""What facilities' events do to the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs
from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.effects.vouching import vouched_with
from ledger.custody.facilities import FacilityAttested, FacilityRegistered, FacilityState, Terms
from ledger.custody.references import PartyPlaces
from ledger.custody.rules.facilities import BY_HOW
from ledger.custody.rules.other_places import PLACES_MAX, places_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind

ATTESTED = "attested"


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
        terms=event.terms,
    )
    draft.put(Kind.FACILITY, event.facility, state)
    known = places_of(draft, signed.party)
    if len(known) < PLACES_MAX:
        places = PartyPlaces((*known, event.facility))
        draft.put(Kind.REFERENCE, f"places/{signed.party}", places)


def attested(signed: Signed, draft: Draft) -> None:
    """Note an officer's word on a place: it settles what an earlier one of its kind had found."""
    event = signed.event
    if not isinstance(event, FacilityAttested):
        return
    place = draft.facility(event.facility)
    if place is None:
        return
    settled = BY_HOW[event.how]
    state = replace(
        place,
        status=ATTESTED if event.result == "matches" else place.status,
        attested_at=signed.at,
        area_m2=place.area_m2 if event.area_m2 is None else event.area_m2,
        terms=_merged(place.terms, event.terms),
        findings=tuple(f for f in place.findings if f.rule not in settled),
        vouched=vouched_with(place, signed, event.how, settled),
    )
    draft.put(Kind.FACILITY, event.facility, state)


def _merged(old: Terms | None, new: Terms | None) -> Terms | None:
    """Return the terms with what the authority says in place of what was said before."""
    if old is None or new is None:
        return new or old
    said = structs.asdict(new)
    return replace(old, **{name: value for name, value in said.items() if value not in (None, ())})


EFFECTS: Mapping[type[Any], Effect] = {FacilityRegistered: registered, FacilityAttested: attested}
