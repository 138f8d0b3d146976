"""Rules on sizes: skins of a farm are no wider than its animals grow by the age of slaughter.

Owns the envelope of a farm, which its party declares and an officer may correct. Sources: fraud
F02; size is what wild adults among farmed skins are seen by.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.facilities import FacilityState, SizeLimit
from ledger.custody.goods import NewLot
from ledger.custody.lots import Basis, LotRegistered, LotTransformed
from ledger.custody.rules.goods import names_below
from ledger.custody.rules.references import filed_under
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.reference.tables import Tables

WIDTH_MAX_MM = 5_000
"""No animal has a belly of five metres."""
_MEASURED = frozenset({"SKI", "SID"})
_ANIMALS = frozenset({"LIV", "BOD", "TRO"})
_OWN = frozenset({Basis.BRED, Basis.OPENING_STOCK})

RULES = (
    Rule("size.width", "refuse", "A width is that of skins, and can be."),
    Rule("size.beyond-envelope", "check", "Skins of a farm are no wider than its animals grow."),
    Rule("size.missing", "note", "Where a farm has size limits, its skins are measured."),
)


def check_sizes(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about the widths of lots, and what the envelope of their farm finds."""
    event = signed.event
    if not isinstance(event, LotRegistered | LotTransformed):
        return
    lots = event.lots if isinstance(event, LotRegistered) else event.outputs
    skinned = _skinned(draft, event) if isinstance(event, LotTransformed) else frozenset()
    for i, lot in enumerate(lots):
        skins = all(row.term in _MEASURED for row in lot.contents)
        if lot.width_mm is not None and not (skins and 0 < lot.width_mm <= WIDTH_MAX_MM):
            yield Refusal("size.width", {"width": lot.width_mm})
        if not any(row.term in _MEASURED for row in lot.contents):
            continue
        is_own = isinstance(event, LotRegistered) and event.basis in _OWN
        names = {lot.facility or ""} if is_own else skinned
        farms = map(draft.facility, sorted(names))
        widths = [_widest(draft, farm, lot) for farm in farms if farm is not None]
        widest = max((width for width in widths if width is not None), default=None)
        subject = Subject(Kind.LOT, signed.code_of(i))
        if widest is not None and lot.width_mm is None:
            yield Flag(subject, "size.missing", Severity.NOTE)
        elif widest is not None and (lot.width_mm or 0) > widest:
            yield Flag(subject, "size.beyond-envelope", Severity.CHECK)


def _skinned(draft: Draft, event: LotTransformed) -> frozenset[str]:
    """Return the places of which the animals are that a process skins.

    What goes in as a skin was measured before, and tanning stretches it.
    """
    lots = [lot for lot in map(draft.lot, event.inputs) if lot is not None]
    if any(row.term not in _ANIMALS for lot in lots for row in lot.contents):
        return frozenset()
    return frozenset(lot.facility for lot in lots if lot.facility is not None)


def _widest(draft: Draft, farm: FacilityState, lot: NewLot) -> int | None:
    """Return the widest belly that the farm's animals of these taxa reach, or None."""
    limits = farm.terms.sizes if farm.terms is not None else ()
    if not limits:
        return None
    found = [width for row in lot.contents for width in _widths(draft.tables, limits, row.taxon)]
    return max(found, default=None)


def _widths(tables: Tables, limits: tuple[SizeLimit, ...], name: str) -> Iterator[int]:
    """Yield the widths that bound a taxon: of the nearest name that has one, else of those below.

    Skins named by a genus are of the farm's animals of that genus.
    """
    filed: dict[str, int] = {}
    for limit in limits:
        own = filed_under(tables, limit.taxon)
        filed[own] = max(limit.width_mm, filed.get(own, 0))
    nearest = next((n for n in tables.names_covering(name) if n in filed), None)
    if nearest is not None:
        yield filed[nearest]
    else:
        yield from (filed[below] for below in names_below(tables, name, filed))
