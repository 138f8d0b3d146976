"""What a correction adds to goods that were taken under a quota: it counts like what was taken.

Owns the goods alone: which quota they draw on is in `quotas`. An officer always approves more, so
nothing is kept out; what goes beyond the quota is found. Source: fraud F04.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.control import StatementCorrected
from ledger.custody.lots import Basis
from ledger.custody.rules.days import log_day
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.lines import lines_of, rows_of
from ledger.custody.rules.quota_cover import Side, Taking
from ledger.custody.state import Draft
from ledger.custody.subjects import Kind, Subject

_TAKEN = frozenset({Basis.HARVEST.value, Basis.BRED.value})


def added(draft: Draft, event: StatementCorrected) -> Iterator[Taking]:
    """Yield what a correction says that a lot has more of any goods, as taken when it was born."""
    lot = draft.lot(event.lot)
    if lot is None or lot.basis not in _TAKEN:
        return
    more = lines_of(event.contents) - lines_of(lot.contents)
    for row in rows_of(more, quantity_max=QUANTITY_MAX):
        yield Taking(
            Subject(Kind.LOT, event.lot),
            row,
            (),
            Side.EXPORTED,
            "harvest",
            log_day(lot.born_at),
            left_on=lot.accounts,
            seen=True,
        )
