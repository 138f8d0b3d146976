"""The union of all events, by type and version (docs/events.md)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from ledger.custody import (
    control,
    documents,
    facilities,
    lots,
    marks,
    parties,
    references,
    stocks,
    transfers,
)
from ledger.custody.goods import MarkRange, NewLot
from ledger.custody.subjects import Digest

Event = (
    parties.LedgerFounded
    | parties.RootChanged
    | parties.RegistrarKeyChanged
    | parties.RuleSetAdopted
    | parties.PartyEnrolled
    | parties.PartyScopeChanged
    | parties.PartySuspended
    | parties.PartyRestored
    | parties.KeyAdded
    | parties.KeyRotated
    | parties.KeyRevoked
    | parties.KeyRecovered
    | parties.KeyRecoveryVetoed
    | parties.CustodyRecovered
    | parties.ApprovalGiven
    | parties.StatementDropped
    | references.QuotaSet
    | references.SuspensionDeclared
    | references.ListingChanged
    | references.BanDeclared
    | references.YieldSet
    | documents.DocumentIssued
    | documents.DocumentRecorded
    | documents.DocumentAttested
    | documents.DocumentReplaced
    | documents.DocumentCancelled
    | documents.DocumentSuspended
    | documents.DocumentReinstated
    | documents.DocumentEndorsed
    | documents.EndorsementWithdrawn
    | documents.ReferenceWithdrawn
    | documents.ReferenceRestored
    | marks.MarksAllotted
    | marks.MarksReturned
    | marks.MarkReplaced
    | facilities.FacilityRegistered
    | facilities.FacilityAttested
    | stocks.StockDeclared
    | stocks.StockAttested
    | lots.LotRegistered
    | lots.LotSplit
    | lots.LotMeasured
    | lots.LotTransformed
    | lots.LotExported
    | lots.LotImported
    | lots.LotDeparted
    | lots.LotRetired
    | lots.LotFound
    | transfers.TransferOffered
    | transfers.TransferDispatched
    | transfers.TransferAccepted
    | transfers.TransferDeclined
    | transfers.TransferWithdrawn
    | transfers.ContainerPacked
    | transfers.ContainerOpened
    | control.LotInspected
    | control.LotHeld
    | control.LotReleased
    | control.LotSeized
    | control.LotConfiscated
    | control.SeizureRecorded
    | control.EvidenceAttached
    | control.FindingClosed
    | control.StatementCorrected
    | control.StatementDisputed
    | control.DisclosureWithdrawn
)

EVENTS: Mapping[tuple[str, int], type[Event]] = {
    (event.__name__, 1): event for event in Event.__args__
}
_FIELDS: Mapping[type[object], frozenset[str]] = {
    event: frozenset(event.__struct_fields__) for event in Event.__args__
}


class Refused(Struct, frozen=True):
    """A statement by an enrolled key that was judged and kept out."""

    kid: bytes
    seq: int
    id: bytes
    rule: str


class BlockClosed(Struct, frozen=True):
    """The registrar's own statement that ends a block (docs/formats/block.md)."""

    height: int
    at: int
    first: int
    count: int
    root: Digest
    last: Digest
    state: Digest
    refused: tuple[tuple[bytes, int, bytes, str], ...]
    """Rows of kid (32 bytes), seq, statement id (32 bytes) and rule."""


def births(event: Event) -> int:
    """Return how many lots and containers the payload of `event` alone shows to be born."""
    match event:
        case lots.LotRegistered():
            return len(event.lots)
        case lots.LotTransformed():
            return len(event.outputs)
        case lots.LotSplit() | transfers.ContainerPacked():
            return 1
        case transfers.TransferAccepted():
            return len(event.short)
        case lots.LotDeparted() | lots.LotRetired() | control.LotHeld() | control.LotSeized():
            return sum(not part.is_whole for part in event.lots.values())
        case _:
            return 0


class Named(Struct, frozen=True):
    """All that the payload of an event names and that may have a record already."""

    lots: tuple[str, ...]
    containers: tuple[str, ...]
    documents: tuple[str, ...]
    facilities: tuple[str, ...]
    marks: tuple[MarkRange, ...]


def named_in(event: Event) -> Named:
    """Return what the payload of `event` names, each sorted but the marks."""
    return Named(
        lots=lots_named(event),
        containers=containers_named(event),
        documents=documents_named(event),
        facilities=facilities_named(event),
        marks=marks_named(event),
    )


def lots_named(event: Event) -> tuple[str, ...]:
    """Return the codes of the existing lots that the payload of `event` names, sorted."""
    if isinstance(event, lots.LotRegistered):
        return ()
    named: set[str] = set()
    for name in _present(event, ("lots", "inputs", "short", "refused")):
        named.update(getattr(event, name))
    for name in _present(event, ("lot",)):
        named.add(getattr(event, name))
    if isinstance(event, documents.DocumentEndorsed):
        named.update(passed.lot for passed in event.passed if passed.lot is not None)
    return tuple(sorted(named))


def containers_named(event: Event) -> tuple[str, ...]:
    """Return the codes of the existing containers that the payload of `event` names, sorted."""
    named: set[str] = set()
    for name in _present(event, ("containers",)):
        named.update(getattr(event, name))
    for name in _present(event, ("container",)):
        named.add(getattr(event, name))
    return tuple(sorted(named))


def documents_named(event: Event) -> tuple[str, ...]:
    """Return the names of the documents that the payload of `event` names, sorted."""
    named: set[str] = set()
    for name in _present(event, ("documents",)):
        named.update(getattr(event, name))
    for name in _present(event, ("document", "replaces", "under")):
        named.add(getattr(event, name) or "")
    for name in _present(event, ("paper",)):
        named.update(getattr(event, name).rests_on)
    for lot in _new_lots(event):
        named.update(lot.documents)
    return tuple(sorted(named - {""}))


def facilities_named(event: Event) -> tuple[str, ...]:
    """Return the names of the facilities that the payload of `event` names, sorted."""
    named = {lot.facility or "" for lot in _new_lots(event)}
    for name in _present(event, ("facility",)):
        named.add(getattr(event, name) or "")
    for name in _present(event, ("overlaps",)):
        named.update(getattr(event, name))
    for name in _present(event, ("paper",)):
        named.update(getattr(event, name).plots)
    return tuple(sorted(named - {""}))


def marks_named(event: Event) -> tuple[MarkRange, ...]:
    """Return all ranges of marks that the payload of `event` names, in its order."""
    named: list[MarkRange] = []
    for lot in _new_lots(event):
        named.extend(lot.marks)
    for name in _present(event, ("lots", "inputs", "short")):
        value = getattr(event, name)
        if not isinstance(value, tuple):
            for part in value.values():
                named.extend(part.marks)
    for name in _present(event, ("part",)):
        named.extend(getattr(event, name).marks)
    if isinstance(event, control.SeizureRecorded):
        for row in event.rows:
            named.extend(row.marks)
    for name in _present(event, ("remove", "add", "missing", "old", "new", "seals")):
        named.extend(getattr(event, name))
    return tuple(named)


def _present(event: Event, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of `names` are fields of the event."""
    return _present_in(type(event), names)


@lru_cache(maxsize=1_024)
def _present_in(kind: type[object], names: tuple[str, ...]) -> tuple[str, ...]:
    own = _FIELDS[kind]
    return tuple(name for name in names if name in own)


def _new_lots(event: Event) -> tuple[NewLot, ...]:
    if isinstance(event, lots.LotRegistered):
        return event.lots
    if isinstance(event, lots.LotTransformed):
        return event.outputs
    return ()
