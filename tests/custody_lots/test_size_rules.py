"""Sizes of farmed skins: the envelope of the farm, and widths that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
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
    ("limits", "taxon", "width_mm", "levels"),
    [
        pytest.param(
            {"Crocodylus": 480}, "Crocodylus niloticus", 481, ["check"], id="of-its-genus"
        ),
        pytest.param({"Crocodylus": 480}, "Crocodylus niloticus", 480, [], id="within-its-genus"),
        pytest.param(
            {"Crocodylia": 480}, "Crocodylus niloticus", 481, ["check"], id="of-its-order"
        ),
        pytest.param({"Caiman": 480}, "Crocodylus niloticus", 481, [], id="of-another-genus"),
        pytest.param(
            {"Crocodylus": 480, "Crocodylus niloticus": 600},
            "Crocodylus niloticus",
            590,
            [],
            id="the-nearest-name-decides",
        ),
        pytest.param(
            {"Crocodylus": 600, "Crocodylus niloticus": 480},
            "Crocodylus niloticus",
            590,
            ["check"],
            id="the-nearest-name-decides-downwards",
        ),
        pytest.param(
            {"Crocodylus niloticus": 480}, "Crocodylus", 481, ["check"], id="named-by-genus"
        ),
        pytest.param(
            {"Crocodylus niloticus": 480}, "Crocodylus", 480, [], id="named-by-genus-fits"
        ),
        pytest.param({"Caiman yacare": 480}, "Crocodylus", 481, [], id="another-genus-has-limits"),
    ],
)
def test_a_limit_for_a_genus_is_one_for_its_species(
    world: World, limits: dict[str, int], taxon: str, width_mm: int, levels: list[str]
) -> None:
    sizes = tuple(SizeLimit(name, width) for name, width in limits.items())
    place = FacilityState("farm", "ZW", "declared", terms=Terms(sizes=sizes))
    world.states[Subject(Kind.FACILITY, "farm/one")] = place
    (code,) = world.tell(bred(skins(1, taxon=taxon, width_mm=width_mm)), by="farm")
    assert [f[1] for f in world.findings(code) if f[0].startswith("size.")] == levels


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
