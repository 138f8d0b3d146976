"""Rules on documents that their issuers suspend for a while, and reinstate.

Owns who may do so and when. What a suspension means for goods is judged where the document is used
(`validity`, `certified`); what was done before it stays as it was. Source: FSC-STD-40-004 V3-1 and
PEFC ST 2002; fraud F30.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.documents import DocumentReinstated, DocumentState, DocumentSuspended
from ledger.custody.rules.days import day_of, is_day
from ledger.custody.rules.documents import check_issuer
from ledger.custody.rules.validity import is_suspended
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Remark, Rule

RULES = (Rule("document.not-suspended", "refuse", "Only what is suspended is reinstated."),)


def check_suspended(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the document cannot be suspended, or its suspension not end on that day."""
    event = signed.event
    if not isinstance(event, DocumentSuspended):
        return
    yield from _check_document(signed, draft, event.document, reason=event.reason)
    until = event.until_day
    if until is not None and not (is_day(until) and until >= day_of(signed)):
        yield Refusal("document.days", {"document": event.document})


def check_reinstated(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the document cannot be reinstated: it is suspended on the day of the act."""
    event = signed.event
    if not isinstance(event, DocumentReinstated):
        return
    yield from _check_document(signed, draft, event.document, reason=event.reason)
    known = draft.document(event.document)
    if known is not None and not is_suspended(known, day_of(signed)):
        yield Refusal("document.not-suspended", {"document": event.document})


def _check_document(signed: Signed, draft: Draft, name: str, *, reason: str) -> Iterator[Refusal]:
    known = draft.document(name)
    if known is None:
        yield Refusal("document.unknown", {"document": name})
        return
    yield from check_issuer(signed, draft, name)
    yield from _check_in_force(known, name)
    if not reason.strip():
        yield Refusal("document.reason", {"document": name})


def _check_in_force(known: DocumentState, name: str) -> Iterator[Refusal]:
    if known.status in ("cancelled", "replaced", "seized"):
        yield Refusal("document.not-in-force", {"document": name, "status": known.status})


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    DocumentSuspended: (check_suspended,),
    DocumentReinstated: (check_reinstated,),
}
