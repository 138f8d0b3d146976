"""Goods rest on the officers who vouched for the place that they come from."""

from __future__ import annotations

import pytest
from parted import marked
from test_verdict_levels import told
from trail import FARM, Trail, born_of, bred, world

from ledger.custody.control import FindingClosed
from ledger.custody.facilities import FacilityAttested
from ledger.custody.goods import Part
from ledger.custody.lots import LotSplit
from ledger.custody.parties import KeyRevoked
from ledger.custody.stocks import SizeClass, StockAttested, StockDeclared

NILE = "Crocodylus niloticus"
VISITED = FacilityAttested(FARM, "visit", "matches")
GOOD = ("consistent", "consistent")
STOLEN = ("stop", "key.suspect")


@pytest.fixture
def trail() -> Trail:
    """A ledger with a farm of declared stock and an officer whose key will be stolen."""
    trail, _ = world("vouched")
    trail.enrol("moyo", "officer", by="parks", acts_for="parks")
    trail.tell(StockDeclared(FARM, NILE, females=500, counts=(SizeClass("all", 4_000),)), by="farm")
    trail.clock.advance(60)
    return trail


def steal(trail: Trail, since: int) -> None:
    trail.clock.advance(60)
    kid = trail.pens["moyo"].signer.kid
    trail.tell(KeyRevoked(kid=kid, reason="stolen", suspect_from=since), by="parks")


def counted(animals: int = 3_500, *, taxon: str = NILE) -> StockAttested:
    return StockAttested(FARM, taxon, "matches", (SizeClass("all", animals),))


def differs_and_closed(trail: Trail) -> None:
    reason = "half the pens are empty"
    done = trail.tell(FacilityAttested(FARM, "visit", "differs", reason=reason), by="parks")
    closed = FindingClosed(f"facility/{FARM}", "facility.differs", done.id, "all pens are there")
    trail.tell(closed, by="moyo")


ACTS = {
    "visit": lambda trail: trail.tell(VISITED, by="moyo"),
    "count": lambda trail: trail.tell(counted(), by="moyo"),
    "closed": differs_and_closed,
}


@pytest.mark.parametrize("act", ACTS)
def test_what_comes_on_a_stolen_word_stops_and_nothing_from_before(trail: Trail, act: str) -> None:
    (before,) = trail.register(by="farm", lots=(bred(100, 10),))
    since = trail.store.head().size
    ACTS[act](trail)
    (after,) = trail.register(by="farm", lots=(bred(200, 10),))
    steal(trail, since)
    (later,) = trail.register(by="farm", lots=(bred(300, 10),))
    assert told(trail, before) == GOOD
    assert told(trail, after) == told(trail, later) == STOLEN


def test_parts_that_were_split_off_stop_as_well(trail: Trail) -> None:
    since = trail.store.head().size
    trail.tell(counted(), by="moyo")
    (code,) = trail.register(by="farm", lots=(bred(200, 10),))
    (part,) = born_of(trail.tell(LotSplit(code, Part(marks=marked(200, 203))), by="farm"), 1)
    steal(trail, since)
    assert told(trail, part) == STOLEN


def test_an_officer_who_attests_anew_stands_for_what_comes_from_then_on(trail: Trail) -> None:
    since = trail.store.head().size
    trail.tell(VISITED, by="moyo")
    trail.tell(counted(), by="moyo")
    steal(trail, since)
    trail.tell(VISITED, by="parks")
    (half,) = trail.register(by="farm", lots=(bred(100, 10),))
    trail.tell(counted(3_000), by="parks")
    (whole,) = trail.register(by="farm", lots=(bred(200, 10),))
    assert (told(trail, half), told(trail, whole)) == (STOLEN, GOOD)


def test_near_misses(trail: Trail) -> None:
    """Attested before the theft; and a count of other animals than the goods are of."""
    trail.tell(VISITED, by="moyo")
    trail.tell(counted(), by="moyo")
    trail.clock.advance(60)
    since = trail.store.head().size
    other = "Crocodylus porosus"
    trail.tell(StockDeclared(FARM, other, females=5, counts=(SizeClass("all", 40),)), by="farm")
    trail.tell(counted(40, taxon=other), by="moyo")
    (code,) = trail.register(by="farm", lots=(bred(200, 10),))
    steal(trail, since)
    assert told(trail, code) == GOOD
