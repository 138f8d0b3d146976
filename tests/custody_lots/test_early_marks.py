"""Marks that were put on goods before their allotment was entered, in ranges of any length."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tagging import account, allotted, found, lot, rival, tags
from trade_world import World, bred, skins

from ledger.custody.marks import MarksReturned


@pytest.mark.parametrize(
    ("first", "last", "rule"),
    [
        pytest.param(2, 10, "mark.not-allotted", id="one-that-is-on-goods"),
        pytest.param(3, 10, "", id="one-that-a-stranger-claims"),
        pytest.param(1, 90_000, "mark.not-allotted", id="all-of-them"),
        pytest.param(3, 90_000, "mark.not-allotted", id="one-far-down-a-long-range"),
        pytest.param(3, 70_000, "", id="long-up-to-the-one"),
        pytest.param(70_002, 90_000, "", id="long-after-the-one"),
    ],
)
def test_marks_used_before_their_allotment_do_not_come_back(
    trade: World, first: int, last: int, rule: str
) -> None:
    lot(trade, 1, 2)
    lot(trade, 70_001, 70_001)
    rival(trade, 5, 5)
    trade.tell(allotted(ranges=tags(1, 90_000)), by="parks")
    assert account(trade).allotted[0].used == ((1, 2), (70_001, 70_001))
    assert trade.rule(MarksReturned("farm/CROC/2026", tags(first, last)), by="farm") == rule


def test_early_use_all_over_a_form_is_found_all_the_same(trade: World) -> None:
    # Given tags of 250 places far apart, of which the register keeps no more than 200 spans
    serials = range(100, 75_000, 300)
    for serial in serials:
        lot(trade, serial, serial)
    trade.tell(allotted(ranges=tags(1, 90_000)), by="parks")
    # Then each of them counts as used, and none beside them
    assert account(trade).allotted[0].used == tuple((n, n) for n in serials)


def test_early_use_of_tags_by_itself_is_judged_by_nobody(trade: World) -> None:
    code = lot(trade, 1, 2)
    assert found(trade, code) == []


def test_tags_that_were_handed_out_before_they_were_entered_settle(trade: World) -> None:
    # Given an allotment to somebody, and tags of the farm that the office did not enter yet
    trade.tell(allotted(party="tannery", first=900, last=950), by="parks")
    early, beyond = lot(trade, 1, 9), lot(trade, 10, 12)
    outside = ("mark.outside-allotment", "stop")
    assert found(trade, early) == found(trade, beyond) == [outside]
    # When the office enters them, all but one
    trade.tell(allotted(first=1, last=11), by="parks")
    # Then they rest on the allotment, and only the tag beyond it is left
    assert found(trade, early) == []
    (left,) = trade.lot(beyond).findings
    assert left.marks == ("CROC/ZW-2026-000012-NIL",)
    assert account(trade).allotted[0].used == ((1, 11),)


def test_tags_on_the_goods_of_another_do_not_settle(trade: World) -> None:
    trade.tell(allotted(party="tannery", first=900, last=950), by="parks")
    code = lot(trade, 1, 9)
    trade.tell(allotted(party="tannery", first=1, last=9), by="parks")
    assert found(trade, code) == [("mark.outside-allotment", "stop")]
    assert account(trade, "tannery/CROC/2026").allotted[0].used == ()


def test_tags_used_here_and_there_are_spans_of_one_range(trade: World) -> None:
    trade.tell(allotted(first=1, last=1_000), by="parks")
    odd = tuple(one for n in range(1, 60, 2) for one in tags(n, n))
    trade.tell(bred(skins(30, marks=odd)), by="farm")
    (own,) = account(trade).allotted
    assert own.used == tuple((n, n) for n in range(1, 60, 2))
    even = tuple(one for n in range(62, 80, 2) for one in tags(n, n))
    trade.tell(MarksReturned("farm/CROC/2026", even), by="farm")
    (own,) = account(trade).allotted
    assert own.returned == tuple((n, n) for n in range(62, 80, 2))
    again = MarksReturned("farm/CROC/2026", tags(61, 62))
    assert trade.rule(again, by="farm") == "mark.not-allotted"
    assert trade.rule(replace(again, ranges=tags(59, 60)), by="farm") == "mark.not-allotted"
    assert trade.rule(replace(again, ranges=tags(60, 61)), by="farm") == ""
