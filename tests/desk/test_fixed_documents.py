"""What a fix names in the place of a document that was replaced while a statement waited."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.custody.documents import DocumentEndorsed, DocumentSuspended, Passed, Way
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotImported,
    LotRegistered,
    LotTransformed,
)
from ledger.custody.transfers import Moves, TransferOffered
from ledger.desk.fixing import in_place_of

OLD, NEW, OTHER = "ZW/EXPORT/77", "ZW/EXPORT/78", "ZW/DDS/1"
INSTEAD = {OLD: NEW}
CODE = "51PB1X9SFP3J"
ROW = Row("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")


def named(*documents: str) -> tuple[NewLot, ...]:
    return (NewLot((ROW,), documents=documents), NewLot((ROW,)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            LotExported((CODE,), OLD, "ZW", "FR"), LotExported((CODE,), NEW, "ZW", "FR"), id="left"
        ),
        pytest.param(LotImported((CODE,), OLD, "FR"), LotImported((CODE,), NEW, "FR"), id="came"),
        pytest.param(
            LotRegistered(Basis.IMPORT, named(OTHER, OLD)),
            LotRegistered(Basis.IMPORT, named(OTHER, NEW)),
            id="registered",
        ),
        pytest.param(
            LotTransformed("cut", {CODE: Part()}, named(OLD)),
            LotTransformed("cut", {CODE: Part()}, named(NEW)),
            id="made",
        ),
        pytest.param(
            TransferOffered("maker", Moves.BOTH, 9, {CODE: Part()}, documents=(OLD, NEW)),
            TransferOffered("maker", Moves.BOTH, 9, {CODE: Part()}, documents=(NEW,)),
            id="offered-and-named-once",
        ),
        pytest.param(
            LotDeparted({CODE: Part()}, "retail", documents=(OLD,)),
            LotDeparted({CODE: Part()}, "retail", documents=(NEW,)),
            id="sold",
        ),
    ],
)
def test_what_a_trader_said_names_the_one_in_its_place(before: Any, after: Any) -> None:
    assert in_place_of(before, INSTEAD) == after
    assert in_place_of(before, {}) == before


@pytest.mark.parametrize(
    "event",
    [
        DocumentEndorsed(OLD, Way.EXPORT, "ZW", (Passed(0, 10, CODE),)),
        DocumentSuspended(OLD, "audit"),
        LotExported((CODE,), OTHER, "ZW", "FR"),
    ],
)
def test_what_an_office_said_stays(event: Any) -> None:
    assert in_place_of(event, INSTEAD) == event
