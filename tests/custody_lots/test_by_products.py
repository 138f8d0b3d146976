"""Meat, skulls and the like of farms: no more than their animals can have given."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import World, bred, skins

from ledger.custody.control import FindingClosed
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import NewLot
from ledger.custody.references import Figure, YieldSet
from ledger.custody.rules.stocks import FIRST_MONTHS_S
from ledger.custody.stocks import SizeClass, StockAccount, StockAttested, StockDeclared
from ledger.custody.subjects import Kind, Subject

FARM = "farm/one"
NILE, SIAM = "Crocodylus niloticus", "Crocodylus siamensis"
RULE = "stock.by-products"
CHECK = [(RULE, "check")]
KILO = 1_000
OPENING = StockDeclared(FARM, NILE, females=100, counts=(SizeClass("all", 1_000),))
MEAT_OF_ONE = 20 * KILO
"""What an authority says that an animal gives; the tables' estimate is far above it."""


@pytest.fixture
def stocked(world: World) -> World:
    key = f"biology/{NILE}/MEA-GRM"
    figure = Figure(key, MEAT_OF_ONE, 1, "2026-01-01", "unconfirmed", "an abattoir")
    world.tell(YieldSet((figure,)), by="parks")
    world.tell(OPENING, by="farm")
    return world


def meat(animals: int, *, more: int = 0, **changes: Any) -> NewLot:
    return skins(animals * MEAT_OF_ONE + more, term="MEA", unit="GRM", **changes)


def sell(world: World, *lots: NewLot) -> list[list[tuple[str, str]]]:
    codes = world.tell(bred(*lots), by="farm")
    return [[f for f in world.findings(code) if f[0] == RULE] for code in codes]


def count(world: World, animals: int, *, by: str = "officer") -> None:
    classes = (SizeClass("all", animals),)
    if by == "officer":
        world.tell(StockAttested(FARM, NILE, "matches", classes), by=by)
    else:
        world.tell(StockDeclared(FARM, NILE, counts=classes), by=by)


def on_farm(world: World) -> list[tuple[str, str]]:
    state = world.states[Subject(Kind.FACILITY, FARM)]
    return [(f.rule, f.severity.value) for f in state.findings if f.rule == RULE]


@pytest.mark.parametrize(
    ("lot", "expected"),
    [
        pytest.param(meat(1_000), [], id="meat-of-all-animals"),
        pytest.param(meat(1_000, more=1), CHECK, id="a-gram-more"),
        pytest.param(skins(1_000, term="SKU"), [], id="a-skull-of-each"),
        pytest.param(skins(1_001, term="SKU"), CHECK, id="one-more-skull"),
        pytest.param(skins(4_001, term="FOO"), CHECK, id="one-more-foot"),
        pytest.param(skins(120_001, term="TEE"), CHECK, id="one-more-tooth"),
        pytest.param(skins(10**12, term="CAV", unit="GRM"), [], id="roe-comes-again"),
    ],
)
def test_no_more_than_all_animals_give(stocked: World, lot: NewLot, expected: Any) -> None:
    assert sell(stocked, lot) == [expected]


def test_small_loads_add_up_and_the_last_one_is_seen(stocked: World) -> None:
    assert sell(stocked, meat(600), meat(400)) == [[], []]
    assert sell(stocked, meat(1)) == [CHECK]


def test_each_part_of_an_animal_is_sold_by_itself(stocked: World) -> None:
    lots = (skins(1_000), meat(1_000), skins(1_000, term="SKU"), skins(1_000, term="TAI"))
    assert sell(stocked, *lots) == [[], [], [], []]


def test_animals_that_left_whole_gave_no_meat(stocked: World) -> None:
    sell(stocked, skins(700, term="LIV"), skins(200, term="BOD"))
    assert sell(stocked, meat(100)) == [[]]
    assert sell(stocked, meat(1)) == [CHECK]


def test_animals_that_hatched_or_died_count_too(stocked: World) -> None:
    stocked.tell(StockDeclared(FARM, NILE, hatched=50, died=300), by="farm")
    assert sell(stocked, meat(1_050)) == [[]]
    assert sell(stocked, meat(1)) == [CHECK]


class TestCounts:
    """What lives was not slaughtered: a count says so."""

    @pytest.mark.parametrize("by", ["officer", "farm"])
    @pytest.mark.parametrize(
        ("alive", "expected"),
        [
            pytest.param(700, [], id="as-many-fewer"),
            pytest.param(600, [], id="even-fewer"),
            pytest.param(701, CHECK, id="one-of-them-lives"),
            pytest.param(1_000, CHECK, id="all-live"),
        ],
    )
    def test_the_meat_is_of_animals_that_are_gone(
        self, stocked: World, by: str, alive: int, expected: Any
    ) -> None:
        assert sell(stocked, meat(300)) == [[]]
        count(stocked, alive, by=by)
        assert on_farm(stocked) == expected

    def test_skins_that_are_registered_later_settle_it(self, stocked: World) -> None:
        sell(stocked, meat(300))
        count(stocked, 1_000)
        assert on_farm(stocked) == CHECK
        sell(stocked, skins(299))
        assert on_farm(stocked) == CHECK
        sell(stocked, skins(1))
        assert on_farm(stocked) == []

    def test_deaths_that_are_told_later_settle_it(self, stocked: World) -> None:
        sell(stocked, meat(300))
        count(stocked, 1_000)
        stocked.tell(StockDeclared(FARM, NILE, died=300), by="farm")
        assert on_farm(stocked) == []

    def test_all_stocks_of_the_farm_must_account_for_it(self, stocked: World) -> None:
        stocked.tell(StockDeclared(FARM, SIAM, counts=OPENING.counts), by="farm")
        sell(stocked, meat(300), skins(5, term="SKU", taxon=SIAM))
        count(stocked, 1_000)
        event = StockAttested(FARM, SIAM, "matches", OPENING.counts)
        stocked.tell(event, by="officer")
        stocked.tell(StockDeclared(FARM, NILE, died=300), by="farm")
        assert on_farm(stocked) == CHECK
        stocked.tell(StockDeclared(FARM, SIAM, died=5), by="farm")
        assert on_farm(stocked) == []

    def test_it_stands_once_and_an_officer_closes_it(self, stocked: World) -> None:
        sell(stocked, meat(300))
        count(stocked, 1_000)
        count(stocked, 1_000)
        (finding,) = (
            f for f in stocked.states[Subject(Kind.FACILITY, FARM)].findings if f.rule == RULE
        )
        event = FindingClosed(f"facility/{FARM}", RULE, finding.cause, "births told late")
        stocked.tell(event, by="officer")
        assert on_farm(stocked) == []

    def test_skins_meat_and_yearly_counts_of_an_honest_farm(self, stocked: World) -> None:
        alive = 1_000
        for _ in range(3):
            stocked.at += 365 * 86_400
            stocked.tell(StockDeclared(FARM, NILE, hatched=400, died=20), by="farm")
            assert sell(stocked, skins(300), meat(290), skins(250, term="SKU")) == [[], [], []]
            alive += 400 - 20 - 300
            count(stocked, alive)
            assert on_farm(stocked) == []


def test_a_farm_that_sells_meat_alone_declares_its_animals(world: World) -> None:
    sell(world, meat(10))
    world.at += FIRST_MONTHS_S
    state = world.states[Subject(Kind.FACILITY, FARM)]
    assert [f.rule for f in state.findings if f.from_at <= world.at] == ["stock.undeclared"]


def test_where_officers_visit_it_is_asked_at_once(world: World) -> None:
    world.states[Subject(Kind.FACILITY, FARM)] = FacilityState("farm", "ZW", "attested")
    (code,) = world.tell(bred(meat(10)), by="farm")
    assert world.findings(code) == [("stock.undeclared", "check")]


@pytest.mark.parametrize(
    ("term", "unit", "expected"),
    [
        pytest.param("MEA", "NAR", ["stock.not-counted"], id="meat-by-the-piece"),
        pytest.param("SKU", "GRM", ["stock.not-counted"], id="skulls-by-weight"),
        pytest.param("TEE", "GRM", [], id="teeth-by-weight"),
    ],
)
def test_a_measure_that_tells_of_no_animals(
    stocked: World, term: str, unit: str, expected: list[str]
) -> None:
    (code,) = stocked.tell(bred(skins(10, term=term, unit=unit)), by="farm")
    assert [rule for rule, _ in stocked.findings(code)] == expected


def test_what_a_farm_sold_is_in_its_account(stocked: World) -> None:
    sell(stocked, skins(7), meat(3), skins(2, term="SKU"))
    state = stocked.states[Subject(Kind.ACCOUNT, f"stock/{FARM}/{NILE}")]
    assert isinstance(state, StockAccount)
    assert [(m.term, m.quantity) for m in state.products] == [("MEA", 60_000), ("SKU", 2)]
    assert (state.taken, state.ended) == (7, 7)
