"""What a seizure record does to the state: a document of its own kind, and marks that are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.control import SeizureRecorded
from ledger.custody.decide import Effect
from ledger.custody.documents import DocumentState
from ledger.custody.effects.moves import signers_with
from ledger.custody.goods import expand
from ledger.custody.marks import MarkState
from ledger.custody.rules.days import day_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind


def recorded(signed: Signed, draft: Draft) -> None:
    """Enter the seizure, and note on each mark in which one it was taken."""
    event = signed.event
    if not isinstance(event, SeizureRecorded):
        return
    state = DocumentState(
        status="seized",
        rows=event.rows,
        issued_day=day_of(signed),
        entered_at=signed.at,
        signers=signers_with((), signed),
        by=signed.party,
    )
    draft.put(Kind.DOCUMENT, event.document, state)
    for row in event.rows:
        for name in expand(row.marks):
            known = draft.mark(name) or MarkState(claims=0)
            draft.put(Kind.MARK, name, replace(known, seized_in=event.document))


EFFECTS: Mapping[type[Any], Effect] = {SeizureRecorded: recorded}
