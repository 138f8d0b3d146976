"""Figures that an authority sets: in their order, in their days, by their own country."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import World, bred, harvested, logs, skins

from ledger.custody.facilities import FacilityState
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import LotTransformed
from ledger.custody.references import Figure, FigureHistory
from ledger.custody.stocks import SizeClass, StockDeclared
from ledger.custody.subjects import Kind, Subject

SAWING = "yield/LOG-CMQ>SAW-CMQ"
NILE = "Crocodylus niloticus"
M3 = 1_000_000
STOP, CHECK = [("yield.above-usual", "stop")], [("yield.above-usual", "check")]


def set_figure(world: World, key: str, numerator: int, denominator: int = 1, **own: Any) -> None:
    fields = {"from_day": "2020-01-01", "status": "confirmed", "source": "a study"} | own
    figure = Figure(key=key, numerator=numerator, denominator=denominator, **fields)
    world.states[Subject(Kind.REFERENCE, f"figures/{key}")] = FigureHistory((figure,))


def saw(world: World, quantity: int) -> list[tuple[str, str]]:
    """Saw two batches of a cubic metre into `quantity` each; return what the second one finds."""
    row = Row("Swietenia macrophylla", "SAW", quantity, "CMQ", "W", "PE")
    for _ in range(2):
        (timber,) = world.tell(harvested(logs(M3)), by="mill")
        event = LotTransformed(
            "sawing", {timber: Part()}, (NewLot(contents=(row,)),), facility="mill/yard"
        )
        (out,) = world.tell(event, by="mill")
    return world.findings(out)


@pytest.mark.parametrize(
    ("found", "key", "own"),
    [
        pytest.param(STOP, SAWING, {}, id="for-all"),
        pytest.param(STOP, f"{SAWING}/ZW", {"country": "ZW"}, id="for-the-country"),
        pytest.param(STOP, f"{SAWING}/mill/yard", {"country": "ZW"}, id="for-the-mill"),
        pytest.param(CHECK, SAWING, {"status": "unconfirmed"}, id="not-confirmed"),
        pytest.param([], f"{SAWING}/ZW", {"country": "PE"}, id="by-another-country"),
        pytest.param([], f"{SAWING}/mill/yard", {}, id="by-nobody's-country"),
        pytest.param([], SAWING, {"from_day": "2029-01-01"}, id="not-yet-in-force"),
        pytest.param([], "yield/LOG-CMQ>VEN-CMQ", {}, id="of-another-product"),
    ],
)
def test_a_set_yield_is_the_ceiling_of_the_year(
    world: World, found: Any, key: str, own: Any
) -> None:
    # 50 parts of 100 are usual everywhere; this figure says 45.
    set_figure(world, key, 45, 100, **own)
    assert saw(world, 500_000) == found


def test_a_mill_at_its_set_yield_is_honest(world: World) -> None:
    set_figure(world, SAWING, 45, 100)
    assert saw(world, 450_000) == []


def test_what_is_set_for_a_mill_comes_first(world: World) -> None:
    set_figure(world, SAWING, 45, 100)
    set_figure(world, f"{SAWING}/mill/yard", 60, 100, country="ZW")
    assert [rule for rule, _ in saw(world, 590_000)] == ["conversion.unusual"]


@pytest.mark.parametrize(
    ("found", "names"),
    [
        pytest.param("stop", "clutches-year clutch-max hatch survival slaughter-months", id="all"),
        pytest.param("check", "clutches-year clutch-max hatch survival", id="one-is-missing"),
    ],
)
def test_biology_that_is_set_whole_makes_a_stop(world: World, found: str, names: str) -> None:
    values = {"hatch": (8, 10), "survival": (85, 100), "slaughter-months": (24, 1)}
    for name in names.split():
        set_figure(world, f"biology/{NILE}/{name}", *values.get(name, (60, 1)))
    opening = StockDeclared("farm/one", NILE, counts=(SizeClass("all", 10),))
    world.tell(opening, by="farm")
    world.tell(StockDeclared("farm/one", NILE, females=1, hatched=40), by="farm")
    (code,) = world.tell(bred(skins(11)), by="farm")
    assert world.findings(code) == [("stock.beyond-biology", found)]


def test_an_intensity_that_is_set_makes_a_stop(world: World) -> None:
    plot = FacilityState("plot", "PE", "declared", area_m2=10_000)
    world.states[Subject(Kind.FACILITY, "mill/plot")] = plot
    set_figure(world, "intensity/Swietenia macrophylla/LOG-CMQ/PE", 2 * M3, country="PE")
    (code,) = world.tell(harvested(logs(2 * M3)), by="mill")
    assert world.findings(code) == []
    (code,) = world.tell(harvested(logs(1)), by="mill")
    assert world.findings(code) == [("plot.beyond-area", "stop")]
