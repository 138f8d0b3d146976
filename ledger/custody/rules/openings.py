"""Rule on opening balances of credit: who certifies a party states what it had, once.

Owns what the issuer of a certificate may say of credit from before this ledger. A copy says nothing
of it, and nobody opens an account twice. Source: FSC-STD-40-004 V3-1 and PEFC ST 2002, credit
system (docs/formats/reference-tables.md, claims; unconfirmed); fraud F30.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from ledger.custody.certification import CreditAccount, CreditMonth, CreditOpening
from ledger.custody.documents import DocumentIssued, DocumentRecorded, DocumentReplaced
from ledger.custody.rules.credits import CREDIT_CLAIMS, LIFE_MONTHS, month_of
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Rule
from ledger.reference.tables import LEDGER_UNITS

MONTHS = 12
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")

RULES = (
    Rule("credit.opening", "refuse", "A certificate's issuer states credit that is alive, once."),
)


def check_opening(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield a refusal where a paper opens accounts of credit that it cannot open."""
    event = signed.event
    if not isinstance(event, DocumentIssued | DocumentRecorded | DocumentReplaced):
        return
    scope = event.paper.scope
    if scope is None or not scope.opening:
        return
    now = month_of(signed.at)
    rows = [(row.term, row.unit, row.month) for row in scope.opening]
    is_sound = (
        isinstance(event, DocumentIssued)
        and event.paper.holder is not None
        and "credit" in scope.systems
        and rows == sorted(set(rows))
        and all(_is_row(draft, row, now=now) for row in scope.opening)
    )
    names = accounts_of(event) if isinstance(event, DocumentIssued) else {}
    states = [draft.account(name, CreditAccount) for name in names]
    if not names or not is_sound or any(state is not None and state.opening for state in states):
        yield Refusal("credit.opening", {"document": event.document})


def accounts_of(event: DocumentIssued) -> dict[str, tuple[CreditOpening, ...]]:
    """Return what a certificate says of which account; nothing where it is of no scheme."""
    kind = event.document.split("/")[1] if event.document.count("/") > 1 else ""
    claim = next((c for scheme, c in CREDIT_CLAIMS.items() if kind.startswith(scheme)), None)
    scope = event.paper.scope
    if claim is None or scope is None:
        return {}
    found: dict[str, tuple[CreditOpening, ...]] = {}
    for row in scope.opening:
        name = f"credit/{event.paper.holder}/{row.term} {row.unit}/{claim}"
        found[name] = (*found.get(name, ()), row)
    return found


def opened(
    state: CreditAccount | None, rows: tuple[CreditOpening, ...], *, document: str, claim: str
) -> CreditAccount:
    """Return the account with what a certificate says was earned before this ledger."""
    months = {row.month: row.quantity for row in state.months} if state is not None else {}
    for row in rows:
        month = _number(row.month)
        months[month] = min(months.get(month, 0) + row.quantity, QUANTITY_MAX)
    left = tuple(CreditMonth(month, quantity) for month, quantity in sorted(months.items()))
    return replace(state or CreditAccount(claim, ()), months=left, opening=document)


def _is_row(draft: Draft, row: CreditOpening, *, now: int) -> bool:
    if _MONTH.fullmatch(row.month) is None or not 0 < row.quantity <= QUANTITY_MAX:
        return False
    is_alive = 0 <= now - _number(row.month) < LIFE_MONTHS
    known = draft.tables.term(row.term) is not None and row.unit in LEDGER_UNITS
    return is_alive and known and draft.tables.pair_allowed(row.term, row.unit)


def _number(month: str) -> int:
    """Return the number of a month `YYYY-MM`, counted from year 0."""
    return int(month[:4]) * MONTHS + int(month[5:]) - 1
