"""Rule on work beside the places whose bounds are known: said of no place, or of a new one.

Owns the register `places/PARTY` of a party's own places. A licence, a calendar or a capacity that
an authority attested binds nobody who leaves the place out of what it says, or names another one.
Sources: frauds F17 and F33.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger.custody.facilities import FacilityState
from ledger.custody.references import PartyPlaces
from ledger.custody.rules.places import Product
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

BESIDE = "facility.beside"
PLACES_MAX = 100
"""Of how many places of a party the register tells, those that were registered first."""
_WORKING = frozenset({"mill", "tannery", "workshop", "plant"})

RULES = (
    Rule("facility.beside", "check", "What an authority bounds at a place is done at that place."),
)


def check_beside(
    signed: Signed,
    draft: Draft,
    *,
    place: str | None,
    made: Mapping[Product, int],
    codes: tuple[str, ...],
) -> Iterator[Flag]:
    """Yield a check on `codes` made elsewhere, by a party whose attested place makes such goods.

    Without a place, where any of its working places has attested terms; at a place that says no
    capacity for it, where the capacity of another one is attested.
    """
    products = frozenset(product for product, quantity in made.items() if quantity)
    here = draft.facility(place) if place is not None else None
    if not products or (here is not None and not products.isdisjoint(_capacities(here))):
        return
    for name in places_of(draft, signed.party):
        other = draft.facility(name)
        if other is None or name == place or other.status != "attested" or other.terms is None:
            continue
        is_unsaid = place is None and other.kind in _WORKING
        if is_unsaid or not products.isdisjoint(_capacities(other)):
            for code in codes:
                yield Flag(Subject(Kind.LOT, code), BESIDE, Severity.CHECK)
            return


def places_of(draft: Draft, party: str) -> tuple[str, ...]:
    """Return the names of a party's places, in the order of their registration."""
    known = draft.reference(f"places/{party}", PartyPlaces)
    return known.places if known is not None else ()


def _capacities(place: FacilityState) -> frozenset[Product]:
    rows = place.terms.capacity if place.terms is not None else ()
    return frozenset((row.term, row.unit) for row in rows)
