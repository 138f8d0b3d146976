"""What becomes of the words on a border when goods are taken apart: shared out, never doubled.

A part takes along as much of each word as it holds; the rest keeps what is left of it. Otherwise a
small passage would cover all that a large lot is split into (frauds F05 and F28).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import Passage, Way
from ledger.custody.goods import Goods, Row
from ledger.custody.lots import LotState
from ledger.custody.state import Draft

Shares = tuple[tuple[Row, ...], tuple[Row, ...]]
"""What of the rows of a word goes with the part, and what stays."""


def taken_along(draft: Draft, lot: LotState, goods: Goods) -> Mapping[str, Any]:
    """Return the passages and counted quotas of `goods` that are taken out of `lot`."""
    return _changes(draft, lot, tuple(_shared(p, lot, goods)[0] for p in lot.passages))


def left_behind(draft: Draft, lot: LotState, goods: Goods) -> Mapping[str, Any]:
    """Return the passages and counted quotas of what is left of `lot` without `goods`."""
    return _changes(draft, lot, tuple(_shared(p, lot, goods)[1] for p in lot.passages))


def _changes(draft: Draft, lot: LotState, after: tuple[Passage, ...]) -> dict[str, Any]:
    """Goods of whose passage nothing is left pass, and are counted, when they pass."""
    kept = tuple(p for p in after if p.said_by is not None or p.seen_by is not None)
    gone = {p.way for p in lot.passages} - {p.way for p in kept}
    changes: dict[str, Any] = {"passages": kept}
    for way, field in ((Way.EXPORT, "accounts"), (Way.IMPORT, "arrived")):
        if way in gone:
            named = getattr(lot, field)
            changes[field] = tuple(name for name in named if not _counts_passing(draft, name))
    return changes


def _counts_passing(draft: Draft, account: str) -> bool:
    state = draft.account(account, QuotaAccount)
    return state is not None and state.quota.counts == "endorsement"


def _shared(passage: Passage, lot: LotState, goods: Goods) -> tuple[Passage, Passage]:
    said, seen = _shares(passage.said, lot, goods), _shares(passage.seen, lot, goods)
    first, second = (
        replace(
            passage,
            said=said[i],
            seen=seen[i],
            # A word of which nothing is left was not on these goods.
            said_by=passage.said_by if said[i] or not passage.said else None,
            seen_by=passage.seen_by if seen[i] or not passage.seen else None,
        )
        for i in (0, 1)
    )
    return first, second


def _shares(word: tuple[Row, ...], lot: LotState, goods: Goods) -> Shares:
    mine: list[Row] = []
    left: list[Row] = []
    for row in word:
        share = _share(row, lot, goods)
        mine += [replace(row, quantity=share)] if share else []
        left += [replace(row, quantity=row.quantity - share)] if row.quantity > share else []
    return tuple(mine), tuple(left)


def _share(row: Row, lot: LotState, goods: Goods) -> int:
    """Return how much of one row of a word goes with `goods`, in the unit of the word."""
    whole = sum(each.quantity for each in lot.contents if _is_alike(row, each, lot))
    taken = sum(each.quantity for each in goods.contents if _is_alike(row, each, lot))
    if not whole or not taken:
        return 0
    if all(each.unit == row.unit for each in goods.contents):
        return min(taken, row.quantity)
    return row.quantity * taken // whole


def _is_alike(word: Row, row: Row, lot: LotState) -> bool:
    """Return whether a word speaks of goods of that row; a document may write an older name."""
    same = (word.term, word.source, word.origin) == (row.term, row.source, row.origin)
    return same and (word.taxon == row.taxon or all(r.taxon != word.taxon for r in lot.contents))
