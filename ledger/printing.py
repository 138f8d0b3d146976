"""Labels in print, and labels in pictures: the one door to drawing, checking and reading symbols.

Owns the rule that nothing is handed out unchecked: every file drawn here is decoded again before it
is returned. Must not know lots, keys or signatures: it gets a link, a code and lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger import printing_document, printing_label, printing_sheet
from ledger.printing_check import PHOTO_SIZE_MAX, check_drawn, read_image
from ledger.printing_document import PrintedDocument, PrintedRow
from ledger.printing_sheet import LAYOUTS, Label, Progress
from ledger.printing_symbol import MODULE_MM, encode_symbol
from ledger.printing_text import ASCII, LATIN_1, is_short_of

__all__ = [
    "LAYOUTS",
    "MODULE_MM",
    "PHOTO_SIZE_MAX",
    "Label",
    "PrintedDocument",
    "PrintedRow",
    "Progress",
    "check_drawn",
    "draw_document_pdf",
    "draw_png",
    "draw_sheet_pdf",
    "draw_svg",
    "encode_symbol",
    "loses_letters",
    "read_image",
]


def loses_letters(text: str, *, place: str) -> bool:
    """Return whether a print at `place`, by the end of its name, shows `?` for letters of `text`.

    An SVG has all letters: whoever opens it has fonts.
    """
    letters = {".pdf": LATIN_1, ".png": ASCII}.get(place[-4:].lower())
    return letters is not None and is_short_of(text, letters=letters)


def draw_svg(*, url: str, code: str, lines: Sequence[str] = ()) -> bytes:
    """Return one label as SVG, decoded again and equal; see `printing_label.draw_svg`.

    Raises UsageError for a text that cannot be drawn, DamagedError when the drawing does not read
    back.
    """
    data = printing_label.draw_svg(url=url, code=code, lines=lines)
    check_drawn(data, texts=[url])
    return data


def draw_png(
    *, url: str, code: str, lines: Sequence[str] = (), dots_per_module: int = 5, dpi: int = 300
) -> bytes:
    """Return one label as PNG, decoded again and equal; see `printing_label.draw_png`.

    Raises UsageError for a text that cannot be drawn, DamagedError when the drawing does not read
    back.
    """
    data = printing_label.draw_png(
        url=url, code=code, lines=lines, dots_per_module=dots_per_module, dpi=dpi
    )
    check_drawn(data, texts=[url])
    return data


def draw_sheet_pdf(
    labels: Sequence[Label], *, layout: str = "L7163", progress: Progress | None = None
) -> bytes:
    """Return sheets of labels as PDF, every symbol decoded again and equal.

    `layout` is a key of LAYOUTS; `progress` is told how many labels of how many are drawn. Raises
    UsageError for what cannot be drawn, DamagedError when one of the symbols does not read back.
    """
    data = printing_sheet.draw_sheet_pdf(labels, layout=layout, progress=progress)
    check_drawn(data, texts=[label.url for label in labels])
    return data


def draw_document_pdf(document: PrintedDocument) -> bytes:
    """Return a printed document as PDF, its symbol decoded again and equal.

    Raises UsageError for what cannot be drawn, DamagedError when the symbol does not read back.
    """
    data = printing_document.draw_document_pdf(document)
    check_drawn(data, texts=[document.url])
    return data
