"""A printed document: its lines for people, and its symbol for the phone.

Owns the layout of an A4 page. Must not know what a permit is: it gets texts. The paper says what
the ledger holds on the day of printing; whoever looks at it compares it with the page of its link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF
from msgspec import Struct

from ledger.errors import UsageError
from ledger.printing_sheet import draw_symbol
from ledger.printing_symbol import encode_symbol
from ledger.printing_text import LATIN_1, is_short_of, printable

# The same values must give the same bytes, so the file does not say when it was made.
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_MARGIN_MM: Final = 15.0
_WIDTH_MM: Final = 210.0
_BOTTOM_MM: Final = 280.0
_POINT_MM: Final = 25.4 / 72
_ROW_PT: Final = 13.0
OTHER_LETTERS: Final = "Letters printed as ? stand on the page that the symbol opens."
_FACT_PT: Final = 10.0


class PrintedRow(Struct, frozen=True):
    """One line of a document: the goods in large letters, and facts below them."""

    goods: str
    facts: tuple[str, ...] = ()


class PrintedDocument(Struct, frozen=True):
    """What a printed document says: its link, name, facts of the whole, and lines."""

    url: str
    name: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[PrintedRow, ...]


def draw_document_pdf(document: PrintedDocument) -> bytes:
    """Return an A4 PDF: the symbol and the name above, then facts, then lines, on as many pages.

    Raise UsageError for a link that makes no symbol, or one too large for the page.
    """
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_creation_date(_NO_DATE)
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.add_page()
    top = _draw_head(pdf, document)
    for label, value in document.facts:
        top = _draw_text(pdf, f"{label}: {value}", top=top, size=_FACT_PT)
    for number, row in enumerate(document.rows, start=1):
        top = _draw_text(pdf, f"{number}  {row.goods}", top=top + 2, size=_ROW_PT, style="B")
        for fact in row.facts:
            top = _draw_text(pdf, fact, top=top, size=_FACT_PT, left=_MARGIN_MM + 6)
    if any(is_short_of(text, letters=LATIN_1) for text in _texts(document)):
        _draw_text(pdf, OTHER_LETTERS, top=top + 2, size=_FACT_PT)
    return bytes(pdf.output())


def _texts(document: PrintedDocument) -> Iterator[str]:
    yield document.name
    yield from (value for _, value in document.facts)
    for row in document.rows:
        yield from (row.goods, *row.facts)


def _draw_head(pdf: FPDF, document: PrintedDocument) -> float:
    symbol = encode_symbol(document.url)
    if symbol.side_mm > _WIDTH_MM - 2 * _MARGIN_MM:
        raise UsageError(
            "label.too-large",
            f"The symbol of {document.name} has {symbol.side_mm:.0f} mm: too large for its page.",
            hint="Enter its annexes as documents of their own.",
            params={"code": document.name},
        )
    draw_symbol(pdf, symbol, left=_MARGIN_MM, top=_MARGIN_MM)
    return _draw_text(pdf, document.name, top=_MARGIN_MM + symbol.side_mm + 2, size=18.0, style="B")


def _draw_text(
    pdf: FPDF, text: str, *, top: float, size: float, style: str = "", left: float = _MARGIN_MM
) -> float:
    """Draw a text on as many lines as it needs; return where the next one begins."""
    pdf.set_font("Helvetica", style=style, size=size)
    step = size * _POINT_MM * 1.4
    for line in _wrapped(pdf, text, width=_WIDTH_MM - _MARGIN_MM - left):
        if top + step > _BOTTOM_MM:
            pdf.add_page()
            pdf.set_font("Helvetica", style=style, size=size)
            top = _MARGIN_MM
        top += step
        pdf.text(left, top, line)
    return top


def _wrapped(pdf: FPDF, text: str, *, width: float) -> Sequence[str]:
    lines = [""]
    words = printable(text, letters=LATIN_1).split(" ")
    for word in [part for whole in words for part in _parts(pdf, whole, width=width)]:
        longer = f"{lines[-1]} {word}".strip()
        if pdf.get_string_width(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _parts(pdf: FPDF, word: str, *, width: float) -> Iterator[str]:
    """Yield a word in parts that fit a line: most words are one."""
    while pdf.get_string_width(word) > width:
        fit = next(
            n for n in range(len(word) - 1, 0, -1) if pdf.get_string_width(word[:n]) <= width
        )
        yield word[:fit]
        word = word[fit:]
    yield word
