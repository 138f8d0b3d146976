"""Plots: volume against area, for a taxon and for all taxa together."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, World, harvested, logs

from ledger.custody.facilities import FacilityState
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.references import Figure, YieldSet
from ledger.custody.subjects import Kind, Subject
from ledger.custody.yields import YieldAccount

M3 = 1_000_000
HECTARE_M2 = 10_000
IPE = "Handroanthus serratifolius"


def plot(world: World, *, hectares: int | None, kind: str = "plot", country: str = "PE") -> None:
    area_m2 = hectares * HECTARE_M2 if hectares is not None else None
    place = FacilityState(kind, country, "declared", area_m2=area_m2)
    world.states[Subject(Kind.FACILITY, "mill/plot")] = place


def cut(world: World, volume_cm3: int, **changes: Any) -> list[tuple[str, str]]:
    (code,) = world.tell(harvested(logs(volume_cm3, **changes)), by="mill")
    return world.findings(code)


BEYOND = [("plot.beyond-area", "check")]


@pytest.mark.parametrize(
    ("found", "volume_cm3", "changes"),
    [
        # 100 ha give at most 244 m3 of ipê, and 3,000 m3 of all species together.
        pytest.param([], 244 * M3, {"taxon": IPE, "origin": "BR"}, id="ipe-to-the-last"),
        pytest.param(BEYOND, 244 * M3 + 1, {"taxon": IPE, "origin": "BR"}, id="ipe-one-more"),
        pytest.param([], 3_000 * M3, {}, id="all-species-to-the-last"),
        pytest.param(BEYOND, 3_000 * M3 + 1, {}, id="all-species-one-more"),
    ],
)
def test_volume_by_area(world: World, found: Any, volume_cm3: int, changes: Any) -> None:
    plot(world, hectares=100, country=changes.get("origin", "PE"))
    assert cut(world, volume_cm3, **changes) == found


def test_many_small_loads_add_up_over_the_years(world: World) -> None:
    plot(world, hectares=10, country="BR")
    found = []
    for _ in range(4):
        found += cut(world, 8 * M3, taxon=IPE, origin="BR")
        world.at += 366 * DAY
    assert found == BEYOND
    state = world.state(Subject(Kind.ACCOUNT, f"yield/mill/plot/LOG CMQ {IPE}/-"))
    assert isinstance(state, YieldAccount)
    assert [year.made[0].quantity for year in state.years] == [8 * M3] * 4


def test_many_species_add_up_too(world: World) -> None:
    plot(world, hectares=100)
    assert cut(world, 2_900 * M3) == []
    assert cut(world, 101 * M3, taxon="Cedrela odorata") == BEYOND


def test_a_plot_without_an_area_cannot_be_judged(world: World) -> None:
    plot(world, hectares=None)
    assert cut(world, 90_000 * M3) == []


class TestPlantations:
    """What is planted stands as densely as it was planted, and no more than any plantation does."""

    MOST = 1_500 * M3

    @pytest.mark.parametrize(
        ("found", "volume_cm3"),
        [
            pytest.param([], 300 * M3, id="ten-times-a-natural-forest"),
            pytest.param([], MOST, id="to-the-last"),
            pytest.param(BEYOND, MOST + 1, id="one-more"),
        ],
    )
    @pytest.mark.parametrize("basis", [Basis.HARVEST, Basis.BRED])
    def test_volume_by_area(self, world: World, found: Any, volume_cm3: int, basis: Basis) -> None:
        plot(world, hectares=1)
        event = LotRegistered(basis, (logs(volume_cm3, source="A"),))
        (code,) = world.tell(event, by="mill")
        assert world.findings(code) == found

    def test_it_grows_again(self, world: World) -> None:
        plot(world, hectares=1)
        assert cut(world, self.MOST, source="A") == []
        world.at += 9 * 366 * DAY
        assert cut(world, 1, source="A") == BEYOND
        world.at += 366 * DAY
        assert cut(world, self.MOST - 1, source="A") == []

    @pytest.mark.parametrize(
        ("status", "weight"), [("confirmed", "stop"), ("unconfirmed", "check")]
    )
    def test_an_authority_knows_its_plantations(
        self, world: World, status: str, weight: str
    ) -> None:
        plot(world, hectares=1)
        value = Figure("planted/LOG-CMQ/PE", 400 * M3, 1, "2020-01-01", status, "study", None, "PE")
        world.tell(YieldSet((value,)), by="parks")
        assert cut(world, 400 * M3, source="A") == []
        assert cut(world, 1, source="A") == [("plot.beyond-area", weight)]


@pytest.mark.parametrize(
    ("term", "unit", "most"),
    [
        pytest.param("LOG", "GRM", 42_000_000, id="logs-by-weight"),
        pytest.param("SAW", "CMQ", 19_500_000, id="sawn-where-it-was-felled"),
        pytest.param("SAW", "GRM", 27_300_000, id="sawn-by-weight"),
    ],
)
def test_another_measure_of_the_same_wood(world: World, term: str, unit: str, most: int) -> None:
    plot(world, hectares=1)
    assert cut(world, most, term=term, unit=unit) == []
    assert cut(world, 1, term=term, unit=unit) == BEYOND


class TestMixedPlots:
    """A plot has natural forest and a plantation: each hectare bears the one or the other."""

    @staticmethod
    def taken(world: World, volume_cm3: int, source: str) -> list[tuple[str, str]]:
        return cut(world, volume_cm3, source=source)

    @pytest.mark.parametrize("first", ["W", "A"])
    def test_fifty_hectares_of_each(self, world: World, first: str) -> None:
        """Near-miss: more than natural forest bears, and neither needs more than its half."""
        plot(world, hectares=100)
        loads = {"W": 1_500 * M3, "A": 75_000 * M3}
        for source in (first, *sorted(loads.keys() - {first})):
            assert self.taken(world, loads[source], source) == []

    @pytest.mark.parametrize("last", ["W", "A"])
    def test_together_more_than_there_is_ground(self, world: World, last: str) -> None:
        plot(world, hectares=100)
        loads = {"W": 1_500 * M3, "A": 75_000 * M3}
        loads[last] += 30 * M3 if last == "W" else 1_500 * M3
        for source in sorted(loads, key=lambda s: s == last):
            assert self.taken(world, loads[source], source) == (BEYOND if source == last else [])

    def test_both_in_one_statement(self, world: World) -> None:
        plot(world, hectares=100)
        lots = (logs(2_000 * M3, source="W"), logs(75_000 * M3, source="A"))
        codes = world.tell(harvested(*lots), by="mill")
        assert sorted(map(world.findings, codes)) == [[], BEYOND]

    def test_what_was_planted_long_ago_makes_room(self, world: World) -> None:
        plot(world, hectares=100)
        assert self.taken(world, 150_000 * M3, "A") == []
        world.at += 11 * 366 * DAY
        assert self.taken(world, 3_000 * M3, "W") == []
        assert self.taken(world, 1 * M3, "W") == BEYOND

    def test_what_is_wild_is_not_hidden_behind_what_was_planted(self, world: World) -> None:
        plot(world, hectares=100)
        assert self.taken(world, 10 * M3, "A") == []
        assert self.taken(world, 3_001 * M3, "W") == BEYOND
