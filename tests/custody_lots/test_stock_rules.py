"""Stock of farms: animals by cohort, skins by animal; what no farm can do is found."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, bred, skins

from ledger.custody.control import FindingClosed
from ledger.custody.facilities import FacilityState, Terms
from ledger.custody.goods import NewLot
from ledger.custody.rules.stocks import COHORTS_MAX
from ledger.custody.stocks import SizeClass, StockAccount, StockAttested, StockDeclared
from ledger.custody.subjects import Kind, Subject

FARM = "farm/one"
NILE = "Crocodylus niloticus"
ACCOUNT = f"stock/{FARM}/{NILE}"
YEAR_S = 366 * DAY
OPENING = StockDeclared(FARM, NILE, females=100, counts=(SizeClass("all", 1_000),))


@pytest.fixture
def stocked(world: World) -> World:
    world.tell(OPENING, by="farm")
    return world


def account(world: World) -> StockAccount:
    state = world.state(Subject(Kind.ACCOUNT, ACCOUNT))
    assert isinstance(state, StockAccount)
    return state


def on_farm(world: World) -> list[tuple[str, str]]:
    """What stands on the farm now: a due that lies ahead does not count yet."""
    state = world.states[Subject(Kind.FACILITY, FARM)]
    return [(f.rule, f.severity.value) for f in state.findings if f.from_at <= world.at]


def register(world: World, lot: NewLot) -> list[tuple[str, str]]:
    (code,) = world.tell(bred(lot), by="farm")
    return world.findings(code)


def test_declarations_add_up(stocked: World) -> None:
    event = StockDeclared(FARM, NILE, hatched=300, bought=20, sold=10, died=60)
    stocked.tell(event, by="farm")
    found = account(stocked)
    assert (found.count, found.grown, found.sold) == (1_250, 1_020, 10)
    (cohort,) = found.cohorts
    assert (cohort.hatched, cohort.females) == (300, 100)
    assert on_farm(stocked) == []


def test_skins_leave_the_stock(stocked: World) -> None:
    assert register(stocked, skins(400)) == []
    assert (account(stocked).count, account(stocked).taken) == (600, 400)


@pytest.mark.parametrize(
    ("term", "quantity", "animals"),
    [("SKI", 7, 7), ("SID", 7, 4), ("BOD", 7, 7), ("LIV", 7, 7), ("SKU", 7, 0), ("MEA", 7, 0)],
)
def test_each_animal_has_one_skin_and_two_sides(
    stocked: World, term: str, quantity: int, animals: int
) -> None:
    unit = "GRM" if term == "MEA" else "NAR"
    register(stocked, skins(quantity, term=term, unit=unit))
    assert account(stocked).taken == animals


@pytest.mark.parametrize(
    ("found", "quantity"),
    [
        pytest.param([], 1_000, id="all-there-are"),
        pytest.param(
            [("stock.below-zero", "check"), ("stock.beyond-biology", "check")],
            1_001,
            id="one-more",
        ),
    ],
)
def test_no_more_skins_than_animals(stocked: World, found: Any, quantity: int) -> None:
    assert register(stocked, skins(quantity)) == found


BELOW = "stock.below-zero"


def counted(world: World) -> str:
    """An officer counted 900 animals, and the farm registers 901 skins."""
    event = StockAttested(FARM, NILE, "matches", (SizeClass("all", 900),))
    world.tell(event, by="officer")
    assert account(world).count == 900
    (code,) = world.tell(bred(skins(901)), by="farm")
    return code


def levels(world: World, code: str) -> list[str]:
    return [level for rule, level in world.counting(code) if rule == BELOW]


@pytest.mark.parametrize(
    ("after_s", "found"),
    [(0, ["check"]), (3 * DAY - 1, ["check"]), (3 * DAY, ["check", "stop"])],
)
def test_an_officers_count_makes_it_a_stop_when_no_word_is_late_any_more(
    stocked: World, after_s: int, found: list[str]
) -> None:
    code = counted(stocked)
    stocked.at += after_s
    assert levels(stocked, code) == found


@pytest.mark.parametrize(
    ("after_s", "moves", "found"),
    [
        pytest.param(3 * DAY - 1, {"bought": 1}, [], id="a-purchase-that-was-told-late"),
        pytest.param(3 * DAY, {"bought": 1}, ["check", "stop"], id="told-too-late"),
        pytest.param(DAY, {"hatched": 1}, [], id="a-hatch"),
        pytest.param(DAY, {"bought": 2, "died": 2}, ["check"], id="as-many-died"),
        pytest.param(DAY, {"females": 3}, ["check"], id="no-animal-came"),
        pytest.param(DAY, {"counts": (SizeClass("all", 9),)}, ["check"], id="only-an-inventory"),
    ],
)
def test_a_late_word_explains_the_skins(
    stocked: World, after_s: int, moves: Any, found: list[str]
) -> None:
    code = counted(stocked)
    stocked.at += after_s
    stocked.tell(StockDeclared(FARM, NILE, **moves), by="farm")
    assert levels(stocked, code) == found


def test_a_late_word_explains_all_lots_or_none(stocked: World) -> None:
    first = counted(stocked)
    (second,) = stocked.tell(bred(skins(2)), by="farm")
    stocked.tell(StockDeclared(FARM, NILE, bought=2), by="farm")
    assert levels(stocked, first) == levels(stocked, second) == ["check"]
    stocked.tell(StockDeclared(FARM, NILE, bought=1), by="farm")
    assert levels(stocked, first) == levels(stocked, second) == []
    assert account(stocked).short == ()
    # What is beyond the stock after that is found anew.
    (third,) = stocked.tell(bred(skins(1)), by="farm")
    assert levels(stocked, third) == ["check"]


def test_an_officer_closes_both_at_once(stocked: World) -> None:
    code = counted(stocked)
    cause = next(f.cause for f in stocked.lot(code).findings if f.rule == BELOW)
    event = FindingClosed(f"lot/{code}", BELOW, cause, "the births were seen")
    stocked.tell(event, by="officer")
    stocked.at += 4 * DAY
    assert levels(stocked, code) == []


def test_hatchlings_are_skins_only_when_they_are_old_enough(stocked: World) -> None:
    register(stocked, skins(1_000))
    stocked.tell(StockDeclared(FARM, NILE, hatched=1_000), by="farm")
    # Crocodylus niloticus is fit after 24 months at the earliest, and 85 of 100 live to see it.
    assert register(stocked, skins(100)) == [("stock.beyond-biology", "check")]
    stocked.at += 2 * YEAR_S
    assert register(stocked, skins(750)) == []
    assert register(stocked, skins(1)) == [("stock.beyond-biology", "check")]


@pytest.mark.parametrize(
    ("found", "hatched"),
    [
        # 100 females, one clutch of at most 60, of which at most 80 in 100 hatch.
        pytest.param([], 4_800, id="all-they-can"),
        pytest.param([("stock.beyond-clutches", "check")], 4_801, id="one-more"),
    ],
)
def test_no_more_hatch_than_females_can_lay(stocked: World, found: Any, hatched: int) -> None:
    stocked.tell(StockDeclared(FARM, NILE, hatched=hatched), by="farm")
    assert on_farm(stocked) == found


def test_declarations_of_one_year_hatch_together(stocked: World) -> None:
    stocked.tell(StockDeclared(FARM, NILE, hatched=2_500), by="farm")
    stocked.tell(StockDeclared(FARM, NILE, hatched=2_500), by="farm")
    assert on_farm(stocked) == [("stock.beyond-clutches", "check")]


def test_a_ranch_hatches_eggs_of_the_wild(stocked: World) -> None:
    stocked.tell(StockDeclared(FARM, NILE, females=0, eggs=10_000, hatched=8_000), by="farm")
    assert on_farm(stocked) == []


def test_what_appears_in_an_inventory_came_from_somewhere(stocked: World) -> None:
    stocked.tell(StockDeclared(FARM, NILE, counts=(SizeClass("all", 990),)), by="farm")
    assert on_farm(stocked) == []
    stocked.tell(StockDeclared(FARM, NILE, counts=(SizeClass("all", 991),)), by="farm")
    assert on_farm(stocked) == [("stock.unexplained", "check")]
    stocked.tell(StockAttested(FARM, NILE, "matches", (SizeClass("all", 991),)), by="officer")
    assert on_farm(stocked) == []


def test_a_count_that_differs_stops_the_farm(stocked: World) -> None:
    event = StockAttested(FARM, NILE, "differs", (SizeClass("all", 400),), reason="half of it")
    stocked.tell(event, by="officer")
    assert on_farm(stocked) == [("stock.differs", "stop")]


def test_ten_cohorts_are_kept_apart_and_none_is_lost(stocked: World) -> None:
    for _ in range(COHORTS_MAX + 3):
        stocked.tell(StockDeclared(FARM, NILE, females=100, hatched=1_000), by="farm")
        stocked.at += YEAR_S
    found = account(stocked).cohorts
    assert len(found) == COHORTS_MAX
    assert sum(cohort.hatched for cohort in found) == (COHORTS_MAX + 3) * 1_000


@pytest.mark.parametrize(
    ("found", "since", "source"),
    [
        pytest.param([], 2020, "C", id="old-enough"),
        pytest.param([], 2024, "C", id="just-old-enough"),
        pytest.param([("stock.second-generation", "check")], 2025, "C", id="too-young"),
        pytest.param([], 2025, "F", id="first-generation"),
        pytest.param([], None, "C", id="nobody-knows"),
    ],
)
def test_source_c_needs_two_generations(
    stocked: World, found: Any, since: int | None, source: str
) -> None:
    terms = Terms(since=since, licence="ZW/LICENCE/1")
    place = FacilityState("farm", "ZW", "declared", terms=terms)
    stocked.states[Subject(Kind.FACILITY, FARM)] = place
    assert register(stocked, skins(10, source=source)) == found


def test_a_farm_that_officers_visit_declares(world: World) -> None:
    assert register(world, skins(10)) == []
    world.states[Subject(Kind.FACILITY, FARM)] = FacilityState("farm", "ZW", "attested")
    assert register(world, skins(10)) == [("stock.undeclared", "check")]


DECLARED = StockDeclared(FARM, NILE, died=1)
COUNTED = StockAttested(FARM, NILE, "matches", (SizeClass("all", 1_000),))


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        ("", "farm", DECLARED),
        ("", "farm", replace(DECLARED, died=1_000)),
        ("stock.negative", "farm", replace(DECLARED, died=1_001)),
        ("stock.negative", "farm", replace(DECLARED, sold=1_000)),
        ("", "farm", replace(DECLARED, sold=1_000, hatched=1)),
        ("stock.empty", "farm", replace(DECLARED, died=None)),
        ("stock.numbers", "farm", replace(DECLARED, died=-1)),
        ("stock.numbers", "farm", replace(DECLARED, counts=(SizeClass("a", 1), SizeClass("a", 2)))),
        ("stock.numbers", "farm", replace(DECLARED, counts=(SizeClass("", 1),))),
        ("stock.taxon", "farm", replace(DECLARED, taxon="Nile crocodile")),
        ("stock.taxon", "farm", replace(DECLARED, taxon="Swietenia macrophylla")),
        ("stock.facility", "tannery", DECLARED),
        ("stock.facility", "mill", replace(DECLARED, facility="mill/yard")),
        ("facility.unknown", "farm", replace(DECLARED, facility="farm/moon")),
        ("", "officer", COUNTED),
        ("office.no-power", "farm", COUNTED),
        ("facility.unknown", "officer", replace(COUNTED, facility="farm/moon")),
        ("stock.unknown", "officer", replace(COUNTED, taxon="Crocodylus porosus")),
        ("stock.attestation", "officer", replace(COUNTED, counts=())),
        ("stock.attestation", "officer", replace(COUNTED, result="roughly")),
        ("stock.attestation", "officer", replace(COUNTED, result="differs")),
        ("stock.numbers", "officer", replace(COUNTED, females=-1)),
    ],
)
def test_what_cannot_be_said_of_a_stock(stocked: World, rule: str, by: str, event: Any) -> None:
    assert stocked.rule(event, by=by) == rule


def test_births_make_up_for_skins_that_came_first(stocked: World) -> None:
    register(stocked, skins(1_200))
    assert account(stocked).count == -200
    assert stocked.rule(StockDeclared(FARM, NILE, died=1), by="farm") == "stock.negative"
    stocked.tell(StockDeclared(FARM, NILE, hatched=300), by="farm")
    assert account(stocked).count == 100


GENUS = "Crocodylus"


@pytest.mark.parametrize("quantity", [400, 1_001])
def test_skins_named_by_a_genus_draw_on_its_one_species(stocked: World, quantity: int) -> None:
    found = register(stocked, skins(quantity, taxon=GENUS))
    assert ("stock.group-name", "check") in found
    assert account(stocked).taken == quantity
    assert (("stock.below-zero", "check") in found) is (quantity > 1_000)


def test_of_several_species_none_is_drawn_on(stocked: World) -> None:
    stocked.tell(StockDeclared(FARM, "Crocodylus porosus", hatched=1), by="farm")
    assert register(stocked, skins(400, taxon=GENUS)) == [("stock.group-name", "check")]
    assert account(stocked).taken == 0


def test_a_farm_of_hybrids_declares_its_genus(stocked: World) -> None:
    stocked.tell(replace(OPENING, taxon=GENUS), by="farm")
    assert register(stocked, skins(400, taxon=GENUS)) == []
    assert account(stocked).taken == 0


def test_a_genus_of_which_no_species_is_declared(stocked: World) -> None:
    assert register(stocked, skins(40, taxon="Caiman")) == []
