"""An honest, noisy world meets no refusal and no stop; a fraud planted in it does."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from msgspec.structs import replace

from ledger.custody.goods import MarkRange, NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.simulator.honest import HonestWorld, Tally, grow
from ledger.simulator.trades import TRADES
from ledger.simulator.world import DAY_S

SEEDS = (1, 2)
SIZE = 22
"""Runs of each trade: over 300 lots."""
CHECKED_PERCENT = 4
"""At most so many of 100 honest lots have an open check; each is one that an officer would look at
anyway, such as an answer that was registered after the goods were due."""


@pytest.fixture(scope="module", params=SEEDS)
def tally(request: pytest.FixtureRequest) -> Tally:
    return grow(seed=request.param, size=SIZE, trades=TRADES)


def test_the_world_is_large_and_busy(tally: Tally) -> None:
    assert tally.lots >= 300
    assert tally.statements >= 1_000


def test_no_honest_statement_is_refused(tally: Tally) -> None:
    assert tally.refused == []


def test_no_rule_leaves_a_stop(tally: Tally) -> None:
    assert dict(tally.stops) == {}


def test_checks_stay_few(tally: Tally) -> None:
    assert 100 * tally.checked_lots <= CHECKED_PERCENT * tally.lots, tally.checks


def test_the_world_is_the_same_for_the_same_seed() -> None:
    first, second = (grow(seed=5, size=2, trades=TRADES) for _ in range(2))
    assert first == second


def test_a_fraud_planted_among_them_is_stopped() -> None:
    def clone(honest: HonestWorld, number: int) -> Generator[int, None, None]:
        rival = honest.enrol("rival-farm", "ZW", "farm")
        pens = honest.facility("rival-farm/pens", "farm", "ZW")
        yield 300 * DAY_S
        row = Row("Crocodylus niloticus", "SKI", 20, "NAR", "C", "ZW")
        year = honest.year(rival)
        for stolen in range(4):
            tag = MarkRange("TAG", f"ZW-{year}-", 100 * stolen + 1, 100 * stolen + 20, 6, "-NIL")
            new = NewLot((row,), marks=(tag,), year=year, facility=pens)
            honest.at_once(rival, LotRegistered(Basis.BRED, (new,)))
            new = replace(new, marks=(replace(tag, first=tag.first + 10, last=tag.last + 10),))
            honest.at_once(rival, LotRegistered(Basis.BRED, (new,)))

    tally = grow(seed=3, size=1, trades=(*TRADES, clone))
    assert tally.stops["mark.cloned"] > 0
