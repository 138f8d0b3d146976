"""Goods in words, and the drawing of a lineage."""

from __future__ import annotations

import re

import pytest

from web.drawing import GAP_Y, WIDTH, draw_lineage, shape
from web.goods import amount, country, grouped_digits, row_shown


@pytest.mark.parametrize(
    ("quantity", "unit", "lang", "shown"),
    [
        (12_345_000, "CMQ", "en", ("12.345", "m³")),
        (12_345_000, "CMQ", "es", ("12,345", "m³")),
        (1_500, "GRM", "fr", ("1,5", "kg")),
        (500, "NAR", "en", ("500", "")),
        (1_234_567, "NAR", "en", ("1\u202f234\u202f567", "")),
        (7, "XYZ", "en", ("7", "XYZ")),
    ],
)
def test_amounts(quantity: int, unit: str, lang: str, shown: tuple[str, str]) -> None:
    assert amount(quantity, unit, lang) == shown


def test_short_numbers_stay_together() -> None:
    assert [grouped_digits(n) for n in ("1", "1234", "12345")] == ["1", "1234", "12\u202f345"]


def test_what_no_table_knows_stays_as_it_is() -> None:
    row = {
        "taxon": "Draco draco",
        "term": "QQQ",
        "quantity": 1,
        "unit": "NAR",
        "source": "?",
        "origin": "QQ",
    }
    shown = row_shown(row, "fr")
    assert (shown.name, shown.latin, shown.term) == ("Draco draco", "", "QQQ")
    assert (shown.source, shown.origin) == ("?", "QQ")
    assert country(None, "en") == ""


def test_boxes_of_a_lineage_never_overlap() -> None:
    codes = [f"L{n}" for n in range(12)]
    edges = [
        ("L0", "L1"),
        ("L0", "L2"),
        ("L1", "L3"),
        ("L2", "L3"),
        *(("L3", c) for c in codes[4:]),
    ]
    drawn = draw_lineage(
        {c: (c,) for c in codes}, edges, here="L3", links=dict.fromkeys(codes, "/")
    )
    boxes = [(int(x), int(y)) for x, y in re.findall(r'<rect x="(\d+)" y="(\d+)"', drawn)]
    assert len(boxes) == 12
    for x, y in boxes:
        near = [b for b in boxes if abs(b[0] - x) < WIDTH and abs(b[1] - y) < GAP_Y]
        assert near == [(x, y)]


def test_a_circle_of_lots_is_drawn_too() -> None:
    nodes = {"A": ("A",), "B": ("B",)}
    drawn = draw_lineage(nodes, [("A", "B"), ("B", "A")], here="A", links={"A": "/a", "B": "/b"})
    assert drawn.count("<rect") == 2


def test_each_level_has_its_own_shape() -> None:
    assert len({shape(level) for level in ("consistent", "check", "stop", "cannot-tell")}) == 4
    assert shape("unheard-of") == shape("cannot-tell")
