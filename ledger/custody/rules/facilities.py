"""Rules on facilities: a place is named PARTY/SLUG, by the party whose place it is.

Owns what a party says of its place and what an officer attests of it. What work there breaks is
judged where the work is told (`places`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.facilities import FacilityAttested, FacilityRegistered, Terms
from ledger.custody.rules import goods
from ledger.custody.rules.offices import authority_of, check_power, reaches
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.reference.tables import LEDGER_UNITS

KINDS = ("farm", "ranch", "plot", "mill", "tannery", "workshop", "store", "plant")
CELLS_MAX = 1_000
"""The most coarse cells of one plot."""
BOUNDS_MAX = 50
"""The most seasons, capacities or sizes of one place."""
NAMED_MAX = 100
"""The most files, places or protected areas that one attestation names."""
HOW = ("visit", "outline")
RESULTS = ("matches", "differs")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR_MIN = 1800
_LEAP_YEAR = 2000

RULES = (
    Rule("facility.name", "refuse", "A facility is named PARTY/SLUG, in small letters."),
    Rule("facility.exists", "refuse", "A facility is registered once."),
    Rule("facility.kind", "refuse", "A facility is of one of the known kinds."),
    Rule("facility.size", "refuse", "An area is positive; a plot has up to 1,000 cells."),
    Rule("facility.terms", "refuse", "Days, seasons, capacities and sizes of a place can be."),
    Rule("facility.attestation", "refuse", "An attestation says how, with what result, and why."),
    Rule("facility.judged", "refuse", "Nobody attests a place of one's own."),
    Rule("facility.out-of-reach", "refuse", "An officer attests places in its countries."),
    Rule("facility.differs", "stop", "An officer found another place than was declared."),
    Rule("facility.overlap", "check", "Outlines of different parties overlap."),
    Rule("facility.protected", "stop", "The outline of a plot lies in a protected area."),
)
BY_HOW: Mapping[str, frozenset[str]] = {
    "visit": frozenset({"facility.differs"}),
    "outline": frozenset({"facility.differs", "facility.overlap", "facility.protected"}),
}
"""The findings that a new attestation of the same kind settles."""


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
    too_many = len(event.cells) > CELLS_MAX or len(set(event.cells)) != len(event.cells)
    if too_many or (event.area_m2 is not None and event.area_m2 < 1):
        yield Refusal("facility.size", {"facility": event.facility})
    yield from _check_terms(signed, draft, event.terms, name=event.facility)


def check_attested(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a place cannot be attested, and what the attestation itself finds.

    (1) by an officer, in reach, of another's place; (2) with how, result and reason; (3) what it
    was compared with; (4) the terms that the authority knows.
    """
    event = signed.event
    if not isinstance(event, FacilityAttested):
        return
    yield from check_judge(signed, draft, event.facility)
    if draft.facility(event.facility) is None:
        return
    yield from _check_result(event)
    yield from _check_overlaps(draft, event)
    yield from _check_terms(signed, draft, event.terms, name=event.facility)
    subject = Subject(Kind.FACILITY, event.facility)
    if event.result == "differs":
        yield Flag(subject, "facility.differs", Severity.STOP)
    for name in (event.facility, *event.overlaps) if event.overlaps else ():
        yield Flag(Subject(Kind.FACILITY, name), "facility.overlap", Severity.CHECK)
    if event.protected:
        yield Flag(subject, "facility.protected", Severity.STOP)


def check_judge(signed: Signed, draft: Draft, facility: str) -> Iterator[Refusal]:
    """Yield why the signer cannot say what it found at a place: no officer in reach, or its own."""
    yield from check_power(signed, draft, "control")
    place = draft.facility(facility)
    if place is None:
        yield Refusal("facility.unknown", {"facility": facility})
        return
    owner = facility.partition("/")[0]
    facts: dict[str, str | int] = {"facility": facility, "party": signed.party}
    if owner in (signed.party, authority_of(draft, signed.party)):
        yield Refusal("facility.judged", facts)
    if not reaches(draft, signed.party, place.country):
        yield Refusal("facility.out-of-reach", facts)


def _check_result(event: FacilityAttested) -> Iterator[Refusal]:
    outline = event.how == "outline"
    said = outline == (event.outline is not None) and (outline or not event.against)
    sized = event.area_m2 is None or event.area_m2 > 0
    reasoned = event.result != "differs" or bool((event.reason or "").strip())
    if event.how not in HOW or event.result not in RESULTS or not (said and sized and reasoned):
        yield Refusal("facility.attestation", {"facility": event.facility})


def _check_overlaps(draft: Draft, event: FacilityAttested) -> Iterator[Refusal]:
    named = (event.overlaps, event.protected, event.against)
    if any(len(names) > NAMED_MAX or len(set(names)) != len(names) for names in named):
        yield Refusal("facility.attestation", {"facility": event.facility})
    if event.how != "outline" and (event.overlaps or event.protected):
        yield Refusal("facility.attestation", {"facility": event.facility})
    if not all(0 < len(name) <= 200 for name in event.protected):
        yield Refusal("facility.attestation", {"facility": event.facility})
    if any(len(digest) != 32 for digest in event.against):
        yield Refusal("facility.attestation", {"facility": event.facility})
    owner = event.facility.partition("/")[0]
    for name in event.overlaps:
        if draft.facility(name) is None:
            yield Refusal("facility.unknown", {"facility": name})
        elif name.partition("/")[0] == owner:
            # One party's plots may overlap: it harvests there once, whatever it calls the place.
            yield Refusal("facility.attestation", {"facility": event.facility})


def _check_terms(
    signed: Signed, draft: Draft, terms: Terms | None, *, name: str
) -> Iterator[Refusal]:
    if terms is None:
        return
    days = [day for day in (terms.from_day, terms.until_day) if day is not None]
    sound = all(_is_day(day) for day in days) and sorted(days) == days
    sound = sound and terms != Terms() and _are_bounds(draft, terms)
    seasons = [day for closed in terms.closed for day in (closed.from_day, closed.until_day)]
    sound = sound and all(_is_day(f"{_LEAP_YEAR}-{day}") for day in seasons)
    if terms.since is not None:
        sound = sound and _YEAR_MIN <= terms.since <= goods.year_of(signed.at)
    if not sound:
        yield Refusal("facility.terms", {"facility": name})


def _are_bounds(draft: Draft, terms: Terms) -> bool:
    products = [(row.term, row.unit) for row in terms.capacity]
    taxa = [row.taxon for row in terms.sizes]
    if max(len(products), len(taxa), len(terms.closed)) > BOUNDS_MAX:
        return False
    if len(set(products)) != len(products) or len(set(taxa)) != len(taxa):
        return False
    known = all(draft.tables.term(term) and unit in LEDGER_UNITS for term, unit in products)
    quantities = [*(c.quantity for c in terms.capacity), *(s.width_mm for s in terms.sizes)]
    positive = all(0 < quantity <= goods.QUANTITY_MAX for quantity in quantities)
    return known and positive and all(draft.tables.taxon(taxon) for taxon in taxa)


def _is_day(text: str) -> bool:
    if _DAY.fullmatch(text) is None:
        return False
    year, month, day = (int(part) for part in text.split("-"))
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    FacilityRegistered: (check_registered,),
    FacilityAttested: (check_attested,),
}
