"""Farms that declare nothing, and animals that came by a farm's own word and nobody counted."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, World, bred, skins

from ledger.custody.control import FindingClosed
from ledger.custody.facilities import FacilityState
from ledger.custody.rules.stocks import COUNTED_WITHIN_S, FIRST_MONTHS_S
from ledger.custody.stocks import SizeClass, StockAttested, StockDeclared
from ledger.custody.subjects import Kind, Subject

FARM = "farm/one"
NILE, SIAM = "Crocodylus niloticus", "Crocodylus siamensis"
UNDECLARED, UNSEEN = "stock.undeclared", "stock.unseen"
HERD = (SizeClass("all", 1_000),)
OPENING = StockDeclared(FARM, NILE, females=100, counts=HERD)
COUNTED = StockAttested(FARM, NILE, "matches", HERD)


def counting(world: World, place: str = FARM) -> list[tuple[str, str]]:
    """What stands on a farm now: a due that lies ahead does not count yet."""
    state = world.states[Subject(Kind.FACILITY, place)]
    return [(f.rule, f.severity.value) for f in state.findings if f.from_at <= world.at]


def sell(world: World, **changes: Any) -> list[tuple[str, str]]:
    (code,) = world.tell(bred(skins(10, **changes)), by="farm")
    return world.findings(code)


class TestFarmsThatDeclareNothing:
    @pytest.mark.parametrize(
        ("after_s", "expected"),
        [
            pytest.param(FIRST_MONTHS_S - 1, [], id="a-new-farm"),
            pytest.param(FIRST_MONTHS_S, [(UNDECLARED, "check")], id="half-a-year-later"),
        ],
    )
    def test_they_have_half_a_year(self, world: World, after_s: int, expected: Any) -> None:
        assert sell(world) == []
        world.at += after_s
        sell(world)
        assert counting(world) == expected

    def test_it_ends_when_the_farm_declares(self, world: World) -> None:
        sell(world)
        world.at += FIRST_MONTHS_S
        world.tell(OPENING, by="farm")
        assert counting(world) == []
        sell(world)
        assert counting(world) == []

    def test_all_that_it_sells_is_declared(self, world: World) -> None:
        # Given a farm that sells skins of two species, and declares the animals of one
        sell(world)
        sell(world, taxon=SIAM, origin="ZW")
        world.at += FIRST_MONTHS_S
        world.tell(OPENING, by="farm")
        # Then the other one is still missing, and ends it
        assert counting(world) == [(UNDECLARED, "check")]
        world.tell(StockDeclared(FARM, SIAM, counts=HERD), by="farm")
        assert counting(world) == []

    def test_another_place_has_no_second_half_year(self, world: World) -> None:
        sell(world)
        world.at += FIRST_MONTHS_S
        sell(world, facility="farm/ranch", source="F")
        assert counting(world, "farm/ranch") == []
        assert counting(world) == [(UNDECLARED, "check")]

    def test_where_an_officer_asks_for_no_inventory_it_stays_closed(self, world: World) -> None:
        sell(world)
        world.at += FIRST_MONTHS_S
        (finding,) = world.states[Subject(Kind.FACILITY, FARM)].findings
        event = FindingClosed(f"facility/{FARM}", UNDECLARED, finding.cause, "no law asks for it")
        world.tell(event, by="officer")
        world.at += FIRST_MONTHS_S
        sell(world)
        assert counting(world) == []

    def test_plants_have_no_stock(self, world: World) -> None:
        plants = skins(10, taxon="Dalbergia nigra", term="LIV", source="A")
        plot = FacilityState("plot", "ZW", "declared")
        world.states[Subject(Kind.FACILITY, FARM)] = plot
        world.tell(bred(plants), by="farm")
        world.at += FIRST_MONTHS_S
        assert counting(world) == []


class TestAnimalsThatNobodyCounted:
    @pytest.mark.parametrize(
        "brought",
        [
            pytest.param((OPENING,), id="a-first-inventory"),
            pytest.param((StockDeclared(FARM, NILE, females=900, hatched=1),), id="females"),
            pytest.param((OPENING, COUNTED, StockDeclared(FARM, NILE, bought=500)), id="bought"),
        ],
    )
    @pytest.mark.parametrize(
        ("after_s", "expected"),
        [(COUNTED_WITHIN_S - 1, []), (COUNTED_WITHIN_S, [(UNSEEN, "check")])],
        ids=["within-a-year", "a-year-later"],
    )
    def test_they_wait_a_year(
        self, world: World, brought: tuple[Any, ...], after_s: int, expected: Any
    ) -> None:
        for event in brought:
            world.tell(event, by="officer" if isinstance(event, StockAttested) else "farm")
        world.at += after_s
        assert counting(world) == expected

    @pytest.mark.parametrize("result", ["matches", "differs"])
    def test_an_officers_count_ends_it(self, world: World, result: str) -> None:
        world.tell(OPENING, by="farm")
        counted = StockAttested(FARM, NILE, result, HERD, reason="counted")
        world.tell(counted, by="officer")
        world.at += COUNTED_WITHIN_S
        assert UNSEEN not in [rule for rule, _ in counting(world)]

    def test_births_are_bounded_by_the_females_and_wait_for_nobody(self, world: World) -> None:
        world.tell(OPENING, by="farm")
        world.tell(COUNTED, by="officer")
        world.tell(StockDeclared(FARM, NILE, hatched=800, died=30), by="farm")
        world.at += COUNTED_WITHIN_S
        assert counting(world) == []

    def test_all_stocks_of_the_place_are_counted(self, world: World) -> None:
        # Given a farm with two species, of which an officer counts one
        world.tell(OPENING, by="farm")
        world.tell(StockDeclared(FARM, SIAM, counts=HERD), by="farm")
        world.tell(COUNTED, by="officer")
        world.at += COUNTED_WITHIN_S
        assert counting(world) == [(UNSEEN, "check")]
        world.tell(StockAttested(FARM, SIAM, "matches", HERD), by="officer")
        assert counting(world) == []

    def test_a_farm_that_buys_each_month_has_one_check_and_the_first_day_counts(
        self, world: World
    ) -> None:
        world.tell(OPENING, by="farm")
        for _ in range(12):
            world.at += 30 * DAY
            world.tell(StockDeclared(FARM, NILE, bought=3), by="farm")
        world.at += 5 * DAY
        assert counting(world) == [(UNSEEN, "check")]
