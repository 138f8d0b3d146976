"""The widest belly of skins in a sheet: in cm, or as the heading says."""

from __future__ import annotations

import pytest

from ledger.desk.births import Naming, new_lots
from ledger.desk.sheet import read_sheet

HEAD = "taxon;term;quantity;source;origin;"
ROW = "Crocodylus niloticus;SKI;1;C;ZW;"


@pytest.mark.parametrize(
    ("heading", "cell", "width_mm"),
    [
        ("belly width", "41", 410),
        ("largeur du ventre (mm)", "415", 415),
        ("ancho ventral (cm)", "41.5", 415),
        ("belly width", "", None),
    ],
)
def test_a_width_is_read(heading: str, cell: str, width_mm: int | None) -> None:
    sheet = read_sheet(f"{HEAD}{heading}\n{ROW}{cell}\n".encode(), decimal=".")
    assert sheet.problems == ()
    assert [draft.width_mm for draft in sheet.drafts] == [width_mm]


def test_a_width_in_kilograms_is_none() -> None:
    sheet = read_sheet(f"{HEAD}belly width (kg)\n{ROW}41\n".encode(), decimal=".")
    assert [problem.code for problem in sheet.problems] == ["sheet.measure-unit"]


def test_a_joined_lot_has_the_widest_of_all_or_none() -> None:
    body = f"{HEAD}belly width\n{ROW}41\n{ROW}44\n"
    naming = Naming("farm")
    (lot,) = new_lots(read_sheet(body.encode(), decimal=".").drafts, naming)
    assert (lot.contents[0].quantity, lot.width_mm) == (2, 440)
    (lot,) = new_lots(read_sheet(f"{body}{ROW}\n".encode(), decimal=".").drafts, naming)
    assert (lot.contents[0].quantity, lot.width_mm) == (3, None)
