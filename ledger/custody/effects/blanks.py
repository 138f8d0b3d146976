"""What reports of stolen stamps and forms do to the state, and documents that bear stamps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.blanks import BlanksReported, BlankState, BlankStatus
from ledger.custody.decide import Effect
from ledger.custody.documents import Paper
from ledger.custody.effects.moves import without_rule
from ledger.custody.goods import expand
from ledger.custody.rules.blanks import bearers, stamp_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind

DOCUMENTS_MAX = 20
"""Of how many documents a stamp remembers that they bear it, and of how many copies beside."""
COPIES_EACH = 5
"""How many of the copies may be one party's: nobody fills the place of others by himself."""


def reported(signed: Signed, draft: Draft) -> None:
    """Note of each stamp or form whether it is stolen; one that is found stops nothing any more."""
    event = signed.event
    if not isinstance(event, BlanksReported):
        return
    stolen = event.status is BlankStatus.STOLEN
    for one in expand(event.ranges):
        name = f"blanks/{event.country}/{one}"
        state = draft.reference(name, BlankState) or BlankState()
        draft.put(Kind.REFERENCE, name, replace(state, stolen=stolen or None))
        for document in bearers(draft, name) if not stolen else ():
            known = draft.document(document)
            if known is not None:
                left = without_rule(known.findings, "blank.stolen")
                draft.put(Kind.DOCUMENT, document, replace(known, findings=left))


def file_stamp(draft: Draft, document: str, paper: Paper) -> None:
    """Note on a security stamp which document bears it."""
    name = stamp_of(document, paper)
    if name is None:
        return
    state = draft.reference(name, BlankState) or BlankState()
    if document not in state.documents and _has_room(draft, state, document):
        documents = (*state.documents, document)
        draft.put(Kind.REFERENCE, name, replace(state, documents=documents))


def _has_room(draft: Draft, stamp: BlankState, document: str) -> bool:
    """Return whether a stamp remembers one more document: copies take no place of others."""
    own = draft.document(document)
    known = [state for state in map(draft.document, stamp.documents) if state is not None]
    copies = [state for state in known if state.status == "recorded"]
    if own is None or own.status != "recorded":
        return len(known) - len(copies) < DOCUMENTS_MAX
    mine = sum(copy.by == own.by for copy in copies)
    return len(copies) < DOCUMENTS_MAX and mine < COPIES_EACH


EFFECTS: Mapping[type[Any], Effect] = {BlanksReported: reported}
