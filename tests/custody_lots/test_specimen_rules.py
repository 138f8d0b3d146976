"""Certificates of one specimen end with it; what comes in for oneself comes seldom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from trade_world import DAY, World, bred, deal, skins

from ledger.custody.documents import DocumentRow, DocumentState, Paper
from ledger.custody.goods import Part
from ledger.custody.lots import Basis, LotDeparted, LotExported, LotRegistered, LotRetired
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves

ROW = DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")
ENDED = ("document.ended", "stop")


def put(world: World, name: str, **fields: Any) -> None:
    state = DocumentState(status="issued", rows=(ROW,), paper=Paper(), by="parks", **fields)
    world.states[Subject(Kind.DOCUMENT, name)] = state


def ended_day(world: World, name: str) -> str | None:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return state.ended_day


def handbag(world: World, name: str) -> str:
    put(world, name)
    (code,) = world.tell(bred(skins(1, documents=(name,))), by="farm")
    return code


def sold(world: World, code: str) -> None:
    deal(world, code)


def lent(world: World, code: str) -> None:
    deal(world, code, moves=Moves.CUSTODY)


def stolen(world: World, code: str) -> None:
    world.tell(LotRetired({code: Part()}, "stolen"), by="farm")


def over_the_counter(world: World, code: str) -> None:
    world.tell(LotDeparted({code: Part()}, "retail"), by="farm")


def abroad(world: World, code: str) -> None:
    world.tell(LotDeparted({code: Part()}, "abroad", "FR"), by="farm")


@pytest.mark.parametrize(
    ("kind", "happened", "ends"),
    [
        ("OWNERSHIP", sold, True),
        ("INSTRUMENT", sold, True),
        ("EXHIBITION", sold, True),
        ("OWNERSHIP", stolen, True),
        ("OWNERSHIP", over_the_counter, True),
        ("OWNERSHIP", lent, False),
        ("OWNERSHIP", abroad, False),
        ("EXPORT", sold, False),
        ("HOLDER-COPY", sold, False),
    ],
)
def test_a_certificate_of_one_specimen_ends(
    world: World, kind: str, happened: Callable[[World, str], None], ends: bool
) -> None:
    name = f"ZW/{kind}/1"
    happened(world, handbag(world, name))
    assert ended_day(world, name) == ("2027-01-15" if ends else None)


@pytest.mark.parametrize(("days", "found"), [(0, []), (1, [ENDED])])
def test_it_lets_nothing_pass_from_the_next_day_on(
    world: World, days: int, found: list[tuple[str, str]]
) -> None:
    name = "ZW/OWNERSHIP/1"
    code = handbag(world, name)
    sold(world, code)
    world.at += days * DAY
    world.tell(LotExported((code,), name, "ZW", "FR"), by="tannery")
    assert [f for f in world.counting(code) if f[0] == "document.ended"] == found


def bring_in(world: World, number: int, *, purpose: str = "P", by: str = "tannery") -> list[str]:
    name = f"ZW/IMPORT/{number}"
    put(world, name, purpose=purpose)
    new = skins(1, facility=None, documents=(name,))
    (code,) = world.tell(LotRegistered(Basis.IMPORT, (new,)), by=by)
    return [rule for rule, _ in world.counting(code) if rule == "purpose.repeated"]


def test_the_fourth_in_a_year(world: World) -> None:
    assert [bring_in(world, n, purpose="PH"[n % 2]) for n in range(4)] == [
        [],
        [],
        [],
        ["purpose.repeated"],
    ]
    assert bring_in(world, 9, by="maker") == []


def test_trade_is_no_personal_import(world: World) -> None:
    assert [bring_in(world, n, purpose="T") for n in range(5)] == [[]] * 5


def test_a_year_later_it_begins_anew(world: World) -> None:
    for n in range(3):
        bring_in(world, n)
    world.at += 366 * DAY
    assert bring_in(world, 3) == []


def test_several_loads_under_one_document_are_one(world: World) -> None:
    assert [bring_in(world, 1) for _ in range(5)] == [[]] * 5
