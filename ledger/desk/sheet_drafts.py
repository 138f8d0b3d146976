"""From a row of texts to the draft of a lot, or to what stands in its way.

Owns what one row must say and how its cells fit together. Must not know files or headings, and
judges no rule of the ledger: a draft may still be refused there.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from ledger.desk import sheet_values as values
from ledger.desk.sheet_rows import BOXES, Column, LotDraft, Question, RowProblem, SheetRow
from ledger.errors import MalformedError
from ledger.reference.quantities import parse_quantity
from ledger.reference.tables import Tables

# Units of old reports that say what part of an animal is counted, and the term that says it today.
_UNIT_IS_TERM = {("SKI", "SID"): "SID", ("SKI", "BSK"): "SKI", ("SKI", "HRN"): "SKI"}
_PARTS = ("SID", "SKI", "BSK", "HRN", "BAK")

_MEASURES: Mapping[Column, tuple[str, str]] = {
    Column.MASS: ("KGM", "GRM"),
    Column.VOLUME: ("MTQ", "CMQ"),
    Column.WIDTH: ("CTM", "MMT"),
}
"""Columns of other measures: the unit where the heading names none, and the ledger's."""


class _Reader(Struct):
    """The cells of one row, with what was found wrong so far."""

    row: SheetRow
    tables: Tables
    decimal: str | None
    problems: list[RowProblem] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def text(self, column: Column) -> str | None:
        return self.row.values.get(column)

    def problem(self, column: Column | None, code: str, message: str, hint: str) -> None:
        self.problems.append(RowProblem(self.row.line, column, code, message, hint))

    def needed(self, column: Column) -> str | None:
        text = self.text(column)
        if text is None:
            self.problem(
                column,
                "sheet.cell-missing",
                f"There is no {column.value}.",
                f"Fill in the {column.value}, or give one for the whole sheet.",
            )
        return text

    def unknown(self, column: Column, text: str, hint: str) -> None:
        self.problem(
            column, "sheet.word-unknown", f"{text[:80]!r} is no {column.value} that we know.", hint
        )

    def ask(self, column: Column, code: str, readings: tuple[str, ...]) -> None:
        text = self.row.values[column]
        self.questions.append(Question(self.row.line, column, code, text, readings))


def draft_row(
    row: SheetRow, *, tables: Tables, decimal: str | None = None
) -> tuple[LotDraft | None, tuple[RowProblem, ...], tuple[Question, ...]]:
    """Return the draft of `row`, or None with all its problems and questions.

    `decimal` is the sign before decimals (`.` or `,`), None when nobody has said.
    """
    reader = _Reader(row, tables, decimal)
    taxon = _taxon(reader)
    term = _word(reader, Column.TERM, "Use a three-letter term code, such as SKI, SAW or CAV.")
    source = _word(reader, Column.SOURCE, "Use a source code, such as W, C or R.")
    origin = _word(reader, Column.ORIGIN, "Use an ISO alpha-2 code, such as ZW; XX is unknown.")
    marks = _marks(reader)
    term, measure = _quantity(reader, term=term, marks=marks)
    others = {column: _measure(reader, column) for column in _MEASURES}
    year = _year(reader)
    # What is weighed or measured may bear marks as well: logs, tins of caviar.
    if measure is not None and marks and measure[1] == "NAR" and measure[0] != len(marks):
        _marks_differ(reader, measure=measure, marks=len(marks))
    stopped = reader.problems or reader.questions
    if stopped or taxon is None or term is None or measure is None or not source or not origin:
        return None, tuple(reader.problems), tuple(reader.questions)
    draft = LotDraft(
        line=row.line,
        taxon=taxon,
        taxon_given=row.values[Column.TAXON],
        term=term,
        quantity=measure[0],
        unit=measure[1],
        source=source,
        origin=origin,
        year=year,
        scheme=reader.text(Column.SCHEME),
        marks=marks,
        facility=reader.text(Column.FACILITY),
        documents=_documents(reader),
        mass_g=others[Column.MASS],
        volume_cm3=others[Column.VOLUME],
        width_mm=others[Column.WIDTH],
        claim=reader.text(Column.CLAIM),
        boxes=tuple((box, text) for box in BOXES if (text := reader.text(box))),
        note=reader.text(Column.NOTE),
    )
    return draft, (), ()


def _taxon(reader: _Reader) -> str | None:
    text = reader.needed(Column.TAXON)
    if text is None:
        return None
    names = values.find_taxa(text, tables=reader.tables)
    if len(names) == 1:
        return names[0]
    if names:
        reader.ask(Column.TAXON, "taxon.ambiguous", names)
    else:
        reader.unknown(
            Column.TAXON, text, "Write the scientific name, such as Crocodylus niloticus."
        )
    return None


def _word(reader: _Reader, column: Column, hint: str) -> str | None:
    text = reader.needed(column)
    if text is None:
        return None
    find = {
        Column.TERM: values.find_term,
        Column.SOURCE: values.find_source,
        Column.ORIGIN: values.find_country,
    }[column]
    code = find(text)
    if code is None:
        reader.unknown(column, text, hint)
    elif column is Column.TERM:
        found = reader.tables.term(code)
        return found.replaced_by or code if found else code
    return code


def _quantity(
    reader: _Reader, *, term: str | None, marks: tuple[str, ...]
) -> tuple[str | None, tuple[int, str] | None]:
    """Return the term, which an old unit may change, and the quantity in a unit of the ledger."""
    if reader.text(Column.QUANTITY) is None and marks:
        return term, (len(marks), "NAR")
    number = _number(reader, Column.QUANTITY)
    unit = _unit(reader, term)
    if number is None or unit is None or term is None:
        return term, None
    if unit in _PARTS:
        changed = _UNIT_IS_TERM.get((term, unit))
        if changed is None and unit != term:
            reader.problem(
                Column.UNIT,
                "sheet.unit-part",
                f"The unit {unit} says what is counted, but the term is {term}.",
                "Write the part as the term (SID for sides, SKP for pieces) and count pieces.",
            )
            return term, None
        term, unit = changed or term, "NAR"
    return term, _exact(reader, Column.QUANTITY, number, unit, term)


def _unit(reader: _Reader, term: str | None) -> str | None:
    text = reader.text(Column.UNIT) or reader.row.units.get(Column.QUANTITY)
    if text is not None:
        unit = values.find_unit(text)
        if unit is None:
            reader.unknown(Column.UNIT, text, "Use NAR, KGM, MTQ, MTK, MTR or LTR.")
        return unit
    known = reader.tables.term(term) if term else None
    if known is not None and known.unit_preferred.startswith("no."):
        return "NAR"
    if term is not None:
        reader.problem(
            Column.UNIT,
            "sheet.unit-missing",
            f"There is no unit, and {term} may be counted, weighed or measured.",
            "Add a unit: NAR, KGM, MTQ, MTK, MTR or LTR.",
        )
    return None


def _number(reader: _Reader, column: Column) -> str | None:
    text = reader.needed(column)
    if text is None:
        return None
    exact = column in reader.row.exact
    readings = values.number_readings(text, decimal="." if exact else reader.decimal)
    if len(readings) == 1:
        return readings[0]
    if readings:
        reader.ask(column, "number.ambiguous", readings)
    else:
        reader.problem(
            column,
            "sheet.number",
            f"{text[:80]!r} is no number.",
            "Write digits only, with one decimal sign, and the unit in its own column.",
        )
    return None


def _exact(
    reader: _Reader, column: Column, number: str, unit: str, term: str | None
) -> tuple[int, str] | None:
    if term is not None and not reader.tables.pair_allowed(term, unit):
        reader.problem(
            Column.UNIT,
            "sheet.term-unit",
            f"{term} is not measured in {unit}.",
            "Check the unit; other measures have their own columns, mass and volume.",
        )
        return None
    try:
        quantity, base = parse_quantity(number, unit)
    except MalformedError as error:
        reader.problem(column, error.code, error.message, error.hint)
        return None
    if quantity == 0:
        reader.problem(
            column,
            "sheet.quantity-zero",
            "There is nothing in it.",
            "Leave it out.",
        )
        return None
    return quantity, base


def _measure(reader: _Reader, column: Column) -> int | None:
    """Return mass in g, volume in cm3, width in mm: of kg, m3, cm unless a heading says another."""
    if reader.text(column) is None:
        return None
    number = _number(reader, column)
    if number is None:
        return None
    usual, base = _MEASURES[column]
    unit = reader.row.units.get(column, usual)
    measure = _exact(reader, column, number, unit, None)
    if measure is not None and measure[1] != base:
        reader.problem(
            column,
            "sheet.measure-unit",
            f"{unit} does not measure {column.value}.",
            "Correct the unit in the heading: kg for mass, m3 for volume, cm for width.",
        )
        return None
    return measure[0] if measure else None


def _year(reader: _Reader) -> int | None:
    text = reader.text(Column.YEAR)
    if text is None:
        return None
    year = values.read_year(text)
    if year is None:
        reader.problem(
            Column.YEAR,
            "sheet.year",
            f"{text[:80]!r} is no year.",
            "Write four digits, such as 2026.",
        )
    return year


def _marks(reader: _Reader) -> tuple[str, ...]:
    """Return the marks of a row: one by one, as runs `A..B`, or from one column to another."""
    marks: list[str] = []
    for written in values.split_marks(reader.text(Column.MARK) or ""):
        first, dots, last = written.partition("..")
        run = _run(reader, Column.MARK, first.strip(), last.strip()) if dots else (written,)
        if run is None:
            return ()
        marks += run
    first, last = reader.text(Column.MARK_FROM) or "", reader.text(Column.MARK_TO) or ""
    if not first and not last:
        return _counted(reader, Column.MARK, tuple(marks))
    between = _run(reader, Column.MARK_FROM, first, last)
    return () if between is None else _counted(reader, Column.MARK_FROM, (*marks, *between))


def _run(reader: _Reader, column: Column, first: str, last: str) -> tuple[str, ...] | None:
    between = values.range_of_marks(first=first, last=last) if first and last else None
    if between is None:
        reader.problem(
            column,
            "sheet.mark-range",
            f"From {first or 'nothing'} to {last or 'nothing'} is no run of marks.",
            "Both marks must be alike but for one number of the same length, the lower one first.",
        )
    return between


def _counted(reader: _Reader, column: Column, marks: tuple[str, ...]) -> tuple[str, ...]:
    if len(marks) > values.MARKS_MAX:
        reader.problem(
            column,
            "sheet.marks-many",
            f"More than {values.MARKS_MAX} marks are named.",
            f"Split it into lots of at most {values.MARKS_MAX} marks.",
        )
    elif len(set(marks)) < len(marks):
        reader.problem(
            column,
            "sheet.mark-twice",
            "A mark is named twice.",
            "Each mark stands once in a sheet.",
        )
    return marks


def _marks_differ(reader: _Reader, *, measure: tuple[int, str], marks: int) -> None:
    reader.problem(
        Column.QUANTITY,
        "sheet.marks-quantity",
        f"There are {marks} marks, but {measure[0]} {measure[1]}.",
        "All pieces of a lot are marked, or none: split it, or correct the count.",
    )


def _documents(reader: _Reader) -> tuple[str, ...]:
    text = reader.text(Column.DOCUMENT) or ""
    parts = (" ".join(part.upper().split()) for part in text.replace("\n", ";").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))
