"""What reports of stolen stamps and forms do to the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.blanks import BlanksReported, BlankState, BlankStatus
from ledger.custody.decide import Effect
from ledger.custody.effects.moves import without_rule
from ledger.custody.goods import expand
from ledger.custody.rules.blanks import bearers
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind


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


EFFECTS: Mapping[type[Any], Effect] = {BlanksReported: reported}
