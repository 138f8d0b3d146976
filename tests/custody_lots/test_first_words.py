"""First statements that nothing bears out, borders that nobody told, and words that came late."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, bred, deal, harvested, logs, skins

from ledger.custody.control import LotInspected
from ledger.custody.documents import DocumentRow, DocumentState, Paper
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotImported,
    LotRegistered,
    LotSplit,
    LotTransformed,
)
from ledger.custody.parties import PartyState
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves

COPY, ISSUED = "ZW/EXPORT/2", "ZW/EXPORT/1"
CHECK = "check"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 1_000, "NAR", "C", "ZW")


def found(world: World, code: str, rule: str) -> list[str]:
    return [severity for name, severity in world.findings(code) if name == rule]


def enter(world: World, basis: Basis, *, by: str = "tannery", **changes: Any) -> str:
    fields = {name: changes.pop(name) for name in ("reference", "made_before") if name in changes}
    own = {"facility": None, "source": "W"} | changes
    (code,) = world.tell(LotRegistered(basis, (skins(10, **own),), **fields), by=by)
    return code


def move(world: World, party: str, country: str) -> None:
    subject = Subject(Kind.PARTY, party)
    state = world.states[subject]
    assert isinstance(state, PartyState)
    world.states[subject] = replace(state, country=country)


class TestWordsAlone:
    @pytest.mark.parametrize(
        ("basis", "fields", "expected"),
        [
            pytest.param(Basis.OTHER_LEDGER, {"documents": (COPY,)}, [CHECK], id="own-copy"),
            pytest.param(Basis.OTHER_LEDGER, {"reference": "za 51PB"}, [CHECK], id="free-text"),
            pytest.param(Basis.OTHER_LEDGER, {"documents": (ISSUED,)}, [], id="issued-here"),
            pytest.param(Basis.RE_ENTRY, {"reference": "old store"}, [CHECK], id="no-such-lot"),
            pytest.param(Basis.RE_ENTRY, {"documents": (COPY,)}, [CHECK], id="comes-back-by-copy"),
            pytest.param(
                Basis.ANTIQUE,
                {"documents": (COPY,), "made_before": "1940-01-01"},
                [CHECK],
                id="antique-by-copy",
            ),
            pytest.param(
                Basis.ANTIQUE,
                {"documents": (ISSUED,), "made_before": "1940-01-01"},
                [],
                id="antique-by-certificate",
            ),
            pytest.param(Basis.IMPORT, {"documents": (COPY,)}, [CHECK], id="home-by-copy"),
            pytest.param(Basis.IMPORT, {"documents": (ISSUED,)}, [], id="home-by-permit"),
        ],
    )
    def test_they_wait(
        self, world: World, basis: Basis, fields: dict[str, Any], expected: list[str]
    ) -> None:
        code = enter(world, basis, **fields)
        assert found(world, code, "basis.not-confirmed") == expected

    def test_imports_of_other_countries_come_by_copies_every_day(self, world: World) -> None:
        code = enter(world, Basis.IMPORT, documents=(COPY,), origin="ZA")
        assert found(world, code, "basis.not-confirmed") == []

    def test_what_left_this_ledger_comes_back_by_its_code(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10)), by="farm")
        world.tell(LotDeparted({code: Part()}, "retail"), by="farm")
        back = LotRegistered(Basis.RE_ENTRY, (skins(10, facility=None),), reference=code)
        (again,) = world.tell(back, by="farm")
        assert world.findings(again) == []


class TestOrigins:
    @pytest.mark.parametrize(
        ("by", "event", "expected"),
        [
            pytest.param("farm", bred(skins(1)), [], id="bred-at-home"),
            pytest.param("farm", bred(skins(1, origin="VN")), [CHECK], id="bred-elsewhere"),
            pytest.param("mill", harvested(logs()), [], id="of-the-plot"),
            pytest.param("mill", harvested(logs(origin="BR")), [CHECK], id="of-another-plot"),
            pytest.param(
                "tannery",
                harvested(skins(1, source="W", facility=None, origin="ZA")),
                [CHECK],
                id="taken-in-another-country",
            ),
            pytest.param(
                "tannery",
                harvested(skins(1, source="W", facility=None, origin="XX")),
                [],
                id="of-no-known-country",
            ),
        ],
    )
    def test_where_goods_are_from(
        self, world: World, by: str, event: LotRegistered, expected: list[str]
    ) -> None:
        (code,) = world.tell(event, by=by)
        assert found(world, code, "origin.elsewhere") == expected


class TestClaims:
    CODE = "GB/FSC-COC/C-1"

    @pytest.mark.parametrize(
        ("basis", "paper", "expected"),
        [
            pytest.param(Basis.IMPORT, {"holder": "farm"}, [], id="of-the-supplier"),
            pytest.param(Basis.IMPORT, {"holder": None}, [], id="of-no-party-here"),
            pytest.param(Basis.IMPORT, {"holder": "mill"}, [CHECK], id="of-ones-own"),
            pytest.param(Basis.IMPORT, None, [CHECK], id="of-nobody"),
            pytest.param(Basis.OTHER_LEDGER, None, [CHECK], id="from-another-ledger"),
            pytest.param(Basis.HARVEST, None, [], id="grown-here"),
        ],
    )
    def test_they_come_with_a_certificate(
        self, world: World, basis: Basis, paper: dict[str, Any] | None, expected: list[str]
    ) -> None:
        names: tuple[str, ...] = (ISSUED,)
        if paper is not None:
            state = DocumentState(status="issued", paper=Paper(**paper))
            world.states[Subject(Kind.DOCUMENT, self.CODE)] = state
            names = (ISSUED, self.CODE)
        grown = basis is Basis.HARVEST
        place = "mill/plot" if grown else None
        new = logs(claim="FSC 100%", facility=place, documents=() if grown else names)
        (code,) = world.tell(LotRegistered(basis, (new,)), by="mill")
        assert found(world, code, "claim.unsupported") == expected


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
        move(world, "farm", "FR")
        (code,) = world.tell(bred(skins(10)), by="farm")
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


class TestBlankPapers:
    @pytest.mark.parametrize(
        ("name", "rows", "expected"),
        [
            pytest.param("ZW/EXPORT/7", (ROW,), [], id="lists-the-goods"),
            pytest.param("ZW/EXPORT/7", (), [CHECK], id="blank"),
            pytest.param("ZW/FARM/A-ZW-001", (ROW,), [CHECK], id="of-no-border"),
            pytest.param("ZW/SPECIAL/7", (ROW,), [], id="of-a-kind-nobody-knows"),
        ],
    )
    def test_goods_cross_under_a_paper_that_lists_them(
        self, world: World, name: str, rows: tuple[DocumentRow, ...], expected: list[str]
    ) -> None:
        world.states[Subject(Kind.DOCUMENT, name)] = DocumentState(status="issued", rows=rows)
        (code,) = world.tell(bred(skins(10)), by="farm")
        world.tell(LotExported((code,), name, "ZW", "ZA"), by="farm")
        assert found(world, code, "document.not-covered") == expected

    @pytest.mark.parametrize(
        ("rows", "expected"), [((ROW,), []), ((), [CHECK])], ids=["one-lists-them", "none-does"]
    )
    def test_of_several_papers_one_lists_what_comes_in(
        self, world: World, rows: tuple[DocumentRow, ...], expected: list[str]
    ) -> None:
        permit = "ZA/IMPORT/1"
        world.states[Subject(Kind.DOCUMENT, permit)] = DocumentState("issued", rows=rows)
        goods = skins(10, facility=None, documents=(permit, ISSUED, "ZW/EXPORT/2"))
        (code,) = world.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
        assert found(world, code, "document.not-covered") == expected


class TestLateWords:
    @pytest.mark.parametrize(
        ("days", "expected"), [(31, []), (32, [CHECK])], ids=["a-month", "a-day-more"]
    )
    def test_a_month_is_enough_to_write_it_down(
        self, trade: World, days: int, expected: list[str]
    ) -> None:
        (code,) = trade.tell(bred(skins(10)), by="farm", when=trade.at - days * DAY)
        assert found(trade, code, "time.told-late") == expected

    def test_old_papers_may_be_told_late(self, trade: World) -> None:
        # A first word that an officer looks at anyhow is judged by no day.
        stock = LotRegistered(Basis.OPENING_STOCK, (skins(1, source="W", facility=None),))
        (code,) = trade.tell(stock, by="tannery", when=trade.at - 400 * DAY)
        assert found(trade, code, "time.told-late") == []


class TestPartsOfWords:
    def test_a_split_settles_nothing(self, world: World) -> None:
        code = enter(world, Basis.RE_ENTRY, reference="old store")
        (part,) = world.tell(LotSplit(code, Part(quantity=9)), by="tannery")
        assert found(world, part, "basis.not-confirmed") == [CHECK]

    def test_a_process_settles_nothing(self, world: World) -> None:
        stock = LotRegistered(Basis.OPENING_STOCK, (skins(10, source="W", facility=None),))
        (code,) = world.tell(stock, by="tannery")
        out = skins(10, source="W", facility=None)
        (tanned,) = world.tell(LotTransformed("tanning", {code: Part()}, (out,)), by="tannery")
        assert found(world, tanned, "basis.not-attested") == [CHECK]

    def test_what_an_officer_saw_is_settled_for_its_parts(self, world: World) -> None:
        code = enter(world, Basis.RE_ENTRY, reference="old store")
        world.tell(LotInspected((code,), "matches"), by="officer")
        (part,) = world.tell(LotSplit(code, Part(quantity=9)), by="tannery")
        assert world.findings(part) == []

    def test_other_checks_stay_where_they_are(self, world: World) -> None:
        (code,) = world.tell(harvested(skins(10, source="U", facility=None)), by="tannery")
        (part,) = world.tell(LotSplit(code, Part(quantity=9)), by="tannery")
        assert world.findings(part) == []
