"""Documents: permits, certificates and licences, their events and their state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ledger.custody.certification import CertificateScope
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
    scope: CertificateScope | None = None
    """Of a chain-of-custody certificate: what it covers."""


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


class Way(StrEnum):
    """On which side of a border goods pass under a document; each side has its own balance."""

    EXPORT = "export"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Passed:
    """What an officer saw pass on one line of a document, and of which lot where it has one.

    `line` is the place of the row in the document, from 0; `quantity` is in that row's unit.
    """

    line: int
    quantity: int
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentEndorsed:
    """An officer at the border states what really passed under a document (CITES box 14)."""

    document: str
    way: Way
    country: str
    """Where it was endorsed: the country that the goods leave, or the one that they enter."""
    passed: tuple[Passed, ...]
    port: str | None = None
    transport: str | None = None
    """Bill of lading or air waybill (CITES box 15)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """How a lot passed under a document on one side: by the trader's word and by the officer's.

    `said_by` and `seen_by` are the 32-byte ids of those statements, None while there is none.
    """

    document: str
    way: Way
    said: tuple[Row, ...] = ()
    seen: tuple[Row, ...] = ()
    said_by: bytes | None = None
    seen_by: bytes | None = None


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the ledger holds about a document; its name is `CC/KIND/NUMBER`."""

    status: str
    """`issued`, `recorded` (copy, not confirmed), `cancelled` or `replaced`."""
    rows: tuple[DocumentRow, ...] = ()
    from_day: str | None = None
    until_day: str | None = None
    purpose: str | None = None
    drawn: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """What passed under it so far on each side, one row for each line that was used."""
    pending: tuple[PendingAct, ...] = ()
    findings: tuple[Finding, ...] = ()
    paper: Paper | None = field(default=None, metadata=HIDDEN)
    by: str | None = field(default=None, metadata=HIDDEN)
    """The party that issued or recorded it."""
