"""Marks: allotted in ranges, used, returned, replaced, and claimed twice."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from msgspec.structs import replace
from tagging import account, allotted, found, lot, rival, tagged, tags
from trade_world import DAY, World, deal, skins

from ledger.custody.accounts import AllotmentAccount
from ledger.custody.control import FindingClosed, LotInspected, StatementCorrected
from ledger.custody.goods import MarkRange, Part, count
from ledger.custody.lots import Basis, LotRegistered, LotSplit, LotTransformed
from ledger.custody.marks import MarkReplaced, MarksReturned, MarkState
from ledger.custody.parties import ApprovalGiven
from ledger.custody.rules.allotments import with_span
from ledger.custody.subjects import Kind, Subject

TODAY = "2027-01-15"
CLONED = "mark.cloned"


def close(world: World, code: str, rule: str = CLONED, severity: str = "stop") -> None:
    finding = next(
        f for f in world.lot(code).findings if (f.rule, f.severity.value) == (rule, severity)
    )
    world.tell(FindingClosed(f"lot/{code}", rule, finding.cause, "looked at"), by="parks")


# -- allotment and return


def test_allotted_marks_are_used_by_their_party_and_counted(trade: World) -> None:
    trade.tell(allotted(), by="parks")
    code = lot(trade, 1, 400)
    lot(trade, 401, 500)
    assert found(trade, code) == []
    assert account(trade).allotted[0].used == ((1, 500),)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, ""),
        ({"party": "nobody"}, "party.unknown"),
        ({"party": "parks"}, "party.judged"),
        ({"ranges": ()}, "mark.ranges"),
        ({"ranges": (*tags(5, 9), *tags(1, 6))}, "mark.ranges"),
        ({"ranges": tags(1, 100_001)}, "mark.ranges"),
        ({"ranges": (MarkRange("CROC", "ZW-26-", 1, 9, 6, "-NIL"),)}, "mark.ranges"),
        ({"ranges": (MarkRange("CROC", "ZW-2026-", 1, 9, 4, "-NIL"),)}, "mark.ranges"),
        ({"ranges": (MarkRange("TAG", "ZW-", 1, 9, 6, ""),)}, "mark.ranges"),
        ({"ranges": tags(1, 9, year=2025)}, "mark.year"),
        ({"from_day": "soon"}, "mark.year"),
        ({"due": 1_000}, "mark.due"),
        ({"ranges": tags(500, 600)}, "mark.allotted"),
        ({"ranges": tags(501, 600)}, ""),
    ],
)
def test_form_of_an_allotment(trade: World, changes: Any, rule: str) -> None:
    if "ranges" in changes and rule in ("mark.allotted", ""):
        trade.tell(allotted(), by="parks")
    assert trade.rule(allotted(**changes), by="parks") == rule


def test_a_trader_allots_nothing(trade: World) -> None:
    assert trade.rule(allotted(party="tannery"), by="farm") == "party.not-entitled"


def test_unused_marks_come_back_and_then_none_is_owed(trade: World) -> None:
    # Given 500 tags, due back in ten days, of which 400 are used
    due = trade.at + 10 * DAY
    trade.tell(allotted(due=due), by="parks")
    lot(trade, 1, 400)
    (owed,) = account(trade).findings
    assert (owed.rule, owed.from_at) == ("mark.not-returned", due)
    # When used ones, or others' ones, are returned, it is refused
    for wrong in (tags(400, 401), tags(501, 502), tags(1, 9, year=2025)):
        event = MarksReturned("farm/CROC/2026", wrong)
        assert trade.rule(event, by="farm") == "mark.not-allotted"
    event = MarksReturned("farm/CROC/2026", tags(401, 499))
    assert trade.rule(event, by="tannery") == "party.not-entitled"
    # Then the rest comes back in two parts, and the debt is gone with the last
    trade.tell(event, by="farm")
    assert account(trade).findings == (owed,)
    assert trade.rule(event, by="farm") == "mark.not-allotted"
    trade.tell(MarksReturned("farm/CROC/2026", tags(500, 500)), by="officer")
    assert account(trade).findings == ()


def test_a_mark_that_came_back_is_used_no_more(trade: World) -> None:
    trade.tell(allotted(), by="parks")
    trade.tell(MarksReturned("farm/CROC/2026", tags(101, 500)), by="farm")
    assert found(trade, lot(trade, 1, 100)) == []
    assert found(trade, lot(trade, 101, 101)) == [("mark.ended", "stop")]


@pytest.mark.parametrize(
    ("first", "last", "scope"), [(501, 502, 2), (499, 501, 1), (600, 600, 1), (1, 500, 0)]
)
def test_a_mark_outside_the_allotment(trade: World, first: int, last: int, scope: int) -> None:
    # Given 500 tags of the farm
    trade.tell(allotted(), by="parks")
    # When it tags skins with others of the same form, the stop is about those alone
    code = lot(trade, first, last)
    stops = [f for f in trade.lot(code).findings if f.rule == "mark.outside-allotment"]
    assert [len(f.marks) for f in stops] == ([scope] if scope else [])


def test_marks_from_before_the_first_allotment_are_not_judged(trade: World) -> None:
    trade.tell(allotted(), by="parks")
    old = lot(trade, 1, 9, marks=tags(1, 9, year=2025), year=2025)
    assert found(trade, old) == []


@pytest.mark.parametrize(
    ("marks", "year", "expected"),
    [
        pytest.param(tags(1, 9, year=2027), 2027, True, id="of-the-next-year"),
        pytest.param(tags(1, 9, code="POR"), 2026, True, id="of-another-species"),
        pytest.param(tags(1, 9, year=2025), 2025, False, id="of-the-year-before-the-ledger"),
    ],
)
def test_tags_of_a_year_for_which_nobody_allotted_any(
    trade: World, marks: tuple[MarkRange, ...], year: int, *, expected: bool
) -> None:
    # Given an office that allots tags in this ledger since 2026
    trade.tell(allotted(), by="parks")
    # Then skins with tags that it allotted to nobody are looked at, older ones are not
    code = lot(trade, 1, 9, marks=marks, year=year)
    assert (("mark.outside-allotment", "check") in found(trade, code)) is expected


def test_they_settle_when_the_office_enters_them(trade: World) -> None:
    trade.tell(allotted(), by="parks")
    code = lot(trade, 1, 9, marks=tags(1, 9, year=2027), year=2027)
    later = allotted(year=2027, ranges=tags(1, 9, year=2027), from_day="2027-01-01")
    trade.tell(later, by="parks")
    assert found(trade, code) == []


def test_an_office_says_nothing_of_the_tags_of_another_country(trade: World) -> None:
    foreign = (MarkRange("CROC", "ZA-2026-", 1, 9, 6, "-NIL"),)
    trade.tell(allotted(ranges=foreign), by="parks")
    tagged_there = (MarkRange("CROC", "ZA-2027-", 1, 9, 6, "-NIL"),)
    code = lot(trade, 1, 9, marks=tagged_there, year=2027, origin="ZA")
    assert found(trade, code) == []


@pytest.mark.parametrize(("day", "odd"), [("2027-01-14", True), (TODAY, False)])
def test_a_mark_is_put_on_goods_after_it_was_allotted(trade: World, day: str, *, odd: bool) -> None:
    trade.tell(allotted(from_day=TODAY), by="parks")
    (code,) = trade.tell(tagged(1, 9), by="farm", when=trade.at - 3_600, day=day)
    assert (("mark.before-issue", "check") in found(trade, code)) == odd


@pytest.mark.parametrize(
    ("marks", "changes", "rule"),
    [
        (tags(1, 9), {}, ""),
        (tags(1, 9, year=2025), {}, "mark.other-year"),
        (tags(1, 9, year=2025), {"year": 2025}, ""),
        (tags(1, 9, code="POR"), {}, "mark.other-goods"),
        (tags(1, 9, code="HYB"), {}, "mark.other-goods"),
        (tags(1, 9, code="HYB"), {"taxon": "Crocodylus"}, ""),
        (tags(1, 9, code="QQQ"), {}, ""),
        (tags(1, 9), {"origin": "ZA"}, "mark.other-goods"),
    ],
)
def test_what_a_tag_shows_fits_the_goods(
    trade: World, marks: tuple[MarkRange, ...], changes: Any, rule: str
) -> None:
    code = lot(trade, 1, 9, marks=marks, **changes)
    assert found(trade, code) == ([(rule, "check")] if rule else [])


@pytest.mark.parametrize(("year", "left"), [(2025, []), (2024, [("mark.other-year", "check")])])
def test_a_year_typed_wrong_is_settled_by_the_correction(
    trade: World, year: int, left: list[tuple[str, str]]
) -> None:
    code = lot(trade, 1, 9, marks=tags(1, 9, year=2025))
    assert found(trade, code) == [("mark.other-year", "check")]
    birth = trade.lot(code).head
    event = StatementCorrected(birth, code, "wrong year typed", year=year)
    act = trade.signed(event, by="farm").id
    trade.tell(event, by="farm")
    trade.tell(ApprovalGiven(act), by="parks")
    assert found(trade, code) == left


@pytest.mark.parametrize("text", ["ZW-26-000001-NIL", "ZW-2026-1-NIL", "ZW260001NIL"])
def test_a_tag_has_one_spelling_on_the_ledger(trade: World, text: str) -> None:
    odd = (MarkRange("CROC", text, 0, 0, 0, ""),)
    assert trade.rule(tagged(1, 1, marks=odd), by="farm") == "mark.form"


# -- claimed twice


def test_a_tag_cloned_by_a_stranger(trade: World) -> None:
    # Given tags allotted to the farm and on its skins
    trade.tell(allotted(), by="parks")
    honest = lot(trade, 1, 10)
    # When a stranger brings skins with three of them
    clone = rival(trade, 8, 10)
    # Then the stranger is stopped, and the honest owner is told
    assert (CLONED, "stop") in found(trade, clone)
    assert found(trade, honest) == [(CLONED, "note")]
    (note,) = trade.lot(honest).findings
    assert len(note.marks) == 3


def test_a_rival_who_registers_first_gains_nothing(trade: World) -> None:
    trade.tell(allotted(), by="parks")
    clone = rival(trade, 1, 10)
    assert found(trade, clone) == [("mark.outside-allotment", "check")]
    honest = lot(trade, 1, 10)
    assert (CLONED, "stop") in found(trade, clone)
    assert found(trade, honest) == [(CLONED, "note")]


def test_without_an_allotment_both_wait_for_an_officer_and_then_for_nobody(trade: World) -> None:
    # Given a tag that nobody allotted, on the skins of two parties
    honest = lot(trade, 1, 1)
    clone = rival(trade, 1, 1)
    assert found(trade, honest) == found(trade, clone) == [(CLONED, "stop")]
    # When an officer looked and closed it on the honest one
    close(trade, honest)
    assert found(trade, honest) == []
    # Then whoever claims the tag later is stopped, and the honest one is only told
    goods = skins(1, marks=tags(1, 1), facility=None)
    (again,) = trade.tell(LotRegistered(Basis.OPENING_STOCK, (goods,)), by="maker")
    assert found(trade, honest) == [(CLONED, "note")]
    assert (CLONED, "stop") in found(trade, again)


def test_a_party_that_claims_its_own_tag_twice_is_stopped_twice(trade: World) -> None:
    trade.tell(allotted(), by="parks")
    one, two = lot(trade, 1, 2), lot(trade, 2, 3)
    assert found(trade, one) == found(trade, two) == [(CLONED, "stop")]


def test_the_better_claim_goes_with_the_goods(trade: World) -> None:
    # Given allotted tags that were split off, sold and tanned
    trade.tell(allotted(), by="parks")
    whole = lot(trade, 1, 10)
    (part,) = trade.tell(LotSplit(whole, Part(marks=tags(1, 5))), by="farm")
    deal(trade, part)
    made = replace(skins(5, marks=tags(1, 5)), facility=None)
    (tanned,) = trade.tell(LotTransformed("tanning", {part: Part()}, (made,)), by="tannery")
    # When a stranger claims one of them
    goods = skins(1, marks=tags(3, 3), facility=None)
    (clone,) = trade.tell(LotRegistered(Basis.OPENING_STOCK, (goods,)), by="maker")
    # Then it stops the stranger alone
    assert (CLONED, "note") in found(trade, tanned)
    assert (CLONED, "stop") in found(trade, clone)


def test_twice_the_marks_take_twice_the_steps(trade: World) -> None:
    trade.tell(allotted(1, 100_000), by="parks")
    # With its permit and its farm it names 1,000 subjects, as many as a statement may.
    lot(trade, 1, 998)

    def steps(first: int, last: int, by: str) -> int:
        made = 0

        def count(_frame: object, event: str, _what: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            clone = rival(trade, first, last, by=by)
        finally:
            sys.setprofile(None)
        assert (CLONED, "stop") in found(trade, clone)
        return made

    few, many = steps(1, 250, "tannery"), steps(499, 998, "maker")
    # Work that grows with the square of the marks would take four times the steps.
    assert many < 2.5 * few


# -- replaced


def replacement(code: str, **changes: Any) -> MarkReplaced:
    fields: dict[str, Any] = {
        "lot": code,
        "old": tags(1, 1),
        "new": tags(400, 400),
        "why": "damaged",
        "reason": "torn in the drum",
    }
    return MarkReplaced(**(fields | changes))


def test_a_replacement_waits_for_an_officer(trade: World) -> None:
    # Given skins with allotted tags
    trade.tell(allotted(), by="parks")
    code = lot(trade, 1, 10)
    # When the holder replaces one, nothing changes before an officer approves
    trade.tell(LotInspected((code,), "matches"), by="officer")
    trade.tell(replacement(code), by="farm")
    assert count(trade.lot(code).marks) == 10
    assert [act.type for act in trade.lot(code).pending] == ["MarkReplaced"]
    act = trade.lot(code).pending[0].id
    assert trade.rule(ApprovalGiven(act), by="tannery") == "approval.not-entitled"
    assert trade.rule(ApprovalGiven(act), by="farm") == "approval.twice"
    trade.tell(ApprovalGiven(act), by="officer")
    # Then the new tag stands there, and the old one is used no more
    assert trade.lot(code).marks == (*tags(2, 10), *tags(400, 400))
    assert trade.lot(code).pending == ()
    old = trade.states[Subject(Kind.MARK, "CROC/ZW-2026-000001-NIL")]
    assert isinstance(old, MarkState)
    assert (old.ended, old.lots) == ("replaced", ())
    assert ("mark.ended", "stop") in found(trade, lot(trade, 1, 1))


def test_goods_that_were_taken_over_meanwhile_bear_the_mark_that_was_put_on_them(
    trade: World,
) -> None:
    # Given a tag that the farm replaced, and goods that go before an officer looks
    trade.tell(allotted(), by="parks")
    code = lot(trade, 1, 10)
    trade.tell(replacement(code), by="farm")
    (act,) = [act.id for act in trade.lot(code).pending]
    deal(trade, code)
    # When the officer approves, nobody has to replace the tag once more
    trade.tell(ApprovalGiven(act), by="officer")
    assert trade.lot(code).marks == (*tags(2, 10), *tags(400, 400))
    assert trade.lot(code).holder == "tannery"
    assert found(trade, code) == []
    # And it counts for the farm, whose tag it is
    counted = trade.states[Subject(Kind.ACCOUNT, "allotment/farm/CROC/2027")]
    assert isinstance(counted, AllotmentAccount)
    assert counted.replaced == 1
    assert Subject(Kind.ACCOUNT, "allotment/tannery/CROC/2027") not in trade.states
    # But the farm replaces nothing more on the goods of the tannery
    again = replacement(code, old=tags(2, 2), new=tags(401, 401))
    assert trade.rule(again, by="farm") == "custody.not-holder"


def test_a_mark_that_went_with_a_part_is_not_replaced_on_the_rest(trade: World) -> None:
    trade.tell(allotted(), by="parks")
    code = lot(trade, 1, 10)
    trade.tell(replacement(code), by="farm")
    (act,) = [act.id for act in trade.lot(code).pending]
    trade.tell(LotSplit(code, Part(marks=tags(1, 1))), by="farm")
    assert trade.rule(ApprovalGiven(act), by="officer") == "mark.not-here"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, ""),
        ({"why": "lost"}, ""),
        ({"why": "stolen"}, "mark.replacement"),
        ({"reason": " "}, "mark.replacement"),
        ({"old": (), "new": ()}, "mark.replacement"),
        ({"new": tags(400, 401)}, "mark.replacement"),
        ({"old": tags(11, 11)}, "mark.not-here"),
        ({"new": tags(2, 2)}, "mark.twice"),
    ],
)
def test_form_of_a_replacement(trade: World, changes: Any, rule: str) -> None:
    code = lot(trade, 1, 10)
    event = replacement(code, **changes)
    assert trade.rule(event, by="officer") == rule
    assert trade.rule(event, by="tannery") in ("custody.not-holder",)


def test_a_party_that_replaces_often_is_looked_at(trade: World) -> None:
    trade.at = 1_798_000_000  # in 2026, as the tags
    trade.tell(allotted(1, 1_000), by="parks")
    code = lot(trade, 1, 100)
    subject = Subject(Kind.PARTY, "farm")
    for n in range(1, 7):
        event = replacement(code, old=tags(n, n), new=tags(900 + n, 900 + n))
        trade.tell(event, by="officer")
        rules = [f.rule for f in trade.states[subject].findings]
        # Five are never odd; the sixth of about a hundred tags is.
        assert rules == (["mark.replaced-often"] if n == 6 else [])


def test_spans_join_where_they_meet_or_touch() -> None:
    spans: tuple[tuple[int, int], ...] = ()
    for first, last in ((5, 6), (1, 2), (3, 4), (9, 9), (8, 8), (2, 5)):
        spans = with_span(spans, first, last)
    assert spans == ((1, 6), (8, 9))
