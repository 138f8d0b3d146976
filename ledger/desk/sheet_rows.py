"""What comes out of a trader's sheet: rows, drafts of lots, problems and questions, as values.

Owns these shapes and nothing else. Nothing here is an event: a draft says what a row means, and the
desk makes events of drafts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct, field


class Column(StrEnum):
    """A column that Ringmark understands, whatever its heading is called."""

    TAXON = "taxon"
    TERM = "term"
    QUANTITY = "quantity"
    UNIT = "unit"
    SOURCE = "source"
    ORIGIN = "origin"
    YEAR = "year"
    SCHEME = "scheme"
    MARK = "mark"
    MARK_FROM = "mark-from"
    MARK_TO = "mark-to"
    FACILITY = "facility"
    DOCUMENT = "document"
    MASS = "mass"
    VOLUME = "volume"
    WIDTH = "width"
    CLAIM = "claim"
    APPENDIX = "appendix"
    QUOTA_USED = "quota-used"
    QUOTA_TOTAL = "quota-total"
    ORIGIN_PERMIT = "origin-permit"
    ORIGIN_DAY = "origin-day"
    ORIGIN_UNKNOWN = "origin-unknown"
    LAST_COUNTRY = "last-country"
    LAST_PERMIT = "last-permit"
    LAST_DAY = "last-day"
    OPERATION = "operation"
    ACQUIRED = "acquired"
    NOTE = "note"


BOXES = (
    Column.APPENDIX,
    Column.QUOTA_USED,
    Column.QUOTA_TOTAL,
    Column.ORIGIN_PERMIT,
    Column.ORIGIN_DAY,
    Column.ORIGIN_UNKNOWN,
    Column.LAST_COUNTRY,
    Column.LAST_PERMIT,
    Column.LAST_DAY,
    Column.OPERATION,
    Column.ACQUIRED,
)
"""Columns of documents alone: the boxes 10 to 12b of a CITES form."""


class SheetRow(Struct, frozen=True):
    """One row as it was written, without empty cells.

    `line` is the line in the file (1-based), or the row of a workbook. `exact` are columns whose
    cell was a number and no text: they are never ambiguous. `units` are those that headings name.
    """

    line: int
    values: Mapping[Column, str]
    exact: frozenset[Column] = frozenset()
    units: Mapping[Column, str] = field(default_factory=dict)


class RowProblem(NamedTuple):
    """Why a row cannot be used: where, a stable code, and what to do."""

    line: int
    column: Column | None
    code: str
    message: str
    hint: str


class Question(Struct, frozen=True):
    """A cell that can be read in several ways; nobody guesses.

    `readings` are the ways, as texts: numbers with a dot, or accepted names. `code` is
    `number.ambiguous` (pass `decimal`) or `taxon.ambiguous` (write the name that is meant).
    """

    line: int
    column: Column
    code: str
    text: str
    readings: tuple[str, ...]


class LotDraft(Struct, frozen=True):
    """What one row says: one lot of one make-up, in the units and codes of the ledger.

    `taxon` is the accepted name, `taxon_given` what the sheet said. `quantity` is a whole number of
    `unit`, one of the ledger's. `marks` are single marks, ranges written out. `mass_g` and
    `volume_cm3` are other measures of the same goods, `width_mm` is the widest belly of the skins.
    """

    line: int
    taxon: str
    taxon_given: str
    term: str
    quantity: int
    unit: str
    source: str
    origin: str
    year: int | None = None
    scheme: str | None = None
    marks: tuple[str, ...] = ()
    facility: str | None = None
    documents: tuple[str, ...] = ()
    mass_g: int | None = None
    volume_cm3: int | None = None
    width_mm: int | None = None
    claim: str | None = None
    boxes: tuple[tuple[Column, str], ...] = ()
    """What a line of a document says beside its goods, as it was written."""
    note: str | None = None


class Sheet(Struct, frozen=True):
    """A sheet as read: every row is in `rows`; each is a draft, has a problem, or is asked about.

    `headings` says which column each heading was taken for; `headings_unknown` were left out.
    """

    rows: tuple[SheetRow, ...]
    drafts: tuple[LotDraft, ...]
    problems: tuple[RowProblem, ...]
    questions: tuple[Question, ...]
    headings: Mapping[str, Column]
    headings_unknown: tuple[str, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Return whether every row became a draft, with no problem and no question left."""
        return not self.problems and not self.questions
