"""Rules on credit: what is sold as certified was earned by certified material, and lives 24 months.

Owns the arithmetic of `credit/PARTY/PRODUCT/CLAIM`. Certified material that comes out without a
claim earns credit of its product for the owner; a claim on goods that were not all certified uses
it. Source: FSC-STD-40-004 V3-1, credit system (docs/formats/reference-tables.md, claims).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.certification import CreditAccount, CreditMonth
from ledger.custody.lots import LotTransformed
from ledger.custody.rules import conversions
from ledger.custody.rules.certified import weight
from ledger.custody.rules.conversions import Stuff
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import DAY_S
from ledger.custody.rules.holding import drawn_goods
from ledger.custody.rules.listings import is_listed
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

LIFE_MONTHS = 24
CREDIT_CLAIMS = {"FSC": "FSC Mix Credit", "PEFC": "PEFC Credit"}
"""The claim under which credit of a scheme is sold."""
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

RULES = (Rule("credit.overdrawn", "check", "No more is claimed than certified material earned."),)


class Posting(Struct, frozen=True):
    """What a transformation earns (above zero) or uses of one account; `places` used it."""

    account: str
    claim: str
    quantity: int
    places: tuple[int, ...]


def postings(signed: Signed, draft: Draft) -> tuple[Posting, ...]:
    """Return what a transformation earns and uses of credit, sorted by account."""
    event = signed.event
    if not isinstance(event, LotTransformed):
        return ()
    lots = {code: draft.lot(code) for code in sorted(event.inputs)}
    owner = next((lot.owner for lot in lots.values() if lot is not None), signed.party)
    found: list[Posting] = []
    for scheme, claim in sorted(CREDIT_CLAIMS.items()):
        used, places = _claimed(draft, event, scheme)
        earned: defaultdict[Stuff, Fraction] = defaultdict(Fraction)
        for (_, product), share in earned_by(signed, draft, event, scheme).items():
            earned[product] += share
        if not used and not earned:
            continue
        for product in sorted({*used, *earned}):
            quantity = math.floor(earned[product]) - used[product]
            if not places.get(product):
                # Nothing is sold on credit here: what claims too much is found elsewhere.
                quantity = max(quantity, 0)
            name = f"credit/{owner}/{product[0]} {product[1]}/{claim}"
            if quantity:
                found.append(Posting(name, claim, quantity, tuple(places.get(product, ()))))
    return tuple(found)


def check_postings(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a finding on each lot that was claimed beyond the credit there is."""
    for posting in draft.once(postings, signed):
        state = draft.account(posting.account, CreditAccount)
        if posted(state, posting, month=month_of(signed.at))[1]:
            for place in posting.places:
                lot = Subject(Kind.LOT, signed.code_of(place))
                yield Flag(lot, "credit.overdrawn", Severity.CHECK)


def posted(
    state: CreditAccount | None, posting: Posting, *, month: int
) -> tuple[CreditAccount, int]:
    """Return the account after a posting, and what was used beyond it; the oldest goes first."""
    months = state.months if state is not None else ()
    alive = {row.month: row.quantity for row in months if month - row.month < LIFE_MONTHS}
    missing = 0
    if posting.quantity > 0:
        alive[month] = alive.get(month, 0) + posting.quantity
    else:
        missing = -posting.quantity
        for old in sorted(alive):
            taken = min(missing, alive[old])
            alive[old] -= taken
            missing -= taken
    rows = tuple(CreditMonth(m, quantity) for m, quantity in sorted(alive.items()) if quantity)
    return replace(state or CreditAccount(posting.claim, ()), months=rows), missing


def month_of(at: int) -> int:
    """Return the month of a time in seconds, counted from year 0."""
    day = date.fromordinal(_EPOCH_ORDINAL + at // DAY_S)
    return day.year * 12 + day.month - 1


def _claimed(
    draft: Draft, event: LotTransformed, scheme: str
) -> tuple[Counter[Stuff], dict[Stuff, list[int]]]:
    """Return what of which product the outputs claim as certified, and which do so by credit."""
    used: Counter[Stuff] = Counter()
    places: dict[Stuff, list[int]] = {}
    for i, out in enumerate(event.outputs):
        known = draft.tables.claim(out.claim or "")
        certified = known is not None and known.scheme == scheme and known.contributes
        for row in out.contents:
            product = (row.term, row.unit)
            places.setdefault(product, [])
            if certified:
                used[product] += row.quantity
                if known is not None and known.system == "credit":
                    places[product].append(i)
    return used, places


def earned_by(
    signed: Signed, draft: Draft, event: LotTransformed, scheme: str
) -> Mapping[tuple[int, Stuff], Fraction]:
    """Return how much of which output and product the certified material among inputs made."""
    lots = {code: draft.lot(code) for code in sorted(event.inputs)}
    weights = {
        code: weight(draft.tables, lot.claim, scheme)
        for code, lot in lots.items()
        if lot is not None
    }
    earned: defaultdict[tuple[int, Stuff], Fraction] = defaultdict(Fraction)
    if not any(weights.values()):
        return earned
    shares: defaultdict[tuple[conversions.Kind, Stuff], Fraction] = defaultdict(Fraction)
    rows = []
    for code, goods in zip(lots, drawn_goods(draft, event), strict=False):
        for row in goods.contents:
            rows.append(row)
            # Listed timber is never mass-balanced: it earns nothing for other goods.
            if weights.get(code) and not is_listed(draft, (row,), day=day_of(signed)):
                kind = conversions.kind_of(draft.tables, row)
                shares[kind, (row.term, row.unit)] += weights[code] * row.quantity
    outputs = tuple(lot.contents for lot in event.outputs)
    for item in conversions.drawn(
        draft.tables, inputs=tuple(rows), outputs=outputs, waste=event.waste
    ):
        share = shares[item.kind, item.stuff] / item.quantity
        for (place, product), quantity in item.outputs.items():
            if place >= 0:
                earned[place, product] += share * quantity
    return earned
