"""From the bytes of a file to a grid of texts: CSV as spreadsheets write it, and XLSX.

Owns encodings, delimiters and workbooks. Must not know what a column means. A file as such may be
refused with an error; what stands in its cells never is.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from msgspec import Struct

from ledger.desk.sheet_columns import read_heading
from ledger.errors import MalformedError

SIZE_MAX: Final = 8 * 1024 * 1024
"""Bytes of a sheet."""

UNPACKED_MAX: Final = 64 * 1024 * 1024
"""Bytes of a workbook when unpacked."""

ROWS_MAX: Final = 20_000
COLUMNS_MAX: Final = 100
CELL_MAX: Final = 4_000
"""Characters of a cell: 500 tags in one cell have fewer."""

_DELIMITERS = (";", ",", "\t", "|")
_XLSX = b"PK\x03\x04"
_OLD_XLS = b"\xd0\xcf\x11\xe0"


class GridRow(Struct, frozen=True):
    """One row: its line in the file (1-based), its texts, and which of them were numbers."""

    line: int
    texts: tuple[str, ...]
    numbers: frozenset[int] = frozenset()


def read_grid(data: bytes) -> tuple[GridRow, ...]:
    """Return the rows of a CSV or XLSX file that are not empty: texts in NFC, outer spaces gone.

    CSV: UTF-8, UTF-16 with a byte order mark, else Windows-1252; delimiter `;`,
    `,`, tab or `|`, by the headings, or as a first line `sep=;` says. XLSX: the first sheet with
    two known headings, else the first; formulas count by their last value. Raises MalformedError
    `sheet.size`, `sheet.encoding`, `sheet.form`, `sheet.old-format`.
    """
    if len(data) > SIZE_MAX:
        raise _size(f"it has {len(data)} bytes, more than {SIZE_MAX}")
    if data.startswith(_OLD_XLS):
        raise MalformedError(
            "sheet.old-format",
            "This is a workbook of the old kind (.xls), or one with a password.",
            hint="Save it as .xlsx or CSV, without a password.",
        )
    return _read_workbook(data) if data.startswith(_XLSX) else _read_csv(decode_text(data))


def _read_csv(text: str) -> tuple[GridRow, ...]:
    delimiter = None
    first, _, rest = text.partition("\n")
    named = first.strip()
    if named.casefold() in {f"sep={sign}" for sign in _DELIMITERS}:
        delimiter, text = named[4], "\n" + rest
    if delimiter is None:
        delimiter = max(_DELIMITERS, key=lambda sign: _known_headings(text, sign))
    return _limited(_csv_rows(text, delimiter))


def _csv_rows(text: str, delimiter: str) -> Iterator[GridRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield GridRow(line, tuple(_clean(cell) for cell in cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise MalformedError(
            "sheet.form",
            f"Line {line} of the file cannot be cut into cells: {error}.",
            hint="Look for a quotation mark without its partner, or save the sheet as XLSX.",
            params={"line": line},
        ) from error


def _known_headings(text: str, delimiter: str) -> tuple[int, int]:
    """Return how many headings a delimiter makes known in the first lines, and how many cells."""
    best = (0, 0)
    for line in text.split("\n", 21)[:20]:
        cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
        best = max(best, (sum(1 for cell in cells if cell and read_heading(cell)), len(cells)))
    return best


def decode_text(data: bytes) -> str:
    """Return the text of a CSV file: UTF-8, UTF-16 with a byte order mark, else Windows-1252.

    Raise MalformedError `sheet.encoding` for what is none of them.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if data.startswith(mark):
            try:
                return _without_nul(data.decode(encoding))
            except UnicodeDecodeError:
                continue
    try:
        return _without_nul(data.decode("cp1252"))
    except UnicodeDecodeError as error:
        raise _encoding() from error


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise _encoding()
    return text


def _encoding() -> MalformedError:
    return MalformedError(
        "sheet.encoding",
        "This is no text that a spreadsheet writes.",
        hint="Save the sheet as XLSX, or as CSV in UTF-8.",
    )


def _size(why: str) -> MalformedError:
    return MalformedError(
        "sheet.size", f"This sheet is too large: {why}.", hint="Split it into several files."
    )


def _read_workbook(data: bytes) -> tuple[GridRow, ...]:
    # openpyxl takes a tenth of a second to import and most sheets are CSV.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > UNPACKED_MAX:
            raise _size(f"it unpacks to {unpacked} bytes, more than {UNPACKED_MAX}")
        with warnings.catch_warnings():
            # Workbooks of other programs lack styles that we never look at.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                return _first_known([_limited(_sheet_rows(page)) for page in book.worksheets])
            finally:
                book.close()
    except MalformedError:
        raise
    except Exception as error:
        # The reader raises whatever its XML and ZIP layers raise: none of it is our fault or news.
        raise MalformedError(
            "sheet.form",
            "This workbook cannot be read.",
            hint="Open it in a spreadsheet and save it again as XLSX, or as CSV.",
        ) from error


def _first_known(pages: Sequence[tuple[GridRow, ...]]) -> tuple[GridRow, ...]:
    for rows in pages:
        if any(
            sum(1 for text in row.texts if text and read_heading(text)) > 1 for row in rows[:20]
        ):
            return rows
    return pages[0] if pages else ()


def _sheet_rows(page: object) -> Iterator[GridRow]:
    rows = page.iter_rows(max_row=ROWS_MAX + 2, max_col=COLUMNS_MAX + 1, values_only=True)  # type: ignore[attr-defined]
    for line, cells in enumerate(rows, start=1):
        numbers = frozenset(
            place
            for place, cell in enumerate(cells)
            if isinstance(cell, int | float) and not isinstance(cell, bool)
        )
        yield GridRow(line, tuple(_cell_text(cell) for cell in cells), numbers)


def _cell_text(cell: object) -> str:
    """Return a cell as text; numbers as the shortest decimal that is the same number."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return _clean(str(cell))


def _number_text(number: float) -> str:
    # A workbook stores 12.3 as the nearest binary number; repr gives back what was typed.
    text = repr(number)
    if "e" in text:
        text = f"{number:.12f}".rstrip("0").rstrip(".")
    return text.removesuffix(".0")


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip(" \t\r\n\u00a0\ufeff")


def _limited(rows: Iterator[GridRow]) -> tuple[GridRow, ...]:
    kept: list[GridRow] = []
    for row in rows:
        if not any(row.texts):
            continue
        if len(kept) >= ROWS_MAX:
            raise _size(f"it has more than {ROWS_MAX} rows")
        if len(row.texts) > COLUMNS_MAX and any(row.texts[COLUMNS_MAX:]):
            raise _size(f"line {row.line} has more than {COLUMNS_MAX} columns")
        if any(len(text) > CELL_MAX for text in row.texts):
            raise _size(f"a cell of line {row.line} has more than {CELL_MAX} characters")
        kept.append(row)
    return tuple(kept)
