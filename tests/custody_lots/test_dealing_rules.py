"""A registration under the Ivory Act covers one dealing; a certificate goes with the item."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, deal, offer

from ledger.custody.documents import DocumentRow, DocumentState, Paper, Shown
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotDeparted, LotRegistered
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import (
    Moves,
    TransferAccepted,
    TransferDeclined,
    TransferWithdrawn,
)

FIRST, SECOND = "GB/IVORY-REG/1", "GB/IVORY-REG/2"
CERTIFICATE = "GB/IVORY-CERT/1"
CABINETS = Row("Loxodonta africana", "IVC", 4, "NAR", "O", "XX")
AGAIN = [("document.dealt-again", "stop")]


def put(
    world: World,
    name: str,
    *,
    holder: str | None = None,
    status: str = "issued",
    pieces: int = 100,
    term: str = "IVC",
) -> None:
    row = DocumentRow(CABINETS.taxon, term, pieces, "NAR", "O", "XX")
    state = DocumentState(status=status, rows=(row,), paper=Paper(holder=holder), by="parks")
    world.states[Subject(Kind.DOCUMENT, name)] = state


def shown(world: World, name: str) -> list[Shown]:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return list(state.shown)


@pytest.fixture
def shop(world: World) -> World:
    """The farm's shop, with a registration for its cabinets; later owners have papers of theirs."""
    put(world, FIRST, holder="farm")
    put(world, SECOND, holder="tannery")
    put(world, CERTIFICATE, holder="farm")
    return world


def item(world: World, *papers: str, pieces: int = 4) -> str:
    row = replace(CABINETS, quantity=pieces)
    new = NewLot((row,), documents=papers or (FIRST,))
    event = LotRegistered(Basis.ANTIQUE, (new,), made_before="1931-01-01")
    (code,) = world.tell(event, by="farm")
    return code


def sell_on(world: World, code: str, **changes: Any) -> None:
    world.at += DAY
    deal(world, code, by="tannery", **{"to": "maker", **changes})


def test_a_sale_spends_the_registration(shop: World) -> None:
    code = item(shop)
    deal(shop, code)
    assert shop.counting(code) == []
    assert [(use.act, use.day) for use in shown(shop, FIRST)] == [("deal", "2027-01-15")]


def test_a_second_sale_under_it_is_a_stop(shop: World) -> None:
    code = item(shop)
    deal(shop, code)
    sell_on(shop, code)
    assert shop.counting(code) == AGAIN


@pytest.mark.parametrize("moves", [Moves.BOTH, Moves.TITLE])
def test_title_alone_is_a_dealing_too(shop: World, moves: Moves) -> None:
    code = item(shop)
    deal(shop, code, moves=moves)
    sell_on(shop, code, moves=Moves.TITLE)
    assert shop.counting(code) == AGAIN


def test_a_new_registration_covers_the_second_sale_and_no_third(shop: World) -> None:
    code = item(shop)
    deal(shop, code)
    sell_on(shop, code, documents=(SECOND,))
    assert shop.counting(code) == []
    assert shop.lot(code).documents == (FIRST, SECOND)
    assert len(shown(shop, FIRST)) == len(shown(shop, SECOND)) == 1
    deal(shop, code, by="maker", to="mill")
    assert shop.counting(code) == AGAIN


def test_two_parts_are_two_dealings(shop: World) -> None:
    code = item(shop)
    deal(shop, code, lots={code: Part(quantity=1)})
    (part,) = set(shop.lots()) - {code}
    assert shop.counting(part) == []
    deal(shop, code, lots={code: Part(quantity=1)})
    (second,) = set(shop.lots()) - {code, part}
    assert (shop.counting(second), shop.counting(code)) == (AGAIN, [])


def test_a_set_sold_at_once_is_one_dealing(shop: World) -> None:
    first, second = item(shop), item(shop)
    deal(shop, first, second)
    assert shop.counting(first) == shop.counting(second) == []


def test_what_replaces_a_spent_registration_is_spent(shop: World) -> None:
    code, after = item(shop), "GB/IVORY-REG/1A"
    deal(shop, code)
    old = shop.states[Subject(Kind.DOCUMENT, FIRST)]
    assert isinstance(old, DocumentState)
    new = DocumentState(status="issued", replaces=FIRST, by="parks")
    shop.states[Subject(Kind.DOCUMENT, after)] = new
    gone = replace(old, status="replaced", replaced_by=after)
    shop.states[Subject(Kind.DOCUMENT, FIRST)] = gone
    sell_on(shop, code)
    assert shop.counting(code) == AGAIN
    assert shown(shop, after) == []


def test_a_copy_that_nobody_confirmed_leaves_a_check(shop: World) -> None:
    put(shop, SECOND, holder="tannery", status="recorded")
    code = item(shop)
    deal(shop, code)
    sell_on(shop, code, documents=(SECOND,))
    assert shop.counting(code) == [("document.dealt-again", "check")]


def test_a_registration_of_another_owner_covers_nothing_and_is_not_spent(shop: World) -> None:
    code = item(shop, SECOND)
    deal(shop, code, to="maker")
    assert shop.counting(code) == [("document.other-holder", "check")]
    assert shown(shop, SECOND) == []
    own = item(shop)
    deal(shop, own)
    sell_on(shop, own, documents=(SECOND,))
    assert shop.counting(own) == []


@pytest.mark.parametrize(
    ("listed", "sold", "found"),
    [
        pytest.param(4, 4, [], id="all-of-it"),
        pytest.param(4, 3, [], id="less"),
        pytest.param(3, 4, [("document.dealt-more", "stop")], id="one-more"),
    ],
)
@pytest.mark.parametrize("status", ["issued", "recorded"])
def test_no_more_items_than_the_registration_lists(
    shop: World, listed: int, sold: int, found: list[tuple[str, str]], status: str
) -> None:
    put(shop, FIRST, holder="farm", status=status, pieces=listed)
    code = item(shop, pieces=sold)
    deal(shop, code)
    weight = "stop" if status == "issued" else "check"
    # An antique on the word of a copy waits for an officer besides.
    waits = [("basis.not-confirmed", "check")] if status == "recorded" else []
    assert shop.counting(code) == waits + [(rule, weight) for rule, _ in found]


def test_a_set_is_counted_together(shop: World) -> None:
    put(shop, FIRST, holder="farm", pieces=7)
    first, second = item(shop), item(shop)
    deal(shop, first, second)
    found = sorted(shop.counting(first) + shop.counting(second))
    assert found == [("document.dealt-more", "stop")]


def test_an_item_that_the_registration_does_not_list(shop: World) -> None:
    put(shop, FIRST, holder="farm", pieces=4, term="IJW")
    code = item(shop)
    deal(shop, code)
    assert shop.counting(code) == [("document.not-covered", "check")]


def depart(world: World, code: str, how: str = "retail", **changes: Any) -> None:
    lots = {code: changes.pop("part", Part())}
    country = "FR" if how == "abroad" else None
    world.tell(LotDeparted(lots, how, country, **changes), by="farm")


@pytest.mark.parametrize(
    ("how", "spent"),
    [("retail", 1), ("non-member", 1), ("abroad", 0), ("other-ledger", 0)],
)
def test_a_sale_out_of_the_ledger_is_a_dealing(shop: World, how: str, spent: int) -> None:
    code = item(shop)
    depart(shop, code, how)
    assert len(shown(shop, FIRST)) == spent
    assert shop.counting(code) == ([("border.not-told", "check")] if how == "abroad" else [])


def test_a_sale_over_the_counter_after_a_part_was_sold(shop: World) -> None:
    code = item(shop)
    depart(shop, code, part=Part(quantity=1))
    (part,) = set(shop.lots()) - {code}
    assert (shop.counting(part), shop.counting(code)) == ([], [])
    depart(shop, code)
    assert shop.counting(code) == AGAIN


def test_a_sale_over_the_counter_names_its_own_registration(shop: World) -> None:
    put(shop, SECOND, holder="farm")
    code = item(shop)
    depart(shop, code, part=Part(quantity=1))
    depart(shop, code, documents=(SECOND,))
    assert shop.counting(code) == []
    assert len(shown(shop, SECOND)) == 1
    unknown = LotDeparted({code: Part()}, "retail", None, ("GB/IVORY-REG/9",))
    assert shop.rule(unknown, by="farm") == "document.unknown"


class TestNoDealing:
    """What looks like a second dealing and is none."""

    def test_a_certificate_goes_with_the_item(self, shop: World) -> None:
        code = item(shop, CERTIFICATE)
        deal(shop, code)
        sell_on(shop, code)
        assert shop.counting(code) == []
        assert shown(shop, CERTIFICATE) == []

    def test_custody_only(self, shop: World) -> None:
        code = item(shop)
        deal(shop, code, moves=Moves.CUSTODY)
        assert shown(shop, FIRST) == []
        deal(shop, code, by="tannery", to="farm", moves=Moves.CUSTODY)
        deal(shop, code)
        assert shop.counting(code) == []

    @pytest.mark.parametrize("ends", [TransferDeclined, TransferWithdrawn])
    def test_an_offer_that_nothing_came_of(self, shop: World, ends: type[Any]) -> None:
        code = item(shop)
        shop.tell(offer(shop, code), by="farm")
        by = "tannery" if ends is TransferDeclined else "farm"
        shop.tell(ends(offer=shop.last_offer(), reason="too dear"), by=by)
        assert shown(shop, FIRST) == []
        deal(shop, code)
        assert shop.counting(code) == []

    def test_a_lot_that_is_refused(self, shop: World) -> None:
        put(shop, SECOND, holder="farm")
        code, left = item(shop), item(shop, SECOND)
        shop.tell(offer(shop, code, left), by="farm")
        answer = TransferAccepted(offer=shop.last_offer(), refused=(left,))
        shop.tell(answer, by="tannery")
        assert (len(shown(shop, FIRST)), shown(shop, SECOND)) == (1, [])

    def test_a_sale_that_goes_back_and_only_that(self, shop: World) -> None:
        code = item(shop)
        deal(shop, code)
        sell_on(shop, code, to="farm")
        assert shop.counting(code) == []
        deal(shop, code, to="maker")
        assert shop.counting(code) == AGAIN


def test_an_earlier_holder_who_buys_later_does_not_take_a_sale_back(shop: World) -> None:
    code = item(shop)
    deal(shop, code)
    sell_on(shop, code, documents=(SECOND,))
    shop.at += DAY
    deal(shop, code, by="maker", to="farm")
    assert shop.counting(code) == AGAIN
