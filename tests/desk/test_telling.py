"""What people read before they sign."""

from __future__ import annotations

from typing import get_args

from msgspec.structs import replace

from ledger.custody.events import Event
from ledger.custody.goods import MarkRange, Measure, NewLot, Part, Row
from ledger.custody.lots import Basis, LotMeasured, LotRegistered, LotTransformed
from ledger.custody.marks import MarksAllotted
from ledger.custody.transfers import (
    Moves,
    Short,
    TransferAccepted,
    TransferDispatched,
    TransferOffered,
)
from ledger.desk.telling import SENTENCES, show_part, tell

CODE = "7K3M9QXF2W50"
ROW = Row("Swietenia macrophylla", "LOG", 12_345_000, "CMQ", "W", "BR")
TOLD_ELSEWHERE = {
    "LotRegistered",
    "LotTransformed",
    "TransferOffered",
    "TransferAccepted",
    "LotDeparted",
    "LotRetired",
    "LotHeld",
    "LotSeized",
    "DocumentIssued",
    "DocumentRecorded",
    "PartyEnrolled",
    "FacilityRegistered",
    "DocumentReplaced",
    "SeizureRecorded",
}


def test_every_event_has_its_sentence() -> None:
    events = {kind.__name__ for kind in get_args(Event)}
    assert events == set(SENTENCES) | TOLD_ELSEWHERE
    assert set(SENTENCES) & TOLD_ELSEWHERE == set()


def test_a_registration_is_told_with_codes_and_units() -> None:
    told = tell(LotRegistered(Basis.HARVEST, (NewLot((ROW,)),)), born=(CODE,))
    assert told == [
        "You register 1 lot on the basis harvest:",
        "  7K3M-9QXF-2W50: 12.345 m3 LOG of Swietenia macrophylla, source W, from BR",
    ]


def test_many_lots_are_counted_not_shown() -> None:
    told = tell(LotRegistered(Basis.HARVEST, (NewLot((ROW,)),) * 30))
    assert told[-1] == "  … and 22 more"


def test_times_are_times() -> None:
    told = tell(TransferDispatched(offer=bytes(32), due=1_796_100_000))
    assert "  due: 2026-12-01T04:40:00Z" in told
    offered = TransferOffered(
        "tannery", Moves.CUSTODY, 1_796_100_000, {CODE: Part()}, allows=("carry",)
    )
    assert tell(offered)[-1] == "  open until 2026-12-01T04:40:00Z"


def test_an_acceptance_says_what_is_missing() -> None:
    assert tell(TransferAccepted(bytes(32))) == ["You accept offer 0000000000000000…: all of it."]
    marks = (MarkRange("TAG", "A-", 1, 2, 1, ""),)
    told = tell(TransferAccepted(bytes(32), short={CODE: Short(marks=marks)}))
    assert told[1] == "  short 7K3M-9QXF-2W50: 2 marks A-1..A-2"


def test_waste_is_told() -> None:
    event = LotTransformed("sawing", {CODE: Part()}, outputs=(NewLot((ROW,)),), waste=(ROW,))
    assert any(line.startswith("  waste: 12.345 m3") for line in tell(event))


def test_a_part_is_told_in_the_unit_of_its_goods() -> None:
    part = Part(quantity=2_500_000)
    assert show_part(CODE, part, ("CMQ",)).endswith(": 2.5 m3")
    assert show_part(CODE, part).endswith("(smallest units)")


def test_ranges_of_marks_are_told_as_people_type_them() -> None:
    tags = MarkRange("CROC", "ZW-2026-", 1, 900_000, 6, "-NIL")
    told = tell(MarksAllotted("farm", "CROC", 2026, "2026-01-01", (tags,)))
    assert "  ranges: CROC ZW-2026-000001-NIL..ZW-2026-900000-NIL" in told
    (missing,) = (
        line
        for line in tell(LotMeasured(CODE, "recount", (1,), missing=(replace(tags, last=1),)))
        if "missing" in line
    )
    assert missing == "  missing: CROC ZW-2026-000001-NIL"


def test_what_is_measured_is_told_in_the_unit_of_the_goods() -> None:
    told = tell(LotMeasured(CODE, "drying", (51_200_000,)), units={CODE: ("CMQ",)})
    assert "  quantities: 51.2 m3" in told
    told = tell(LotMeasured(CODE, "drying", (1,), also=(Measure(71_500_000, "CMQ"),)))
    assert "  also: 71.5 m3" in told
