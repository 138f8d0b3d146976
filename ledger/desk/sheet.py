"""Reading a trader's sheet: bytes in, drafts of lots out, and every doubt named by its line.

Owns the order of the steps. Format and headings: docs/formats/sheet.md. Must not know keys,
statements or the network; nothing is registered here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ledger.desk.sheet_columns import Heading, Headings, find_headings
from ledger.desk.sheet_drafts import draft_row
from ledger.desk.sheet_grid import GridRow, read_grid
from ledger.desk.sheet_rows import (
    Column,
    LotDraft,
    Question,
    RowProblem,
    Sheet,
    SheetRow,
)
from ledger.errors import UsageError
from ledger.reference.tables import Tables, load_tables

__all__ = ["Column", "LotDraft", "Question", "RowProblem", "Sheet", "SheetRow", "read_sheet"]

# The code points that no signed text may hold (docs/formats/statement.md), but for the line break,
# which separates marks in one cell.
_FORBIDDEN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)


def read_sheet(
    data: bytes,
    *,
    decimal: str | None = None,
    defaults: Mapping[Column, str] | None = None,
) -> Sheet:
    """Return what a CSV or XLSX file says, row by row.

    `decimal` is the sign before decimals, `.` or `,`; without it, numbers such as `1.234` are asked
    about. Names are the accepted ones of today, as goods are judged when they are registered.
    `defaults` fill empty cells, such as one origin for the whole sheet. A row that cannot be read
    is a problem or a question in the answer and never an error; raises MalformedError only for a
    file as such (see `sheet_grid.read_grid`), UsageError for another `decimal`.
    """
    if decimal not in (None, ".", ","):
        raise UsageError(
            "sheet.decimal",
            f"{decimal!r} is no decimal sign.",
            hint="Use '.' or ','.",
            params={"decimal": str(decimal)},
        )
    grid = read_grid(data)
    headings = find_headings([row.texts for row in grid])
    if headings is None:
        return _without_headings(grid)
    rows, problems = _rows(grid, headings, defaults or {})
    return _drafted(rows, problems, headings, load_tables(), decimal=decimal)


def _drafted(
    rows: Sequence[SheetRow],
    problems: list[RowProblem],
    headings: Headings,
    tables: Tables,
    *,
    decimal: str | None,
) -> Sheet:
    drafts: list[LotDraft] = []
    questions: list[Question] = []
    seen: dict[tuple[str | None, str], int] = {}
    stopped = {problem.line for problem in problems}
    for row in rows:
        if row.line in stopped:
            continue
        draft, found, asked = draft_row(row, tables=tables, decimal=decimal)
        problems.extend(found)
        questions.extend(asked)
        if draft is None:
            continue
        again = _seen_before(draft, seen)
        if again is None:
            drafts.append(draft)
        else:
            problems.append(again)
    return Sheet(
        rows=tuple(rows),
        drafts=tuple(drafts),
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        questions=tuple(questions),
        headings={cell.text: cell.column for cell in headings.cells if cell},
        headings_unknown=headings.unknown,
    )


def _without_headings(grid: Sequence[GridRow]) -> Sheet:
    first = grid[0] if grid else GridRow(1, ())
    problem = RowProblem(
        first.line,
        None,
        "sheet.headings",
        "No row of this sheet has headings that we know.",
        "Give each column a heading: taxon, term, quantity, unit, source, origin, year, tag.",
    )
    return Sheet((), (), (problem,), (), {}, tuple(text for text in first.texts if text))


def _rows(
    grid: Sequence[GridRow], headings: Headings, defaults: Mapping[Column, str]
) -> tuple[list[SheetRow], list[RowProblem]]:
    problems = [
        RowProblem(
            grid[headings.row].line,
            heading.column,
            "sheet.column-twice",
            f"{heading.text!r} is a second column for the {heading.column.value}.",
            "Take one of the two columns out, or give it another heading.",
        )
        for heading in headings.twice
    ]
    rows: list[SheetRow] = []
    for line in grid[headings.row + 1 :]:
        row = _row(line, headings.cells, defaults)
        rows.append(row)
        problems.extend(_forbidden(row))
    return rows, problems


def _row(
    line: GridRow, cells: Sequence[Heading | None], defaults: Mapping[Column, str]
) -> SheetRow:
    found: dict[Column, str] = dict(defaults)
    exact: set[Column] = set()
    for place, (heading, text) in enumerate(zip(cells, line.texts, strict=False)):
        if heading is None or not text:
            continue
        found[heading.column] = text
        if place in line.numbers:
            exact.add(heading.column)
    units = {cell.column: cell.unit for cell in cells if cell is not None and cell.unit}
    return SheetRow(line.line, found, frozenset(exact), units)


def _forbidden(row: SheetRow) -> list[RowProblem]:
    return [
        RowProblem(
            row.line,
            column,
            "sheet.text",
            f"The {column.value} holds an invisible or control character.",
            "Type the cell again instead of pasting it.",
        )
        for column, text in row.values.items()
        if _FORBIDDEN.search(text)
    ]


def _seen_before(draft: LotDraft, seen: dict[tuple[str | None, str], int]) -> RowProblem | None:
    for mark in draft.marks:
        before = seen.setdefault((draft.scheme, mark), draft.line)
        if before != draft.line:
            return RowProblem(
                draft.line,
                Column.MARK,
                "sheet.mark-twice",
                f"Mark {mark} already stands in line {before}.",
                "Each mark stands once in a sheet.",
            )
    return None
