"""What the use of documents does to the state: what passed under a document adds up."""

from __future__ import annotations

from dataclasses import replace

from ledger.custody.goods import Row
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.papers import balance_of, draw_of, is_holder, uses
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind


def draw_documents(signed: Signed, draft: Draft) -> dict[str, tuple[str, ...]]:
    """Add what the statement brings under documents; return the documents for each lot."""
    used: dict[str, tuple[str, ...]] = {}
    for use in tuple(uses(signed, draft)):
        state = draft.document(use.document)
        if state is None or not is_holder(state, signed.party):
            continue
        used[use.code] = (*used.get(use.code, ()), use.document)
        balance = balance_of(state)
        for line, quantity in draw_of(draft.tables, state, use):
            balance[line] += quantity
        if not balance:
            continue
        drawn = tuple(
            Row(taxon, term, min(quantity, QUANTITY_MAX), unit, source, origin)
            for (taxon, term, unit, source, origin), quantity in sorted(balance.items())
        )
        draft.put(Kind.DOCUMENT, use.document, replace(state, drawn=drawn))
    return used
