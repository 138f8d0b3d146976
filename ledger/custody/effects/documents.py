"""What documents' events do to the state: entered, confirmed, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.custody.decide import Effect
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    DocumentState,
)
from ledger.custody.effects.quotas import draw_quotas
from ledger.custody.replacing import replace
from ledger.custody.rules.permit_marks import file_marks
from ledger.custody.rules.quotas import draws
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind


def entered(signed: Signed, draft: Draft) -> None:
    """Enter a document: issued by its country, or recorded as a copy that nobody confirmed.

    What the issuer says takes the place of an earlier copy; findings on the copy stay.
    """
    event = signed.event
    if not isinstance(event, DocumentIssued | DocumentRecorded):
        return
    known = draft.document(event.document)
    paper = event.paper
    state = DocumentState(
        status="issued" if isinstance(event, DocumentIssued) else "recorded",
        rows=paper.rows,
        from_day=paper.from_day,
        until_day=paper.until_day,
        purpose=paper.purpose,
        drawn=known.drawn if known is not None else {},
        pending=known.pending if known is not None else (),
        findings=known.findings if known is not None else (),
        paper=paper,
        by=signed.party,
    )
    counted = draws(signed, draft)
    draft.put(Kind.DOCUMENT, event.document, state)
    draw_quotas(counted, draft)
    file_marks(signed, draft)


def cancelled(signed: Signed, draft: Draft) -> None:
    """Note that the document covers nothing any more."""
    event = signed.event
    known = draft.document(event.document) if isinstance(event, DocumentCancelled) else None
    if isinstance(event, DocumentCancelled) and known is not None:
        draft.put(Kind.DOCUMENT, event.document, replace(known, status="cancelled"))


EFFECTS: Mapping[type[Any], Effect] = {
    DocumentIssued: entered,
    DocumentRecorded: entered,
    DocumentCancelled: cancelled,
}
