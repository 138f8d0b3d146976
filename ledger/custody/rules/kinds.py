"""Rules on what each kind of document may say: fields of another kind are slips of the pen.

Owns which fields belong to which kinds (column `boxes` of the table `document_kinds`). A kind that
no table knows may say anything. Sources: Res. Conf. 12.3; EC Operator API Reference v1.0; Ivory Act
2018; FSC-STD-40-004.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.documents import DocumentRow, Exemption, Paper
from ledger.custody.rules.boxes import Boxes
from ledger.custody.subjects import Refusal, Rule

APPENDICES = ("I", "II", "III")
_OF_PAPER = {
    "purpose": "cites",
    "stamp": "cites",
    "verification": "diligence",
    "plots": "diligence",
    "exemption": "ivory",
    "scope": "certificate",
}
_OF_ROW = (
    "appendix",
    "quota_used",
    "quota_total",
    "origin_permit",
    "origin_day",
    "origin_unknown",
    "last_country",
    "last_permit",
    "last_day",
    "operation",
)
"""Boxes of a line that only CITES papers have; the day of acquisition has every antique's."""
_TEXTS_OF_PAPER = ("conditions", "stamp", "verification")
_TEXTS_OF_ROW = ("appendix", "origin_permit", "last_permit", "operation")
_TEXTS_OF_EXEMPTION = ("made_before", "museum")

RULES = (
    Rule("document.field", "refuse", "A document says what its kind has boxes for."),
    Rule("document.blank", "refuse", "What a document says is not left blank."),
    Rule("document.appendix", "refuse", "Box 10 is Appendix I, II or III."),
)


def check_kind(boxes: Boxes) -> Iterator[Refusal]:
    """Yield a refusal for each field that the kind does not have, and each that says nothing."""
    paper = boxes.paper
    facts: dict[str, str | int] = {"document": boxes.name}
    for field in (*_foreign(boxes), *_foreign_in_rows(boxes)):
        kind = boxes.kind.kind if boxes.kind is not None else ""
        yield Refusal("document.field", facts | {"field": field, "kind": kind})
    blank = [*_blank(paper, _TEXTS_OF_PAPER), *_blank(paper.exemption, _TEXTS_OF_EXEMPTION)]
    for row in paper.rows:
        blank += _blank(row, _TEXTS_OF_ROW)
        if row.appendix is not None and row.appendix not in APPENDICES:
            yield Refusal("document.appendix", facts | {"appendix": row.appendix[:16]})
    for field in blank:
        yield Refusal("document.blank", facts | {"field": field})


def _foreign(boxes: Boxes) -> Iterator[str]:
    for field, group in _OF_PAPER.items():
        said = getattr(boxes.paper, field)
        if said not in (None, ()) and boxes.kind is not None and boxes.kind.boxes != group:
            yield field


def _foreign_in_rows(boxes: Boxes) -> Iterator[str]:
    if boxes.kind is None or boxes.kind.boxes == "cites":
        return
    for field in _OF_ROW:
        if any(getattr(row, field) is not None for row in boxes.paper.rows):
            yield field


def _blank(said: Paper | DocumentRow | Exemption | None, fields: tuple[str, ...]) -> list[str]:
    if said is None:
        return []
    return [
        name for name in fields if (text := getattr(said, name)) is not None and not text.strip()
    ]
