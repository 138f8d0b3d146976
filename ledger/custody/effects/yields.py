"""What work does to the running accounts of a place: what went in, what came out, year by year."""

from __future__ import annotations

from msgspec.structs import replace

from ledger.custody.facilities import FacilityState, Throughput
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.places import Work, account_year
from ledger.custody.rules.plots import harvests
from ledger.custody.rules.yields import added, runs, work_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind
from ledger.custody.yields import YieldAccount

ROWS_MAX = 60
"""The most rows of throughput that a place keeps: the oldest go first."""


def count_transformed(signed: Signed, draft: Draft) -> None:
    """Count a transformation in the accounts of its materials and in what its place made.

    It is counted before the inputs are used up: what is drawn of them is read from their lots.
    """
    for run in draft.once(runs, signed):
        state = draft.account(run.account, YieldAccount)
        draft.put(Kind.ACCOUNT, run.account, _capped(added(state, run)))
    work = draft.once(work_of, signed)
    if work is not None:
        count_made(signed, draft, work)


def count_harvests(signed: Signed, draft: Draft) -> None:
    """Count what a registration took from plots in their accounts."""
    for run in draft.once(harvests, signed):
        state = draft.account(run.account, YieldAccount)
        draft.put(Kind.ACCOUNT, run.account, _capped(added(state, run)))


def count_made(signed: Signed, draft: Draft, work: Work) -> None:
    """Add what was made at a place to its throughput of the year."""
    place = draft.facility(work.place)
    if place is not None and work.made:
        rows = _with(place, work, year=account_year(signed))
        draft.put(Kind.FACILITY, work.place, replace(place, throughput=rows))


def _capped(account: YieldAccount) -> YieldAccount:
    """Return the account with no sum above what a record can hold: it stands there from then on."""
    years = tuple(
        replace(
            year,
            drawn=min(year.drawn, QUANTITY_MAX),
            made=tuple(replace(m, quantity=min(m.quantity, QUANTITY_MAX)) for m in year.made),
            waste=None if year.waste is None else min(year.waste, QUANTITY_MAX),
        )
        for year in account.years
    )
    return replace(account, years=years)


def _with(place: FacilityState, work: Work, *, year: int) -> tuple[Throughput, ...]:
    rows = {(row.year, row.term, row.unit): row for row in place.throughput}
    for (term, unit), quantity in work.made.items():
        row = rows.get((year, term, unit), Throughput(year, term, unit, 0))
        planted = (row.planted or 0) + work.planted.get((term, unit), 0)
        rows[year, term, unit] = replace(
            row,
            quantity=min(row.quantity + quantity, QUANTITY_MAX),
            planted=min(planted, QUANTITY_MAX) or None,
        )
    return tuple(row for _, row in sorted(rows.items())[-ROWS_MAX:])
