"""Running accounts of mills: honest on every batch is not honest over the year."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, harvested, logs

from ledger.custody.facilities import Capacity, ClosedSeason, FacilityState, Terms
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import LotTransformed
from ledger.custody.subjects import Kind, Subject
from ledger.custody.yields import YEARS_MAX, Made, YieldAccount

MILL = "mill/yard"
ACCOUNT = f"yield/{MILL}/LOG CMQ Swietenia macrophylla/-"
M3 = 1_000_000
YEAR_S = 366 * DAY


def sawn(quantity: int, term: str = "SAW", **changes: Any) -> NewLot:
    row = {"taxon": "Swietenia macrophylla", "term": term, "quantity": quantity, "unit": "CMQ"}
    row |= {"source": "W", "origin": "PE"} | changes
    return NewLot(contents=(Row(**row),))  # type: ignore[arg-type]


def saw(world: World, *quantities: int, logs_cm3: int = M3, facility: str | None = MILL) -> Any:
    """Saw `logs_cm3` of logs into lots of `quantities`; return their codes."""
    (timber,) = world.tell(harvested(logs(logs_cm3)), by="mill")
    event = LotTransformed(
        process="sawing",
        inputs={timber: Part()},
        outputs=tuple(sawn(quantity) for quantity in quantities),
        facility=facility,
    )
    return world.tell(event, by="mill")


def account(world: World, name: str = ACCOUNT) -> YieldAccount:
    state = world.state(Subject(Kind.ACCOUNT, name))
    assert isinstance(state, YieldAccount)
    return state


def terms(world: World, status: str = "declared", **changes: Any) -> None:
    place = FacilityState("sawmill", "ZW", status, terms=Terms(**changes))
    world.states[Subject(Kind.FACILITY, MILL)] = place


def test_what_goes_in_and_comes_out_adds_up(world: World) -> None:
    saw(world, 400_000)
    saw(world, 450_000, logs_cm3=2 * M3)
    (year,) = account(world).years
    assert (year.batches, year.drawn, year.made) == (2, 3 * M3, (Made("SAW", "CMQ", 850_000),))


def test_an_honest_year_leaves_nothing(world: World) -> None:
    for quantity in (450_000, 540_000, 500_000, 350_000):
        (out,) = saw(world, quantity)
        assert world.findings(out) == []


def test_batches_below_every_ceiling_are_seen_in_the_sum(world: World) -> None:
    # Two lots of one batch stay below the usual ratio each, and together they do not.
    first = saw(world, 320_000, 320_000)
    assert [world.findings(code) for code in first] == [[("yield.above-usual", "check")]] * 2


def test_one_rich_batch_in_a_usual_year_is_no_habit(world: World) -> None:
    for _ in range(9):
        saw(world, 450_000)
    (out,) = saw(world, 640_000)
    assert world.findings(out) == [("conversion.unusual", "check")]


def test_the_year_that_stays_too_rich_is_seen_on_every_lot_after(world: World) -> None:
    saw(world, 640_000)
    saw(world, 640_000)
    (out,) = saw(world, 545_000)
    assert world.findings(out) == [("yield.above-usual", "check")]


def test_a_new_year_begins_a_new_sum(world: World) -> None:
    saw(world, 640_000)
    saw(world, 640_000)
    world.at += YEAR_S
    (out,) = saw(world, 500_000)
    assert world.findings(out) == []
    assert [year.batches for year in account(world).years] == [2, 1]


@pytest.mark.parametrize(
    ("days", "year"),
    [pytest.param(15, 2026, id="in-january"), pytest.param(60, 2027, id="in-march")],
)
def test_nobody_spreads_this_year_over_the_last(world: World, days: int, year: int) -> None:
    # The world begins on 15 January 2027; the act is said to lie three years back.
    world.at += (days - 15) * DAY
    (timber,) = world.tell(harvested(logs(M3)), by="mill")
    event = LotTransformed("sawing", {timber: Part()}, (sawn(500_000),), facility=MILL)
    long_ago = world.at - 3 * YEAR_S
    world.tell(event, by="mill", when=long_ago)
    assert [row.year for row in account(world).years] == [year]


def test_ten_years_are_kept_apart_and_nothing_is_lost(world: World) -> None:
    for _ in range(YEARS_MAX + 3):
        saw(world, 500_000)
        world.at += YEAR_S
    years = account(world).years
    assert len(years) == YEARS_MAX
    assert sum(year.drawn for year in years) == (YEARS_MAX + 3) * M3


def test_a_poor_year_is_a_note_from_the_third_batch_on(world: World) -> None:
    found = [world.findings(saw(world, 200_000)[0]) for _ in range(3)]
    assert found == [[], [], [("yield.low", "note")]]


def test_sorting_logs_is_no_work(world: World) -> None:
    (timber,) = world.tell(harvested(logs(M3)), by="mill")
    event = LotTransformed("sorting", {timber: Part()}, (sawn(M3, "LOG"),), facility=MILL)
    world.tell(event, by="mill")
    assert world.state(Subject(Kind.ACCOUNT, ACCOUNT)) is None


def test_logs_that_come_out_as_logs_were_not_drawn(world: World) -> None:
    (timber,) = world.tell(harvested(logs(M3)), by="mill")
    outputs = (sawn(400_000, "LOG"), sawn(300_000))
    world.tell(LotTransformed("sawing", {timber: Part()}, outputs, facility=MILL), by="mill")
    (year,) = account(world).years
    assert (year.drawn, year.made) == (600_000, (Made("SAW", "CMQ", 300_000),))


def test_waste_is_stated_and_counted(world: World) -> None:
    (timber,) = world.tell(harvested(logs(M3)), by="mill")
    waste = sawn(200_000, "LOG").contents
    event = LotTransformed("sawing", {timber: Part()}, (sawn(400_000),), waste, MILL)
    world.tell(event, by="mill")
    (year,) = account(world).years
    assert (year.drawn, year.waste) == (M3, 200_000)


def test_work_without_a_place_counts_for_the_party(world: World) -> None:
    saw(world, 640_000, facility=None)
    (out,) = saw(world, 545_000, facility=None)
    assert world.findings(out) == [("yield.above-usual", "check")]
    name = "yield/mill/-/LOG CMQ Swietenia macrophylla/-"
    assert account(world, name).years[0].batches == 2


def test_claims_have_accounts_of_their_own(world: World) -> None:
    (timber,) = world.tell(harvested(replace(logs(M3), claim="FSC 100%")), by="mill")
    out = replace(sawn(500_000), claim="FSC 100%")
    world.tell(LotTransformed("sawing", {timber: Part()}, (out,), facility=MILL), by="mill")
    saw(world, 400_000)
    claimed = "yield/mill/yard/LOG CMQ Swietenia macrophylla/FSC 100%"
    assert account(world, claimed).years[0].made == (Made("SAW", "CMQ", 500_000),)
    assert account(world).years[0].made == (Made("SAW", "CMQ", 400_000),)


CAPACITY = (Capacity("SAW", M3, "CMQ"),)
WHOLE_YEAR = (ClosedSeason("01-01", "12-31"),)


@pytest.mark.parametrize(
    ("found", "status", "changes"),
    [
        pytest.param([], "declared", {"capacity": CAPACITY}, id="exactly-the-capacity"),
        pytest.param(
            [("facility.over-capacity", "check")],
            "declared",
            {"capacity": (Capacity("SAW", M3 - 1, "CMQ"),)},
            id="one-above-what-the-mill-says-itself",
        ),
        pytest.param(
            [("facility.over-capacity", "stop")],
            "attested",
            {"capacity": (Capacity("SAW", M3 - 1, "CMQ"),)},
            id="one-above-what-an-officer-says",
        ),
        pytest.param([], "attested", {"capacity": (Capacity("VEN", 1, "CMQ"),)}, id="other-goods"),
        pytest.param([], "attested", {"until_day": "2027-01-15"}, id="on-the-last-day"),
        pytest.param(
            [("facility.outside-licence", "check")],
            "attested",
            {"until_day": "2027-01-14"},
            id="on-the-day-after",
        ),
        pytest.param(
            [("facility.outside-licence", "check")],
            "attested",
            {"until_day": "2026-12-16"},
            id="while-a-renewal-may-still-be-entered",
        ),
        pytest.param(
            [("facility.outside-licence", "stop")],
            "attested",
            {"until_day": "2026-12-15"},
            id="long-after-the-last-day",
        ),
        pytest.param(
            [("facility.outside-licence", "check")],
            "declared",
            {"from_day": "2027-01-16"},
            id="the-day-before",
        ),
        pytest.param(
            [("facility.outside-licence", "stop")],
            "attested",
            {"licence": "ZW/EXPORT/3"},
            id="a-cancelled-licence",
        ),
        pytest.param([], "attested", {"licence": "ZW/EXPORT/1"}, id="a-licence-in-force"),
        pytest.param(
            [("facility.closed-season", "stop")], "attested", {"closed": WHOLE_YEAR}, id="closed"
        ),
        pytest.param(
            [("facility.closed-season", "stop")],
            "attested",
            {"closed": (ClosedSeason("11-01", "01-15"),)},
            id="closed-over-the-turn-of-the-year",
        ),
        pytest.param(
            [],
            "attested",
            {"closed": (ClosedSeason("11-01", "01-14"),)},
            id="open-again-since-today",
        ),
    ],
)
def test_a_place_works_on_its_terms(world: World, found: Any, status: str, changes: Any) -> None:
    terms(world, status, **changes)
    saw(world, 500_000)
    (out,) = saw(world, 500_000)
    assert world.findings(out) == found
