"""Table files that people open in a spreadsheet: CSV that no cell can turn into a formula.

Owns the bytes: UTF-8 with a byte order mark (without it, common spreadsheets guess another
character set), lines as RFC 4180 has them.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

_STARTS = ("=", "+", "-", "\N{MINUS SIGN}", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the start of a formula, or skips to look for one."""
_SKIPPED = " '\"\u200b\u2060\u00ad"
"""What some programs drop, or nobody sees, before the sign."""


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV; a cell that a spreadsheet might compute begins with an apostrophe."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """Neither spaces before the sign nor its wide form (as typed in East Asia) make it safe."""
    meant = unicodedata.normalize("NFKC", cell)
    is_formula = cell.startswith(_STARTS) or meant.lstrip(_SKIPPED).startswith(_STARTS)
    return f"'{cell}" if is_formula else cell
