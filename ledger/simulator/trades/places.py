"""Places through a year: farms that count their animals, mills and plots that officers visit.

Owns what an honest keeper of a place does beside the trade: opening stock, hatchings and deaths
told some weeks later, a yearly count by an officer that never quite agrees, a licence that is
renewed in time and entered late.
"""

from __future__ import annotations

from collections.abc import Generator

from ledger.custody.facilities import Capacity, ClosedSeason, FacilityAttested, Terms
from ledger.custody.stocks import SizeClass, StockAttested, StockDeclared
from ledger.simulator.honest import OFFICER, HonestWorld
from ledger.simulator.world import DAY_S

ANIMALS, FEMALES, HATCHED = 2_500, 60, 1_200
"""What a farm begins with, its breeding females, and what hatches there in a year."""


def farm_place(honest: HonestWorld, farm: str, slug: str, *, country: str, taxon: str) -> str:
    """Register a farm's place with its opening stock, once, and let its year begin."""
    name = f"{farm}/{slug}"
    is_new = not honest.knows_place(name)
    honest.facility(name, "farm", country)
    if is_new:
        young = SizeClass("under 60 cm", ANIMALS - 300)
        opening = (young, SizeClass("over 60 cm", 300))
        honest.at_once(farm, StockDeclared(name, taxon, females=FEMALES, counts=opening))
        honest.start(_farm_year(honest, farm, name, country=country, taxon=taxon), in_s=DAY_S)
    return name


def work_place(honest: HonestWorld, name: str, kind: str, country: str) -> str:
    """Register a plot or mill, once, let an officer visit it, and let its licence run out."""
    is_new = not honest.knows_place(name)
    area = 480 * 10_000 if kind == "plot" else None
    honest.facility(name, kind, country, area_m2=area)
    if is_new:
        honest.start(_licensed(honest, name, kind, country), in_s=DAY_S)
    return name


def _farm_year(
    honest: HonestWorld, farm: str, name: str, *, country: str, taxon: str
) -> Generator[int, None, None]:
    """Tell hatchings and deaths every two months; once an officer counts, a few animals off."""
    dice = honest.dice
    for month in range(0, 14, 2):
        yield 60 * DAY_S + dice.between(0, 10 * DAY_S)
        hatched = HATCHED if month == 4 else 0
        died = dice.between(5, 30)
        event = StockDeclared(name, taxon, females=FEMALES, hatched=hatched, died=died)
        yield from honest.act(farm, event)
        if month == 6:
            live = honest.animals(name, taxon)
            counted = live - dice.between(0, live // 50)
            classes = (SizeClass("all", counted),)
            attested = StockAttested(name, taxon, "matches", classes, females=FEMALES)
            honest.at_once(OFFICER[country], attested)


def _licensed(
    honest: HonestWorld, name: str, kind: str, country: str
) -> Generator[int, None, None]:
    """Let an officer enter the terms; each licence is renewed on time and entered weeks later."""
    officer = OFFICER[country]
    for _ in range(3):
        last = honest.today(officer, days=180)
        capacity = (Capacity("SAW", 9_000_000_000, "CMQ"),) if kind == "mill" else ()
        closed = (ClosedSeason("02-01", "02-20"),) if kind == "plot" else ()
        terms = Terms(until_day=last, capacity=capacity, closed=closed)
        honest.at_once(officer, FacilityAttested(name, "visit", "matches", terms=terms))
        yield 180 * DAY_S + honest.dice.between(0, 20 * DAY_S)
