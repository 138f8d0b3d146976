"""Figures that an authority set, looked up in their order: for a place, a country, everywhere.

Owns the names of figures that rules on places ask for (docs/formats/reference-tables.md, Figures).
What no authority set stands in the released tables, and those leave a check at most.
"""

from __future__ import annotations

from msgspec import Struct

from ledger.custody.references import Figure, FigureHistory
from ledger.custody.state import Draft

CONFIRMED = "confirmed"


class Spot(Struct, frozen=True):
    """Where and when a figure is asked for: the place, its country, the day of the act."""

    place: str
    country: str | None
    day: str


def spot_of(draft: Draft, place: str, *, day: str) -> Spot:
    """Return the spot of work at a place; the party's country where it named no place."""
    facility = draft.facility(place)
    if facility is not None:
        return Spot(place, facility.country, day)
    party = draft.party(place.partition("/")[0])
    return Spot(place, party.country if party is not None else None, day)


def figure(draft: Draft, key: str, spot: Spot) -> Figure | None:
    """Return the figure in force for a place, else for its country, else for all, or None.

    One for a place or a country counts only if it was set for that country: an office of another
    one cannot set it.
    """
    own = (f"{key}/{spot.place}", spot.country), (f"{key}/{spot.country}", spot.country)
    for name, country in (*own, (key, None)):
        history = draft.reference(f"figures/{name}", FigureHistory)
        found = history.on(spot.day) if history is not None else None
        if found is not None and found.country == country:
            return found
    return None


def is_confirmed(found: Figure | None) -> bool:
    """Return whether an authority set the figure, and as confirmed."""
    return found is not None and found.status == CONFIRMED
