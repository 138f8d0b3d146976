"""What goods and permits do to quotas: sums of each side grow, and lots say on which they rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.accounts import QuotaAccount
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.quota_cover import Side
from ledger.custody.rules.quotas import Draw
from ledger.custody.state import Draft
from ledger.custody.subjects import Kind


def draw_quotas(drawn: tuple[Draw, ...], draft: Draft) -> None:
    """Add draws to their accounts, and name the accounts on the lots that draw.

    Called after the lots of the statement stand as it leaves them.
    """
    for draw in drawn:
        state = draft.account(draw.account, QuotaAccount)
        if state is None:
            continue
        side = draw.taking.side
        total: Any = min(int(getattr(state, side.value)) + draw.quantity, QUANTITY_MAX)
        if draw.quantity:
            draft.put(Kind.ACCOUNT, draw.account, replace(state, **{side.value: total}))
        subject = draw.taking.subject
        if subject.kind is Kind.LOT:
            _rest_on(draft, subject.name, draw.account, side)
        elif side is Side.RESERVED:
            _reserve(draft, subject.name, draw)


def release_quotas(back: Mapping[str, int], draft: Draft) -> None:
    """Give back what was reserved and not used, never below nothing."""
    for account, quantity in back.items():
        state = draft.account(account, QuotaAccount)
        if state is not None and quantity:
            left = max(state.reserved - quantity, 0)
            draft.put(Kind.ACCOUNT, account, replace(state, reserved=left))


def _rest_on(draft: Draft, code: str, account: str, side: Side) -> None:
    lot = draft.lot(code)
    if lot is None:
        return
    field = "arrived" if side is Side.IMPORTED else "accounts"
    named: Any = tuple(sorted({*getattr(lot, field), account}))
    draft.put(Kind.LOT, code, replace(lot, **{field: named}))


def _reserve(draft: Draft, name: str, draw: Draw) -> None:
    """Keep on a permit what it reserved: it gives back no more than that."""
    document = draft.document(name)
    if document is not None and draw.quantity:
        total = document.reserved.get(draw.account, 0) + draw.quantity
        after = {**document.reserved, draw.account: min(total, QUANTITY_MAX)}
        draft.put(Kind.DOCUMENT, name, replace(document, reserved=after))
