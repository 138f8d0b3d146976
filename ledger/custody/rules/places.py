"""Rules on work at a place: on the days of its licence, in season, within its capacity.

Owns what a place may do and when. What a party alone declared of its place leaves a check; what an
officer attested, a stop. Sources: frauds F17 and F33.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct, field

from ledger.custody.facilities import ClosedSeason, FacilityState, Terms
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import DAY_S, year_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

RENEWAL_DAYS = 30
"""Licences are renewed in time and entered late: so many days after the last one leave a check."""
GRACE_S = 31 * DAY_S
"""How long after the turn of a year work may still be told as work of the old one."""

RULES = (
    Rule("facility.outside-licence", "check, stop", "A place works on the days of its licence."),
    Rule("facility.closed-season", "check, stop", "A place does not work in its closed season."),
    Rule("facility.over-capacity", "check, stop", "A place makes no more than it may in a year."),
)

Product = tuple[str, str]
"""Term and unit."""


class Work(Struct, frozen=True):
    """What one statement says was made at a place: the codes of the lots, and how much of what."""

    place: str
    codes: tuple[str, ...]
    made: Mapping[Product, int] = field(default_factory=dict)
    planted: Mapping[Product, int] = field(default_factory=dict)
    """What of it was of planted trees."""


def check_work(signed: Signed, draft: Draft, work: Work) -> Iterator[Flag]:
    """Yield what the terms of the place find about the work, on each lot that came of it."""
    place = draft.facility(work.place)
    if place is None or place.terms is None:
        return
    weight = Severity.STOP if place.status == "attested" else Severity.CHECK
    found = dict(_broken(signed, draft, place, place.terms, work))
    for rule, is_slight in found.items():
        for code in work.codes:
            severity = Severity.CHECK if is_slight else weight
            yield Flag(Subject(Kind.LOT, code), rule, severity)


def account_year(signed: Signed) -> int:
    """Return the calendar year in which an act counts: that of its day, by the log at most.

    A month after the turn of the year nothing counts for the old one any more, so that nobody can
    spread what was too much over the years before.
    """
    stated = int(day_of(signed)[:4])
    return min(max(stated, year_of(signed.at - GRACE_S)), year_of(signed.at))


def _broken(
    signed: Signed, draft: Draft, place: FacilityState, terms: Terms, work: Work
) -> Iterator[tuple[str, bool]]:
    """Yield each rule that the work breaks, and whether so little that it is a check at most."""
    day = day_of(signed)
    if not _is_licensed(draft, terms, day):
        renewing = _days_before(day, RENEWAL_DAYS)
        yield "facility.outside-licence", _is_licensed(draft, terms, renewing)
    if any(_covers(season, day[5:]) for season in terms.closed):
        yield "facility.closed-season", False
    year = account_year(signed)
    allowed = {(row.term, row.unit): row.quantity for row in terms.capacity}
    so_far = {(r.term, r.unit): r.quantity for r in place.throughput if r.year == year}
    for product, quantity in sorted(work.made.items()):
        if product in allowed and so_far.get(product, 0) + quantity > allowed[product]:
            yield "facility.over-capacity", False
            return


def _is_licensed(draft: Draft, terms: Terms, day: str) -> bool:
    paper = draft.document(terms.licence) if terms.licence is not None else None
    if paper is not None and paper.status in ("cancelled", "replaced"):
        return False
    first = terms.from_day or (paper.from_day if paper is not None else None)
    last = terms.until_day or (paper.until_day if paper is not None else None)
    return (first or day) <= day <= (last or day)


def _days_before(day: str, days: int) -> str:
    """The envelope has judged that `day` is a day (`time.day`)."""
    stated = date(int(day[:4]), int(day[5:7]), int(day[8:10]))
    return (stated - timedelta(days=days)).isoformat()


def _covers(season: ClosedSeason, day: str) -> bool:
    """Return whether `day` (MM-DD) lies in the season, which may run over the turn of the year."""
    if season.from_day <= season.until_day:
        return season.from_day <= day <= season.until_day
    return day >= season.from_day or day <= season.until_day
