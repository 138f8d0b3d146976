"""Documents: permits, certificates and licences, their events and their state."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.custody.goods import MarkRange, Row
from ledger.custody.parties import HIDDEN
from ledger.custody.subjects import Finding, PendingAct


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of a document: what it covers and how much of it, smallest unit."""

    taxon: str
    term: str
    quantity: int
    unit: str
    source: str
    origin: str
    marks: tuple[MarkRange, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """What a document says: days are local dates, first and last day count."""

    holder: str | None = None
    """Party id, where the holder is one of the ledger's parties."""
    from_day: str | None = None
    until_day: str | None = None
    rows: tuple[DocumentRow, ...] = ()
    purpose: str | None = None
    from_country: str | None = None
    to_country: str | None = None
    retrospective: str | None = None
    """The reason, where the document was issued after the act."""


@dataclass(frozen=True, slots=True)
class DocumentIssued:
    """An issuing authority enters its own document."""

    document: str
    paper: Paper


@dataclass(frozen=True, slots=True)
class DocumentRecorded:
    """A party says that a document exists: "copy, not confirmed"."""

    document: str
    paper: Paper


@dataclass(frozen=True, slots=True)
class DocumentCancelled:
    """The issuer cancels its document."""

    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the ledger holds about a document; its name is `CC/KIND/NUMBER`."""

    status: str
    """`issued`, `recorded` (copy, not confirmed), `cancelled` or `replaced`."""
    rows: tuple[DocumentRow, ...] = ()
    from_day: str | None = None
    until_day: str | None = None
    purpose: str | None = None
    drawn: tuple[Row, ...] = ()
    """What passed under it so far, one row for each line of the document that was used."""
    pending: tuple[PendingAct, ...] = ()
    findings: tuple[Finding, ...] = ()
    paper: Paper | None = field(default=None, metadata=HIDDEN)
    by: str | None = field(default=None, metadata=HIDDEN)
    """The party that issued or recorded it."""
