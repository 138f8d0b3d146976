"""What people type for lots, parts and marks."""

from __future__ import annotations

import pytest

from ledger.custody.goods import Goods, MarkRange, Part, Row, compress
from ledger.desk.facts import LotFacts
from ledger.desk.portions import part_of, read_marks, read_quantities, read_typed, show_code
from ledger.errors import RingmarkError

CODE = "7K3M9QXF2W50"
SKINS = LotFacts(
    CODE,
    bytes(32),
    Goods(
        (Row("Crocodylus niloticus", "SKI", 40, "NAR", "R", "ZW"),),
        compress(f"CITES/ZW-{n:03d}" for n in range(1, 41)),
    ),
)
TIMBER = LotFacts(
    CODE,
    bytes(32),
    Goods((Row("Swietenia macrophylla", "LOG", 12_345_000, "CMQ", "W", "BR"),)),
)


def marks(first: int, last: int) -> MarkRange:
    return MarkRange("CITES", "ZW-", first, last, 3, "")


@pytest.mark.parametrize(
    ("typed", "lot", "part"),
    [
        ("7K3M-9QXF-2W50", SKINS, Part()),
        ("7k3m9qxf2w50", SKINS, Part()),
        ("7K3M-9QXF-2W5O", SKINS, Part()),
        ("7K3M-9QXF-2W50=ZW-001..ZW-012", SKINS, Part(marks=(marks(1, 12),))),
        ("7K3M-9QXF-2W50=zw-001..zw-012, zw-014", SKINS, Part(marks=(marks(1, 12), marks(14, 14)))),
        ("7K3M-9QXF-2W50=CITES/ZW-001..ZW-012", SKINS, Part(marks=(marks(1, 12),))),
        ("7K3M-9QXF-2W50=ZW-001..ZW-040", SKINS, Part()),
        ("ZW-017", SKINS, Part(marks=(marks(17, 17),))),
        ("7K3M-9QXF-2W50:12.345", TIMBER, Part()),
        ("7K3M-9QXF-2W50:2.5", TIMBER, Part(2_500_000)),
        ("7K3M-9QXF-2W50/1:2.5", TIMBER, Part(2_500_000, row=0)),
    ],
)
def test_a_typed_portion_is_a_part(typed: str, lot: LotFacts, part: Part) -> None:
    assert part_of(read_typed(typed), lot) == part


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7K3M-9QXF-2WAB", "code.check"),
        ("", "desk.lot"),
        ("NOT A CODE=ZW-001", "desk.lot"),
        (f"https://ledger.example.org/i/{CODE}", "desk.link"),
        (f"https://ledger.example.org/i/{CODE}#11234567890123456789", "desk.link"),
        ("7K3M-9QXF-2W50=ZW-9..ZW-001", "desk.marks"),
        ("7K3M-9QXF-2W50:1,5", "quantity.ambiguous"),
        ("7K3M-9QXF-2W50:0.0000001", "quantity.inexact"),
        ("7K3M-9QXF-2W50/7:1", "desk.row"),
        ("7K3M-9QXF-2W50/0:1", "desk.row"),
    ],
)
def test_what_cannot_be_read_is_said(typed: str, code: str) -> None:
    with pytest.raises(RingmarkError) as caught:
        part_of(read_typed(typed), TIMBER)
    assert caught.value.code == code


def test_marks_without_a_scheme_are_tags() -> None:
    assert read_marks("S-1..S-3") == (MarkRange("TAG", "S-", 1, 3, 1, ""),)


def test_one_quantity_for_each_row() -> None:
    assert read_quantities(("11.5",), TIMBER) == (11_500_000,)
    with pytest.raises(RingmarkError):
        read_quantities(("1", "2"), TIMBER)


def test_a_code_is_shown_in_groups() -> None:
    assert show_code(CODE) == "7K3M-9QXF-2W50"
