"""Control: what officers and evidence add to a lot, and corrections."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ledger.custody.documents import DocumentRow
from ledger.custody.goods import MarkRange, Measure, Part, Row
from ledger.custody.subjects import Digest


class LotInspected(Struct, frozen=True):
    """An officer looked at goods: `result` is matches, differs or cannot-tell."""

    lots: tuple[str, ...]
    result: str
    reason: str | None = None


class LotHeld(Struct, frozen=True):
    """An officer holds lots or parts: a stop until released."""

    lots: Mapping[str, Part]
    reason: str


class LotReleased(Struct, frozen=True):
    """An officer lifts the holds on lots."""

    lots: tuple[str, ...]
    reason: str


class LotSeized(Struct, frozen=True):
    """An officer takes custody of lots or parts for the authority."""

    lots: Mapping[str, Part]
    reason: str
    basis: str | None = None
    """The legal basis, as the officer states it."""


class LotConfiscated(Struct, frozen=True):
    """Title of seized lots passes to the authority, by a final decision."""

    lots: tuple[str, ...]
    reason: str


class SeizureRecorded(Struct, frozen=True):
    """Goods without a lot were seized: they stand in the ledger as a document of their own kind.

    `document` is `CC/SEIZURE/NUMBER`; its rows and marks are what was taken. `under` is the
    document that was shown with the goods.
    """

    document: str
    reason: str
    rows: tuple[DocumentRow, ...]
    basis: str | None = None
    under: str | None = None


class EvidenceAttached(Struct, frozen=True):
    """A picture, scan or report, kept beside the log by its hash, is tied to lots."""

    sha256: Digest
    size: int
    media_type: str
    lots: tuple[str, ...] = ()
    document: str | None = None


class FindingClosed(Struct, frozen=True):
    """An officer in scope closes a finding of `rule` on a subject (`kind/name`)."""

    subject: str
    rule: str
    cause: Digest
    reason: str
    more: int | None = None
    """How many others it closes that stand with this one without being listed."""


class StatementCorrected(Struct, frozen=True):
    """What statement `of` said of one lot was wrong; counts from this place on.

    Only what changes is named: the new contents, the marks that were never there and those that
    were, the year.
    """

    of: Digest
    lot: str
    reason: str
    contents: tuple[Row, ...] = ()
    also: tuple[Measure, ...] = ()
    remove: tuple[MarkRange, ...] = ()
    add: tuple[MarkRange, ...] = ()
    year: int | None = None


class StatementDisputed(Struct, frozen=True):
    """A party says that a statement about its lots is not true; an officer must look."""

    of: Digest
    lots: tuple[str, ...]
    reason: str


class DisclosureWithdrawn(Struct, frozen=True):
    """Disclosures of statement `of` were erased, lawfully; `digests` are the hidden hashes."""

    of: Digest
    digests: tuple[bytes, ...]
    reason: str
