"""Seals close one container once; a tag stands on one permit of a kind."""

from __future__ import annotations

from typing import Any

import pytest
from test_mark_rules import lot, tags
from trade_world import World, new_world

from ledger.custody.documents import DocumentIssued, DocumentRecorded, DocumentRow, Paper
from ledger.custody.goods import MarkRange
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import ContainerOpened, ContainerPacked


@pytest.fixture
def trade() -> World:
    return new_world(full=True)


def seal(number: int) -> tuple[MarkRange, ...]:
    return (MarkRange("SEAL", "ZW", number, number, 6, ""),)


def pack(world: World, code: str, number: int) -> tuple[str, list[str]]:
    before = {s for s in world.states if s.kind is Kind.CONTAINER}
    world.tell(ContainerPacked(lots=(code,), seals=seal(number)), by="farm")
    (box,) = {s for s in world.states if s.kind is Kind.CONTAINER} - before
    return box.name, [f.rule for f in world.container(box.name).findings]


def test_a_seal_closes_one_container_once(trade: World) -> None:
    one, two = lot(trade, 1, 1), lot(trade, 2, 2)
    first, rules = pack(trade, one, 7)
    assert rules == []
    second, rules = pack(trade, two, 7)
    assert rules == ["seal.reused"]
    assert [f.rule for f in trade.container(first).findings] == ["seal.reused"]
    # A broken seal stays broken, and another number is free.
    trade.tell(ContainerOpened(second), by="farm")
    assert pack(trade, two, 7)[1] == ["seal.reused"]
    assert pack(trade, lot(trade, 3, 3), 8)[1] == []


def permit(number: int, kind: str = "EXPORT", marks: tuple[MarkRange, ...] = ()) -> Any:
    row = DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW", marks=marks)
    return f"ZW/{kind}/{number}", Paper(rows=(row,))


@pytest.mark.parametrize(
    ("second", "is_copy", "found_on"),
    [
        (permit(72, marks=tags(10, 19)), False, ["stop", "stop"]),
        (permit(72, marks=tags(10, 19)), True, [None, "check"]),
        (permit(72, marks=tags(11, 20)), False, [None, None]),
        (permit(72, "REEXPORT", marks=tags(1, 10)), False, [None, None]),
    ],
)
def test_a_tag_stands_on_one_permit_of_a_kind(
    trade: World, second: Any, found_on: list[str | None], *, is_copy: bool
) -> None:
    trade.tell(DocumentIssued(*permit(71, marks=tags(1, 10))), by="parks")
    event = DocumentRecorded(*second) if is_copy else DocumentIssued(*second)
    trade.tell(event, by="tannery" if is_copy else "parks")
    names = ["ZW/EXPORT/71", second[0]]
    found_here = [
        next((f.severity.value for f in findings if f.rule == "mark.two-permits"), None)
        for findings in (trade.states[Subject(Kind.DOCUMENT, name)].findings for name in names)
    ]
    assert found_here == found_on
