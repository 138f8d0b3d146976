"""Quotas and permits that take the place of others: what was drawn counts once, and only once."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, a_quota, harvested, skins

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentEndorsed,
    DocumentIssued,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import LotExported, LotImported
from ledger.custody.references import QuotaSet
from ledger.custody.subjects import Kind, Subject

QUOTA = a_quota(
    "Q",
    "Python breitensteini",
    100,
    counts="issue",
    terms=("SKI", "SKP", "SID"),
    sources=("W",),
)
ROW = DocumentRow("Python breitensteini", "SKI", 60, "NAR", "W", "ZW")
A, B, C = (f"ZW/EXPORT/9{n}" for n in (1, 2, 3))


def account(world: World, name: str = "Q") -> QuotaAccount:
    state = world.states[Subject(Kind.ACCOUNT, f"quota/{name}")]
    assert isinstance(state, QuotaAccount)
    return state


def paper(quantity: int, **changes: Any) -> Paper:
    return Paper(rows=(replace(ROW, quantity=quantity),), **changes)


def set_quota(world: World, **changes: Any) -> None:
    world.tell(QuotaSet((replace(QUOTA, **changes),)), by="parks")


def issue(name: str, quantity: int) -> DocumentIssued:
    return DocumentIssued(name, paper(quantity))


def instead(name: str, of: str, quantity: int) -> DocumentReplaced:
    return DocumentReplaced(name, of, "a slip", paper(quantity))


def cancel(name: str) -> DocumentCancelled:
    return DocumentCancelled(name, "not needed")


def passed(name: str, quantity: int) -> DocumentEndorsed:
    return DocumentEndorsed(name, Way.EXPORT, "ZW", (Passed(0, quantity),))


@pytest.mark.parametrize(
    ("events", "reserved"),
    [
        pytest.param([issue(A, 60)], 60, id="issued"),
        pytest.param([issue(A, 60), instead(B, A, 60)], 60, id="replaced-alike"),
        pytest.param([issue(A, 60), instead(B, A, 40)], 40, id="replaced-with-less"),
        pytest.param([issue(A, 60), instead(B, A, 90)], 90, id="replaced-with-more"),
        pytest.param([issue(A, 60), instead(B, A, 60), instead(C, B, 50)], 50, id="replaced-twice"),
        pytest.param([issue(A, 60), cancel(A)], 0, id="cancelled"),
        pytest.param(
            [issue(A, 60), instead(B, A, 60), cancel(B)], 0, id="cancelled-after-replacement"
        ),
        pytest.param(
            [issue(A, 60), passed(A, 20), instead(B, A, 40)], 60, id="replaced-after-a-part-passed"
        ),
        pytest.param(
            [issue(A, 60), passed(A, 20), instead(B, A, 60)], 60, id="the-same-one-after-a-part"
        ),
        pytest.param(
            [issue(A, 60), passed(A, 20), instead(B, A, 50)], 70, id="more-than-left-after-a-part"
        ),
        pytest.param(
            [issue(A, 60), passed(A, 20), instead(B, A, 40), passed(B, 10), cancel(B)],
            30,
            id="what-passed-stays-counted-after-both",
        ),
        pytest.param(
            [issue(A, 60), passed(A, 70), instead(B, A, 10)], 70, id="nothing-left-of-an-overdrawn"
        ),
    ],
)
def test_a_permit_counts_once_whatever_takes_its_place(
    trade: World, events: list[Any], reserved: int
) -> None:
    set_quota(trade)
    for event in events:
        trade.tell(event, by="officer" if isinstance(event, DocumentEndorsed) else "parks")
    assert account(trade).reserved == reserved


@pytest.mark.parametrize(("quantity", "rule"), [(100, ""), (101, "quota.exceeded")])
def test_a_replacement_has_the_room_of_the_one_before(
    trade: World, quantity: int, rule: str
) -> None:
    set_quota(trade)
    trade.tell(issue(A, 60), by="parks")
    trade.tell(issue(C, 0 + 1), by="parks")
    trade.tell(cancel(C), by="parks")
    assert trade.rule(instead(B, A, quantity), by="parks") == rule


def test_the_room_of_a_replacement_is_less_by_what_others_hold(trade: World) -> None:
    set_quota(trade)
    trade.tell(issue(A, 60), by="parks")
    trade.tell(issue(C, 30), by="parks")
    assert trade.rule(instead(B, A, 71), by="parks") == "quota.exceeded"
    assert trade.rule(instead(B, A, 70), by="parks") == ""


@pytest.mark.parametrize("ends", [cancel(A), instead(B, A, 60)])
def test_a_permit_from_before_the_quota_gives_nothing_back(trade: World, ends: Any) -> None:
    # Given a permit that no quota counted, and one that the quota of later counts
    trade.tell(issue(A, 60), by="parks")
    set_quota(trade)
    trade.tell(issue(C, 30), by="parks")
    # When the first one is cancelled, or replaced, what the other holds stays reserved
    trade.tell(ends, by="parks")
    assert account(trade).reserved == (30 if isinstance(ends, DocumentCancelled) else 90)


def test_a_permit_gives_back_to_the_quota_that_took_over(trade: World) -> None:
    set_quota(trade)
    trade.tell(issue(A, 60), by="parks")
    set_quota(trade, quota="Q2", amount=120, replaces="Q")
    assert account(trade, "Q2").reserved == 60
    trade.tell(cancel(A), by="parks")
    assert account(trade, "Q2").reserved == 0


def test_regions_get_back_what_each_of_them_held(trade: World) -> None:
    north = replace(QUOTA, quota="NORTH", amount=30, region="north")
    south = replace(QUOTA, quota="SOUTH", amount=50, region="south")
    trade.tell(QuotaSet((north, south)), by="parks")
    trade.tell(issue(A, 60), by="parks")
    assert [account(trade, n).reserved for n in ("NORTH", "SOUTH")] == [30, 30]
    trade.tell(passed(A, 20), by="officer")
    trade.tell(cancel(A), by="parks")
    assert [account(trade, n).reserved for n in ("NORTH", "SOUTH")] == [0, 20]


def test_two_species_of_one_permit_are_given_back_apart(trade: World) -> None:
    trade.tell(QuotaSet((QUOTA, replace(QUOTA, quota="P", taxon="Python curtus"))), by="parks")
    rows = (ROW, replace(ROW, taxon="Python curtus", quantity=7))
    trade.tell(DocumentIssued(A, Paper(rows=rows)), by="parks")
    trade.tell(passed(A, 50), by="officer")
    trade.tell(cancel(A), by="parks")
    assert [account(trade, n).reserved for n in ("Q", "P")] == [50, 0]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({}, "", id="alike"),
        pytest.param({"taxon": "Python"}, "", id="of-its-genus"),
        pytest.param({"unit": "GRM"}, "reference.replaces", id="another-unit"),
        pytest.param({"counts": "harvest"}, "reference.replaces", id="counts-another-act"),
        pytest.param({"taxon": "Crocodylus niloticus"}, "reference.replaces", id="another-taxon"),
    ],
)
def test_a_quota_takes_over_what_means_the_same(trade: World, changes: Any, rule: str) -> None:
    set_quota(trade)
    new = replace(QUOTA, quota="Q2", replaces="Q", **changes)
    assert trade.rule(QuotaSet((new,)), by="parks") == rule


def test_a_quota_is_replaced_once_in_a_statement_too(trade: World) -> None:
    set_quota(trade)
    two = tuple(replace(QUOTA, quota=name, replaces="Q") for name in ("Q2", "Q3"))
    assert trade.rule(QuotaSet(two), by="parks") == "reference.replaces"


def test_a_quota_that_was_replaced_counts_nothing_more(trade: World) -> None:
    # Given a quota of a species that one of its genus took over
    set_quota(trade, counts="harvest", terms=("SKI",))
    set_quota(trade, quota="Q2", taxon="Python", counts="harvest", terms=("SKI",), replaces="Q")
    goods = skins(5, taxon="Python breitensteini", source="W", facility=None)
    trade.tell(harvested(goods), by="farm")
    assert (account(trade).exported, account(trade, "Q2").exported) == (0, 5)


def test_goods_that_left_under_the_old_quota_draw_nothing_more_on_the_new(trade: World) -> None:
    set_quota(trade, counts="endorsement", amount=10)
    goods = skins(10, taxon="Python breitensteini", source="W", facility=None)
    (code,) = trade.tell(harvested(goods), by="farm")
    trade.tell(LotExported((code,), "ZW/EXPORT/1", "ZW", "FR"), by="farm")
    set_quota(trade, quota="Q2", counts="endorsement", amount=12, replaces="Q")
    # When they arrive, the quota in force counts it; when they leave again, nothing is drawn
    entry = DocumentState(status="issued", by="parks", paper=Paper())
    trade.states[Subject(Kind.DOCUMENT, "FR/IMPORT/1")] = entry
    trade.tell(LotImported((code,), "FR/IMPORT/1", "FR"), by="farm")
    assert (account(trade).imported, account(trade, "Q2").imported) == (0, 10)
    trade.tell(LotExported((code,), "ZW/EXPORT/1", "ZW", "FR"), by="farm")
    assert account(trade, "Q2").exported == 10
