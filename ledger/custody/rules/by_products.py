"""Rule on what a farm sells beside skins: no more meat or skulls than its animals can give.

Owns the arithmetic: how many animals all that was sold of a stock needs, share by share, against
those whose end was told and those that live. Animals that are slaughtered without a skin being
registered need no word: meat of them is found where a count shows that they are alive, or where
there were no such animals at all. What an animal gives is mostly an estimate: a check at most.
Source: fraud F01; docs/formats/reference-tables.md, conversions and Figures.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from ledger.custody.rules.farm_takings import Taking, added, part_of
from ledger.custody.rules.figures import Spot, figure
from ledger.custody.state import Draft
from ledger.custody.stocks import StockAccount
from ledger.custody.subjects import Rule
from ledger.custody.yields import Made

BEYOND = "stock.by-products"

RULES = (
    Rule(
        "stock.by-products", "check", "No more meat, skulls or the like than a farm's animals give."
    ),
)


def is_beyond(draft: Draft, state: StockAccount, taking: Taking, spot: Spot) -> bool:
    """Return whether with a taking more was sold than all animals of the stock can have given.

    Animals that left whole gave nothing here; those that live may be slaughtered already.
    """
    ended = (state.ended or 0) + taking.animals - taking.whole
    alive = max(state.count - taking.animals, 0)
    return _needed(draft, state.taxon, summed(state, taking), spot) > ended + alive


def is_contradicted(draft: Draft, state: StockAccount, spot: Spot) -> bool:
    """Return whether more was sold than the animals gave of which it is known that they ended."""
    return _needed(draft, state.taxon, state.products, spot) > (state.ended or 0)


def summed(state: StockAccount, taking: Taking) -> tuple[Made, ...]:
    """Return what was sold of a stock beside skins, with what a taking adds, sorted."""
    if not taking.made:
        return state.products
    made = added({(m.term, m.unit): m.quantity for m in state.products}, taking.made)
    return tuple(Made(*product, quantity) for product, quantity in sorted(made.items()))


def _needed(draft: Draft, taxon: str, products: Iterable[Made], spot: Spot) -> int:
    """Return how many animals the products need at least: those of one share compete for it."""
    shares: defaultdict[str, Fraction] = defaultdict(Fraction)
    for made in products:
        conversion = part_of(draft, made.term, made.unit)
        if conversion is None:
            continue
        most = Fraction(conversion.numerator, conversion.denominator)
        found = figure(draft, f"biology/{taxon}/{made.term}-{made.unit}", spot)
        if found is not None and found.numerator:
            most = Fraction(found.numerator, found.denominator)
        shares[conversion.share] += made.quantity / most
    return math.ceil(max(shares.values(), default=Fraction(0)))
