"""Long names, and names in other letters: within their place on paper, and never cut silently."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pypdfium2
import pytest

from ledger import printing
from ledger.errors import UsageError
from ledger.printing import Label, PrintedDocument, PrintedRow
from ledger.printing_document import OTHER_LETTERS
from ledger.printing_text import CUT, fitted

POINT_MM = 25.4 / 72
URL = "https://v.example.org/i/51PB1X9SFP3J"
CODE = "51PB-1X9S-FP3J"
LONG = "W" * 200
NAME = "ZW/EXPORT/" + "2026-0412-" * 6
ARABIC = "\u0645\u0632\u0631\u0639\u0629"
Box = tuple[str, float, float]


def lines_of(data: bytes) -> Iterator[Box]:
    """Yield each text of a PDF with its left and right end in mm, as a reader places it."""
    for page in pypdfium2.PdfDocument(data):
        texts = page.get_textpage()
        for index in range(texts.count_rects()):
            left, bottom, right, top = texts.get_rect(index)
            said = texts.get_text_bounded(left, bottom, right, top)
            yield said.strip(), left * POINT_MM, right * POINT_MM


def document(*facts: str, name: str = NAME) -> bytes:
    return printing.draw_document_pdf(
        PrintedDocument(
            url=URL,
            name=name,
            facts=tuple(("Special conditions (box 5)", fact) for fact in facts),
            rows=(PrintedRow(f"5 pieces {LONG}", (f"Permit of origin {LONG}",)),),
        )
    )


def test_a_document_keeps_long_words_on_its_page_and_whole() -> None:
    placed = list(lines_of(document(LONG)))
    assert max(right for _, _, right in placed) <= 210 - 15
    said = "".join(text for text, _, _ in placed)
    assert said.count("W") == 3 * 200 + NAME.count("W")
    assert NAME in said.replace("\r\n", "")


def test_a_document_says_where_letters_stand_that_it_cannot_print() -> None:
    said = " ".join(text for text, _, _ in lines_of(document(ARABIC)))
    assert OTHER_LETTERS in said
    plain = " ".join(text for text, _, _ in lines_of(document("Why? \u00c9leve")))
    assert OTHER_LETTERS not in plain


@pytest.mark.parametrize(("layout", "right"), [("L7163", 103.75), ("SINGLE", 99.0)])
def test_a_long_line_of_a_sheet_ends_in_dots_within_its_label(layout: str, right: float) -> None:
    label = Label(url=URL, code=CODE, lines=("Crocodylus niloticus", LONG, "last"))
    placed = list(lines_of(printing.draw_sheet_pdf([label], layout=layout)))
    assert max(end for _, _, end in placed) <= right
    said = {text for text, _, _ in placed}
    assert {"Crocodylus niloticus", "last", CODE} <= said
    assert any(re.fullmatch(r"W{20,}\.\.\.", text) for text in said)


def test_the_whole_number_of_a_document_stands_on_its_label_beside_its_lines() -> None:
    label = Label(url=URL, code=NAME, lines=("Harare",))
    placed = list(lines_of(printing.draw_sheet_pdf([label], layout="L7165")))
    ends = {text: (left, right) for text, left, right in placed}
    assert ends[NAME][1] < ends["Harare"][0] < ends["Harare"][1] <= 103.75


def test_a_sheet_takes_no_more_lines_than_a_label_has_room_for() -> None:
    with pytest.raises(UsageError) as caught:
        printing.draw_sheet_pdf([Label(url=URL, code=CODE, lines=("x",) * 9)])
    assert caught.value.code == "label.lines"


def test_a_long_line_of_an_svg_is_held_to_the_width_of_its_symbol() -> None:
    drawn = printing.draw_svg(url=URL, code=CODE, lines=(LONG, ARABIC * 20, "Harare")).decode()
    lines = re.findall(r"<text ([^>]*)>([^<]*)</text>", drawn)[1:]
    assert [text.endswith(CUT) for _, text in lines] == [True, True, False]
    assert ["textLength" in how for how, _ in lines] == [True, True, False]
    assert ARABIC in lines[1][1]


def test_letters_get_smaller_down_to_a_size_and_then_fewer() -> None:
    assert fitted("short", width=10, least=0.5, length=len) == ("short", 1.0)
    assert fitted("x" * 20, width=10, least=0.5, length=len) == ("x" * 20, 0.5)
    assert fitted("x" * 40, width=10, least=0.5, length=len) == ("x" * 17 + CUT, 0.5)
