"""Rule on counts of farms: animals that are counted twice, because they were lent in between.

Owns the register `counts/CC/TAXON` of when each farm of a country was counted last. Between two
days animals can be driven from one farm to the next, and nothing in any stock shows it: only counts
on one day exclude it. Farms of one party have their reasons and their lorries: there it is a check
on both. Of neighbours that are counted within a month the second one has a note. Source: fraud F01
(a yearly inventory attested by an inspector).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.custody.facilities import FacilityState
from ledger.custody.references import CountedFarm, CountedFarms
from ledger.custody.rules.days import day_of
from ledger.custody.state import Draft, Signed
from ledger.custody.stocks import StockAttested
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

APART = "stock.counted-apart"
FARMS_MAX = 200
"""Of how many farms of a country a taxon's last counts are kept, newest first to stay."""
OWN_DAYS = 366
"""How far apart counts of one party's farms are compared: they are yearly."""
NEAR_DAYS = 31
"""How far apart counts of neighbours are compared (ours)."""

RULES = (
    Rule(
        "stock.counted-apart",
        "check, note",
        "Farms that may lend each other animals are counted at once.",
    ),
)


def check_apart(signed: Signed, draft: Draft, place: FacilityState) -> Iterator[Flag]:
    """Yield what the days of other counts find: on both farms of a party, or on the later one."""
    event = signed.event
    if not isinstance(event, StockAttested):
        return
    mine = CountedFarm(event.facility, day_of(signed))
    known = farms_of(draft, place.country, event.taxon)
    own = [farm for farm in known if is_apart(mine, farm)]
    for name in (event.facility, *(farm.facility for farm in own)) if own else ():
        if not _is_checked(draft, name):
            yield Flag(Subject(Kind.FACILITY, name), APART, Severity.CHECK)
    if not own and any(_is_near(mine, farm) for farm in known):
        yield Flag(Subject(Kind.FACILITY, event.facility), APART, Severity.NOTE)


def farms_of(draft: Draft, country: str, taxon: str) -> tuple[CountedFarm, ...]:
    """Return when which farm of a country was counted last."""
    known = draft.reference(register_name(country, taxon), CountedFarms)
    return known.counted if known is not None else ()


def register_name(country: str, taxon: str) -> str:
    """Return the name of the register of a country's counts of a taxon."""
    return f"counts/{country}/{taxon}"


def with_count(known: tuple[CountedFarm, ...], new: CountedFarm) -> tuple[CountedFarm, ...]:
    """Return the register with a farm's newest count, in the order of days."""
    others = [farm for farm in known if farm.facility != new.facility]
    rows = sorted((*others, new), key=lambda farm: (farm.day, farm.facility))
    return tuple(rows[-FARMS_MAX:])


def is_apart(mine: CountedFarm, other: CountedFarm) -> bool:
    """Return whether two farms of one party were counted on different days of a year."""
    is_own = _are_of_one_party(mine, other) and mine.facility != other.facility
    return is_own and 0 < _days_between(mine, other) <= OWN_DAYS


def _is_near(mine: CountedFarm, other: CountedFarm) -> bool:
    return not _are_of_one_party(mine, other) and 0 < _days_between(mine, other) <= NEAR_DAYS


def _are_of_one_party(mine: CountedFarm, other: CountedFarm) -> bool:
    return mine.facility.partition("/")[0] == other.facility.partition("/")[0]


def _days_between(mine: CountedFarm, other: CountedFarm) -> int:
    """The envelope has judged that both are days (`time.day`)."""
    return abs((date.fromisoformat(mine.day) - date.fromisoformat(other.day)).days)


def _is_checked(draft: Draft, name: str) -> bool:
    place = draft.facility(name)
    found = place.findings if place is not None else ()
    return any(f.rule == APART and f.severity is Severity.CHECK for f in found)
