"""Which heads a statement must name: `prev` for what it moves, `seen` for what it looks at.

Owns the split of events into those two (docs/formats/statement.md). Where heads come from is the
caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from ledger.custody import control, documents, lots, parties, transfers
from ledger.custody.events import Event, lots_named

Head = Callable[[str], bytes]
"""Returns the head of a lot or container by its code, 32 bytes, or raises NotFoundError."""

_DAYS = (
    documents.DocumentIssued
    | documents.DocumentReplaced
    | documents.DocumentSuspended
    | documents.DocumentReinstated
    | documents.ReferenceWithdrawn
    | documents.ReferenceRestored
    | documents.DocumentEndorsed
    | control.SeizureRecorded
    | lots.LotRegistered
    | lots.LotTransformed
    | lots.LotMeasured
    | lots.LotExported
    | lots.LotImported
    | lots.LotDeparted
    | lots.LotRetired
)


class Heads(Struct, frozen=True):
    """The two maps from code to head of one statement; at most one of them has members."""

    prev: Mapping[str, bytes]
    seen: Mapping[str, bytes]


def moved_codes(event: Event) -> tuple[str, ...]:
    """Return the codes that `prev` must cover: existing lots and containers that are moved."""
    match event:
        case lots.LotSplit() | lots.LotMeasured() | lots.LotFound():
            return (event.lot,)
        case lots.LotTransformed():
            return tuple(sorted(event.inputs))
        case lots.LotExported() | lots.LotImported():
            return event.lots
        case lots.LotDeparted() | lots.LotRetired():
            return tuple(sorted(event.lots))
        case transfers.TransferOffered() | transfers.ContainerPacked():
            return tuple(sorted({*event.lots, *event.containers}))
        case transfers.ContainerOpened():
            return (event.container,)
        case _:
            return ()


def seen_codes(event: Event) -> tuple[str, ...]:
    """Return the codes whose heads an officer's statement or a piece of evidence says it saw."""
    looks = (
        control.LotInspected
        | control.LotHeld
        | control.LotReleased
        | control.LotSeized
        | control.LotConfiscated
        | control.EvidenceAttached
        | documents.DocumentEndorsed
        | documents.EndorsementWithdrawn
        | control.StatementCorrected
        | parties.CustodyRecovered
    )
    return lots_named(event) if isinstance(event, looks) else ()


def heads_of(event: Event, head: Head) -> Heads:
    """Return both maps of an event; raise NotFoundError where a head that it needs is unknown."""
    prev = {code: head(code) for code in moved_codes(event)}
    seen = {} if prev else {code: head(code) for code in seen_codes(event)}
    return Heads(prev, seen)


def has_day(event: Event) -> bool:
    """Return whether the calendar day of the act counts, so that the payload must state it."""
    return isinstance(event, _DAYS)
