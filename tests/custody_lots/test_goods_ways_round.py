"""Ways round the rules on goods: eggs, whole animals, pieces, late tags, goods of no country."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from tagging import allotted
from tagging import tags as crocodile
from trade_world import DAY, START, World, a_quota, bred, deal, harvested, skins

from ledger.custody.accounts import QuotaAccount
from ledger.custody.control import StatementCorrected
from ledger.custody.documents import (
    DocumentAttested,
    DocumentIssued,
    DocumentRecorded,
    DocumentRow,
    DocumentState,
    Paper,
)
from ledger.custody.facilities import FacilityState, SizeLimit, Terms
from ledger.custody.goods import MarkRange, NewLot, Part
from ledger.custody.lots import Basis, LotExported, LotRegistered, LotTransformed
from ledger.custody.parties import ApprovalGiven, PartyState
from ledger.custody.references import QuotaSet
from ledger.custody.stocks import SizeClass, StockDeclared
from ledger.custody.subjects import Kind, Subject

CHECK, STOP = "check", "stop"
PERMIT = "ZW/EXPORT/77"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")


def found(world: World, code: str, rule: str) -> list[str]:
    return [severity for name, severity in world.counting(code) if name == rule]


def move(world: World, party: str, country: str) -> None:
    subject = Subject(Kind.PARTY, party)
    state = world.states[subject]
    assert isinstance(state, PartyState)
    world.states[subject] = replace(state, country=country)


class TestUnrelatedPapers:
    """Goods that enter on a word are borne out by a paper that speaks of them, once."""

    def bring(self, world: World, basis: Basis, quantity: int, *, by: str = "tannery") -> str:
        lot = skins(quantity, facility=None, documents=(PERMIT,), year=None)
        made = "1940-01-01" if basis is Basis.ANTIQUE else None
        (code,) = world.tell(LotRegistered(basis, (lot,), made_before=made), by=by)
        return code

    @pytest.mark.parametrize("basis", [Basis.OTHER_LEDGER, Basis.RE_ENTRY, Basis.ANTIQUE])
    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            pytest.param((ROW,), [], id="of-those-goods"),
            pytest.param((replace(ROW, term="LPS"),), [], id="of-that-taxon"),
            pytest.param((replace(ROW, taxon="Python sebae"),), [CHECK], id="of-another-taxon"),
            pytest.param((), [CHECK], id="of-no-goods"),
        ],
    )
    def test_what_bears_goods_out(
        self, world: World, basis: Basis, rows: tuple[DocumentRow, ...], expected: list[str]
    ) -> None:
        world.states[Subject(Kind.DOCUMENT, PERMIT)] = DocumentState("issued", rows=rows)
        code = self.bring(world, basis, 10)
        assert found(world, code, "basis.not-confirmed") == expected

    def test_a_certificate_of_one_antique_covers_no_second(self, world: World) -> None:
        rows = (replace(ROW, quantity=1),)
        world.states[Subject(Kind.DOCUMENT, PERMIT)] = DocumentState("issued", rows=rows)
        first, second = (self.bring(world, Basis.ANTIQUE, 1) for _ in range(2))
        assert found(world, first, "document.overdrawn") == []
        assert found(world, second, "document.overdrawn") == [STOP]

    def test_a_copy_without_goods_ends_nothing_when_it_is_confirmed(self, world: World) -> None:
        world.tell(DocumentRecorded("ZA/FARM/A-ZA-001", Paper()), by="tannery")
        lot = skins(10, facility=None, documents=("ZA/FARM/A-ZA-001",))
        (code,) = world.tell(LotRegistered(Basis.OTHER_LEDGER, (lot,)), by="tannery")
        world.tell(DocumentAttested("ZA/FARM/A-ZA-001", "original"), by="officer")
        assert found(world, code, "basis.not-confirmed") == [CHECK]


class TestEggs:
    """An egg becomes an animal, and that a skin: the stock counts neither in a process."""

    @pytest.fixture
    def farm(self, world: World) -> World:
        counts = (SizeClass("all", 100),)
        event = StockDeclared("farm/one", "Crocodylus niloticus", females=2, counts=counts)
        world.tell(event, by="farm")
        return world

    def lay(self, world: World, eggs: int) -> str:
        (code,) = world.tell(bred(skins(eggs, term="EGL")), by="farm")
        return code

    def hatch(self, world: World, code: str, by: str = "farm") -> str:
        out = skins(10, term="LIV", facility=None)
        (young,) = world.tell(LotTransformed("hatching", {code: Part()}, (out,)), by=by)
        return young

    def test_no_more_than_its_females_lay(self, farm: World) -> None:
        assert found(farm, self.lay(farm, 20), "stock.beyond-clutches") == []
        assert found(farm, self.lay(farm, 5_000), "stock.beyond-clutches") == [CHECK]

    def test_many_small_lots_add_up(self, farm: World) -> None:
        codes = [self.lay(farm, 50) for _ in range(10)]
        assert found(farm, codes[0], "stock.beyond-clutches") == []
        assert found(farm, codes[-1], "stock.beyond-clutches") == [CHECK]

    def test_where_nothing_is_declared_nobody_asks(self, world: World) -> None:
        assert found(world, self.lay(world, 5_000), "stock.beyond-clutches") == []

    def test_what_hatches_in_a_process_is_counted_nowhere(self, farm: World) -> None:
        assert found(farm, self.hatch(farm, self.lay(farm, 20)), "stock.not-counted") == [CHECK]

    def test_a_hatchery_that_declares_no_stock(self, world: World) -> None:
        code = self.hatch(world, self.lay(world, 20))
        assert found(world, code, "stock.not-counted") == []


class TestWholeAnimals:
    """Wild adults come as bodies: whoever skins them says how wide the skins are."""

    @pytest.fixture
    def farm(self, world: World) -> World:
        terms = Terms(sizes=(SizeLimit("Crocodylus niloticus", 400),))
        name = Subject(Kind.FACILITY, "farm/two")
        world.states[name] = FacilityState("farm", "ZW", "declared", terms=terms)
        return world

    @pytest.mark.parametrize("by", ["farm", "tannery"])
    @pytest.mark.parametrize(
        ("width", "rule"),
        [(400, ""), (401, "size.beyond-envelope"), (None, "size.missing")],
        ids=["as-wide-as-they-grow", "wider", "not-measured"],
    )
    def test_skinned(self, farm: World, by: str, width: int | None, rule: str) -> None:
        (code,) = farm.tell(bred(skins(10, term="BOD", facility="farm/two")), by="farm")
        if by == "tannery":
            deal(farm, code)
        out = skins(10, facility=None, width_mm=width)
        (skin,) = farm.tell(LotTransformed("skinning", {code: Part()}, (out,)), by=by)
        assert [name for name, _ in farm.findings(skin) if name.startswith("size")] == [
            name for name in (rule,) if name
        ]

    def test_a_tanned_skin_stretches(self, farm: World) -> None:
        raw = skins(10, facility="farm/two", width_mm=390)
        (code,) = farm.tell(bred(raw), by="farm")
        out = skins(10, facility=None, width_mm=430)
        (tanned,) = farm.tell(LotTransformed("tanning", {code: Part()}, (out,)), by="farm")
        assert farm.findings(tanned) == []

    def test_a_width_in_a_process_is_one(self, farm: World) -> None:
        (code,) = farm.tell(bred(skins(10, term="BOD", facility="farm/two")), by="farm")
        out = skins(10, facility=None, width_mm=0)
        event = LotTransformed("skinning", {code: Part()}, (out,))
        assert farm.rule(event, by="farm") == "size.width"

    @pytest.mark.parametrize(("width", "expected"), [(900, [CHECK]), (400, [])])
    def test_old_stock_of_the_farm(self, farm: World, width: int, expected: list[str]) -> None:
        lot = skins(10, facility="farm/two", width_mm=width)
        (code,) = farm.tell(LotRegistered(Basis.OPENING_STOCK, (lot,)), by="farm")
        assert found(farm, code, "size.beyond-envelope") == expected

    def test_a_mixed_bale_is_measured_too(self, farm: World) -> None:
        row = skins(1).contents[0]
        bale = NewLot((row, replace(row, term="TAI")), year=2026, facility="farm/two")
        (code,) = farm.tell(bred(bale), by="farm")
        assert found(farm, code, "size.missing") == ["note"]


class TestForms:
    """A quota that counts at the border, or when a permit is issued, counts what leaves whole."""

    RULE = "quota.other-form"

    def wild(self, quantity: int, term: str) -> LotRegistered:
        own: dict[str, Any] = {"taxon": "Python sebae", "source": "W", "term": term}
        own["facility"] = None
        return harvested(skins(quantity, **own))

    def permit(self, world: World, term: str) -> str:
        row = replace(ROW, taxon="Python sebae", source="W", term=term)
        name = f"ZW/EXPORT/{term}"
        world.tell(DocumentIssued(name, Paper(rows=(row,), to_country="FR")), by="parks")
        return name

    def quota(self, world: World, counts: str) -> None:
        own = {"terms": ("SKI",), "sources": ("W",), "counts": counts}
        world.tell(QuotaSet((a_quota("ZW-2027", "Python sebae", 100, **own),)), by="parks")

    @pytest.mark.parametrize(
        ("term", "expected"), [("SKI", []), ("BOD", [CHECK]), ("LIV", [CHECK]), ("SKP", [CHECK])]
    )
    def test_what_leaves(self, world: World, term: str, expected: list[str]) -> None:
        self.quota(world, "endorsement")
        (code,) = world.tell(self.wild(100, term), by="farm")
        world.tell(LotExported((code,), self.permit(world, term), "ZW", "FR"), by="farm")
        assert found(world, code, self.RULE) == expected

    def test_pieces_that_were_cut_here_are_of_skins_that_stayed(self, world: World) -> None:
        self.quota(world, "endorsement")
        (code,) = world.tell(self.wild(10, "SKI"), by="farm")
        out = self.wild(100, "SKP").lots[0]
        (cut,) = world.tell(LotTransformed("cutting", {code: Part()}, (out,)), by="farm")
        world.tell(LotExported((cut,), self.permit(world, "SKP"), "ZW", "FR"), by="farm")
        assert found(world, cut, self.RULE) == []

    @pytest.mark.parametrize(
        ("term", "expected"), [("SKI", []), ("BOD", [CHECK]), ("LIV", [CHECK]), ("LPS", [])]
    )
    def test_what_a_permit_is_issued_for(
        self, world: World, term: str, expected: list[str]
    ) -> None:
        self.quota(world, "issue")
        state = world.states[Subject(Kind.DOCUMENT, self.permit(world, term))]
        assert [f.severity.value for f in state.findings if f.rule == self.RULE] == expected

    @pytest.mark.parametrize(("term", "expected"), [("SKP", [CHECK]), ("SKU", [])])
    def test_what_is_taken_in_pieces(self, world: World, term: str, expected: list[str]) -> None:
        self.quota(world, "harvest")
        (code,) = world.tell(self.wild(100, term), by="farm")
        assert found(world, code, self.RULE) == expected


class TestCorrectedUpwards:
    """Ten skins under a quota become nine hundred by a correction that an officer approves."""

    @pytest.mark.parametrize(
        ("binding", "quantity", "counted", "expected"),
        [
            pytest.param("mandatory", 100, 100, [], id="all-of-the-quota"),
            pytest.param("mandatory", 101, 101, [STOP], id="one-more"),
            pytest.param("voluntary", 101, 101, [CHECK], id="one-more-than-was-published"),
            pytest.param("mandatory", 5, 10, [], id="less-is-not-given-back"),
        ],
    )
    def test_what_is_added_counts_too(
        self, trade: World, binding: str, quantity: int, counted: int, expected: list[str]
    ) -> None:
        own = {"terms": ("SKI",), "sources": ("C",), "binding": binding, "counts": "harvest"}
        trade.tell(QuotaSet((a_quota("ZW-2027", "Crocodylus niloticus", 100, **own),)), by="parks")
        (code,) = trade.tell(bred(skins(10)), by="farm")
        lot = trade.lot(code)
        rows = (replace(lot.contents[0], quantity=quantity),)
        event = StatementCorrected(lot.head, code, "a slip", contents=rows)
        trade.tell(event, by="farm")
        for act in tuple(trade.acts):
            trade.tell(ApprovalGiven(act), by="officer")
        assert trade.lot(code).contents == rows
        account = trade.states[Subject(Kind.ACCOUNT, "quota/ZW-2027")]
        assert isinstance(account, QuotaAccount)
        assert account.exported == counted
        assert found(trade, code, "quota.overrun") == expected


class TestOtherLedgers:
    """An importer that calls its import another ledger's goods is summed all the same."""

    @pytest.mark.parametrize(
        ("from_day", "country", "expected"),
        [
            pytest.param("2027-01-02", "FR", [STOP], id="under-a-permit-of-this-year"),
            pytest.param("2025-01-02", "FR", [], id="they-left-years-ago"),
            pytest.param(None, "FR", [], id="nobody-says-when"),
            pytest.param("2027-01-02", "ZW", [], id="they-never-left"),
        ],
    )
    def test_the_sum_of_importers(
        self, world: World, from_day: str | None, country: str, expected: list[str]
    ) -> None:
        own = {"terms": ("SKI",), "sources": ("C",), "binding": "mandatory"}
        world.tell(QuotaSet((a_quota("ZW-2027", "Crocodylus niloticus", 50, **own),)), by="parks")
        move(world, "tannery", country)
        state = DocumentState("issued", rows=(ROW,), from_day=from_day)
        world.states[Subject(Kind.DOCUMENT, PERMIT)] = state
        lot = skins(51, facility=None, documents=(PERMIT,))
        (code,) = world.tell(LotRegistered(Basis.OTHER_LEDGER, (lot,)), by="tannery")
        assert found(world, code, "quota.overrun") == expected


class TestLateTags:
    """Tags that should have come back, or are of years gone, on goods of these days."""

    @pytest.mark.parametrize(
        ("put_on", "expected"), [(30, []), (31, [CHECK])], ids=["on-the-day", "after-it"]
    )
    def test_after_the_day_of_return(self, world: World, put_on: int, expected: list[str]) -> None:
        world.tell(allotted(due=START + 30 * DAY), by="parks")
        world.at += 40 * DAY
        event = bred(skins(5, marks=crocodile(1, 5)))
        (code,) = world.tell(event, by="farm", when=START + put_on * DAY)
        assert found(world, code, "mark.after-due") == expected

    def test_goods_that_were_tagged_long_ago_only_come_in(self, world: World) -> None:
        world.tell(allotted(due=START + 30 * DAY), by="parks")
        world.at += 40 * DAY
        lot = skins(5, marks=crocodile(1, 5), facility=None)
        (code,) = world.tell(LotRegistered(Basis.OPENING_STOCK, (lot,)), by="farm")
        assert found(world, code, "mark.after-due") == []

    @pytest.mark.parametrize(
        ("basis", "tag", "year", "expected"),
        [
            pytest.param(Basis.BRED, 2027, None, [], id="of-this-year"),
            pytest.param(Basis.BRED, 2026, None, [], id="stock-of-december"),
            pytest.param(Basis.BRED, 2025, None, [CHECK], id="of-years-gone-and-no-year-said"),
            pytest.param(Basis.BRED, 2025, 2025, [], id="two-years-in-salt-and-said-so"),
            pytest.param(Basis.BRED, 2024, 2024, [CHECK], id="older-whatever-is-said"),
            pytest.param(Basis.BRED, 2028, None, [CHECK], id="of-a-year-to-come"),
            pytest.param(Basis.OPENING_STOCK, 2025, 2025, [], id="old-stock"),
        ],
    )
    def test_of_another_year(
        self, world: World, basis: Basis, tag: int, year: int | None, expected: list[str]
    ) -> None:
        assert date.fromtimestamp(START).year == 2027
        place = "farm/one" if basis is Basis.BRED else None
        lot = skins(5, marks=crocodile(1, 5, tag), facility=place, year=year)
        (code,) = world.tell(LotRegistered(basis, (lot,)), by="farm")
        assert found(world, code, "mark.other-year") == expected

    @pytest.mark.parametrize(
        ("marks", "expected"),
        [
            pytest.param(MarkRange("CITES", "ZW-2026-", 1, 9, 1, "-NIL"), [STOP], id="no-zeros"),
            pytest.param(MarkRange("CITES", "ZW26-", 1, 9, 4, "NIL"), [STOP], id="short-year"),
            pytest.param(MarkRange("CITES", "NIL-ZW-2026-", 1, 9, 6, ""), [STOP], id="order"),
            pytest.param(MarkRange("CITES", "ZW-2026-", 1, 9, 1, "-POR"), [], id="other-species"),
            pytest.param(
                MarkRange("CITES", "ZW-2026-", 901, 909, 3, "-NIL"), [], id="not-allotted"
            ),
            pytest.param(MarkRange("LOT", "A-", 1, 9, 3, ""), [], id="no-tag-at-all"),
        ],
    )
    def test_in_another_spelling(self, world: World, marks: MarkRange, expected: list[str]) -> None:
        world.tell(allotted(), by="parks")
        (code,) = world.tell(bred(skins(9, marks=(marks,))), by="farm")
        assert found(world, code, "mark.outside-allotment") == expected


class TestNoCountry:
    """Goods of no country are under no quota and no suspension."""

    @pytest.mark.parametrize(
        ("taxon", "source", "origin", "expected"),
        [
            pytest.param("Crocodylus niloticus", "W", "ZZ", [CHECK], id="a-crocodile-of-the-seas"),
            pytest.param("Crocodylus niloticus", "X", "ZW", [], id="taken-here"),
            pytest.param("Crocodylus niloticus", "X", "XX", [CHECK], id="source-x-of-nowhere"),
            pytest.param("Acipenser sturio", "X", "ZZ", [], id="a-fish-of-the-seas"),
        ],
    )
    def test_taken_on_the_high_seas(
        self, world: World, taxon: str, source: str, origin: str, expected: list[str]
    ) -> None:
        own: dict[str, Any] = {"taxon": taxon, "source": source, "origin": origin, "term": "BOD"}
        (code,) = world.tell(harvested(skins(5, facility=None, **own)), by="farm")
        assert found(world, code, "origin.elsewhere") == expected

    @pytest.mark.parametrize(
        ("status", "why", "expected"),
        [
            pytest.param("issued", "stock of 1985", [], id="a-certificate-says-why"),
            pytest.param("issued", None, [CHECK], id="it-says-nothing"),
            pytest.param("recorded", "stock of 1985", [CHECK], id="nobody-confirmed-it"),
        ],
    )
    def test_imported_from_nowhere(
        self, world: World, status: str, why: str | None, expected: list[str]
    ) -> None:
        row = replace(ROW, origin="XX", origin_unknown=why)
        state = DocumentState(status, rows=(row,))
        world.states[Subject(Kind.DOCUMENT, "FR/RE-EXPORT/1")] = state
        lot = skins(5, origin="XX", facility=None, documents=("FR/RE-EXPORT/1",))
        (code,) = world.tell(LotRegistered(Basis.IMPORT, (lot,)), by="tannery")
        assert found(world, code, "origin.unknown") == expected

    def test_a_country_that_is_known_is_no_question(self, world: World) -> None:
        world.states[Subject(Kind.DOCUMENT, PERMIT)] = DocumentState("issued", rows=(ROW,))
        lot = skins(5, facility=None, documents=(PERMIT,))
        (code,) = world.tell(LotRegistered(Basis.IMPORT, (lot,)), by="tannery")
        assert found(world, code, "origin.unknown") == []
