"""Seals close one container once; a tag stands on one permit of a kind."""

from __future__ import annotations

from typing import Any

import pytest
from test_mark_rules import lot, tags
from trade_world import DAY, World

from ledger.custody.control import LotSeized
from ledger.custody.documents import DocumentIssued, DocumentRecorded, DocumentRow, Paper
from ledger.custody.goods import MarkRange, Part
from ledger.custody.marks import MarksAllotted
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import (
    ContainerOpened,
    ContainerPacked,
    Moves,
    TransferAccepted,
    TransferDispatched,
    TransferOffered,
    TransferWithdrawn,
)


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


def copied_box(world: World, code: str) -> str:
    """A container under a seal that closed another one before."""
    pack(world, lot(world, 9, 9), 7)
    return pack(world, code, 7)[0]


def test_whoever_opens_the_box_settles_nothing(trade: World) -> None:
    code = lot(trade, 1, 1)
    box = copied_box(trade, code)
    assert reused(trade, code) == []
    trade.tell(ContainerOpened(box), by="farm")
    assert reused(trade, code) == ["stop"]


def test_nor_who_takes_the_goods_out_of_it(trade: World) -> None:
    code = lot(trade, 1, 1)
    copied_box(trade, code)
    trade.tell(LotSeized({code: Part()}, "a seal twice"), by="officer")
    assert (trade.lot(code).container, reused(trade, code)) == (None, ["stop"])


def test_a_seal_closes_the_boxes_inside_too(trade: World) -> None:
    code = lot(trade, 1, 1)
    inner, _ = pack(trade, code, 8)
    pack(trade, lot(trade, 9, 9), 7)
    before = {s for s in trade.states if s.kind is Kind.CONTAINER}
    trade.tell(ContainerPacked(containers=(inner,), seals=seal(7)), by="farm")
    (outer,) = {s for s in trade.states if s.kind is Kind.CONTAINER} - before
    assert weights(trade, outer.name, inner) == [["stop"], ["stop"]]
    trade.tell(ContainerOpened(outer.name), by="farm")
    assert weights(trade, inner) == [["stop"]]
    trade.tell(ContainerOpened(inner), by="farm")
    assert reused(trade, code) == ["stop"]


def test_an_honest_box_leaves_nothing_behind(trade: World) -> None:
    code = lot(trade, 1, 1)
    box, _ = pack(trade, code, 7)
    copied_box_of = rival_packs(trade, lot(trade, 2, 2), 7, by="tannery")
    assert weights(trade, box, copied_box_of) == [["check"], ["stop"]]
    trade.tell(ContainerOpened(box), by="farm")
    assert reused(trade, code) == []


def rival_packs(world: World, code: str, number: int, *, by: str) -> str:
    """Pack goods of another party under that seal; return the container."""
    world.tell(TransferOffered(by, Moves.BOTH, 1_900_000_000, {code: Part()}), by="farm")
    world.tell(TransferAccepted(world.last_offer()), by=by)
    before = {s for s in world.states if s.kind is Kind.CONTAINER}
    world.tell(ContainerPacked(lots=(code,), seals=seal(number)), by=by)
    (box,) = {s for s in world.states if s.kind is Kind.CONTAINER} - before
    return box.name


def weights(world: World, *boxes: str) -> list[list[str]]:
    return [[f.severity.value for f in world.container(box).findings] for box in boxes]


def test_a_rival_who_copies_a_number_locks_nobody_out(trade: World) -> None:
    honest, _ = pack(trade, lot(trade, 1, 1), 7)
    copied = rival_packs(trade, lot(trade, 2, 2), 7, by="tannery")
    assert weights(trade, honest, copied) == [["check"], ["stop"]]


@pytest.mark.parametrize(
    ("to", "found"),
    [
        pytest.param("farm", [["note"], ["stop"]], id="allotted-to-the-later"),
        pytest.param("tannery", [["stop"], ["check"]], id="allotted-to-the-earlier"),
        pytest.param(None, [["stop"], ["check"]], id="allotted-to-nobody"),
    ],
)
def test_a_rival_who_closes_first_gains_nothing_on_an_allotment(
    trade: World, to: str | None, found: list[list[str]]
) -> None:
    if to is not None:
        event = MarksAllotted(to, "SEAL", 2027, "2026-01-01", seal(7), None)
        trade.tell(event, by="parks")
    copied = rival_packs(trade, lot(trade, 2, 2), 7, by="tannery")
    honest, _ = pack(trade, lot(trade, 1, 1), 7)
    assert weights(trade, honest, copied) == found


def test_an_allotment_is_no_leave_to_use_a_seal_twice(trade: World) -> None:
    trade.tell(MarksAllotted("farm", "SEAL", 2027, "2026-01-01", seal(7), None), by="parks")
    one, _ = pack(trade, lot(trade, 1, 1), 7)
    two, _ = pack(trade, lot(trade, 2, 2), 7)
    assert weights(trade, one, two) == [["check"], ["stop"]]


# -- seals of a load


def send(world: World, *codes: str, number: int, by: str = "farm", to: str = "tannery") -> bytes:
    lots = {code: Part() for code in codes}
    world.tell(TransferOffered(to, Moves.BOTH, 1_900_000_000, lots), by=by)
    offer = world.last_offer()
    world.tell(TransferDispatched(offer, world.at + DAY, seals=seal(number)), by=by)
    return offer


def reused(world: World, code: str) -> list[str]:
    found = world.lot(code).findings
    return [f.severity.value for f in found if f.rule == "seal.reused"]


def test_a_seal_closes_one_load_once(trade: World) -> None:
    one, two, three = (lot(trade, n, n) for n in (1, 2, 3))
    offer = send(trade, one, number=7)
    assert reused(trade, one) == []
    send(trade, two, number=7)
    assert (reused(trade, one), reused(trade, two)) == (["check"], ["stop"])
    trade.tell(TransferAccepted(offer), by="tannery")
    send(trade, three, number=7)
    assert reused(trade, one) == ["check"]
    assert reused(trade, three) == ["stop"]
    four = lot(trade, 4, 4)
    send(trade, four, number=8)
    assert reused(trade, four) == []


def test_several_lots_travel_under_one_seal(trade: World) -> None:
    one, two = lot(trade, 1, 1), lot(trade, 2, 2)
    send(trade, one, two, number=7)
    assert reused(trade, one) == reused(trade, two) == []


@pytest.mark.parametrize("same", [True, False])
def test_goods_travel_on_under_an_unbroken_seal(trade: World, same: bool) -> None:
    one, two = lot(trade, 1, 1), lot(trade, 2, 2)
    trade.tell(TransferAccepted(send(trade, one, number=7)), by="tannery")
    trade.tell(TransferAccepted(send(trade, two, number=8)), by="tannery")
    send(trade, one if same else two, number=7, by="tannery", to="maker")
    assert reused(trade, one if same else two) == ([] if same else ["stop"])


def test_a_load_that_turned_back_leaves_again_under_its_seal(trade: World) -> None:
    code, other = lot(trade, 1, 1), lot(trade, 2, 2)
    trade.tell(TransferWithdrawn(send(trade, code, number=7), "no driver"), by="farm")
    send(trade, code, number=7)
    assert reused(trade, code) == []
    send(trade, other, number=7)
    assert reused(trade, other) == ["stop"]


def test_the_seal_of_a_container_is_named_when_it_leaves(trade: World) -> None:
    code = lot(trade, 1, 1)
    box, _ = pack(trade, code, 7)
    event = TransferOffered("tannery", Moves.BOTH, 1_900_000_000, containers=(box,))
    trade.tell(event, by="farm")
    offer = trade.last_offer()
    trade.tell(TransferDispatched(offer, trade.at + DAY, seals=seal(7)), by="farm")
    trade.tell(TransferAccepted(offer), by="tannery")
    assert reused(trade, code) == []
    assert trade.container(box).findings == ()
    trade.tell(ContainerOpened(box), by="tannery")
    other = lot(trade, 2, 2)
    send(trade, other, number=7)
    assert reused(trade, other) == ["stop"]


def test_the_seal_of_a_load_closes_no_container_afterwards(trade: World) -> None:
    one, two = lot(trade, 1, 1), lot(trade, 2, 2)
    trade.tell(TransferAccepted(send(trade, one, number=7)), by="tannery")
    assert pack(trade, two, 7)[1] == ["seal.reused"]
    assert reused(trade, one) == []


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


def test_a_tag_at_the_end_of_a_long_run_is_found_among_many_single_ones(trade: World) -> None:
    trade.tell(DocumentIssued(*permit(71, marks=tags(1, 1_000))), by="parks")
    singles = tuple(one for n in range(2_000, 2_100, 2) for one in tags(n, n))
    trade.tell(DocumentIssued(*permit(72, marks=singles)), by="parks")
    last = (*tags(1_000, 1_000), *tags(2_050, 2_050))
    trade.tell(DocumentIssued(*permit(73, marks=last)), by="parks")
    found = trade.states[Subject(Kind.DOCUMENT, "ZW/EXPORT/73")].findings
    both = {mark for f in found if f.rule == "mark.two-permits" for mark in f.marks}
    assert len(both) == 2
    trade.tell(DocumentIssued(*permit(74, marks=tags(1_001, 1_001))), by="parks")
    assert trade.states[Subject(Kind.DOCUMENT, "ZW/EXPORT/74")].findings == ()
