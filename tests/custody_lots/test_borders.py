"""Borders between where goods were and where they are: who tells how they passed them."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, bred, deal, harvested, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentRow,
    DocumentState,
    EndorsementWithdrawn,
    Paper,
    Passed,
    Way,
)
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import (
    LotDeparted,
    LotExported,
    LotImported,
)
from ledger.custody.parties import PartyState
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves

ISSUED = "ZW/EXPORT/1"
CHECK = "check"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 1_000, "NAR", "C", "ZW")


def found(world: World, code: str, rule: str) -> list[str]:
    return [severity for name, severity in world.findings(code) if name == rule]


def move(world: World, party: str, country: str) -> None:
    subject = Subject(Kind.PARTY, party)
    state = world.states[subject]
    assert isinstance(state, PartyState)
    world.states[subject] = replace(state, country=country)


class TestBorders:
    @pytest.mark.parametrize(
        ("how", "country", "expected"),
        [
            pytest.param("abroad", "ZA", [CHECK], id="another-country"),
            pytest.param("other-ledger", "ZA", [CHECK], id="another-ledger-abroad"),
            pytest.param("other-ledger", "ZW", [], id="another-ledger-at-home"),
            pytest.param("retail", None, [], id="over-the-counter"),
        ],
    )
    def test_who_leaves_says_how(
        self, world: World, how: str, country: str | None, expected: list[str]
    ) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        world.tell(LotDeparted({code: Part()}, how, country), by="farm")
        assert found(world, code, "border.not-told") == expected

    def test_what_was_exported_leaves_without_a_word_more(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        world.tell(LotExported((code,), ISSUED, "ZW", "ZA"), by="farm")
        world.tell(LotDeparted({code: Part()}, "abroad", "ZA"), by="farm")
        assert found(world, code, "border.not-told") == []

    @pytest.mark.parametrize(
        ("place", "there", "expected"),
        [
            pytest.param("ZA", "ZW", [CHECK], id="from-a-farm-abroad-to-home"),
            pytest.param("ZA", "ZA", [], id="sold-where-the-farm-is"),
            pytest.param("ZW", "ZA", [CHECK], id="from-a-farm-at-home"),
        ],
    )
    def test_goods_are_where_their_place_is(
        self, world: World, place: str, there: str, expected: list[str]
    ) -> None:
        farm = FacilityState("farm", place, "declared")
        world.states[Subject(Kind.FACILITY, "farm/one")] = farm
        (code,) = world.tell(bred(skins(10, origin=place)), by="farm")
        move(world, "tannery", there)
        deal(world, code)
        assert found(world, code, "border.not-told") == expected

    @pytest.mark.parametrize(
        ("country", "expected"),
        [
            pytest.param("ZW", [], id="of-its-holder"),
            pytest.param("ZA", [CHECK], id="of-nobody"),
        ],
    )
    def test_goods_leave_a_country_in_which_they_can_be(
        self, world: World, country: str, expected: list[str]
    ) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        world.tell(LotExported((code,), ISSUED, country, "US"), by="farm")
        assert found(world, code, "border.elsewhere") == expected

    def test_who_bought_goods_says_how_they_left_the_seller(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        move(world, "tannery", "ZA")
        deal(world, code)
        world.tell(LotExported((code,), ISSUED, "ZW", "ZA"), by="tannery")
        assert found(world, code, "border.elsewhere") == []

    def test_goods_that_no_appendix_lists_need_no_paper(self, world: World) -> None:
        oak = NewLot((Row("Quercus robur", "LOG", 1, "CMQ", "W", "PE"),), facility="mill/plot")
        (code,) = world.tell(harvested(oak), by="mill")
        world.tell(LotDeparted({code: Part()}, "abroad", "ZA"), by="mill")
        assert found(world, code, "border.not-told") == []

    @pytest.mark.parametrize(
        ("home", "there", "expected"),
        [
            pytest.param("ZW", "ZA", [CHECK], id="two-countries"),
            pytest.param("ZW", "ZW", [], id="one-country"),
            pytest.param("FR", "IT", [], id="within-the-union"),
            pytest.param("CH", "LI", [], id="one-management-authority"),
            pytest.param("FR", "GB", [CHECK], id="out-of-the-union"),
        ],
    )
    def test_a_buyer_in_another_country_has_thirty_days(
        self, world: World, home: str, there: str, expected: list[str]
    ) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        move(world, "farm", home)
        move(world, "tannery", there)
        deal(world, code)
        assert world.counting(code) == []
        world.at += 30 * DAY
        assert [name for name, _ in world.counting(code)] == ["border.not-told"] * len(expected)

    @pytest.mark.parametrize(
        ("there", "day", "expected"),
        [
            pytest.param("HR", "2013-06-30", [CHECK], id="before-it-joined"),
            pytest.param("HR", "2013-07-01", [], id="the-day-it-joined"),
            pytest.param("GB", "2020-12-31", [], id="the-last-day-in-the-union"),
            pytest.param("GB", "2021-01-01", [CHECK], id="out-of-the-union"),
        ],
    )
    def test_the_day_of_the_act_says_who_is_in_the_union(
        self, world: World, there: str, day: str, expected: list[str]
    ) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        move(world, "farm", "FR")
        when = date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()
        event = LotDeparted({code: Part()}, "abroad", there)
        world.tell(event, by="farm", when=when * DAY, day=day)
        assert found(world, code, "border.not-told") == expected

    def test_a_crossing_told_later_settles_it(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        move(world, "tannery", "ZA")
        deal(world, code)
        world.at += 29 * DAY
        world.tell(LotImported((code,), ISSUED, "ZA"), by="tannery")
        assert found(world, code, "border.not-told") == []

    @pytest.mark.parametrize(
        ("way", "country", "to_country", "expected"),
        [
            pytest.param(Way.EXPORT, "ZW", "ZA", [], id="seen-leaving-for-there"),
            pytest.param(Way.EXPORT, "ZW", None, [], id="seen-leaving"),
            pytest.param(Way.IMPORT, "ZA", None, [], id="seen-arriving"),
            pytest.param(Way.EXPORT, "ZW", "US", [CHECK], id="seen-leaving-for-elsewhere"),
            pytest.param(Way.IMPORT, "US", None, [CHECK], id="seen-arriving-elsewhere"),
        ],
    )
    @pytest.mark.parametrize("late", [False, True], ids=["before-the-sale", "after-it"])
    def test_an_officer_alone_may_tell_it(
        self,
        world: World,
        way: Way,
        country: str,
        to_country: str | None,
        expected: list[str],
        *,
        late: bool,
    ) -> None:
        name, paper = "ZW/EXPORT/8", Paper(rows=(ROW,), to_country=to_country)
        state = DocumentState(status="issued", rows=(ROW,), paper=paper)
        world.states[Subject(Kind.DOCUMENT, name)] = state
        (code,) = world.tell(bred(skins(10)), by="farm")
        move(world, "tannery", "ZA")
        seen = DocumentEndorsed(name, way, country, (Passed(0, 10, code),))
        if late:
            deal(world, code)
        world.tell(seen, by="officer")
        if not late:
            deal(world, code)
        assert found(world, code, "border.not-told") == expected

    def test_a_stamp_that_comes_after_the_goods_departed(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        state = DocumentState(status="issued", rows=(ROW,), paper=Paper(rows=(ROW,)))
        world.states[Subject(Kind.DOCUMENT, "ZW/EXPORT/8")] = state
        world.tell(LotDeparted({code: Part()}, "abroad", "ZA"), by="farm")
        assert found(world, code, "border.not-told") == [CHECK]
        seen = DocumentEndorsed("ZW/EXPORT/8", Way.EXPORT, "ZW", (Passed(0, 10, code),))
        world.tell(seen, by="officer")
        assert found(world, code, "border.not-told") == []

    @pytest.mark.parametrize("way", [Way.EXPORT, Way.IMPORT])
    @pytest.mark.parametrize("moves", ["sold", "sold-late", "part", "departed", "told", "at-home"])
    def test_a_stamp_that_is_taken_back_tells_nothing_any_more(
        self, world: World, way: Way, moves: str
    ) -> None:
        name, paper = "ZW/EXPORT/8", Paper(rows=(ROW,))
        state = DocumentState(status="issued", rows=(ROW,), paper=paper)
        world.states[Subject(Kind.DOCUMENT, name)] = state
        (code,) = world.tell(bred(skins(10)), by="farm")
        if moves != "at-home":
            move(world, "tannery", "ZA")
        if moves == "sold-late":
            deal(world, code)
        there = "ZW" if way is Way.EXPORT or moves == "at-home" else "ZA"
        seen = DocumentEndorsed(name, way, there, (Passed(0, 10, code),))
        statement = world.signed(seen, by="officer").id
        world.tell(seen, by="officer")
        lots = (code,)
        if moves == "departed":
            world.tell(LotDeparted({code: Part()}, "abroad", "ZA"), by="farm")
        elif moves == "part":
            deal(world, code, lots={code: Part(quantity=4)})
            lots = (code, *(c for c, lot in world.lots().items() if lot.parents == (code,)))
        elif moves != "sold-late":
            deal(world, code)
        if moves == "told":
            world.tell(LotImported((code,), name, "ZA"), by="tannery")
        own = lots[-1]
        assert found(world, own, "border.not-told") == []
        world.tell(EndorsementWithdrawn(name, statement, "wrong bale", lots), by="officer")
        away = moves not in ("told", "at-home")
        assert found(world, own, "border.not-told") == ([CHECK] if away else [])
        if moves == "part":
            assert found(world, code, "border.not-told") == []

    def test_a_crossing_on_from_there_says_nothing_of_it(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        move(world, "tannery", "ZA")
        deal(world, code)
        world.tell(LotExported((code,), ISSUED, "ZA", "US"), by="tannery")
        assert found(world, code, "border.not-told") == [CHECK]

    def test_goods_that_come_back_unmoved_cross_no_second_border(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        move(world, "tannery", "ZA")
        deal(world, code)
        deal(world, code, by="tannery", to="farm")
        assert found(world, code, "border.not-told") == [CHECK]

    def test_a_sale_of_title_alone_moves_no_goods(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        move(world, "tannery", "ZA")
        deal(world, code, moves=Moves.TITLE)
        assert world.findings(code) == []
