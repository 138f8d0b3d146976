"""Animals that are lent from one farm to the next, and counted at both."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, World

from ledger.custody.control import FindingClosed
from ledger.custody.facilities import FacilityState
from ledger.custody.references import CountedFarms
from ledger.custody.stocks import SizeClass, StockAttested, StockDeclared
from ledger.custody.subjects import Kind, Subject

ONE, TWO, OTHER = "farm/one", "farm/two", "rival/pens"
NILE, SIAM = "Crocodylus niloticus", "Crocodylus siamensis"
RULE = "stock.counted-apart"
NOTE = [(RULE, "note")]
HERD = (SizeClass("all", 600),)


@pytest.fixture
def farms(world: World) -> World:
    """Two farms of one party and a neighbour's: each says that it has 600 animals."""
    rival = world.states[Subject(Kind.PARTY, "farm")]
    world.states[Subject(Kind.PARTY, "rival")] = rival
    for name in (TWO, OTHER):
        world.states[Subject(Kind.FACILITY, name)] = FacilityState("farm", "ZW", "declared")
    for name in (ONE, TWO, OTHER):
        event = StockDeclared(name, NILE, females=60, counts=HERD)
        world.tell(event, by=name.partition("/")[0])
    return world


def count(world: World, name: str, *, taxon: str = NILE, **common: Any) -> None:
    world.tell(StockAttested(name, taxon, "matches", HERD), by="officer", **common)


def on(world: World, name: str) -> list[tuple[str, str]]:
    state = world.states[Subject(Kind.FACILITY, name)]
    return [(f.rule, f.severity.value) for f in state.findings if f.rule == RULE]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(0, [], id="on-one-day"),
        pytest.param(1, NOTE, id="a-day-later"),
        pytest.param(366, NOTE, id="in-the-year"),
        pytest.param(367, [], id="when-a-new-count-was-due-anyway"),
    ],
)
def test_two_farms_of_one_party(farms: World, days: int, expected: Any) -> None:
    count(farms, ONE)
    farms.at += days * DAY
    count(farms, TWO)
    assert on(farms, ONE) == on(farms, TWO) == expected


def test_neighbours_are_counted_one_after_the_other(farms: World) -> None:
    count(farms, ONE)
    farms.at += DAY
    count(farms, OTHER)
    assert on(farms, ONE) == on(farms, OTHER) == []


@pytest.mark.parametrize(
    ("changes", "taxon"),
    [
        pytest.param({"country": "ZA"}, NILE, id="in-another-country"),
        pytest.param({}, SIAM, id="of-another-species"),
    ],
)
def test_what_cannot_be_the_same_animals(farms: World, changes: Any, taxon: str) -> None:
    place = FacilityState(**{"kind": "farm", "country": "ZW", "status": "declared"} | changes)
    farms.states[Subject(Kind.FACILITY, TWO)] = place
    farms.tell(StockDeclared(TWO, taxon, counts=HERD), by="farm")
    count(farms, ONE)
    farms.at += DAY
    count(farms, TWO, taxon=taxon)
    assert on(farms, TWO) == on(farms, ONE) == []


def test_the_local_day_counts(farms: World) -> None:
    count(farms, ONE, day="2027-01-15")
    count(farms, TWO, day="2027-01-16")
    assert on(farms, TWO) == NOTE


def test_a_count_of_both_on_one_day_settles_it(farms: World) -> None:
    count(farms, ONE)
    farms.at += DAY
    count(farms, TWO)
    farms.at += 30 * DAY
    count(farms, ONE)
    assert on(farms, ONE) == on(farms, TWO) == NOTE
    count(farms, TWO)
    assert on(farms, ONE) == on(farms, TWO) == []


def test_all_stocks_of_the_farms_are_counted_together(farms: World) -> None:
    for name in (ONE, TWO):
        farms.tell(StockDeclared(name, SIAM, counts=HERD), by="farm")
        count(farms, name)
        count(farms, name, taxon=SIAM)
        farms.at += DAY
    count(farms, ONE)
    count(farms, TWO)
    assert on(farms, ONE) == on(farms, TWO) == NOTE
    count(farms, ONE, taxon=SIAM)
    count(farms, TWO, taxon=SIAM)
    assert on(farms, ONE) == on(farms, TWO) == []


def test_an_officer_who_knows_the_animals_closes_it(farms: World) -> None:
    count(farms, ONE)
    farms.at += DAY
    count(farms, TWO)
    for name in (ONE, TWO):
        state = farms.states[Subject(Kind.FACILITY, name)]
        cause = next(f.cause for f in state.findings if f.rule == RULE)
        event = FindingClosed(f"facility/{name}", RULE, cause, "all have microchips")
        farms.tell(event, by="officer")
    assert on(farms, ONE) == on(farms, TWO) == []


def test_it_stands_once(farms: World) -> None:
    for name in (ONE, TWO, OTHER, ONE, TWO, OTHER):
        count(farms, name)
        farms.at += DAY
    assert on(farms, ONE) == on(farms, TWO) == NOTE
    assert on(farms, OTHER) == []


def test_each_farms_last_count_is_kept(farms: World) -> None:
    for name in (ONE, TWO, ONE):
        count(farms, name)
        farms.at += DAY
    state = farms.states[Subject(Kind.REFERENCE, f"counts/ZW/farm/{NILE}")]
    assert isinstance(state, CountedFarms)
    assert [farm.facility for farm in state.counted] == [TWO, ONE]


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        pytest.param(600, [], id="as-many-as-there-are"),
        pytest.param(590, [], id="some-hide"),
        pytest.param(601, ["check"], id="more-than-there-can-be"),
    ],
)
def test_an_officer_who_counts_more_and_says_that_it_matches(
    farms: World, counted: int, expected: list[str]
) -> None:
    event = StockAttested(ONE, NILE, "matches", (SizeClass("all", counted),))
    farms.tell(event, by="officer")
    state = farms.states[Subject(Kind.FACILITY, ONE)]
    found = [f.severity.value for f in state.findings if f.rule == "stock.unexplained"]
    assert found == expected


def test_a_farm_that_never_counted_is_counted_as_it_is(farms: World) -> None:
    farms.tell(StockDeclared(TWO, SIAM, females=20, hatched=5), by="farm")
    farms.tell(StockAttested(TWO, SIAM, "matches", HERD), by="officer")
    state = farms.states[Subject(Kind.FACILITY, TWO)]
    assert "stock.unexplained" not in [f.rule for f in state.findings]
