"""Accounts: what is counted over many statements, such as a quota or an allotment of marks.

Owns one state for each type of account. The first segment of an account's name is its type
(`quota/ID`, `allotment/PARTY/SCHEME/YEAR`), and each state repeats it as `account`: whoever has a
record alone, without its name, tells the type by it (docs/formats/record.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ledger.custody.certification import CreditAccount, ShareAccount
from ledger.custody.documents import Endorsement
from ledger.custody.references import Quota
from ledger.custody.stocks import StockAccount
from ledger.custody.subjects import Finding, PendingAct
from ledger.custody.yields import YieldAccount

Span = tuple[int, int]
"""First and last serial; both count."""


class QuotaAccount(Struct, frozen=True):
    """A quota and what was drawn on it, in the quota's unit; its name is `quota/ID`.

    Exporters' and importers' words are summed apart, because they rarely agree; the larger counts.
    """

    quota: Quota
    reserved: int = 0
    """What permits were issued for, less what was cancelled or replaced."""
    exported: int = 0
    """What was taken, or left the country, by the word of those who took or sent it."""
    imported: int = 0
    """What arrived elsewhere, by the word of those who received it."""
    replaced_by: str | None = None
    account: str = "quota"
    findings: tuple[Finding, ...] = ()

    @property
    def used(self) -> int:
        """Return how much counts as drawn: the larger of the two sums, or what is reserved."""
        if self.quota.counts == "issue":
            return self.reserved
        return max(self.exported, self.imported)

    @property
    def left(self) -> int:
        """Return how much is left of the amount and what was carried over, never below zero."""
        return max(self.quota.amount + (self.quota.carried or 0) - self.used, 0)


class AllottedRange(Struct, frozen=True):
    """Consecutive marks that one party may use: `before`, a serial padded to `digits`, `after`.

    They may be put on goods from `from_day` on. `used` are serials that the party put on a lot,
    `returned` those that came back unused: sorted spans that neither meet nor touch.
    """

    before: str
    first: int
    last: int
    digits: int
    after: str
    from_day: str
    used: tuple[Span, ...] = ()
    returned: tuple[Span, ...] = ()


class AllotmentAccount(Struct, frozen=True):
    """Marks of one scheme that a party may use in a year: `allotment/PARTY/SCHEME/YEAR`."""

    allotted: tuple[AllottedRange, ...]
    due: int | None = None
    """Log time (s) from which marks that are neither used nor returned are a finding."""
    replaced: int = 0
    """How many of its marks were replaced on the goods."""
    account: str = "allotment"
    findings: tuple[Finding, ...] = ()


class WaitingAccount(Struct, frozen=True):
    """Acts of one party that wait for others' approval, `waiting/PARTY`.

    Here stand those about what is not in the ledger yet: a document, a quota, a listing.
    """

    pending: tuple[PendingAct, ...] = ()
    account: str = "waiting"
    findings: tuple[Finding, ...] = ()


AccountState = (
    QuotaAccount
    | AllotmentAccount
    | YieldAccount
    | StockAccount
    | CreditAccount
    | ShareAccount
    | Endorsement
    | WaitingAccount
)
ACCOUNTS: Mapping[str, type[AccountState]] = {
    "quota": QuotaAccount,
    "allotment": AllotmentAccount,
    "yield": YieldAccount,
    "stock": StockAccount,
    "credit": CreditAccount,
    "share": ShareAccount,
    "endorsement": Endorsement,
    "waiting": WaitingAccount,
}
"""The state of each type of account, by the first segment of its name."""
