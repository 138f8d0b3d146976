"""Work told of no place, or of a new one, beside a place whose bounds an authority attested."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import World, harvested, logs

from ledger.custody.facilities import Capacity, FacilityRegistered, FacilityState, Terms
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import LotTransformed
from ledger.custody.subjects import Kind, Subject

YARD, NEW = "mill/saws", "mill/new"
RULE = "facility.beside"
CHECK = [(RULE, "check")]
BOUND = Terms(capacity=(Capacity("SAW", 800_000, "CMQ"),))
LICENCE = Terms(until_day="2030-12-31")


def boards(quantity: int) -> NewLot:
    row = Row("Swietenia macrophylla", "SAW", quantity, "CMQ", "W", "PE")
    return NewLot(contents=(row,))


@pytest.fixture
def sawmill(world: World) -> World:
    """A mill whose place an officer attested, and a second place that nobody saw."""
    for name in (YARD, NEW):
        world.tell(FacilityRegistered(name, "mill", "ZW"), by="mill")
    attest(world)
    return world


def attest(world: World, name: str = YARD, **changes: Any) -> None:
    own = {"kind": "mill", "country": "ZW", "status": "attested", "terms": BOUND} | changes
    world.states[Subject(Kind.FACILITY, name)] = FacilityState(**own)


def saw(world: World, quantity: int = 500_000, *, place: str | None) -> list[tuple[str, str]]:
    (log,) = world.tell(harvested(logs(1_000_000)), by="mill")
    event = LotTransformed("sawing", {log: Part()}, (boards(quantity),), facility=place)
    (code,) = world.tell(event, by="mill")
    return [f for f in world.findings(code) if f[0].startswith("facility.")]


@pytest.mark.parametrize(
    ("place", "changes", "expected"),
    [
        pytest.param(YARD, {}, [], id="at-the-mill-itself"),
        pytest.param(None, {}, CHECK, id="at-no-place"),
        pytest.param(NEW, {}, CHECK, id="at-a-place-that-nobody-saw"),
        pytest.param(None, {"terms": LICENCE}, CHECK, id="a-licence-without-a-capacity"),
        pytest.param(NEW, {"terms": LICENCE}, [], id="a-new-place-takes-no-capacity-away"),
        pytest.param(None, {"status": "declared"}, [], id="nobody-attested-anything"),
        pytest.param(None, {"terms": None}, [], id="attested-without-terms"),
        pytest.param(None, {"kind": "store", "terms": LICENCE}, [], id="a-store-makes-nothing"),
        pytest.param(
            NEW, {"terms": Terms(capacity=(Capacity("VEN", 9, "CMQ"),))}, [], id="another-product"
        ),
    ],
)
def test_work_beside_the_attested_mill(
    sawmill: World, place: str | None, changes: Any, expected: Any
) -> None:
    attest(sawmill, **changes)
    assert saw(sawmill, place=place) == expected


def test_a_second_mill_with_a_capacity_of_its_own(sawmill: World) -> None:
    attest(sawmill, NEW, status="declared")
    assert saw(sawmill, place=NEW) == []


def test_what_is_only_sorted_was_not_made(sawmill: World) -> None:
    (log,) = sawmill.tell(harvested(logs(1_000_000)), by="mill")
    out = NewLot(contents=logs(900_000).contents)
    (code,) = sawmill.tell(LotTransformed("sorting", {log: Part()}, (out,)), by="mill")
    assert RULE not in [rule for rule, _ in sawmill.findings(code)]


def test_a_board_among_the_logs_hides_no_boards(sawmill: World) -> None:
    # Given one board of an earlier day that goes in with the logs
    (log,) = sawmill.tell(harvested(logs(1_000_000)), by="mill")
    event = LotTransformed("sawing", {log: Part()}, (boards(400_000),), facility=YARD)
    (board,) = sawmill.tell(event, by="mill")
    (more,) = sawmill.tell(harvested(logs(1_000_000)), by="mill")
    # When 401 litres more come out than went in as boards
    inputs = {board: Part(quantity=1), more: Part()}
    event = LotTransformed("sawing", inputs, (boards(400_002),), facility=YARD)
    (code,) = sawmill.tell(event, by="mill")
    # Then they count for the capacity of the year
    assert ("facility.over-capacity", "stop") in sawmill.findings(code)
