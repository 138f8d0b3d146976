"""The union of all events, by type and version (docs/events.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.custody import control, documents, facilities, lots, parties, transfers
from ledger.custody.goods import MarkRange, NewLot, Part

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
    | documents.DocumentIssued
    | documents.DocumentRecorded
    | documents.DocumentCancelled
    | facilities.FacilityRegistered
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
    | control.EvidenceAttached
    | control.FindingClosed
    | control.StatementCorrected
    | control.StatementDisputed
    | control.DisclosureWithdrawn
)

EVENTS: Mapping[tuple[str, int], type[Event]] = {
    (event.__name__, 1): event for event in Event.__args__
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement by an enrolled key that was judged and kept out."""

    kid: bytes
    seq: int
    id: bytes
    rule: str


@dataclass(frozen=True, slots=True)
class BlockClosed:
    """The registrar's own statement that ends a block (docs/formats/block.md)."""

    height: int
    at: int
    first: int
    count: int
    root: bytes = field(metadata={"size": 32})
    last: bytes = field(metadata={"size": 32})
    state: bytes = field(metadata={"size": 32})
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


def lots_named(event: Event) -> tuple[str, ...]:
    """Return the codes of the existing lots that the payload of `event` names, sorted."""
    named: set[str] = set()
    for name in ("lots", "inputs", "short"):
        value = getattr(event, name, None)
        if isinstance(value, Mapping):
            named.update(value)
        elif isinstance(value, tuple):
            named.update(code for code in value if isinstance(code, str))
    if isinstance(event, transfers.TransferAccepted):
        named.update(event.refused)
    lot = getattr(event, "lot", None)
    if isinstance(lot, str):
        named.add(lot)
    return tuple(sorted(named))


def containers_named(event: Event) -> tuple[str, ...]:
    """Return the codes of the existing containers that the payload of `event` names, sorted."""
    named = set(getattr(event, "containers", ()))
    if isinstance(event, transfers.ContainerOpened):
        named.add(event.container)
    return tuple(sorted(named))


def documents_named(event: Event) -> tuple[str, ...]:
    """Return the names of the documents that the payload of `event` names, sorted."""
    named = set(getattr(event, "documents", ()))
    document = getattr(event, "document", None)
    if isinstance(document, str):
        named.add(document)
    for lot in _new_lots(event):
        named.update(lot.documents)
    return tuple(sorted(named))


def facilities_named(event: Event) -> tuple[str, ...]:
    """Return the names of the facilities that the payload of `event` names, sorted."""
    named = {lot.facility for lot in _new_lots(event) if lot.facility}
    facility = getattr(event, "facility", None)
    if isinstance(facility, str):
        named.add(facility)
    return tuple(sorted(named))


def marks_named(event: Event) -> tuple[MarkRange, ...]:
    """Return all ranges of marks that the payload of `event` names, in its order."""
    named: list[MarkRange] = []
    for lot in _new_lots(event):
        named.extend(lot.marks)
    for name in ("lots", "inputs", "short"):
        value = getattr(event, name, None)
        if isinstance(value, Mapping):
            for part in value.values():
                named.extend(part.marks)
    part = getattr(event, "part", None)
    if isinstance(part, Part):
        named.extend(part.marks)
    for name in ("remove", "add", "missing"):
        named.extend(getattr(event, name, ()))
    return tuple(named)


def _new_lots(event: Event) -> tuple[NewLot, ...]:
    if isinstance(event, lots.LotRegistered):
        return event.lots
    if isinstance(event, lots.LotTransformed):
        return event.outputs
    return ()
