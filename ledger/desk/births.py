"""From the drafts of a sheet to new lots, and to as many statements as they need.

Owns how rows are joined into lots and lots into statements. What a row says is `sheet_drafts`'
business; whether the ledger takes it is the ledger's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.documents import DocumentRow
from ledger.custody.goods import MarkRange, Measure, NewLot, Row, compress, count
from ledger.desk.marks_typed import mark_name
from ledger.desk.sheet_rows import Column, LotDraft, Question, RowProblem, Sheet
from ledger.errors import MalformedError
from ledger.reference.quantities import display, parse_quantity

MARKS_MAX = 950
"""Marks that rows are joined up to: with its papers and places a statement has 1,000 subjects."""
_CODES = frozenset({Column.APPENDIX, Column.LAST_COUNTRY})
LOTS_MAX = 250
"""The most lots in one statement: 60 KiB hold about so many."""


class Naming(Struct, frozen=True):
    """How the names in a sheet become names of the ledger."""

    party: str
    facility: str | None = None
    documents: tuple[str, ...] = ()


def new_lots(
    drafts: Sequence[LotDraft], naming: Naming, *, each: bool = False
) -> tuple[NewLot, ...]:
    """Return the lots of drafts: rows of one make-up are one lot, or with `each` every row is one.

    A joined lot has the sum of their quantities and all their marks, at most MARKS_MAX.
    """
    groups: list[list[LotDraft]] = []
    open_groups: dict[NewLot, list[LotDraft]] = {}
    marked: dict[NewLot, int] = {}
    # Counted again for each row, the marks of a long sheet would take a square of time.
    for draft in drafts:
        alike = replace(
            draft,
            line=0,
            quantity=0,
            marks=(),
            mass_g=None,
            volume_cm3=None,
            width_mm=None,
            note=None,
        )
        key = _new_lot(alike, naming)
        group = None if each else open_groups.get(key)
        if group is None or marked[key] + len(draft.marks) > MARKS_MAX:
            group = open_groups[key] = []
            marked[key] = 0
            groups.append(group)
        group.append(draft)
        marked[key] += len(draft.marks)
    return tuple(_new_lot(_together(group), naming) for group in groups)


def statements_of(lots: Sequence[NewLot]) -> Iterator[tuple[NewLot, ...]]:
    """Yield the lots in groups that fit into one statement each, in their order."""
    group: list[NewLot] = []
    marks = 0
    for lot in lots:
        own = count(lot.marks)
        if group and (len(group) == LOTS_MAX or marks + own > MARKS_MAX):
            yield tuple(group)
            group, marks = [], 0
        group.append(lot)
        marks += own
    if group:
        yield tuple(group)


def document_rows(drafts: Sequence[LotDraft]) -> tuple[DocumentRow, ...]:
    """Return the rows of a document from drafts."""
    return tuple(
        DocumentRow(
            taxon=draft.taxon,
            term=draft.term,
            quantity=draft.quantity,
            unit=draft.unit,
            source=draft.source,
            origin=draft.origin,
            marks=_marks(draft),
            **_boxes(draft),
        )
        for draft in drafts
    )


def unclear(sheet: Sheet) -> list[str]:
    """Return one line for each cell of the sheet that could not be read."""
    problems = [f"line {problem.line}: {problem.message}" for problem in sheet.problems]
    return problems + [f"line {q.line}: {_question(q)}" for q in sheet.questions]


def check_clear(sheet: Sheet, *, place: str) -> None:
    """Raise MalformedError where a row of the sheet at `place` could not be read."""
    if sheet.is_clear:
        return
    lines = unclear(sheet)
    shown = "; ".join(lines[:5]) + (f"; and {len(lines) - 5} more" if len(lines) > 5 else "")
    first = (sheet.problems or sheet.questions)[0]
    hint = f"{getattr(first, 'hint', '')} Correct the sheet and try again; nothing was signed."
    if any(question.code == "number.ambiguous" for question in sheet.questions):
        hint = f"Say which sign stands before decimals: --decimal , or --decimal . {hint}"
    raise MalformedError(
        first.code,
        f"{place}: {len(lines)} {'cell' if len(lines) == 1 else 'cells'} could not be read."
        f" {shown}",
        hint=hint.strip(),
        params={"line": first.line, "count": len(lines)},
    )


def check_typed(sheet: Sheet) -> None:
    """Raise MalformedError where goods typed as options could not be read, naming the option."""
    if sheet.is_clear:
        return
    first = (sheet.problems or sheet.questions)[0]
    said = [_named(problem.column, problem.message) for problem in sheet.problems]
    said += [_named(question.column, _question(question)) for question in sheet.questions]
    hint = first.hint if isinstance(first, RowProblem) else "Write what is meant."
    # What a sheet is told of its columns and rows means nothing to whoever typed options.
    hints = {
        "sheet.cell-missing": f"Say {_option(first.column)}.",
        "sheet.number": "Write digits with a dot before decimals (or say --decimal ,).",
        "sheet.quantity-zero": "Say how much there is.",
        "sheet.term-unit": "Check --unit; what they weigh or measure beside it goes into a sheet.",
    }
    hint = hints.get(first.code, hint)
    raise MalformedError(
        first.code,
        "; ".join(said),
        hint=f"{hint} Nothing was signed.",
        params={"option": _option(first.column), "count": len(said)},
    )


def slug(words: str) -> str:
    """Return words as the slug of a facility: `Pens 3` is `pens-3`."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def facility_name(words: str, *, party: str) -> str:
    """Return the name of a facility as typed: with a slash it is whole, else one of `party`."""
    return words.lower() if "/" in words else f"{party}/{slug(words)}"


def _new_lot(draft: LotDraft, naming: Naming) -> NewLot:
    row = Row(
        taxon=draft.taxon,
        term=draft.term,
        quantity=draft.quantity,
        unit=draft.unit,
        source=draft.source,
        origin=draft.origin,
    )
    place = draft.facility or naming.facility
    measures = ((draft.mass_g, "GRM"), (draft.volume_cm3, "CMQ"))
    return NewLot(
        contents=(row,),
        also=tuple(Measure(quantity, unit) for quantity, unit in measures if quantity),
        marks=_marks(draft),
        year=draft.year,
        facility=facility_name(place, party=naming.party) if place else None,
        claim=draft.claim,
        width_mm=draft.width_mm,
        documents=tuple(sorted({*draft.documents, *(d.upper() for d in naming.documents)})),
    )


def _boxes(draft: LotDraft) -> dict[str, Any]:
    """Return the boxes of a line as fields of a row; quota figures are in the unit that is shown.

    Raise MalformedError for a figure that cannot be read.
    """
    shown = display(1, draft.unit)[1]
    found: dict[str, Any] = {}
    for box, said in draft.boxes:
        name = box.value.replace("-", "_")
        if box in (Column.QUOTA_USED, Column.QUOTA_TOTAL):
            found[name] = parse_quantity(said, shown)[0]
        else:
            found[name] = said.upper() if box in _CODES else said
    return found


def _marks(draft: LotDraft) -> tuple[MarkRange, ...]:
    scheme = draft.scheme.upper().replace(" ", "-") if draft.scheme else None
    return compress(mark_name(mark, scheme=scheme) for mark in draft.marks)


def _together(group: Sequence[LotDraft]) -> LotDraft:
    masses = [draft.mass_g for draft in group if draft.mass_g]
    volumes = [draft.volume_cm3 for draft in group if draft.volume_cm3]
    widths = [draft.width_mm for draft in group if draft.width_mm]
    # A measure of some of the goods alone would be one of none of them.
    return replace(
        group[0],
        quantity=sum(draft.quantity for draft in group),
        marks=tuple(mark for draft in group for mark in draft.marks),
        mass_g=sum(masses) if len(masses) == len(group) else None,
        volume_cm3=sum(volumes) if len(volumes) == len(group) else None,
        width_mm=max(widths) if len(widths) == len(group) else None,
    )


def _question(question: Question) -> str:
    readings = " or ".join(question.readings)
    return f"{question.text!r} may be {readings}"


def _named(column: Column | None, message: str) -> str:
    return f"{_option(column)}: {message}" if column is not None else message


def _option(column: Column | None) -> str:
    """Return the option that a column of a sheet is on the command line."""
    marks = (Column.MARK, Column.MARK_FROM, Column.MARK_TO)
    return "--marks" if column in marks else f"--{column.value}" if column is not None else ""
