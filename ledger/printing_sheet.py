"""Sheets of labels as PDF, in the measures of the sheets that stationers sell.

Owns pages and cells. Must not know lots; the bytes are a pure function of the labels, so that the
same sheet printed twice is the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import RenderStyle
from msgspec import Struct

from ledger.errors import UsageError
from ledger.printing_symbol import MODULE_MM, Symbol, encode_symbol
from ledger.printing_text import LATIN_1, check_lines, fitted, printable

LABELS_MAX: Final = 2_000
"""Labels of one file: a bale of 500 skins four times."""

# The file says nothing of when it was made: labels carry their own day.
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_CODE_PT = 9.6
_LINE_PT = 7.5
_LEAST_SHARE = 0.75
_CODE_SHARE = 0.62
"""Of a cell's width the code takes at most so much: the lines stand beside it."""
_INSET_MM = 2.0
_POINT_MM = 25.4 / 72


Progress = Callable[[int, int], None]
"""Told how many of how many labels are drawn."""


class Label(Struct, frozen=True):
    """What one label says: the link in its symbol, the code for people, and lines beside it."""

    url: str
    code: str
    lines: tuple[str, ...] = ()


class Layout(Struct, frozen=True):
    """A sheet of labels; all measures in millimetres, from the top left corner."""

    page_width: float
    page_height: float
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    gap_x: float
    gap_y: float

    @property
    def cells(self) -> int:
        """Return how many labels a page holds."""
        return self.columns * self.rows

    def corner(self, cell: int) -> tuple[float, float]:
        """Return the top left corner of a cell (0-based, row by row)."""
        row, column = divmod(cell, self.columns)
        return (
            self.left + column * (self.width + self.gap_x),
            self.top + row * (self.height + self.gap_y),
        )


LAYOUTS: Final[Mapping[str, Layout]] = {
    "L7163": Layout(210, 297, 2, 7, 99.1, 38.1, 4.65, 15.15, 2.6, 0),
    "L7165": Layout(210, 297, 2, 4, 99.1, 67.7, 4.65, 13.1, 2.6, 0),
    "SINGLE": Layout(100, 50, 1, 1, 98, 48, 1, 1, 0, 0),
}
"""The sheets we know: Avery L7163 (14 on A4) and L7165 (8 on A4); a thermal label, 100 x 50 mm."""


def draw_sheet_pdf(
    labels: Sequence[Label], *, layout: str = "L7163", progress: Progress | None = None
) -> bytes:
    """Return a PDF with `labels` on sheets of `layout`, in true size: print at 100 %.

    `progress` is told how many labels of how many are drawn. Raises UsageError for an unknown
    layout, no label or too many, one with too many lines, and a symbol that does not fit its cell.
    """
    sheet = LAYOUTS.get(layout)
    if sheet is None:
        raise UsageError(
            "label.layout",
            f"There is no sheet {layout!r}.",
            hint=f"Choose one of {', '.join(LAYOUTS)}.",
            params={"layout": layout},
        )
    if not 1 <= len(labels) <= LABELS_MAX:
        raise UsageError(
            "label.count",
            f"A file holds 1 to {LABELS_MAX} labels, not {len(labels)}.",
            hint="Print in several files.",
            params={"labels": len(labels)},
        )
    pdf = FPDF(unit="mm", format=(sheet.page_width, sheet.page_height))
    pdf.set_creation_date(_NO_DATE)
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    for number, label in enumerate(labels):
        if number % sheet.cells == 0:
            pdf.add_page()
        _draw_cell(pdf, label, sheet=sheet, cell=number % sheet.cells)
        if progress is not None:
            progress(number + 1, len(labels))
    return bytes(pdf.output())


def _draw_cell(pdf: FPDF, label: Label, *, sheet: Layout, cell: int) -> None:
    check_lines(label.lines)
    symbol = encode_symbol(label.url)
    code_mm = _CODE_PT * _POINT_MM
    if symbol.side_mm + _INSET_MM > sheet.width or symbol.side_mm + code_mm > sheet.height:
        raise UsageError(
            "label.too-large",
            f"The symbol of {label.code} has {symbol.side_mm:.1f} mm: too large for its cell.",
            hint="Use a sheet with larger labels, such as L7165.",
            params={"code": label.code},
        )
    left, top = sheet.corner(cell)
    left += _INSET_MM
    top += (sheet.height - symbol.side_mm - code_mm) / 2
    draw_symbol(pdf, symbol, left=left, top=top)
    code = printable(label.code, letters=LATIN_1)
    pdf.set_font("Courier", style="B", size=_CODE_PT)
    room = max(symbol.side_mm, (sheet.width - 2 * _INSET_MM) * _CODE_SHARE)
    _, share = fitted(code, width=room, least=0, length=pdf.get_string_width)
    pdf.set_font("Courier", style="B", size=_CODE_PT * share)
    width = pdf.get_string_width(code)
    middle = left + max(symbol.side_mm, width) / 2
    pdf.text(middle - width / 2, top + symbol.side_mm + code_mm * 0.7, code)
    beside = left + max(symbol.side_mm, width) + 1
    _draw_lines(pdf, label, left=beside, top=top, width=left + sheet.width - beside - 2 * _INSET_MM)


def draw_symbol(pdf: FPDF, symbol: Symbol, *, left: float, top: float) -> None:
    """Draw a symbol with its quiet zone, its top left corner at `left`, `top` (mm)."""
    pdf.set_fill_color(0)
    filled = RenderStyle.F
    for x, y, length in symbol.runs():
        # A style by name is looked up each time: a sheet has tens of thousands of runs.
        pdf.rect(
            left + x * MODULE_MM, top + y * MODULE_MM, length * MODULE_MM, MODULE_MM, style=filled
        )


def _draw_lines(pdf: FPDF, label: Label, *, left: float, top: float, width: float) -> None:
    step = _LINE_PT * _POINT_MM * 1.35
    for number, line in enumerate(label.lines):
        style = "B" if number == 0 else ""
        pdf.set_font("Helvetica", style=style, size=_LINE_PT)
        text, share = fitted(
            printable(line, letters=LATIN_1),
            width=width,
            least=_LEAST_SHARE,
            length=pdf.get_string_width,
        )
        pdf.set_font("Helvetica", style=style, size=_LINE_PT * share)
        pdf.text(left, top + 3 + (number + 1) * step, text)
