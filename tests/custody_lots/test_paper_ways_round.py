"""Ways round the rules on papers: a second journey, an early copy, another day, box 12 alone."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from paper_acts import (
    AGAIN,
    HOME,
    PAPER,
    PERMIT,
    ROW,
    at,
    found,
    issue,
    leave,
    lot_of,
    move,
    on_paper,
    see,
)
from trade_world import DAY, START, World, new_world, skins

from ledger.custody.documents import (
    DocumentAttested,
    DocumentCancelled,
    DocumentEndorsed,
    DocumentRecorded,
    DocumentReplaced,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered
from ledger.custody.subjects import Kind, Subject

CHECK, STOP = "check", "stop"


@pytest.fixture
def trade() -> World:
    return new_world(full=True)


class TestSecondJourneys:
    """Goods leave once under an export paper; what comes back leaves under a new one."""

    RULE = "document.passed-again"

    def away(self, world: World) -> str:
        issue(world)
        code = lot_of(world)
        leave(world, code)
        see(world, code)
        world.tell(LotImported((code,), PERMIT, "FR"), by="farm")
        return code

    def home(self, world: World, code: str) -> None:
        """Bring it home as a re-export of the country where it had been."""
        state = DocumentState("attested", rows=(ROW,), issued_day="2027-01-10")
        world.states[Subject(Kind.DOCUMENT, HOME)] = state
        world.tell(LotExported((code,), HOME, "FR", "ZW"), by="farm")
        world.tell(LotImported((code,), HOME, "ZW"), by="farm")

    def test_a_code_that_travels_twice_under_one_permit(self, trade: World) -> None:
        code = self.away(trade)
        self.home(trade, code)
        leave(trade, code)
        assert found(trade, code, self.RULE) == [STOP]
        event = DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", (Passed(0, 100, code),))
        assert trade.rule(event, by="officer") == "endorsement.again"

    def test_it_travels_again_under_a_new_permit(self, trade: World) -> None:
        code = self.away(trade)
        self.home(trade, code)
        issue(trade, AGAIN)
        leave(trade, code, AGAIN)
        assert found(trade, code, self.RULE) == []

    def test_turned_back_and_sent_once_more(self, trade: World) -> None:
        code = self.away(trade)
        trade.tell(LotImported((code,), PERMIT, "ZW"), by="farm")
        leave(trade, code)
        assert found(trade, code, self.RULE) == [CHECK]

    def test_one_journey_told_twice_is_one(self, trade: World) -> None:
        issue(trade)
        code = lot_of(trade)
        leave(trade, code)
        leave(trade, code)
        assert found(trade, code, self.RULE) == []

    def test_told_again_once_it_came_in_it_leaves_from_nowhere(self, trade: World) -> None:
        code = self.away(trade)
        leave(trade, code)
        assert found(trade, code, self.RULE) == []


class TestLastDay:
    """A permit split over two consignments and two offices, on its last day."""

    @pytest.fixture
    def ending(self, trade: World) -> World:
        issue(trade, paper=replace(PAPER, until_day="2027-01-20"))
        return trade

    def send(self, world: World, quantity: int, by: str, hour: int, day: str) -> str:
        code = lot_of(world, quantity)
        said = at(world, "2027-01-20", 20)
        world.at = max(world.at, said["when"] + 12 * 3_600)
        leave(world, code, **said)
        common = at(world, "2027-01-20", 0)
        common = {"when": common["when"] + hour * 3_600, "day": day}
        see(world, code, quantity, by=by, **common)
        return code

    def test_two_halves_on_one_day_in_two_offices(self, ending: World) -> None:
        first = self.send(ending, 50, "officer", 20, "2027-01-20")
        # West of the first office it is the last day still when UTC counts the next one.
        second = self.send(ending, 50, "inspector", 28, "2027-01-20")
        for code in (first, second):
            assert {severity for _, severity in ending.counting(code)} == {"note"}

    def test_an_office_that_saw_the_second_one_leave_on_the_day_after(self, ending: World) -> None:
        self.send(ending, 50, "officer", 20, "2027-01-20")
        late = self.send(ending, 50, "inspector", 28, "2027-01-21")
        assert found(ending, late, "document.expired") == [STOP]

    def test_a_third_consignment_is_one_too_many(self, ending: World) -> None:
        self.send(ending, 50, "officer", 20, "2027-01-20")
        self.send(ending, 50, "inspector", 20, "2027-01-20")
        third = self.send(ending, 1, "officer", 20, "2027-01-20")
        assert found(ending, third, "document.overdrawn")[:1] == [STOP]


class TestOtherDays:
    """The first word on a crossing chose the quota year; the second one is of another month."""

    RULE = "endorsement.other-day"

    @pytest.mark.parametrize(
        ("seen", "expected"),
        [
            pytest.param({"when": START + 8 * DAY, "day": "2027-01-23"}, [CHECK], id="8-days-on"),
            pytest.param({"when": START + 7 * DAY, "day": "2027-01-22"}, [], id="a-week-in-port"),
            pytest.param({}, [], id="within-a-month-and-no-day-stated"),
            pytest.param({"when": START + 20 * DAY, "day": "2027-02-04"}, [], id="a-late-stamp"),
        ],
    )
    def test_the_officer_saw_it_another_day(
        self, trade: World, seen: dict[str, Any], expected: list[str]
    ) -> None:
        issue(trade)
        code = lot_of(trade)
        leave(trade, code, when=START, day="2027-01-15")
        trade.at += 20 * DAY
        see(trade, code, **seen)
        assert found(trade, code, self.RULE) == expected

    @pytest.mark.parametrize(("days", "expected"), [(8, [CHECK]), (7, [])])
    def test_the_trader_says_another_day_afterwards(
        self, trade: World, days: int, expected: list[str]
    ) -> None:
        issue(trade)
        code = lot_of(trade)
        see(trade, code, when=START, day="2027-01-15")
        trade.at += 20 * DAY
        leave(trade, code, when=START + days * DAY)
        assert found(trade, code, self.RULE) == expected

    def test_a_word_without_a_day_a_month_later(self, trade: World) -> None:
        issue(trade)
        code = lot_of(trade)
        leave(trade, code)
        trade.at += 32 * DAY
        see(trade, code)
        assert found(trade, code, self.RULE) == [CHECK]


class TestEarlyCopies:
    """A copy of a permit that does not exist yet: the log would say that it stood in time."""

    RULE = "document.back-dated"

    @pytest.mark.parametrize(
        ("paper", "expected"),
        [
            pytest.param(PAPER, [CHECK], id="issued-three-weeks-later"),
            pytest.param(replace(PAPER, issued_day="2027-01-14"), [], id="entered-late-alone"),
            pytest.param(replace(PAPER, retrospective="a strike"), [], id="it-says-so"),
        ],
    )
    def test_used_before_its_issue(self, trade: World, paper: Paper, expected: list[str]) -> None:
        trade.tell(DocumentRecorded(PERMIT, PAPER), by="farm")
        leave(trade, lot_of(trade))
        trade.at += 21 * DAY
        issue(trade, paper=paper)
        assert on_paper(trade, PERMIT, self.RULE) == expected

    def test_an_officer_who_saw_the_paper_saw_that_it_exists(self, trade: World) -> None:
        trade.tell(DocumentRecorded(PERMIT, PAPER), by="farm")
        trade.tell(DocumentAttested(PERMIT, "original"), by="officer")
        leave(trade, lot_of(trade))
        trade.at += 21 * DAY
        issue(trade)
        assert on_paper(trade, PERMIT, self.RULE) == []

    def test_a_copy_that_nobody_used_is_no_use_before_its_issue(self, trade: World) -> None:
        trade.tell(DocumentRecorded(PERMIT, PAPER), by="farm")
        trade.at += 21 * DAY
        issue(trade)
        assert on_paper(trade, PERMIT, self.RULE) == []

    @pytest.mark.parametrize(
        ("day", "expected"), [("2027-01-13", [CHECK]), ("2027-01-14", [])], ids=["two", "one"]
    )
    def test_goods_that_came_in_before_their_permit(
        self, trade: World, day: str, expected: list[str]
    ) -> None:
        issue(trade)
        goods = skins(100, facility=None, documents=(PERMIT,))
        event = LotRegistered(Basis.IMPORT, (goods,))
        (code,) = trade.tell(event, by="tannery", **at(trade, day))
        assert found(trade, code, self.RULE) == expected


class TestReplacedInBetween:
    """An expired permit that is replaced covers nothing of the days between."""

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            pytest.param("2027-02-01", [STOP], id="after-the-last-day-of-the-old-one"),
            pytest.param("2027-01-20", [], id="on-it"),
            pytest.param("2027-02-10", [], id="under-the-new-one"),
        ],
    )
    def test_goods_that_left_between(self, trade: World, day: str, expected: list[str]) -> None:
        issue(trade, paper=replace(PAPER, until_day="2027-01-20"))
        code = lot_of(trade)
        trade.at += 26 * DAY
        trade.tell(DocumentReplaced(AGAIN, PERMIT, "lost in the post", PAPER), by="parks")
        leave(trade, code, AGAIN, **at(trade, day, 6))
        assert found(trade, code, "document.back-dated") == expected


class TestRetrospective:
    @pytest.mark.parametrize(
        ("days", "expected"), [(-3, []), (0, []), (1, []), (2, [CHECK]), (60, [CHECK])]
    )
    def test_it_is_for_what_had_left(self, trade: World, days: int, expected: list[str]) -> None:
        trade.at += 4 * DAY
        issue(trade, paper=replace(PAPER, retrospective="the office was on strike"))
        code = lot_of(trade)
        left = trade.at + days * DAY
        trade.at = max(trade.at, left)
        leave(trade, code, when=left)
        assert found(trade, code, "document.retrospective") == expected

    def test_two_of_them_cover_no_more_than_each_its_own(self, trade: World) -> None:
        """Stacked on goods that left: a lot draws on each that it is told under, once."""
        late = replace(PAPER, retrospective="the office was on strike")
        issue(trade, PERMIT, late)
        issue(trade, AGAIN, late)
        first, second = lot_of(trade), lot_of(trade)
        leave(trade, first)
        leave(trade, second)
        assert found(trade, second, "document.overdrawn") == [STOP]
        leave(trade, second, AGAIN)
        leave(trade, lot_of(trade, 1), AGAIN)
        assert [len(found(trade, code, "document.overdrawn")) for code in trade.lots()] == [0, 1, 1]


class TestWithoutDays:
    RULE = "document.no-last-day"

    @pytest.mark.parametrize(
        ("name", "paper", "expected"),
        [
            pytest.param(PERMIT, PAPER, [CHECK], id="neither-day"),
            pytest.param(PERMIT, replace(PAPER, from_day="2027-01-02"), [], id="its-first-day"),
            pytest.param(PERMIT, replace(PAPER, until_day="2027-06-30"), [], id="its-last-day"),
            pytest.param(PERMIT, replace(PAPER, issued_day="2027-01-02"), [], id="its-issue"),
            pytest.param("ZW/ORIGIN/1", PAPER, [], id="a-kind-that-does-not-end"),
            pytest.param("ZW/PHYTO/1", PAPER, [], id="a-kind-that-nobody-knows"),
        ],
    )
    def test_a_copy_would_never_end(
        self, trade: World, name: str, paper: Paper, expected: list[str]
    ) -> None:
        trade.tell(DocumentRecorded(name, paper), by="tannery")
        assert on_paper(trade, name, self.RULE) == expected

    @pytest.mark.parametrize(
        ("day", "expected"), [("2027-07-02", []), ("2027-07-03", [STOP])], ids=["on-it", "after-it"]
    )
    def test_six_months_after_its_first_day_it_ends(
        self, trade: World, day: str, expected: list[str]
    ) -> None:
        paper = replace(PAPER, from_day="2027-01-02")
        trade.tell(DocumentRecorded(PERMIT, paper), by="farm")
        code = lot_of(trade)
        trade.at += 200 * DAY
        leave(trade, code, **at(trade, day))
        assert found(trade, code, "document.expired") == expected

    def test_it_ends_with_the_word_of_the_issuer_alone(self, trade: World) -> None:
        trade.tell(DocumentRecorded(PERMIT, PAPER), by="tannery")
        trade.tell(DocumentAttested(PERMIT, "original"), by="officer")
        assert on_paper(trade, PERMIT, self.RULE) == [CHECK]
        issue(trade)
        assert on_paper(trade, PERMIT, self.RULE) == []


class TestPermitsOfOrigin:
    """A re-exporter names a permit in box 12 that was used up, cancelled, or of other goods."""

    DIFFERS, OVERDRAWN = "document.origin-differs", "document.origin-overdrawn"

    @pytest.fixture
    def abroad(self, trade: World) -> World:
        move(trade, "customs", "FR")
        issue(trade)
        return trade

    def again(self, world: World, n: int, quantity: int = 100, **changes: Any) -> str:
        own = {"quantity": quantity, "origin_permit": "77", "origin_day": "2027-01-05"}
        row = replace(ROW, **(own | changes))
        name = f"FR/RE-EXPORT/{n}"
        issue(world, name, Paper(rows=(row,), to_country="IT"), by="customs")
        return name

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({}, [], id="those-skins"),
            pytest.param({"term": "LPS", "quantity": 900}, [], id="what-is-made-of-them"),
            pytest.param({"taxon": "Python sebae"}, [CHECK], id="another-taxon"),
            pytest.param({"source": "W"}, [CHECK], id="another-source"),
            pytest.param({"origin_permit": "78"}, [], id="a-number-that-is-not-here"),
            pytest.param({"origin_permit": PERMIT}, [], id="written-with-its-country"),
        ],
    )
    def test_it_is_for_such_goods(
        self, abroad: World, changes: dict[str, Any], expected: list[str]
    ) -> None:
        assert on_paper(abroad, self.again(abroad, 1, **changes), self.DIFFERS) == expected

    def test_one_that_was_cancelled_covers_nothing(self, abroad: World) -> None:
        abroad.tell(DocumentCancelled(PERMIT, "by fraud"), by="parks")
        assert on_paper(abroad, self.again(abroad, 1), self.DIFFERS) == [CHECK]

    def test_one_that_was_replaced_covered_what_had_left(self, abroad: World) -> None:
        abroad.tell(DocumentReplaced(AGAIN, PERMIT, "lost in the post", PAPER), by="parks")
        assert on_paper(abroad, self.again(abroad, 1), self.DIFFERS) == []

    def test_what_a_stranger_recorded_says_nothing(self, trade: World) -> None:
        move(trade, "customs", "FR")
        trade.tell(DocumentRecorded(PERMIT, replace(PAPER, rows=())), by="maker")
        assert on_paper(trade, self.again(trade, 1), self.DIFFERS) == []

    @pytest.mark.parametrize(("second", "expected"), [(60, []), (61, [CHECK])])
    def test_several_name_no_more_than_it_covers(
        self, abroad: World, second: int, expected: list[str]
    ) -> None:
        self.again(abroad, 1, 40)
        assert on_paper(abroad, self.again(abroad, 2, second), self.OVERDRAWN) == expected

    def test_one_that_was_cancelled_or_never_used_counts_no_more(self, abroad: World) -> None:
        abroad.tell(DocumentCancelled(self.again(abroad, 1), "not used"), by="customs")
        unused = self.again(abroad, 2)
        assert on_paper(abroad, unused, self.OVERDRAWN) == []
        abroad.at += 200 * DAY
        assert on_paper(abroad, self.again(abroad, 3), self.OVERDRAWN) == []
        assert on_paper(abroad, self.again(abroad, 4, 1), self.OVERDRAWN) == [CHECK]

    def test_the_next_country_re_exports_the_same_goods(self, abroad: World) -> None:
        self.again(abroad, 1)
        move(abroad, "customs", "IT")
        row = replace(ROW, origin_permit="77", origin_day="2027-01-05")
        issue(abroad, "IT/RE-EXPORT/1", Paper(rows=(row,), to_country="US"), by="customs")
        assert on_paper(abroad, "IT/RE-EXPORT/1", self.OVERDRAWN) == []
