"""Which quotas count the goods of a document or a lot, with their use and their conditions.

Owns the look-up for people who read either. What draws on a quota is judged by
`custody.rules.quotas` alone; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import DocumentRow, DocumentState
from ledger.custody.lots import LotState
from ledger.custody.references import Quota, QuotaTaxon
from ledger.custody.rules.offices import EVERYWHERE
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
                found[quota.quota] = _covering(account)
    return tuple(found[name] for name in sorted(found))


def quotas_of(state: LotState, read: Read) -> tuple[CoveringQuota, ...]:
    """Return the quotas on which a lot was counted, and those that its documents reserved.

    What took a quota's place since then stands for it.
    """
    names = {*state.accounts, *state.arrived}
    papers = (*state.documents, *(passage.document for passage in state.passages))
    for paper in (read(Kind.DOCUMENT, name) for name in papers):
        names.update(paper.reserved if isinstance(paper, DocumentState) else ())
    found: dict[str, CoveringQuota] = {}
    for name in names:
        account = read(Kind.ACCOUNT, name)
        while isinstance(account, QuotaAccount) and account.replaced_by is not None:
            account = read(Kind.ACCOUNT, f"quota/{account.replaced_by}")
        if isinstance(account, QuotaAccount):
            found[account.quota.quota] = _covering(account)
    return tuple(found[name] for name in sorted(found))


def _covering(account: QuotaAccount) -> CoveringQuota:
    quota = account.quota
    amount = quota.amount + (quota.carried or 0)
    return CoveringQuota(quota.quota, account.used, amount, quota.unit, quota.conditions)


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
