"""Rule on counts of farms: animals that are counted twice, because they were lent in between.

Owns the register `counts/CC/PARTY/TAXON` of when each farm of a party was counted last. Between two
days animals can be driven from one farm to the next, and nothing in any stock shows it: only counts
on one day exclude it. Most parties have nothing to hide, and an office has one team: a note for
whoever plans the next round. Source: fraud F01 (a yearly inventory attested by an inspector).
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
"""Of how many farms of a party a taxon's last counts are kept, newest first to stay."""
APART_DAYS = 366
"""How far apart counts are compared: they are yearly."""

RULES = (Rule("stock.counted-apart", "note", "Farms of one party are counted on one day."),)


def check_apart(signed: Signed, draft: Draft, place: FacilityState) -> Iterator[Flag]:
    """Yield a note on both farms where another one of the party was counted on another day."""
    event = signed.event
    if not isinstance(event, StockAttested):
        return
    mine = CountedFarm(event.facility, day_of(signed))
    known = counts_of(draft, register_name(place.country, event.facility, event.taxon))
    others = [farm for farm in known if is_apart(mine, farm)]
    for name in (event.facility, *(farm.facility for farm in others)) if others else ():
        if not _is_noted(draft, name):
            yield Flag(Subject(Kind.FACILITY, name), APART, Severity.NOTE)


def counts_of(draft: Draft, register: str) -> tuple[CountedFarm, ...]:
    """Return the counts in a register; empty where there were none."""
    known = draft.reference(register, CountedFarms)
    return known.counted if known is not None else ()


def register_name(country: str, facility: str, taxon: str) -> str:
    """Return the name of the register in which counts of a farm's taxon stand."""
    return f"counts/{country}/{facility.partition('/')[0]}/{taxon}"


def with_count(known: tuple[CountedFarm, ...], new: CountedFarm) -> tuple[CountedFarm, ...]:
    """Return the register with a farm's newest count, in the order of days."""
    others = [farm for farm in known if farm.facility != new.facility]
    rows = sorted((*others, new), key=lambda farm: (farm.day, farm.facility))
    return tuple(rows[-FARMS_MAX:])


def is_apart(mine: CountedFarm, other: CountedFarm) -> bool:
    """Return whether two farms were counted on different days of a year.

    The envelope has judged that both are days (`time.day`).
    """
    days = date.fromisoformat(mine.day) - date.fromisoformat(other.day)
    return mine.facility != other.facility and 0 < abs(days.days) <= APART_DAYS


def _is_noted(draft: Draft, name: str) -> bool:
    place = draft.facility(name)
    return any(f.rule == APART for f in (place.findings if place is not None else ()))
