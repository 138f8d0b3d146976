"""First statements that nothing bears out, borders that nobody told, and words that came late."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, bred, harvested, logs, skins

from ledger.custody.control import LotInspected, StatementCorrected
from ledger.custody.documents import (
    DocumentRow,
    DocumentState,
    Paper,
)
from ledger.custody.goods import Part
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotRegistered,
    LotSplit,
    LotTransformed,
)
from ledger.custody.parties import ApprovalGiven
from ledger.custody.subjects import Kind, Subject

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
        issued = DocumentState("issued", rows=(replace(ROW, source="W"),))
        world.states[Subject(Kind.DOCUMENT, ISSUED)] = issued
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


class TestArticles:
    @pytest.mark.parametrize(
        ("by", "event", "expected"),
        [
            pytest.param("farm", bred(skins(1)), [], id="skins-of-a-farm"),
            pytest.param("farm", bred(skins(2, term="SID")), [], id="sides-of-a-farm"),
            pytest.param("farm", bred(skins(1, term="LPL")), [CHECK], id="bags-of-a-farm"),
            pytest.param(
                "tannery",
                harvested(skins(1, source="W", facility=None, term="LPS")),
                [CHECK],
                id="wallets-of-the-wild",
            ),
            pytest.param("mill", harvested(logs()), [], id="logs-of-a-plot"),
            pytest.param("mill", harvested(logs(term="SAW")), [], id="sawn-in-the-forest"),
            pytest.param("mill", harvested(logs(term="PLY")), [CHECK], id="plywood-of-a-plot"),
        ],
    )
    def test_what_is_taken_is_raw(
        self, world: World, by: str, event: LotRegistered, expected: list[str]
    ) -> None:
        (code,) = world.tell(event, by=by)
        assert found(world, code, "basis.worked") == expected

    def test_articles_come_in_from_elsewhere(self, world: World) -> None:
        code = enter(world, Basis.IMPORT, documents=(ISSUED,), term="LPL", origin="ZA")
        assert found(world, code, "basis.worked") == []

    def test_a_part_of_them_waits_as_well(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10, term="LPL")), by="farm")
        (part,) = world.tell(LotSplit(code, Part(quantity=4)), by="farm")
        assert found(world, part, "basis.worked") == [CHECK]


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
                [CHECK],
                id="taken-nobody-knows-where",
            ),
            pytest.param(
                "farm", bred(skins(1, origin="XX")), [CHECK], id="bred-nobody-knows-where"
            ),
            pytest.param("farm", bred(skins(1, origin="ZZ")), [CHECK], id="bred-on-the-high-seas"),
            pytest.param(
                "tannery",
                harvested(
                    skins(1, taxon="Acipenser sturio", source="W", facility=None, origin="ZZ")
                ),
                [],
                id="taken-on-the-high-seas",
            ),
        ],
    )
    def test_where_goods_are_from(
        self, world: World, by: str, event: LotRegistered, expected: list[str]
    ) -> None:
        (code,) = world.tell(event, by=by)
        assert found(world, code, "origin.elsewhere") == expected

    @pytest.mark.parametrize(
        ("origin", "expected"),
        [
            pytest.param("ZW", [], id="of-the-place"),
            pytest.param("ZA", [CHECK], id="of-a-third-country"),
            pytest.param("VN", [CHECK], id="nothing-new"),
        ],
    )
    def test_a_correction_of_the_origin_settles_it(
        self, trade: World, origin: str, expected: list[str]
    ) -> None:
        (code,) = trade.tell(bred(skins(10, origin="VN")), by="farm")
        row = replace(trade.lot(code).contents[0], origin=origin, quantity=9)
        event = StatementCorrected(trade.lot(code).head, code, "wrong country typed", (row,))
        act = trade.signed(event, by="farm").id
        trade.tell(event, by="farm")
        if origin != "VN":
            assert found(trade, code, "origin.elsewhere") == [CHECK]
            trade.tell(ApprovalGiven(act), by="officer")
        assert trade.lot(code).contents == (row,)
        assert found(trade, code, "origin.elsewhere") == expected


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
