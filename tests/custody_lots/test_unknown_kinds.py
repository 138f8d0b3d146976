"""Papers of a kind that no table knows, such as REEXPORT: nobody can say how long they count."""

from __future__ import annotations

import pytest
from trade_world import World, new_world, skins

from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.custody.lots import Basis, LotExported, LotRegistered
from ledger.custody.references import Listing, ListingChanged

RULE = ("document.kind-unknown", "check")
PERMIT, SLIP, NATIONAL = "ZW/EXPORT/901", "ZW/EXPORTT/901", "ZW/VET/901"


@pytest.fixture
def border() -> World:
    return new_world(full=True)


def issue(world: World, name: str) -> None:
    row = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
    world.tell(DocumentIssued(name, Paper(rows=(row,))), by="parks")


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        pytest.param((PERMIT,), [], id="a-permit"),
        pytest.param((SLIP,), [RULE], id="a-slip-of-the-pen"),
        pytest.param((NATIONAL, PERMIT), [], id="a-national-paper-beside-the-permit"),
        pytest.param((NATIONAL, SLIP), [RULE], id="two-that-nobody-knows"),
    ],
)
def test_listed_goods_come_in_under_a_known_kind(
    border: World, papers: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    for name in papers:
        issue(border, name)
    goods = skins(10, facility=None, documents=papers)
    (code,) = border.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    assert [found for found in border.counting(code) if found == RULE] == expected


@pytest.mark.parametrize(
    ("name", "is_listed", "expected"),
    [
        pytest.param(PERMIT, True, [], id="a-permit"),
        pytest.param(SLIP, True, [RULE], id="a-slip-of-the-pen"),
        pytest.param(NATIONAL, False, [], id="goods-that-nobody-lists"),
    ],
)
def test_listed_goods_leave_under_a_known_kind(
    border: World, name: str, is_listed: bool, expected: list[tuple[str, str]]
) -> None:
    issue(border, name)
    if not is_listed:
        listing = Listing("Crocodylus niloticus", "NC", "2020-01-01")
        border.tell(ListingChanged((listing,)), by="parks")
    (code,) = border.tell(LotRegistered(Basis.BRED, (skins(10),)), by="farm")
    border.tell(LotExported((code,), name, "ZW", "FR"), by="farm")
    assert [found for found in border.counting(code) if found == RULE] == expected


def test_what_was_never_abroad_names_papers_of_any_kind(border: World) -> None:
    issue(border, NATIONAL)
    (code,) = border.tell(LotRegistered(Basis.BRED, (skins(10, documents=(NATIONAL,)),)), by="farm")
    assert RULE not in border.counting(code)
