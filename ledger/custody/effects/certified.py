"""What transformations, sales and certificates do to claims and to their accounts.

Credit is earned, used and opened, percentages are counted by month, and a sale may lower a claim.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ledger.custody.certification import CreditAccount, ShareAccount
from ledger.custody.documents import DocumentIssued
from ledger.custody.effects.moves import without_cause
from ledger.custody.rules.certified import OFFERING
from ledger.custody.rules.credits import month_of, posted, postings
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.openings import accounts_of, opened
from ledger.custody.rules.percentages import portions, with_portion
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind
from ledger.custody.transfers import Moves, Offer


def post(signed: Signed, draft: Draft) -> None:
    """Post what a transformation earned, used and claimed in the accounts of its claims."""
    for posting in draft.once(postings, signed):
        state = draft.account(posting.account, CreditAccount)
        after, _ = posted(state, posting, month=month_of(signed.at))
        months = tuple(replace(m, quantity=min(m.quantity, QUANTITY_MAX)) for m in after.months)
        draft.put(Kind.ACCOUNT, posting.account, replace(after, months=months))
    for portion in draft.once(portions, signed):
        shares = draft.account(portion.account, ShareAccount)
        counted = with_portion(shares, portion, month=month_of(signed.at))
        draft.put(Kind.ACCOUNT, portion.account, counted)


def open_credit(event: DocumentIssued, draft: Draft) -> None:
    """Enter what a certificate says its holder had earned before this ledger."""
    for name, rows in accounts_of(event).items():
        claim = name.rpartition("/")[2]
        state = draft.account(name, CreditAccount)
        after = opened(state, rows, document=event.document, claim=claim)
        draft.put(Kind.ACCOUNT, name, after)


def take_back(draft: Draft, offer_id: bytes, codes: Iterable[str]) -> None:
    """Take away what an offer had found about the claims of its lots: nothing was sold by it."""
    for code in codes:
        lot = draft.lot(code)
        if lot is None or not lot.findings:
            continue
        kept = without_cause(lot.findings, {offer_id}, *OFFERING)
        if len(kept) < len(lot.findings):
            draft.put(Kind.LOT, code, replace(lot, findings=kept))


def sold_as(offer: Offer, code: str) -> dict[str, str]:
    """Return the claim that a lot has once its title passed by an offer that lowers it."""
    claim = offer.event.claims.get(code)
    return {} if claim is None or offer.event.moves is Moves.CUSTODY else {"claim": claim}
