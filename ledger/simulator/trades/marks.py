"""Tags through a year: allotted before they are used, spare ones given back, torn ones replaced."""

from __future__ import annotations

from collections.abc import Generator

from ledger.custody.goods import MarkRange, compress, expand
from ledger.custody.marks import MarkReplaced, MarksAllotted, MarksReturned
from ledger.custody.parties import ApprovalGiven
from ledger.simulator.honest import AUTHORITY, OFFICER, HonestWorld
from ledger.simulator.world import DAY_S

DUE_S = 90 * DAY_S
"""How long a farm has to use its tags or to give them back."""


def allot(
    honest: HonestWorld, party: str, marks: MarkRange, *, year: int, late_s: int
) -> Generator[int, None, None]:
    """Allot a range to a party on the day on which it is handed over; some enter it days later."""
    country, handed_over = honest.country(party), honest.today(party, days=-1)
    if late_s:
        yield late_s
    event = MarksAllotted(
        party,
        marks.scheme,
        year,
        handed_over,
        (marks,),
        due=honest.world.clock.now_s() + DUE_S,
    )
    honest.at_once(AUTHORITY[country], event)


def give_back(
    honest: HonestWorld, party: str, marks: MarkRange, *, year: int
) -> Generator[int, None, None]:
    """Give spare tags back before they are due."""
    yield from honest.act(party, MarksReturned(f"{party}/{marks.scheme}/{year}", (marks,)))


def replaced(
    honest: HonestWorld, holder: str, code: str, *, country: str
) -> Generator[int, None, None]:
    """Replace a tag that tore in the drum, with an officer who saw it."""
    lot = honest.lot(code)
    old = compress([honest.dice.choice(expand(lot.marks))])
    year = honest.year(holder)
    serial = honest.number()
    new = MarkRange("TAG", f"{country}-R-{year}-", serial, serial, 6, "")
    event = MarkReplaced(code, old, (new,), "damaged", "torn in the drum")
    said = yield from honest.act(holder, event)
    yield honest.dice.between(DAY_S, 5 * DAY_S)
    honest.at_once(OFFICER[country], ApprovalGiven(said.id))
