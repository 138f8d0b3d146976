"""Rules on eggs: a farm has no more of them than its females lay, and says what hatches of them.

Owns what keeps eggs from being a way round the stock of a farm: an egg becomes an animal, and that
a skin, in processes that count nothing. Sources: frauds F01 and F03; CITES Res. Conf. 11.16.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.facilities import FacilityState
from ledger.custody.lots import Basis, LotRegistered, LotTransformed
from ledger.custody.rules.cohorts import biology_of
from ledger.custody.rules.days import day_of
from ledger.custody.rules.farm_takings import account_name
from ledger.custody.rules.figures import spot_of
from ledger.custody.rules.places import account_year
from ledger.custody.state import Draft, Signed
from ledger.custody.stocks import StockAccount
from ledger.custody.subjects import Flag, Kind, Severity, Subject

_EGGS = ("EGL", "NAR")
_LIVE = "LIV"


def check_eggs(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a check on eggs of a farm beyond what its females lay in a year, and it collected."""
    event = signed.event
    if not isinstance(event, LotRegistered) or event.basis is not Basis.BRED:
        return
    taken: dict[str, int] = {}
    for i, lot in enumerate(event.lots):
        eggs = sum(row.quantity for row in lot.contents if (row.term, row.unit) == _EGGS)
        place = draft.facility(lot.facility) if eggs and lot.facility is not None else None
        if place is None or lot.facility is None:
            continue
        before = taken.setdefault(lot.facility, _registered(place, account_year(signed)))
        taken[lot.facility] = before + eggs
        laid = _laid(signed, draft, lot.facility, place)
        if laid is not None and before + eggs > laid:
            yield Flag(
                Subject(Kind.LOT, signed.code_of(i)), "stock.beyond-clutches", Severity.CHECK
            )


def check_hatched(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a check on animals that hatch in a process, though the farm counts its animals."""
    event = signed.event
    if not isinstance(event, LotTransformed):
        return
    lots = [lot for lot in map(draft.lot, event.inputs) if lot is not None]
    if not any(row.term == _EGGS[0] for lot in lots for row in lot.contents):
        return
    places = {lot.facility for lot in lots} | {event.facility}
    for i, out in enumerate(event.outputs):
        taxa = {row.taxon for row in out.contents if row.term == _LIVE}
        if any(
            draft.account(account_name(place, taxon), StockAccount) is not None
            for place in (*places, out.facility)
            if place is not None
            for taxon in taxa
        ):
            yield Flag(Subject(Kind.LOT, signed.code_of(i)), "stock.not-counted", Severity.CHECK)


def _registered(place: FacilityState, year: int) -> int:
    made = (row for row in place.throughput if row.year == year)
    return sum(row.quantity for row in made if (row.term, row.unit) == _EGGS)


def _laid(signed: Signed, draft: Draft, name: str, place: FacilityState) -> int | None:
    """Return how many eggs there can be of all that a farm declared, None where nobody can say."""
    total = 0
    for taxon in place.stocks:
        stock = draft.account(account_name(name, taxon), StockAccount)
        known = biology_of(draft, taxon, spot_of(draft, name, day=day_of(signed)))
        if stock is None or known is None:
            return None
        newest = stock.cohorts[-2:]
        females = max((cohort.females for cohort in newest), default=0)
        total += females * known.clutches_year * known.clutch_max
        total += sum(cohort.eggs for cohort in newest)
    return total if place.stocks else None
