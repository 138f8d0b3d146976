"""Rules on plots: no more is taken from a plot than its area can give.

Owns the reading of a plot's account: what was taken of a taxon over all years, against area times
the most that a hectare gives. Sources: frauds F15 and F31; figures:
docs/formats/reference-tables.md, intensity.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction

from ledger.custody.facilities import FacilityState
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.rules.days import day_of
from ledger.custody.rules.figures import Spot, figure, is_confirmed, spot_of
from ledger.custody.rules.places import Product, account_year
from ledger.custody.rules.yields import NO_CLAIM, Run, added
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject
from ledger.custody.yields import YieldAccount
from ledger.reference.rows import Taxon

HECTARE_M2 = 10_000
WILD = frozenset("WX")
"""Sources that nobody planted: what is planted stands more densely, and grows again."""
PLANTED_SOURCES = frozenset("AY")
PLANTED_YEARS = 10
_TAKEN = (Basis.HARVEST, Basis.BRED)

RULES = (
    Rule("plot.beyond-area", "check, stop", "No more is taken from a plot than its area gives."),
)


def harvests(signed: Signed, draft: Draft) -> tuple[Run, ...]:
    """Return what a registration takes from which plots, sorted by account."""
    event = signed.event
    if not isinstance(event, LotRegistered) or event.basis is not Basis.HARVEST:
        return ()
    taken: dict[tuple[str, str, str, str], int] = Counter()
    places: dict[tuple[str, str, str, str], set[int]] = defaultdict(set)
    for i, lot in enumerate(event.lots):
        plot = draft.facility(lot.facility) if lot.facility is not None else None
        if plot is None or plot.kind != "plot" or lot.facility is None:
            continue
        for row in lot.contents:
            taxon = draft.tables.taxon(row.taxon)
            if taxon is None or row.source not in WILD:
                continue
            key = (lot.facility, row.term, row.unit, taxon.name)
            taken[key] += row.quantity
            places[key].add(i)
    year = account_year(signed)
    return tuple(
        Run(
            place=name,
            account=f"yield/{name}/{term} {unit} {taxon}/{NO_CLAIM}",
            taxon=taxon,
            term=term,
            unit=unit,
            year=year,
            drawn=0,
            made={(term, unit): taken[name, term, unit, taxon]},
            places=tuple(sorted(places[name, term, unit, taxon])),
        )
        for name, term, unit, taxon in sorted(taken)
    )


def check_harvests(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield what the area of a plot finds about what was taken from it, on each lot."""
    batch: Counter[tuple[str, str, str]] = Counter()
    for run in draft.once(harvests, signed):
        plot = draft.facility(run.place)
        if plot is None or plot.area_m2 is None:
            continue
        batch[run.place, run.term, run.unit] += run.made[run.term, run.unit]
        state = added(draft.account(run.account, YieldAccount), run)
        own = sum(m.quantity for year in state.years for m in year.made)
        taxon = draft.tables.taxon(run.taxon)
        product = run.term, run.unit
        together = _wild(plot, product) + batch[run.place, run.term, run.unit]
        spot = spot_of(draft, run.place, day=day_of(signed))
        limits = (
            (own, _most(draft, taxon, product, spot)),
            (together, _most(draft, None, product, spot)),
        )
        broken = [
            confirmed
            for so_far, (a_hectare, confirmed) in limits
            if a_hectare is not None and so_far * HECTARE_M2 > plot.area_m2 * a_hectare
        ]
        since = account_year(signed) - PLANTED_YEARS
        planted = _planted(plot, product, since=since)
        if planted and _is_shared(draft, plot, product, (together, planted), spot):
            broken.append(False)
        for place in run.places if broken else ():
            weight = Severity.STOP if any(broken) else Severity.CHECK
            yield Flag(Subject(Kind.LOT, signed.code_of(place)), "plot.beyond-area", weight)


def check_planted(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield what the area of a plot finds about planted wood, over ten years, on each lot."""
    event = signed.event
    if not isinstance(event, LotRegistered) or event.basis not in _TAKEN:
        return
    taken: Counter[tuple[str, str, str]] = Counter()
    codes: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for i, lot in enumerate(event.lots):
        for row in lot.contents if lot.facility is not None else ():
            if row.source in PLANTED_SOURCES:
                key = (lot.facility or "", row.term, row.unit)
                taken[key] += row.quantity
                codes[key].add(signed.code_of(i))
    since = account_year(signed) - PLANTED_YEARS
    for (name, term, unit), quantity in sorted(taken.items()):
        plot = draft.facility(name)
        if plot is None or plot.kind != "plot" or plot.area_m2 is None:
            continue
        spot = spot_of(draft, name, day=day_of(signed))
        product = term, unit
        most, confirmed = _most_planted(draft, product, spot)
        so_far = _planted(plot, product, since=since) + quantity
        is_more = most is not None and so_far * HECTARE_M2 > plot.area_m2 * most
        cut = (run.made for run in draft.once(harvests, signed) if run.place == name)
        wild = _wild(plot, product) + sum(made.get(product, 0) for made in cut)
        if is_more or (wild and _is_shared(draft, plot, product, (wild, so_far), spot)):
            weight = Severity.STOP if confirmed and is_more else Severity.CHECK
            for code in sorted(codes[name, term, unit]):
                yield Flag(Subject(Kind.LOT, code), "plot.beyond-area", weight)


def _wild(plot: FacilityState, product: Product) -> int:
    """Return what was taken of the product in all years, all taxa together, but planted ones."""
    rows = (r for r in plot.throughput if (r.term, r.unit) == product)
    return sum(row.quantity - (row.planted or 0) for row in rows)


def _planted(plot: FacilityState, product: Product, *, since: int) -> int:
    rows = (r for r in plot.throughput if (r.term, r.unit) == product and r.year > since)
    return sum(row.planted or 0 for row in rows)


def _is_shared(
    draft: Draft, plot: FacilityState, product: Product, taken: tuple[int, int], spot: Spot
) -> bool:
    """Return whether wild and planted wood together need more ground than there is.

    A hectare bears the one or the other: what each needs at its largest is added up.
    """
    wild, planted = taken
    natural = _most(draft, None, product, spot)[0]
    grown = _most_planted(draft, product, spot)[0]
    if not natural or not grown or plot.area_m2 is None:
        return False
    return (wild / natural + planted / grown) * HECTARE_M2 > plot.area_m2


def _most_planted(draft: Draft, product: Product, spot: Spot) -> tuple[Fraction | None, bool]:
    """Return the most that a planted hectare gives in ten years, and whether it was set so."""
    term, unit = product
    found = figure(draft, f"planted/{term}-{unit}", spot)
    if found is not None:
        return Fraction(found.numerator, found.denominator), is_confirmed(found)
    known = draft.tables.planted(term=term, unit=unit)
    return (Fraction(known.quantity_ha) if known is not None else None), False


def _most(
    draft: Draft, taxon: Taxon | None, product: Product, spot: Spot
) -> tuple[Fraction | None, bool]:
    """Return the most that a hectare gives, of a taxon or of all, and whether it was set so."""
    term, unit = product
    name = taxon.name if taxon is not None else "all"
    found = figure(draft, f"intensity/{name}/{term}-{unit}", spot)
    if found is not None:
        return Fraction(found.numerator, found.denominator), is_confirmed(found)
    row = draft.tables.intensity(taxon, term=term, unit=unit)
    return (Fraction(row.quantity_ha), False) if row is not None else (None, False)
