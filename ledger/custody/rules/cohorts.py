"""What breeding can give: how many hatch of how many females, how many grow up, and when.

Owns the arithmetic of cohorts, in whole numbers and exact ratios, and where its figures come from.
Source: docs/formats/reference-tables.md, biology.
"""

from __future__ import annotations

from ledger.custody.rules.figures import Spot, figure, is_confirmed
from ledger.custody.state import Draft
from ledger.custody.stocks import Cohort, StockAccount
from ledger.reference.rows import Biology

MONTHS = 12
BIOLOGY = ("clutches-year", "clutch-max", "hatch", "survival", "slaughter-months")
"""The figures of a taxon's biology, as an authority sets them: `biology/TAXON/NAME`."""


def biology_of(draft: Draft, taxon: str, spot: Spot) -> Biology | None:
    """Return what breeding the taxon can give there, or None where no figures are known.

    Figures that an authority set take the place of those of the tables; they are confirmed together
    only where each of them is.
    """
    found = draft.tables.taxon(taxon)
    row = draft.tables.biology(found) if found is not None else None
    figures = {name: figure(draft, f"biology/{taxon}/{name}", spot) for name in BIOLOGY}
    if row is None and not all(figures.values()):
        return None
    known = {
        name: (value.numerator, value.denominator) if value is not None else _table(row, name)
        for name, value in figures.items()
    }
    return Biology(
        taxon=taxon,
        clutches_year=_rounded_up(known["clutches-year"]),
        clutch_max=_rounded_up(known["clutch-max"]),
        hatch_numerator=known["hatch"][0],
        hatch_denominator=known["hatch"][1],
        survival_numerator=known["survival"][0],
        survival_denominator=known["survival"][1],
        slaughter_min_months=known["slaughter-months"][0] // known["slaughter-months"][1],
        confirmed=all(map(is_confirmed, figures.values())),
        source="",
        note="",
    )


def grown_up(known: Biology, state: StockAccount, *, month: int) -> int:
    """Return how many animals can have been fit for slaughter by `month` (months of year 0).

    A cohort counts as hatched on the first day of its year: in doubt for the farm.
    """
    fit = (c for c in state.cohorts if month - c.year * MONTHS >= known.slaughter_min_months)
    survivors = (c.hatched * known.survival_numerator // known.survival_denominator for c in fit)
    return state.grown + sum(survivors)


def may_hatch(known: Biology, cohorts: tuple[Cohort, ...]) -> bool:
    """Return whether the newest cohort fits its females and eggs; those of the year before count.

    A clutch laid late in a year hatches in the next.
    """
    newest = cohorts[-1]
    females = max(c.females for c in cohorts[-2:])
    laid = females * known.clutches_year * known.clutch_max + newest.eggs
    return newest.hatched * known.hatch_denominator <= laid * known.hatch_numerator


def _table(row: Biology | None, name: str) -> tuple[int, int]:
    if row is None:
        return 0, 1
    return {
        "clutches-year": (row.clutches_year, 1),
        "clutch-max": (row.clutch_max, 1),
        "hatch": (row.hatch_numerator, row.hatch_denominator),
        "survival": (row.survival_numerator, row.survival_denominator),
        "slaughter-months": (row.slaughter_min_months, 1),
    }[name]


def _rounded_up(ratio: tuple[int, int]) -> int:
    return -(-ratio[0] // ratio[1])
