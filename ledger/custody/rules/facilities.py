"""Rules on facilities: a place is named PARTY/SLUG, by the party whose place it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.rules import goods
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Rule

KINDS = ("farm", "ranch", "plot", "mill", "tannery", "workshop", "store", "plant")
CELLS_MAX = 1_000
"""The most coarse cells of one plot."""
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

RULES = (
    Rule("facility.name", "refuse", "A facility is named PARTY/SLUG, in small letters."),
    Rule("facility.exists", "refuse", "A facility is registered once."),
    Rule("facility.kind", "refuse", "A facility is of one of the known kinds."),
    Rule(
        "facility.size", "refuse", "Area and capacity are positive; a plot has up to 1,000 cells."
    ),
)


def check_registered(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why the facility cannot be registered: its name, whose it is, what it is and where."""
    event = signed.event
    if not isinstance(event, FacilityRegistered):
        return
    party, _, slug = event.facility.partition("/")
    if _SLUG.fullmatch(slug) is None or len(slug) > 32:
        yield Refusal("facility.name", {"facility": event.facility[:80]})
    if party != signed.party:
        yield Refusal("facility.not-own", {"facility": event.facility, "party": signed.party})
    if draft.facility(event.facility) is not None:
        yield Refusal("facility.exists", {"facility": event.facility})
    if event.kind not in KINDS:
        yield Refusal("facility.kind", {"kind": event.kind})
    yield from goods.check_country(draft, event.country)
    sizes = [size for size in (event.area_m2, event.capacity) if size is not None]
    too_many = len(event.cells) > CELLS_MAX or len(set(event.cells)) != len(event.cells)
    if any(size < 1 for size in sizes) or too_many:
        yield Refusal("facility.size", {"facility": event.facility})


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {FacilityRegistered: (check_registered,)}
