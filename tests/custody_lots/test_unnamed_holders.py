"""Permits that name nobody: whoever types their number first locks nobody out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, bred, deal, new_world, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import (
    Basis,
    LotExported,
    LotImported,
    LotRegistered,
    LotSplit,
    LotTransformed,
)
from ledger.custody.rules.unnamed import PARTIES_MAX, SEVERAL, with_told, without_told
from ledger.custody.subjects import Kind, Subject

PERMIT, AGAIN = "ZW/EXPORT/77", "ZW/EXPORT/78"
OVERDRAWN = "document.overdrawn"


def paper(**changes: Any) -> Paper:
    row = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
    return Paper(rows=(row,), to_country="FR", **changes)


@pytest.fixture
def border() -> World:
    world = new_world(full=True)
    world.tell(DocumentIssued(PERMIT, paper()), by="parks")
    return world


def bring(world: World, quantity: int, *, by: str, name: str = PERMIT) -> str:
    lot = skins(quantity, documents=(name,), facility=None)
    (code,) = world.tell(LotRegistered(Basis.IMPORT, (lot,)), by=by)
    return code


def see(world: World, code: str | None, quantity: int, way: Way = Way.IMPORT) -> None:
    passed = (Passed(0, quantity, code),)
    country, officer = ("FR", "customs") if way is Way.IMPORT else ("ZW", "parks")
    world.tell(DocumentEndorsed(PERMIT, way, country, passed), by=officer)


def weights(world: World, code: str) -> list[str]:
    return [severity for rule, severity in world.counting(code) if rule == OVERDRAWN]


def test_who_comes_after_a_stranger_waits_and_is_not_stopped(border: World) -> None:
    stranger, honest = bring(border, 100, by="maker"), bring(border, 100, by="tannery")
    assert (weights(border, stranger), weights(border, honest)) == ([], ["check"])


def test_who_goes_beyond_it_alone_is_stopped(border: World) -> None:
    first, second = bring(border, 60, by="tannery"), bring(border, 41, by="tannery")
    assert (weights(border, first), weights(border, second)) == ([], ["stop"])


def test_a_stranger_that_fills_it_up_between_stops_nobody(border: World) -> None:
    bring(border, 50, by="tannery")
    bring(border, 50, by="maker")
    assert weights(border, bring(border, 50, by="tannery")) == ["check"]


def test_goods_that_left_under_it_are_no_claim(border: World) -> None:
    """The farm exported them under it: what the tannery brings in beyond them is too much."""
    (code,) = border.tell(bred(skins(100)), by="farm")
    border.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm")
    deal(border, code)
    border.tell(LotImported((code,), PERMIT, "FR"), by="tannery")
    assert weights(border, bring(border, 1, by="maker")) == ["stop"]


def test_an_officer_who_sees_the_goods_of_the_other_stops_nobody(border: World) -> None:
    (code,) = border.tell(bred(skins(100)), by="farm")
    border.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm")
    deal(border, code)
    bring(border, 100, by="maker")
    see(border, code, 100)
    assert weights(border, code) == ["check"]


def test_a_permit_that_names_its_holder_is_used_up_by_nobody_else() -> None:
    world = new_world(full=True)
    world.tell(DocumentIssued(PERMIT, paper(holder="tannery")), by="parks")
    stranger = bring(world, 100, by="maker")
    assert ("document.other-holder", "check") in world.counting(stranger)
    first, second = bring(world, 100, by="tannery"), bring(world, 1, by="tannery")
    assert (weights(world, first), weights(world, second)) == ([], ["stop"])


def test_what_waits_for_an_officer_is_not_settled_by_a_split(border: World) -> None:
    """Else a partner who brings in one skin under its number washes any number of them."""
    bring(border, 1, by="maker")
    code = bring(border, 100, by="tannery")
    (part,) = border.tell(LotSplit(code, Part(quantity=99)), by="tannery")
    (again,) = border.tell(LotSplit(part, Part(quantity=98)), by="tannery")
    assert [weights(border, lot) for lot in (code, part, again)] == [["check"]] * 3


def test_nor_by_a_process_nor_by_a_split_of_what_it_made(border: World) -> None:
    bring(border, 1, by="maker")
    code = bring(border, 100, by="tannery")
    made = LotTransformed("tanning", {code: Part(quantity=90)}, (skins(90, facility=None),))
    (leather,) = border.tell(made, by="tannery")
    (part,) = border.tell(LotSplit(leather, Part(quantity=89)), by="tannery")
    assert [weights(border, lot) for lot in (leather, part)] == [["check"]] * 2


def test_what_two_scales_explain_stays_where_it_is() -> None:
    """The permit names its holder: nobody else used it, and no officer waits."""
    world = new_world(full=True)
    row = DocumentRow("Crocodylus niloticus", "MEA", 100_000, "GRM", "C", "ZW")
    world.tell(DocumentIssued(PERMIT, replace(paper(holder="tannery"), rows=(row,))), by="parks")
    contents = (Row("Crocodylus niloticus", "MEA", 100_500, "GRM", "C", "ZW"),)
    meat = NewLot(contents, documents=(PERMIT,))
    (code,) = world.tell(LotRegistered(Basis.IMPORT, (meat,)), by="tannery")
    (part,) = world.tell(LotSplit(code, Part(quantity=50_000)), by="tannery")
    assert (weights(world, code), weights(world, part)) == (["check"], [])


def test_more_than_all_of_it_at_once_is_nobody_elses_doing(border: World) -> None:
    bring(border, 1, by="maker")
    assert weights(border, bring(border, 101, by="tannery")) == ["stop"]


@pytest.mark.parametrize("named", [None, "maker"])
def test_a_copy_that_a_stranger_used_up_stops_nobody(named: str | None) -> None:
    """He types the number, and himself or nobody as its holder, before the issuer enters it."""
    world = new_world(full=True)
    world.tell(DocumentRecorded(PERMIT, paper(holder=named)), by="maker")
    bring(world, 100, by="maker")
    world.tell(DocumentIssued(PERMIT, paper(holder="tannery")), by="parks")
    assert weights(world, bring(world, 100, by="tannery")) == ["check"]


@pytest.mark.parametrize("named", [None, "tannery"])
def test_a_copy_that_its_own_holder_used_is_his_own_use(named: str | None) -> None:
    world = new_world(full=True)
    world.tell(DocumentRecorded(PERMIT, paper(holder=named)), by="tannery")
    bring(world, 60, by="tannery")
    world.tell(DocumentIssued(PERMIT, paper(holder="tannery")), by="parks")
    assert weights(world, bring(world, 41, by="tannery")) == ["stop"]


def test_a_copy_that_nobody_used_contests_nothing() -> None:
    world = new_world(full=True)
    world.tell(DocumentRecorded(PERMIT, paper(holder="maker")), by="maker")
    world.tell(DocumentIssued(PERMIT, paper(holder="tannery")), by="parks")
    bring(world, 60, by="tannery")
    assert weights(world, bring(world, 41, by="tannery")) == ["stop"]


@pytest.mark.parametrize("named", [None, "maker"])
def test_nor_where_the_stranger_said_that_his_own_goods_left_under_it(named: str | None) -> None:
    world = new_world(full=True)
    world.tell(DocumentRecorded(PERMIT, paper(holder=named)), by="maker")
    (his,) = world.tell(bred(skins(100)), by="farm")
    deal(world, his, to="maker")
    world.tell(LotExported((his,), PERMIT, "ZW", "FR"), by="maker")
    world.tell(DocumentIssued(PERMIT, paper(holder="farm")), by="parks")
    (own,) = world.tell(bred(skins(100)), by="farm")
    world.tell(LotExported((own,), PERMIT, "ZW", "FR"), by="farm")
    assert weights(world, own) == ["check"]


def test_a_licence_that_a_stranger_used_on_another_day_stops_nobody() -> None:
    world = new_world(full=True)
    licence = "GH/FLEGT/03.12345-67890.2GH-1-FR"
    row = DocumentRow("Pericopsis elata", "SAW", 100, "CMQ", "W", "GH")
    wood = Row("Pericopsis elata", "SAW", 10, "CMQ", "W", "GH")
    event = LotRegistered(Basis.IMPORT, (NewLot((wood,), documents=(licence,)),))
    world.tell(DocumentRecorded(licence, Paper(rows=(row,))), by="maker")
    found = []
    for by in ("maker", "tannery", "tannery"):
        (code,) = world.tell(event, by=by)
        found.append([weight for rule, weight in world.counting(code) if rule == "document.used"])
        world.at += DAY
    assert found == [[], ["check"], ["check"]]


def test_a_permit_in_its_place_knows_who_used_it(border: World) -> None:
    bring(border, 100, by="maker")
    border.tell(DocumentReplaced(AGAIN, PERMIT, "lost in the post", paper()), by="parks")
    state = border.states[Subject(Kind.DOCUMENT, AGAIN)]
    assert state.claimed_by == "maker"
    assert weights(border, bring(border, 10, by="tannery", name=AGAIN)) == ["check"]
    assert border.states[Subject(Kind.DOCUMENT, AGAIN)].claimed_by == SEVERAL


class TestLeaving:
    """A stranger with lots of his own uses the balance up where goods leave."""

    def away(self, world: World, quantity: int, *, by: str, name: str = PERMIT) -> str:
        goods = skins(quantity, source="W", facility=None)
        row = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "W", "ZW")
        if world.state(Subject(Kind.DOCUMENT, name)) is None:
            world.tell(DocumentIssued(name, Paper(rows=(row,), to_country="FR")), by="parks")
        (code,) = world.tell(LotRegistered(Basis.HARVEST, (goods,)), by=by)
        world.tell(LotExported((code,), name, "ZW", "FR"), by=by)
        return code

    def see(self, world: World, code: str, quantity: int) -> None:
        event = DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", (Passed(0, quantity, code),))
        world.tell(event, by="officer")

    @pytest.fixture
    def home(self) -> World:
        return new_world(full=True)

    def test_who_comes_after_a_stranger_waits_and_is_not_stopped(self, home: World) -> None:
        stranger, honest = (self.away(home, 100, by=party) for party in ("maker", "tannery"))
        assert (weights(home, stranger), weights(home, honest)) == ([], ["check"])

    def test_an_officer_who_sees_the_goods_of_the_other_stops_nobody(self, home: World) -> None:
        self.away(home, 100, by="maker")
        honest = self.away(home, 100, by="tannery")
        self.see(home, honest, 100)
        assert weights(home, honest) == ["check"]

    def test_who_goes_beyond_it_alone_is_stopped(self, home: World) -> None:
        first, second = (self.away(home, n, by="tannery") for n in (60, 41))
        assert (weights(home, first), weights(home, second)) == ([], ["stop"])

    def test_what_an_officer_saw_leave_is_no_mere_word(self, home: World) -> None:
        """The same permit a second time, by somebody else: all of it had left before his eyes."""
        self.see(home, self.away(home, 100, by="tannery"), 100)
        assert weights(home, self.away(home, 1, by="maker")) == ["stop"]

    def test_it_is_no_mere_word_though_the_goods_were_sold_since(self, home: World) -> None:
        code = self.away(home, 100, by="tannery")
        deal(home, code, by="tannery", to="farm")
        self.see(home, code, 100)
        assert weights(home, self.away(home, 1, by="maker")) == ["stop"]

    def test_the_word_of_others_explains_no_more_than_it_says(self, home: World) -> None:
        self.away(home, 10, by="maker")
        assert weights(home, self.away(home, 100, by="tannery")) == ["check"]
        assert weights(home, self.away(home, 1, by="tannery")) == ["stop"]

    def test_a_permit_in_its_place_knows_who_used_it(self, home: World) -> None:
        self.away(home, 100, by="maker")
        rows = (DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "W", "ZW"),)
        new = Paper(rows=rows, to_country="FR")
        home.tell(DocumentReplaced(AGAIN, PERMIT, "lost in the post", new), by="parks")
        assert weights(home, self.away(home, 10, by="tannery", name=AGAIN)) == ["check"]

    def test_a_document_keeps_twenty_parties_apart(self) -> None:
        state, line = DocumentState("issued"), ("Crocodylus niloticus", "SKI", "NAR", "W", "ZW")
        for number in range(PARTIES_MAX + 5):
            state = with_told(state, f"trader-{number:02}", Counter({line: 10}))
        known = {told.party: told.rows[0].quantity for told in state.told_alone}
        assert len(known) == PARTIES_MAX + 1
        assert known[SEVERAL] == 50
        assert without_told(state, ("trader-24",), Counter({line: 50})).told_alone == tuple(
            told for told in state.told_alone if told.party != SEVERAL
        )
