"""Rule on percentages: what is claimed by percentage went in, over the last twelve months.

Owns the arithmetic of `share/PARTY/PRODUCT/CLAIM`. A batch may be claimed higher than what went
into it where the months before were better: over the period no more is claimed than certified
material made, or no more than its average. Source: FSC-STD-40-004 V3-1 and PEFC ST 2002, percentage
system (docs/formats/reference-tables.md, claims; unconfirmed); fraud F30.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.certification import ShareAccount, ShareMonth
from ledger.custody.goods import NewLot
from ledger.custody.lots import LotTransformed
from ledger.custody.rules.certified import PERCENTAGE, may_lower, share_of
from ledger.custody.rules.conversions import Stuff
from ledger.custody.rules.credits import earned_by, month_of
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.listings import is_listed
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

PERIOD_MONTHS = 12
_PERCENT = 100

RULES = (
    Rule("claim.percentage", "check", "A percentage is no more than what went in, over 12 months."),
)


class Portion(Struct, frozen=True):
    """What one output makes of one product under a claim of `share` percent.

    `made` is in smallest units, `certified` in hundredths of them. `is_lower` where all that went
    in has the claim or a better one: such goods are claimed by themselves.
    """

    account: str
    claim: str
    place: int
    share: int
    made: int
    certified: int
    is_lower: bool


def portions(signed: Signed, draft: Draft) -> tuple[Portion, ...]:
    """Return what a transformation makes under claims by percentage, in the order of outputs."""
    event = signed.event
    if not isinstance(event, LotTransformed):
        return ()
    found: list[Portion] = []
    lots = [lot for lot in map(draft.lot, sorted(event.inputs)) if lot is not None]
    owner, claims = lots[0].owner if lots else signed.party, {lot.claim for lot in lots}
    # The balance of a statement is as long as the statement: it is struck once for each scheme.
    earned_in: dict[str, Mapping[tuple[int, Stuff], Fraction]] = {}
    for place, out in enumerate(event.outputs):
        known = draft.tables.claim(out.claim or "")
        if known is None or known.system != PERCENTAGE:
            continue
        is_lower = all(may_lower(draft.tables, claim, out.claim or "") for claim in claims)
        if known.scheme not in earned_in:
            earned_in[known.scheme] = earned_by(signed, draft, event, known.scheme)
        earned = earned_in[known.scheme]
        for product, made in sorted(_made(signed, draft, out).items()):
            account = f"share/{owner}/{product[0]} {product[1]}/{known.claim}"
            certified = math.floor(earned.get((place, product), Fraction(0)) * _PERCENT)
            share = share_of(out.claim or "")
            found.append(Portion(account, known.claim, place, share, made, certified, is_lower))
    return tuple(found)


def check_portions(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a finding on each lot that is claimed beyond what went in over the period."""
    month = month_of(signed.at)
    after: dict[str, ShareAccount] = {}
    for portion in draft.once(portions, signed):
        state = after.get(portion.account) or draft.account(portion.account, ShareAccount)
        state = after[portion.account] = with_portion(state, portion, month=month)
        if not portion.is_lower and not _is_covered(state, portion.share):
            lot = Subject(Kind.LOT, signed.code_of(portion.place))
            yield Flag(lot, "claim.percentage", Severity.CHECK)


def with_portion(state: ShareAccount | None, portion: Portion, *, month: int) -> ShareAccount:
    """Return the account with a portion in `month`, without months that are over."""
    known = state or ShareAccount(portion.claim, ())
    rows = {row.month: row for row in known.shares if month - row.month < PERIOD_MONTHS}
    old = rows.get(month, ShareMonth(month, 0, 0, 0))
    rows[month] = ShareMonth(
        month,
        made=min(old.made + portion.made, QUANTITY_MAX),
        certified=min(old.certified + portion.certified, QUANTITY_MAX),
        claimed=min(old.claimed + portion.share * portion.made, QUANTITY_MAX),
    )
    return replace(known, shares=tuple(rows[number] for number in sorted(rows)))


def _is_covered(state: ShareAccount, share: int) -> bool:
    """Return whether what was claimed was certified, or `share` is no more than the average."""
    made = sum(row.made for row in state.shares)
    certified = sum(row.certified for row in state.shares)
    claimed = sum(row.claimed for row in state.shares)
    return claimed <= certified or share * made <= certified


def _made(signed: Signed, draft: Draft, out: NewLot) -> Counter[Stuff]:
    """Return how much of which product an output is; listed timber is never averaged."""
    made: Counter[Stuff] = Counter()
    for row in out.contents:
        if not is_listed(draft, (row,), day=day_of(signed)):
            made[row.term, row.unit] += row.quantity
    return made
