"""Sizes of farmed skins: the envelope of the farm, and widths that cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from trade_world import World, bred, harvested, logs, skins

from ledger.custody.facilities import FacilityState, SizeLimit, Terms
from ledger.custody.subjects import Kind, Subject

LIMITS = (SizeLimit("Crocodylus niloticus", 480),)


@pytest.fixture
def limited(world: World) -> World:
    place = FacilityState("farm", "ZW", "declared", terms=Terms(sizes=LIMITS))
    world.states[Subject(Kind.FACILITY, "farm/one")] = place
    return world


@pytest.mark.parametrize(
    ("found", "changes"),
    [
        pytest.param([], {"width_mm": 480}, id="as-wide-as-they-grow"),
        pytest.param([("size.beyond-envelope", "check")], {"width_mm": 481}, id="a-wild-adult"),
        pytest.param([("size.missing", "note")], {}, id="not-measured"),
        pytest.param([], {"taxon": "Crocodylus porosus", "width_mm": 900}, id="another-animal"),
        pytest.param([], {"term": "SKU"}, id="a-skull-has-no-width"),
        pytest.param([], {"facility": "farm/ranch", "width_mm": 900}, id="no-limits-there"),
    ],
)
def test_skins_are_no_wider_than_the_farms_animals(
    limited: World, found: Any, changes: Any
) -> None:
    (code,) = limited.tell(bred(skins(10, **changes)), by="farm")
    assert limited.findings(code) == found


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        ("", bred(skins(1, width_mm=5_000))),
        ("size.width", bred(skins(1, width_mm=5_001))),
        ("size.width", bred(skins(1, width_mm=0))),
        ("size.width", bred(skins(1, term="SKU", width_mm=100))),
    ],
)
def test_a_width_is_that_of_a_skin(world: World, rule: str, event: Any) -> None:
    assert world.rule(event, by="farm") == rule


def test_timber_has_no_belly(world: World) -> None:
    assert world.rule(harvested(replace(logs(), width_mm=100)), by="mill") == "size.width"
