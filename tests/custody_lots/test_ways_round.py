"""Ways round the rules: another form, basis, hand, unit or name for the same thing."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, a_quota, bred, deal, harvested, logs, new_world, offer, skins, tags

from ledger.custody.documents import DocumentRow, DocumentState, Paper
from ledger.custody.goods import MarkRange, NewLot, Part
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotRegistered,
    LotTransformed,
)
from ledger.custody.marks import MarksAllotted
from ledger.custody.parties import PartyState
from ledger.custody.references import Ban, BanDeclared, QuotaSet
from ledger.custody.stocks import SizeClass, StockDeclared
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves

COPY, ISSUED = "ZW/EXPORT/2", "ZW/EXPORT/1"
CHECK = "check"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 1_000, "NAR", "C", "ZW")


@pytest.fixture
def trade() -> World:
    return new_world(full=True)


def found(world: World, code: str, rule: str) -> list[str]:
    return [severity for name, severity in world.findings(code) if name == rule]


def move(world: World, party: str, country: str) -> None:
    subject = Subject(Kind.PARTY, party)
    state = world.states[subject]
    assert isinstance(state, PartyState)
    world.states[subject] = replace(state, country=country)


QUOTA = a_quota("ZW-2027", "Python sebae", 100, counts="harvest", terms=("SKI",), sources=("W",))


class TestForms:
    def taken(self, quantity: int, term: str) -> LotRegistered:
        own = {"taxon": "Python sebae", "source": "W", "facility": None, "term": term}
        return harvested(skins(quantity, **own))

    @pytest.mark.parametrize(
        ("term", "expected"),
        [
            pytest.param("SKI", [], id="what-it-counts"),
            pytest.param("BOD", [CHECK], id="whole-bodies"),
            pytest.param("LIV", [CHECK], id="live-animals"),
            pytest.param("MEA", [], id="no-skin-is-made-of-it"),
        ],
    )
    def test_what_becomes_skins_is_looked_at(
        self, world: World, term: str, expected: list[str]
    ) -> None:
        world.tell(QuotaSet((QUOTA,)), by="parks")
        event = self.taken(10, term)
        if term == "MEA":
            row = replace(event.lots[0].contents[0], unit="GRM")
            event = harvested(replace(event.lots[0], contents=(row,)))
        (code,) = world.tell(event, by="farm")
        assert found(world, code, "quota.other-form") == expected

    def test_live_animals_have_a_quota_of_their_own(self, world: World) -> None:
        live = replace(QUOTA, quota="ZW-2027-LIV", terms=("LIV",))
        world.tell(QuotaSet((QUOTA, live)), by="parks")
        (code,) = world.tell(self.taken(10, "LIV"), by="farm")
        assert found(world, code, "quota.other-form") == []

    def test_sides_are_half_skins_though_the_quota_lists_skins_alone(self, world: World) -> None:
        world.tell(QuotaSet((QUOTA,)), by="parks")
        world.tell(self.taken(199, "SID"), by="farm")
        assert world.rule(self.taken(1, "SKI"), by="farm") == "quota.exceeded"


class TestTrophies:
    @pytest.mark.parametrize(
        ("purpose", "moves", "expected"),
        [
            pytest.param("P", Moves.BOTH, [CHECK], id="personal"),
            pytest.param("H", Moves.TITLE, [CHECK], id="trophy"),
            pytest.param("S", Moves.BOTH, [CHECK], id="for-science"),
            pytest.param("Z", Moves.BOTH, [CHECK], id="for-a-zoo"),
            pytest.param("T", Moves.BOTH, [], id="trade"),
            pytest.param("P", Moves.CUSTODY, [], id="only-lent"),
        ],
    )
    def test_what_came_in_for_oneself_is_not_sold(
        self, world: World, purpose: str, moves: Moves, expected: list[str]
    ) -> None:
        paper = DocumentState("issued", rows=(ROW,), purpose=purpose)
        world.states[Subject(Kind.DOCUMENT, "ZA/IMPORT/1")] = paper
        goods = skins(1, facility=None, documents=("ZA/IMPORT/1",))
        (code,) = world.tell(LotRegistered(Basis.IMPORT, (goods,)), by="farm")
        deal(world, code, moves=moves)
        assert found(world, code, "purpose.sold") == expected

    @pytest.mark.parametrize(("purpose", "expected"), [("P", [CHECK]), ("T", [])])
    def test_made_into_something_it_is_not_sold_either(
        self, world: World, purpose: str, expected: list[str]
    ) -> None:
        state = DocumentState(status="issued", by="parks", purpose=purpose)
        world.states[Subject(Kind.DOCUMENT, "ZW/IMPORT/9")] = state
        lot = skins(5, facility=None, origin="BR", documents=("ZW/IMPORT/9",))
        (code,) = world.tell(LotRegistered(Basis.IMPORT, (lot,)), by="tannery")
        row = replace(lot.contents[0], term="LPL")
        event = LotTransformed("sewing", {code: Part()}, (NewLot(contents=(row,)),))
        (bags,) = world.tell(event, by="tannery")
        assert found(world, bags, "purpose.sold") == []
        deal(world, bags, by="tannery", to="maker")
        assert found(world, bags, "purpose.sold") == expected

    def test_over_the_counter(self, world: World) -> None:
        paper = DocumentState("issued", rows=(ROW,), purpose="H")
        world.states[Subject(Kind.DOCUMENT, "ZA/IMPORT/1")] = paper
        goods = skins(1, facility=None, documents=("ZA/IMPORT/1",))
        (code,) = world.tell(LotRegistered(Basis.IMPORT, (goods,)), by="farm")
        world.tell(LotDeparted({code: Part()}, "retail"), by="farm")
        assert found(world, code, "purpose.sold") == [CHECK]


class TestKeptMarks:
    @pytest.mark.parametrize(
        ("marks", "more", "expected"),
        [
            pytest.param(tags(1, 5), {}, [], id="tanned-with-them"),
            pytest.param((), {}, [CHECK], id="without"),
            pytest.param(tags(11, 15), {}, [CHECK], id="with-new-ones"),
            pytest.param(tags(1, 4) + tags(11, 11), {}, [CHECK], id="one-is-new"),
            pytest.param((), {"term": "SID", "quantity": 10}, [], id="cut-in-halves"),
        ],
    )
    def test_pieces_that_stay_keep_their_marks(
        self, world: World, marks: Any, more: dict[str, Any], expected: list[str]
    ) -> None:
        (code,) = world.tell(bred(skins(5, marks=tags(1, 5))), by="farm")
        fields = {"quantity": 5, "marks": marks, "facility": None} | more
        out = LotTransformed("tanning", {code: Part()}, (skins(**fields),))
        (tanned,) = world.tell(out, by="farm")
        assert found(world, tanned, "mark.dropped") == expected

    def test_of_a_mixed_bale_as_many_may_be_bare_as_came_in_bare(self, world: World) -> None:
        marked, bare = world.tell(bred(skins(3, marks=tags(1, 3)), skins(2)), by="farm")
        outs = (skins(3, marks=tags(1, 3), facility=None), skins(2, facility=None))
        event = LotTransformed("tanning", {marked: Part(), bare: Part()}, outs)
        for code in world.tell(event, by="farm"):
            assert found(world, code, "mark.dropped") == []


class TestBack:
    """Goods that leave and come back are what they were: the way out is no way round."""

    @pytest.mark.parametrize(
        ("had", "comes", "papers", "expected"),
        [
            pytest.param("FSC Controlled Wood", "FSC 100%", (), ["claim.upgrade"], id="raised"),
            pytest.param(None, "FSC 100%", (), ["claim.unsupported"], id="from-nothing"),
            pytest.param("FSC 100%", "FSC 100%", (), [], id="as-it-left"),
            pytest.param("FSC 100%", "FSC Controlled Wood", (), [], id="lowered"),
            pytest.param("FSC 100%", None, (), [], id="given-up"),
        ],
    )
    def test_no_claim_is_higher_than_it_left(
        self, world: World, had: Any, comes: Any, papers: tuple[str, ...], expected: list[str]
    ) -> None:
        (code,) = world.tell(harvested(logs(claim=had)), by="mill")
        world.tell(LotDeparted({code: Part()}, "retail"), by="mill")
        lot = logs(claim=comes, facility=None, documents=papers)
        (back,) = world.tell(LotRegistered(Basis.RE_ENTRY, (lot,), reference=code), by="mill")
        assert [rule for rule, _ in world.findings(back) if rule.startswith("claim")] == expected

    @pytest.mark.parametrize(
        ("quantity", "marks", "expected"),
        [
            pytest.param(5, tags(1, 5), [], id="with-them"),
            pytest.param(3, tags(2, 4), [], id="some-with-theirs"),
            pytest.param(5, (), [CHECK], id="without"),
            pytest.param(5, tags(11, 15), [CHECK], id="with-new-ones"),
            pytest.param(5, tags(1, 4) + tags(11, 11), [CHECK], id="one-is-new"),
        ],
    )
    def test_pieces_come_back_with_their_marks(
        self, world: World, quantity: int, marks: Any, expected: list[str]
    ) -> None:
        (code,) = world.tell(bred(skins(5, marks=tags(1, 5))), by="farm")
        world.tell(LotDeparted({code: Part()}, "retail"), by="farm")
        lot = skins(quantity, marks=marks, facility=None)
        (back,) = world.tell(LotRegistered(Basis.RE_ENTRY, (lot,), reference=code), by="farm")
        assert found(world, back, "mark.dropped") == expected


class TestUsedElsewhere:
    @pytest.mark.parametrize(
        ("quantity", "expected"), [(1_000, []), (1_001, ["stop"])], ids=["all-of-it", "one-more"]
    )
    @pytest.mark.parametrize("basis", [Basis.OTHER_LEDGER, Basis.RE_ENTRY])
    def test_a_permit_covers_what_it_covers_on_whatever_basis(
        self, world: World, basis: Basis, quantity: int, expected: list[str]
    ) -> None:
        world.states[Subject(Kind.DOCUMENT, ISSUED)] = DocumentState("issued", rows=(ROW,))
        (code,) = world.tell(
            LotRegistered(basis, (skins(quantity, facility=None, documents=(ISSUED,)),)),
            by="tannery",
        )
        assert found(world, code, "document.overdrawn") == expected

    @pytest.mark.parametrize(("by", "expected"), [("tannery", ["stop"]), ("maker", ["check"])])
    def test_what_was_drawn_by_an_import_is_not_drawn_again(
        self, world: World, by: str, expected: list[str]
    ) -> None:
        world.states[Subject(Kind.DOCUMENT, ISSUED)] = DocumentState("issued", rows=(ROW,))
        goods = skins(1_000, facility=None, documents=(ISSUED,))
        world.tell(LotRegistered(Basis.IMPORT, (goods,)), by=by)
        (code,) = world.tell(LotRegistered(Basis.OTHER_LEDGER, (goods,)), by="tannery")
        assert found(world, code, "document.overdrawn") == expected

    def test_its_days_and_countries_were_judged_where_it_was_used(self, world: World) -> None:
        old = DocumentState(
            "issued", rows=(ROW,), until_day="2024-12-31", paper=Paper(to_country="FR")
        )
        world.states[Subject(Kind.DOCUMENT, "FR/IMPORT/1")] = old
        goods = skins(10, facility=None, documents=("FR/IMPORT/1",))
        (code,) = world.tell(LotRegistered(Basis.OTHER_LEDGER, (goods,)), by="tannery")
        assert world.findings(code) == []


class TestLateEntry:
    @pytest.mark.parametrize(
        ("until", "expected"),
        [("2026-07-15", []), ("2026-07-14", [CHECK])],
        ids=["six-months-after-its-last-day", "a-day-more"],
    )
    def test_a_copy_that_says_its_last_day_alone(
        self, world: World, until: str, expected: list[str]
    ) -> None:
        state = DocumentState("recorded", rows=(ROW,), until_day=until)
        world.states[Subject(Kind.DOCUMENT, COPY)] = state
        goods = skins(10, facility=None, documents=(COPY,))
        (code,) = world.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
        assert found(world, code, "document.import-late") == expected


BAN = Ban("GB-1", "GB", "Crocodylus", "2022-06-06", ("deal", "export"))


class TestBansRoundTheCorner:
    @pytest.fixture
    def banned(self, world: World) -> World:
        move(world, "parks", "GB")
        world.tell(BanDeclared((BAN,)), by="parks")
        return world

    @pytest.mark.parametrize(
        ("seller", "buyer", "expected"),
        [
            pytest.param("GB", "FR", ["stop"], id="sold-there"),
            pytest.param("FR", "GB", ["stop"], id="bought-there"),
            pytest.param("GB", "GB", ["stop"], id="both"),
            pytest.param("FR", "IT", [], id="neither"),
        ],
    )
    def test_who_buys_deals_too(
        self, banned: World, seller: str, buyer: str, expected: list[str]
    ) -> None:
        (code,) = banned.tell(bred(skins(1)), by="farm")
        move(banned, "farm", seller)
        move(banned, "tannery", buyer)
        banned.tell(offer(banned, code), by="farm")
        assert found(banned, code, "ban.in-force") == expected

    @pytest.mark.parametrize(
        ("country", "expected"), [("US", ["stop"]), ("GB", [])], ids=["abroad", "at-home"]
    )
    def test_who_lets_goods_go_abroad_exports_them(
        self, banned: World, country: str, expected: list[str]
    ) -> None:
        (code,) = banned.tell(bred(skins(1)), by="farm")
        move(banned, "farm", "GB")
        banned.tell(LotDeparted({code: Part()}, "other-ledger", country), by="farm")
        assert found(banned, code, "ban.in-force") == expected


class TestUncountedSkins:
    @pytest.mark.parametrize(
        ("term", "unit", "expected"),
        [
            pytest.param("SKI", "NAR", [], id="by-piece"),
            pytest.param("SKI", "GRM", [CHECK], id="skins-by-weight"),
            pytest.param("LPS", "NAR", [CHECK], id="small-goods-of-skins"),
            pytest.param("MEA", "GRM", [], id="meat"),
        ],
    )
    def test_a_farm_that_counts_animals_counts_skins(
        self, world: World, term: str, unit: str, expected: list[str]
    ) -> None:
        counts = (SizeClass("all", 100),)
        declared = StockDeclared("farm/one", "Crocodylus niloticus", counts=counts)
        world.tell(declared, by="farm")
        (code,) = world.tell(bred(skins(10, term=term, unit=unit)), by="farm")
        assert found(world, code, "stock.not-counted") == expected

    def test_where_nothing_is_declared_nobody_asks(self, world: World) -> None:
        (code,) = world.tell(bred(skins(10, unit="GRM")), by="farm")
        assert world.findings(code) == []


def test_a_tag_is_the_same_under_any_scheme_and_with_more_digits(trade: World) -> None:
    own = MarkRange("CROC", "ZW-2026-", 1, 9, 6, "-NIL")
    trade.tell(MarksAllotted("farm", "CROC", 2026, "2026-01-01", (own,)), by="parks")
    (honest,) = trade.tell(bred(skins(9, marks=(own,))), by="farm")
    assert found(trade, honest, "mark.outside-allotment") == []
    longer = MarkRange("CROC", "ZW-2026-", 1_000_001, 1_000_009, 7, "-NIL")
    for marks in (replace(own, scheme="CITES"), longer):
        (clone,) = trade.tell(bred(skins(9, marks=(marks,))), by="farm")
        assert found(trade, clone, "mark.outside-allotment") == ["stop"]


def test_a_state_sale_names_a_lot_that_is_there(world: World) -> None:
    goods = skins(1, source="I", facility=None)
    sale = LotRegistered(Basis.STATE_SALE, (goods,), reference="some lot of 2019")
    (code,) = world.tell(sale, by="parks")
    assert found(world, code, "seizure.unnamed") == [CHECK]
