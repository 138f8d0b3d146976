"""Table files that people open in a spreadsheet: CSV that no cell can turn into a formula.

Owns the bytes: UTF-8 with a byte order mark (without it, common spreadsheets guess another
character set), lines as RFC 4180 has them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the start of a formula, or skips to look for one."""


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV; a cell that a spreadsheet might compute begins with an apostrophe."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """Spaces and quotes before the sign do not make it safe: some programs drop them."""
    return (
        f"'{cell}" if cell.lstrip(" '\"\u00a0").startswith(_STARTS) or cell[:1] in _STARTS else cell
    )
