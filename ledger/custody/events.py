"""The union of all events, by type and version (docs/events.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from ledger.custody import (
    blanks,
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
from ledger.custody.goods import MarkRange, Part
from ledger.custody.subjects import Digest

V = TypeVar("V")

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
    | blanks.BlanksReported
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
    ways = _WAYS[type(event)]
    return Named(
        lots=_gathered(event, ways.lots),
        containers=_gathered(event, ways.containers),
        documents=_gathered(event, ways.documents),
        facilities=_gathered(event, ways.facilities),
        marks=marks_named(event),
    )


def lots_named(event: Event) -> tuple[str, ...]:
    """Return the codes of the existing lots that the payload of `event` names, sorted."""
    return _gathered(event, _WAYS[type(event)].lots)


def containers_named(event: Event) -> tuple[str, ...]:
    """Return the codes of the existing containers that the payload of `event` names, sorted."""
    return _gathered(event, _WAYS[type(event)].containers)


def documents_named(event: Event) -> tuple[str, ...]:
    """Return the names of the documents that the payload of `event` names, sorted."""
    return _gathered(event, _WAYS[type(event)].documents)


def facilities_named(event: Event) -> tuple[str, ...]:
    """Return the names of the facilities that the payload of `event` names, sorted."""
    return _gathered(event, _WAYS[type(event)].facilities)


def marks_named(event: Event) -> tuple[MarkRange, ...]:
    """Return all ranges of marks that the payload of `event` names, in its order."""
    named: list[MarkRange] = []
    for name, read in _WAYS[type(event)].marks:
        named.extend(read(getattr(event, name)))
    return tuple(named)


_Names = Callable[[Any], Iterable[str]]
_Ranges = Callable[[Any], Iterable[MarkRange]]


class _Ways(Struct, frozen=True):
    """Which fields of one class of events name something, and how each is read."""

    lots: tuple[tuple[str, _Names], ...]
    containers: tuple[tuple[str, _Names], ...]
    documents: tuple[tuple[str, _Names], ...]
    facilities: tuple[tuple[str, _Names], ...]
    marks: tuple[tuple[str, _Ranges], ...]


def _gathered(event: Event, ways: tuple[tuple[str, _Names], ...]) -> tuple[str, ...]:
    if not ways:
        return ()
    named: set[str] = set()
    for name, read in ways:
        named.update(read(getattr(event, name)))
    return tuple(sorted(named)) if len(named) > 1 else tuple(named)


def _it(name: str) -> tuple[str]:
    return (name,)


def _if_any(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def _those(names: Iterable[str]) -> Iterable[str]:
    return (name for name in names if name)


def _marks_of_parts(parts: Mapping[str, Part] | tuple[str, ...]) -> Iterable[MarkRange]:
    if isinstance(parts, tuple):
        return ()
    return (mark for part in parts.values() for mark in part.marks)


_LOTS: Mapping[str, _Names] = {
    "lots": iter,
    "inputs": iter,
    "short": iter,
    "refused": iter,
    "settled": iter,
    "lot": _it,
    "passed": lambda passed: (item.lot for item in passed if item.lot is not None),
}
_CONTAINERS: Mapping[str, _Names] = {"containers": iter, "container": _it}
_DOCUMENTS: Mapping[str, _Names] = {
    "documents": _those,
    "document": _if_any,
    "replaces": _if_any,
    "under": _if_any,
    "paper": lambda paper: _those(paper.rests_on),
}
_FACILITIES: Mapping[str, _Names] = {
    "facility": _if_any,
    "overlaps": _those,
    "paper": lambda paper: _those(paper.plots),
}
_MARKS: Mapping[str, _Ranges] = {
    "lots": _marks_of_parts,
    "inputs": _marks_of_parts,
    "short": _marks_of_parts,
    "part": lambda part: part.marks,
    "rows": lambda rows: (mark for row in rows for mark in row.marks),
    **dict.fromkeys(("remove", "add", "missing", "old", "new", "seals"), iter),
}
_BORN = {lots.LotRegistered: "lots", lots.LotTransformed: "outputs"}
"""The field of an event that has the lots that it brings to life."""


def _ways_of(kind: type[Event]) -> _Ways:
    own = set(kind.__struct_fields__)
    born = _BORN.get(kind)
    new: tuple[str, ...] = (born,) if born is not None else ()

    def fitting(ways: Mapping[str, V]) -> tuple[tuple[str, V], ...]:
        return tuple((name, read) for name, read in ways.items() if name in own - {born})

    return _Ways(
        lots=fitting(_LOTS),
        containers=fitting(_CONTAINERS),
        documents=(
            *fitting(_DOCUMENTS),
            *((name, lambda made: (d for lot in made for d in lot.documents if d)) for name in new),
        ),
        facilities=(
            *fitting(_FACILITIES),
            *((name, lambda made: _those(lot.facility for lot in made)) for name in new),
        ),
        marks=(
            *((name, lambda made: (m for lot in made for m in lot.marks)) for name in new),
            *fitting(_MARKS),
        ),
    )


_WAYS: Mapping[type[object], _Ways] = {kind: _ways_of(kind) for kind in Event.__args__}
