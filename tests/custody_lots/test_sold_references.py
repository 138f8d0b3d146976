"""Due-diligence references that a sale of title names: drawn on once, and compared."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, new_world

from ledger.custody.documents import DocumentRow, DocumentState, Paper
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotDeparted, LotRegistered, LotTransformed
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered

REFERENCE, OTHER = "FR/DDS/24FRIOBORU2228", "FR/DDS/24FRIOBORU2229"
TREE = "Khaya anthotheca"
CUBIC_METRE = 1_000_000
PLOTS = ("mill/plot", "mill/other")


@pytest.fixture
def market() -> World:
    """Two plots of the mill, and its reference for 50 m3 of logs."""
    market = new_world(full=True)
    plot = FacilityState(kind="plot", country="ZW", status="declared")
    market.states[Subject(Kind.FACILITY, PLOTS[1])] = plot
    refer(market)
    return market


def refer(
    world: World, name: str = REFERENCE, *, holder: str | None = "mill", **changes: Any
) -> None:
    row = DocumentRow(TREE, "LOG", 50 * CUBIC_METRE, "CMQ", "W", "CM")
    paper = Paper(holder=holder, rows=(row,), plots=changes.pop("plots", ()))
    status = changes.pop("status", "recorded")
    state = DocumentState(status=status, rows=(row,), paper=paper, by="mill")
    world.states[Subject(Kind.DOCUMENT, name)] = state


def fell(world: World, cubic_metres: int = 30, *, plot: str = PLOTS[0], under: Any = ()) -> str:
    row = Row(TREE, "LOG", cubic_metres * CUBIC_METRE, "CMQ", "W", "CM")
    new = NewLot((row,), facility=plot, documents=under)
    (code,) = world.tell(LotRegistered(Basis.HARVEST, (new,)), by="mill")
    return code


def saw(world: World, *logs: str, under: Any = ()) -> str:
    row = Row(TREE, "SAW", 5 * CUBIC_METRE, "CMQ", "W", "CM")
    event = LotTransformed(
        "saw", {code: Part() for code in logs}, (NewLot((row,), documents=under),)
    )
    (code,) = world.tell(event, by="mill")
    return code


def sell(
    world: World,
    code: str,
    *,
    part: Part | None = None,
    under: tuple[str, ...] = (REFERENCE,),
    by: str = "mill",
    to: str = "maker",
    moves: Moves = Moves.BOTH,
) -> str:
    """Sell a lot, or a part of it; return the code under which the buyer has it."""
    lots = {code: part or Part()}
    world.tell(TransferOffered(to, moves, world.at + 900, lots, documents=under), by=by)
    born = world.tell(TransferAccepted(world.last_offer()), by=to)
    return born[0] if born else code


def drawn(world: World, name: str = REFERENCE) -> int:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return sum(row.quantity for row in state.drawn.get("import", ())) // CUBIC_METRE


def odd(world: World, code: str) -> list[tuple[str, str]]:
    return [f for f in world.counting(code) if f[0].split(".")[0] in ("document", "reference")]


def test_goods_that_are_sold_draw_on_the_reference(market: World) -> None:
    code = sell(market, fell(market))
    assert (drawn(market), odd(market, code)) == (30, [])
    assert market.lot(code).documents == (REFERENCE,)


def test_sold_beyond_what_it_declares(market: World) -> None:
    first, second = sell(market, fell(market)), sell(market, fell(market))
    assert odd(market, first) == []
    assert odd(market, second) == [("document.overdrawn", "stop")]


def test_a_part_draws_what_it_is(market: World) -> None:
    code = fell(market, 60)
    part = sell(market, code, part=Part(quantity=20 * CUBIC_METRE))
    assert (drawn(market), odd(market, part)) == (20, [])
    assert odd(market, sell(market, code)) == [("document.overdrawn", "stop")]


@pytest.mark.parametrize(
    ("moves", "quantity"), [(Moves.CUSTODY, 0), (Moves.TITLE, 30), (Moves.BOTH, 30)]
)
def test_only_a_sale_brings_goods_to_market(market: World, moves: Moves, quantity: int) -> None:
    sell(market, fell(market), moves=moves)
    assert drawn(market) == quantity


def test_one_under_which_they_came_to_market_is_passed_on(market: World) -> None:
    code = fell(market, 50, under=(REFERENCE,))
    sell(market, code)
    assert (drawn(market), odd(market, code)) == (50, [])
    sell(market, code, by="maker", to="tannery")
    assert (drawn(market), odd(market, code)) == (50, [])


def test_the_reference_of_the_logs_is_passed_on_with_the_boards(market: World) -> None:
    boards = saw(market, fell(market, 20, under=(REFERENCE,)))
    sell(market, boards)
    assert (drawn(market), odd(market, boards)) == (20, [])


def test_what_a_lot_names_itself_is_drawn_too(market: World) -> None:
    boards = saw(market, fell(market), under=(REFERENCE,))
    sell(market, boards, under=())
    assert odd(market, boards) == [("document.not-covered", "check")]


@pytest.mark.parametrize(
    ("holder", "quantity", "found"),
    [
        pytest.param("mill", 30, [], id="the-sellers"),
        pytest.param(None, 30, [], id="nobodys-by-name"),
        pytest.param("maker", 0, [], id="the-buyers-for-when-it-comes-in"),
        pytest.param("farm", 0, [("document.other-holder", "check")], id="a-strangers"),
    ],
)
def test_whose_reference_it_is(
    market: World, holder: str | None, quantity: int, found: list[tuple[str, str]]
) -> None:
    refer(market, holder=holder)
    code = sell(market, fell(market))
    assert (drawn(market), odd(market, code)) == (quantity, found)


def test_the_number_of_who_had_the_goods_before(market: World) -> None:
    code = sell(market, fell(market), under=())
    assert drawn(market) == 0
    sell(market, code, by="maker", to="tannery")
    assert (drawn(market), odd(market, code)) == (30, [])


@pytest.mark.parametrize(
    ("status", "plot", "found"),
    [
        ("recorded", PLOTS[0], []),
        ("recorded", PLOTS[1], [("document.other-plot", "check")]),
        ("attested", PLOTS[1], [("document.other-plot", "stop")]),
    ],
)
def test_the_plots_are_compared(
    market: World, status: str, plot: str, found: list[tuple[str, str]]
) -> None:
    refer(market, status=status, plots=PLOTS[:1])
    assert odd(market, sell(market, fell(market, plot=plot))) == found


def test_two_references_name_the_plots_together(market: World) -> None:
    refer(market, plots=PLOTS[:1])
    refer(market, OTHER, plots=PLOTS[1:])
    boards = saw(market, fell(market, 5), fell(market, 5, plot=PLOTS[1]))
    sell(market, boards, under=(REFERENCE, OTHER))
    assert ("document.other-plot", "check") not in odd(market, boards)
    again = saw(market, fell(market, 5), fell(market, 5, plot=PLOTS[1]))
    sell(market, again)
    assert ("document.other-plot", "check") in odd(market, again)


@pytest.mark.parametrize(("ancestors", "found"), [(998, False), (1_000, True)])
def test_what_was_not_compared_is_said(market: World, ancestors: int, found: bool) -> None:
    refer(market, plots=PLOTS[:1])
    code = fell(market)
    lot = replace(market.lot(code), facility=None)
    names = [code, *(f"{i:012d}" for i in range(ancestors))]
    for name, parent in zip(names, (*names[1:], ""), strict=True):
        state = replace(lot, parents=(parent,) if parent else ())
        market.states[Subject(Kind.LOT, name)] = state
    sell(market, code)
    assert (("document.plots-beyond", "note") in odd(market, code)) is found


class TestDepartures:
    """Goods that leave the ledger under a reference draw on it as a sale within it does."""

    @pytest.mark.parametrize(
        ("how", "named", "quantity"),
        [
            pytest.param("retail", (REFERENCE,), 30, id="sold-over-the-counter"),
            pytest.param("non-member", (REFERENCE,), 30, id="sold-to-a-stranger"),
            pytest.param("abroad", (REFERENCE,), 30, id="exported-under-it"),
            pytest.param("abroad", (), 0, id="under-none"),
        ],
    )
    def test_they_draw_on_what_they_name(
        self, market: World, how: str, named: tuple[str, ...], quantity: int
    ) -> None:
        code = fell(market)
        depart(market, code, how, named)
        assert (drawn(market), odd(market, code)) == (quantity, [])
        assert market.lot(code).documents == named

    def test_beyond_what_it_declares(self, market: World) -> None:
        first, second = fell(market), fell(market)
        depart(market, first, "retail")
        depart(market, second, "retail")
        assert odd(market, first) == []
        assert odd(market, second) == [("document.overdrawn", "stop")]

    def test_a_part_draws_what_it_is(self, market: World) -> None:
        code = fell(market, 60)
        part = depart(market, code, "retail", part=Part(quantity=20 * CUBIC_METRE))
        assert (drawn(market), odd(market, part), market.lot(code).documents) == (20, [], ())

    def test_one_under_which_they_came_is_passed_on(self, market: World) -> None:
        code = fell(market, 50, under=(REFERENCE,))
        depart(market, code, "retail")
        assert (drawn(market), odd(market, code)) == (50, [])

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"holder": "tannery"}, [("document.other-holder", "check")]),
            ({"plots": (PLOTS[1],)}, [("document.other-plot", "check")]),
        ],
        ids=["of-another-operator", "of-another-plot"],
    )
    def test_it_is_compared_as_in_a_sale(self, market: World, changes: Any, expected: Any) -> None:
        refer(market, **changes)
        code = fell(market)
        depart(market, code, "retail")
        assert odd(market, code) == expected


def depart(
    world: World,
    code: str,
    how: str,
    named: tuple[str, ...] = (REFERENCE,),
    part: Part | None = None,
) -> str:
    """Let a lot or a part leave; return the code of what left."""
    country = "FR" if how == "abroad" else None
    event = LotDeparted({code: part or Part()}, how, country, named)
    born = world.tell(event, by="mill")
    return born[0] if born else code
