"""Which quotas count the goods of a document, with what is used of them and their conditions.

Owns the look-up for people who read a document. What draws on a quota is judged by
`custody.rules.quotas` alone; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import DocumentRow, DocumentState
from ledger.custody.references import Quota, QuotaTaxon
from ledger.custody.rules.quota_cover import EVERYWHERE
from ledger.custody.state import State
from ledger.custody.subjects import Kind
from ledger.reference.tables import load_tables

Read = Callable[[Kind, str], State | None]
"""Returns the state of a subject, or None."""


class CoveringQuota(Struct, frozen=True):
    """A quota that counts goods of a document: how much of it is used, in its unit."""

    quota: str
    used: int
    amount: int
    unit: str
    conditions: tuple[str, ...]


def quotas_over(state: DocumentState, read: Read, *, day: str) -> tuple[CoveringQuota, ...]:
    """Return the quotas that count a row of the document on its first day, else on `day`."""
    found: dict[str, CoveringQuota] = {}
    for row in state.rows:
        for account in _accounts(row, read, day=state.from_day or day):
            quota = account.quota
            if _counts(quota, row, purpose=state.purpose):
                amount = quota.amount + (quota.carried or 0)
                found[quota.quota] = CoveringQuota(
                    quota.quota, account.used, amount, quota.unit, quota.conditions
                )
    return tuple(found[name] for name in sorted(found))


def _accounts(row: DocumentRow, read: Read, *, day: str) -> Iterator[QuotaAccount]:
    for origin in (row.origin, EVERYWHERE):
        for name in load_tables().names_covering(row.taxon):
            listed = read(Kind.REFERENCE, f"quotas/{origin}/{name}")
            for period in listed.quota_periods if isinstance(listed, QuotaTaxon) else ():
                if period.from_day <= day <= period.until_day:
                    account = read(Kind.ACCOUNT, f"quota/{period.quota}")
                    if isinstance(account, QuotaAccount) and account.replaced_by is None:
                        yield account


def _counts(quota: Quota, row: DocumentRow, *, purpose: str | None) -> bool:
    return (
        (not quota.terms or row.term in quota.terms)
        and (not quota.sources or row.source in quota.sources)
        and (not quota.purposes or purpose is None or purpose in quota.purposes)
    )
