"""Which lot claims a mark: claims move with a part, and are added, never forgotten.

Owns the records of marks. The family has no events of its own: marks are named by lots.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.custody.decide import Effect
from ledger.custody.goods import MarkRange, expand
from ledger.custody.marks import MarkState
from ledger.custody.replacing import replace
from ledger.custody.state import Draft
from ledger.custody.subjects import Kind

CLAIMS_KEPT = 100
"""How many claims of one mark are kept by name; `claims` counts all of them."""


def move_marks(draft: Draft, marks: tuple[MarkRange, ...], *, of: str, to: str) -> None:
    """Let lot `to` claim the marks that lot `of` claimed; nothing is claimed twice by this."""
    for name in expand(marks):
        state = draft.mark(name)
        if state is None:
            continue
        lots = tuple(to if code == of else code for code in state.lots)
        draft.put(Kind.MARK, name, replace(state, lots=lots))


def claim_marks(draft: Draft, marks: tuple[MarkRange, ...], *, to: str) -> None:
    """Note that lot `to` claims `marks`."""
    for name in expand(marks):
        state = draft.mark(name) or MarkState(claims=0)
        if to not in state.lots:
            lots = (*state.lots, to)[:CLAIMS_KEPT]
            state = replace(state, claims=state.claims + 1, lots=lots)
        draft.put(Kind.MARK, name, state)


def drop_marks(draft: Draft, marks: tuple[MarkRange, ...], *, of: str) -> None:
    """Note that lot `of` never had `marks`: a correction says so."""
    for name in expand(marks):
        state = draft.mark(name)
        if state is not None and of in state.lots:
            lots = tuple(code for code in state.lots if code != of)
            draft.put(Kind.MARK, name, replace(state, claims=state.claims - 1, lots=lots))


EFFECTS: Mapping[type[Any], Effect] = {}
