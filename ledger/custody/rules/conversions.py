"""Rules on conversion: what may come out of what went in, in exact whole-number arithmetic.

Owns the balance of a transformation. Knows rows and the conversion table, no lots and no parties.
Taxon, source and origin never change on the way; each output draws on inputs of its own kind.

Where goods of one kind go in as several terms (logs and sawn wood of one taxon), outputs draw on
them in a fixed order. That never lets too much out; where the order matters, two transformations
say more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from msgspec import Struct, field

from ledger.custody.goods import Row
from ledger.custody.subjects import Refusal, Rule
from ledger.reference.rows import Conversion
from ledger.reference.tables import Tables

RULES = (
    Rule("conversion.none", "refuse", "Each output comes from an input by a known conversion."),
    Rule("conversion.too-much", "refuse", "No more comes out than the conversion lets out."),
    Rule("conversion.above-estimate", "check", "More came out than an unconfirmed ratio says."),
    Rule("conversion.unusual", "check", "More came out than is usual, though it is possible."),
    Rule("transform.taxon-changed", "refuse", "Taxon, source and origin stay what they were."),
)
_SAME = "same"
_CONSERVED = frozenset({"GRM", "CMQ"})
"""Mass and volume: however rough an estimate is, they never grow by it."""

Kind = tuple[int, str, str]
"""Number of the taxon, source and origin: what no step changes."""
Stuff = tuple[str, str]
"""Term and unit."""


class Excess(Struct, frozen=True):
    """An output above an unconfirmed or unusual ratio: a check on the output lot at `place`."""

    rule: str
    place: int


class _Stock(Struct):
    """What of one input term is used, for each share that competes for it."""

    quantity: int
    whole: Fraction = Fraction(0)
    shares: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    made: Fraction = Fraction(0)
    """What came out of it in its own unit."""
    outputs: dict[tuple[int, Stuff], int] = field(default_factory=lambda: defaultdict(int))
    """What came out of it, by place of the output lot (waste: -1) and by product."""

    def left(self, share: str) -> Fraction:
        used = max(self.shares.values(), default=Fraction(0))
        if share != _SAME:
            used = self.shares[share]
        return self.quantity - self.whole - used

    def use(self, amount: Fraction, share: str) -> None:
        if share == _SAME:
            self.whole += amount
        else:
            self.shares[share] += amount


class _Out(Struct, frozen=True):
    place: int
    row: Row
    kind: Kind


class Drawn(Struct, frozen=True):
    """What was made of one material: `quantity` went in, `outputs` came out, smallest units.

    `outputs` are keyed by the place of the output lot (waste: -1), term and unit.
    """

    kind: Kind
    stuff: Stuff
    quantity: int
    outputs: Mapping[tuple[int, Stuff], int]


def balance(
    tables: Tables,
    *,
    inputs: tuple[Row, ...],
    outputs: tuple[tuple[Row, ...], ...],
    waste: tuple[Row, ...],
) -> Iterator[Refusal | Excess]:
    """Yield what breaks the balance of inputs against outputs and waste.

    Sum over outputs of quantity / ratio, and waste, is at most what was drawn, for each kind of
    goods and each share of it. Only a confirmed ratio refuses; above an unconfirmed one is a check.
    """
    yield from _settle(tables, _stocks_of(tables, inputs), outputs=outputs, waste=waste)


def drawn(
    tables: Tables,
    *,
    inputs: tuple[Row, ...],
    outputs: tuple[tuple[Row, ...], ...],
    waste: tuple[Row, ...],
) -> tuple[Drawn, ...]:
    """Return which input the outputs of a balance that holds were made of, sorted by kind."""
    stocks = _stocks_of(tables, inputs)
    for _ in _settle(tables, stocks, outputs=outputs, waste=waste):
        pass
    return tuple(
        Drawn(kind, stuff, stock.quantity, stock.outputs)
        for kind, own in sorted(stocks.items())
        for stuff, stock in sorted(own.items())
    )


def _stocks_of(tables: Tables, inputs: tuple[Row, ...]) -> dict[Kind, dict[Stuff, _Stock]]:
    stocks: dict[Kind, dict[Stuff, _Stock]] = defaultdict(dict)
    for row in inputs:
        stock = stocks[kind_of(tables, row)].setdefault((row.term, row.unit), _Stock(0))
        stock.quantity += row.quantity
    return stocks


def _settle(
    tables: Tables,
    stocks: dict[Kind, dict[Stuff, _Stock]],
    *,
    outputs: tuple[tuple[Row, ...], ...],
    waste: tuple[Row, ...],
) -> Iterator[Refusal | Excess]:
    outs = [_Out(-1, row, kind_of(tables, row)) for row in waste]
    for place, rows in enumerate(outputs):
        outs += [_Out(place, row, kind_of(tables, row)) for row in rows]
    for out in outs:
        if out.kind not in stocks:
            yield Refusal("transform.taxon-changed", _params(out.row))
            return
    # Rows with the fewest ways to come about draw first, confirmed ratios before estimates.
    ways = {id(out): _ways(tables, stocks[out.kind], out.row) for out in outs}
    for out in sorted(outs, key=lambda out: _order(ways[id(out)])):
        found = ways[id(out)]
        if not found:
            yield Refusal("conversion.none", _params(out.row))
            return
        yield from _draw(stocks[out.kind], found, out)


def kind_of(tables: Tables, row: Row) -> Kind:
    """Return what no step may change of a row; a renamed taxon stays the same one."""
    taxon = tables.taxon(row.taxon)
    return (taxon.number if taxon else 0, row.source, row.origin)


def _ways(
    tables: Tables, stocks: Mapping[Stuff, _Stock], row: Row
) -> tuple[tuple[Stuff, Conversion], ...]:
    found = ((stuff, tables.conversion(*stuff, row.term, row.unit)) for stuff in sorted(stocks))
    return tuple((stuff, conversion) for stuff, conversion in found if conversion is not None)


def _order(ways: tuple[tuple[Stuff, Conversion], ...]) -> tuple[int, int]:
    estimates = sum(not conversion.confirmed for _, conversion in ways)
    return (estimates, len(ways))


def _draw(
    stocks: Mapping[Stuff, _Stock], ways: tuple[tuple[Stuff, Conversion], ...], out: _Out
) -> Iterator[Refusal | Excess]:
    wanted = out.row.quantity
    missing = Fraction(wanted)
    usual = True
    product = (out.place, (out.row.term, out.row.unit))
    noted = 0
    for stuff, conversion in ways:
        stock = stocks[stuff]
        ratio = Fraction(conversion.numerator, conversion.denominator)
        used = min(missing / ratio, max(stock.left(conversion.share), Fraction(0)))
        usual = usual and _is_usual(stock, conversion, used * ratio)
        stock.use(used, conversion.share)
        stock.made += used * ratio
        missing -= used * ratio
        whole = min(math.ceil(used * ratio), wanted - noted)
        stock.outputs[product] += whole
        noted += whole
        if not missing:
            break
    # What only an estimate excuses came out of the first way as well.
    stocks[ways[0][0]].outputs[product] += wanted - noted
    beyond = _beyond_estimates(stocks, ways, out.row.unit, missing) if missing else missing
    if beyond:
        allowed = wanted - beyond
        largest = allowed.numerator // allowed.denominator
        yield Refusal("conversion.too-much", {**_params(out.row), "largest": largest})
    elif missing and out.place >= 0:
        yield Excess("conversion.above-estimate", out.place)
    elif not usual and out.place >= 0:
        yield Excess("conversion.unusual", out.place)


def _beyond_estimates(
    stocks: Mapping[Stuff, _Stock],
    ways: tuple[tuple[Stuff, Conversion], ...],
    unit: str,
    missing: Fraction,
) -> Fraction:
    """Return what of `missing` not even an estimate excuses.

    An unconfirmed ratio may be wrong, and then more comes out: at most all mass or volume that went
    in, and without a limit where it compares different measures.
    """
    for stuff, conversion in ways:
        if conversion.confirmed:
            continue
        if (
            stuff[1] != unit
            or unit not in _CONSERVED
            or conversion.numerator > conversion.denominator
        ):
            return Fraction(0)
        stock = stocks[stuff]
        more = min(missing, max(stock.quantity - stock.made, Fraction(0)))
        stock.made += more
        missing -= more
    return missing


def _is_usual(stock: _Stock, conversion: Conversion, quantity: Fraction) -> bool:
    """Return whether `quantity` is below the usual ceiling of all that went in of this term."""
    numerator, denominator = conversion.plausible_numerator, conversion.plausible_denominator
    if numerator is None or denominator is None:
        return True
    return quantity * denominator <= stock.quantity * numerator


def _params(row: Row) -> dict[str, str | int]:
    return {
        "taxon": row.taxon,
        "term": row.term,
        "quantity": row.quantity,
        "unit": row.unit,
        "source": row.source,
        "origin": row.origin,
    }
