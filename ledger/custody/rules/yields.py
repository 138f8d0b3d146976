"""Rules on what a place makes of a material over the years: its running account.

Each batch is balanced for itself (`conversions`); here the sums are. A mill that stays just below
the ceiling of every single batch shows in them. Owns the reading of the account
`yield/FACILITY/PRODUCT/CLAIM`; work told without a place counts for the party as such. Source:
fraud F17; figures: docs/formats/reference-tables.md, yields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.lots import LotTransformed
from ledger.custody.rules import conversions
from ledger.custody.rules.conversions import Drawn, Stuff
from ledger.custody.rules.days import day_of
from ledger.custody.rules.figures import Spot, figure, is_confirmed, spot_of
from ledger.custody.rules.holding import drawn_goods
from ledger.custody.rules.places import Work, account_year
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject
from ledger.custody.yields import YEARS_MAX, Made, YieldAccount, YieldYear

NO_PLACE = "-"
NO_CLAIM = "-"
LOW_AFTER_BATCHES = 3
"""From which batch of a year on a poor yield is remarked: one poor batch is no habit."""

RULES = (
    Rule("yield.above-usual", "check, stop", "Over the year no more comes out than is usual."),
    Rule("yield.low", "note", "Over the year no less comes out than is usual."),
)


class Run(Struct, frozen=True):
    """What one statement adds to an account: what was drawn, and what became of it.

    `places` are those of the output lots that came of this material.
    """

    account: str
    place: str
    taxon: str
    term: str
    unit: str
    year: int
    drawn: int
    made: Mapping[Stuff, int]
    waste: int = 0
    places: tuple[int, ...] = ()


def runs(signed: Signed, draft: Draft) -> tuple[Run, ...]:
    """Return what a transformation adds to which accounts, sorted by account.

    Goods that come out as what they went in were not worked on: they count on neither side.
    """
    event = signed.event
    if not isinstance(event, LotTransformed):
        return ()
    rows = tuple(row for goods in drawn_goods(draft, event) for row in goods.contents)
    found: dict[str, Run] = {}
    for item in conversions.drawn(
        draft.tables,
        inputs=rows,
        outputs=tuple(lot.contents for lot in event.outputs),
        waste=event.waste,
    ):
        run = _run(signed, draft, event, item)
        if run is not None:
            before = found.get(run.account)
            found[run.account] = run if before is None else _joined(before, run)
    return tuple(run for _, run in sorted(found.items()))


def work_of(signed: Signed, draft: Draft) -> Work | None:
    """Return what a transformation says was made at which place, or None where it names none."""
    event = signed.event
    place = _place_of(event) if isinstance(event, LotTransformed) else None
    if place is None or not isinstance(event, LotTransformed):
        return None
    codes = tuple(signed.code_of(i) for i in range(len(event.outputs)))
    return Work(place, codes, made_of(draft, event))


def made_of(draft: Draft, event: LotTransformed) -> Mapping[Stuff, int]:
    """Return what a transformation makes: what comes out beyond what went in as such."""
    made: Counter[Stuff] = Counter()
    for lot in event.outputs:
        for row in lot.contents:
            made[row.term, row.unit] += row.quantity
    for goods in drawn_goods(draft, event):
        for row in goods.contents:
            made[row.term, row.unit] -= row.quantity
    return +made


def check_runs(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield what the sums of the year find, on the lots that this batch brings to life."""
    for run in draft.once(runs, signed):
        state = draft.account(run.account, YieldAccount)
        year = year_row(added(state, run), run.year)
        remark = _remark(draft, run, year, spot_of(draft, run.place, day=day_of(signed)))
        if remark is None:
            continue
        rule, severity = remark
        for place in run.places:
            yield Flag(Subject(Kind.LOT, signed.code_of(place)), rule, severity)


def added(state: YieldAccount | None, run: Run) -> YieldAccount:
    """Return the account with the run counted in; beyond ten years the oldest are one."""
    if state is None:
        state = YieldAccount(run.taxon, run.term, run.unit, ())
    year = year_row(state, run.year)
    made: Counter[Stuff] = Counter({(m.term, m.unit): m.quantity for m in year.made})
    made.update(run.made)
    counted = replace(
        year,
        batches=year.batches + 1,
        drawn=year.drawn + run.drawn,
        made=tuple(Made(*product, quantity) for product, quantity in sorted(made.items())),
        waste=(year.waste or 0) + run.waste or None,
    )
    others = [row for row in state.years if row.year != run.year]
    years = sorted((*others, counted), key=lambda row: row.year)
    while len(years) > YEARS_MAX:
        years[:2] = [_folded(years[0], years[1])]
    return replace(state, years=tuple(years))


def year_row(state: YieldAccount, year: int) -> YieldYear:
    """Return the account's row of a year, an empty one where nothing was told yet."""
    return next((row for row in state.years if row.year == year), YieldYear(year, 0, 0))


def _remark(draft: Draft, run: Run, year: YieldYear, spot: Spot) -> tuple[str, Severity] | None:
    """Return what the year's sums break; above figures that an authority set it is a stop."""
    used, is_set = Fraction(0), True
    for made in year.made:
        ratio, confirmed = _usual(draft, run, made, spot)
        if ratio:
            used += made.quantity / ratio
            is_set = is_set and confirmed
    if used > year.drawn and is_set:
        return "yield.above-usual", Severity.STOP
    if year.batches == len(run.places) == len(run.made) == 1:
        # One lot of one product is all there is: its own ratio was judged already.
        return None
    if used > year.drawn:
        return "yield.above-usual", Severity.CHECK
    return ("yield.low", Severity.NOTE) if _is_low(draft, run, year) else None


def _usual(draft: Draft, run: Run, made: Made, spot: Spot) -> tuple[Fraction | None, bool]:
    """Return the usual yield of a product over a year, and whether an authority confirmed it."""
    key = f"yield/{run.term}-{run.unit}>{made.term}-{made.unit}"
    found = figure(draft, key, spot)
    if found is not None and found.numerator:
        return Fraction(found.numerator, found.denominator), is_confirmed(found)
    row = draft.tables.yield_of(run.term, run.unit, made.term, made.unit)
    if row is None or not row.usual_numerator or not row.usual_denominator:
        return None, False
    return Fraction(row.usual_numerator, row.usual_denominator), False


def _is_low(draft: Draft, run: Run, year: YieldYear) -> bool:
    """Return whether all products together stay below the lowest of their poor yields."""
    rows = (draft.tables.yield_of(run.term, run.unit, m.term, m.unit) for m in year.made)
    lows = [
        Fraction(row.low_numerator, row.low_denominator)
        for row in rows
        if row is not None and row.low_numerator and row.low_denominator
    ]
    if len(lows) < len(year.made) or not lows or year.batches < LOW_AFTER_BATCHES:
        return False
    return sum(m.quantity for m in year.made) < min(lows) * year.drawn


def _run(signed: Signed, draft: Draft, event: LotTransformed, item: Drawn) -> Run | None:
    taxon = draft.tables.taxon_by_number(item.kind[0])
    if taxon is None or not draft.tables.has_yields(*item.stuff):
        return None
    made: Counter[Stuff] = Counter()
    same = waste = 0
    for (output, product), quantity in item.outputs.items():
        if output < 0:
            waste += quantity if product == item.stuff else 0
        elif product == item.stuff:
            same += quantity
        elif quantity:
            made[product] += quantity
    if not made:
        return None
    name = (draft.tables.taxon(taxon.name) or taxon).name
    where = _place_of(event) or f"{signed.party}/{NO_PLACE}"
    claim = _claim_of(draft, event) or NO_CLAIM
    places = {output for output, product in item.outputs if product in made and output >= 0}
    return Run(
        place=where,
        account=f"yield/{where}/{item.stuff[0]} {item.stuff[1]} {name}/{claim}",
        taxon=name,
        term=item.stuff[0],
        unit=item.stuff[1],
        year=account_year(signed),
        drawn=item.quantity - same,
        made=made,
        waste=waste,
        places=tuple(sorted(places)),
    )


def _joined(first: Run, second: Run) -> Run:
    """Goods of one taxon from several countries stand in one account."""
    return replace(
        first,
        drawn=first.drawn + second.drawn,
        made=Counter(first.made) + Counter(second.made),
        waste=first.waste + second.waste,
        places=tuple(sorted({*first.places, *second.places})),
    )


def _place_of(event: LotTransformed) -> str | None:
    named = (event.facility, *(lot.facility for lot in event.outputs))
    return next((name for name in named if name is not None), None)


def _claim_of(draft: Draft, event: LotTransformed) -> str | None:
    """Return the claim that all inputs have in common, or None."""
    lots = (draft.lot(code) for code in event.inputs)
    claims = {lot.claim for lot in lots if lot is not None}
    return claims.pop() if len(claims) == 1 else None


def _folded(older: YieldYear, newer: YieldYear) -> YieldYear:
    made: Counter[Stuff] = Counter({(m.term, m.unit): m.quantity for m in older.made})
    made.update({(m.term, m.unit): m.quantity for m in newer.made})
    return YieldYear(
        year=newer.year,
        batches=older.batches + newer.batches,
        drawn=older.drawn + newer.drawn,
        made=tuple(Made(*product, quantity) for product, quantity in sorted(made.items())),
        waste=(older.waste or 0) + (newer.waste or 0) or None,
    )
