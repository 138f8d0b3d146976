"""The life of a lot: split, measured, transformed, across borders, gone and found again."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, World, bred, skins, tags

from ledger.custody.documents import DocumentRow, DocumentState
from ledger.custody.goods import NewLot, Part
from ledger.custody.lots import (
    LotDeparted,
    LotExported,
    LotFound,
    LotImported,
    LotMeasured,
    LotRetired,
    LotSplit,
    LotStatus,
)
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves, Short, TransferAccepted, TransferOffered

WOOD = "Swietenia macrophylla"


def quantity(world: World, code: str) -> int:
    return world.lot(code).contents[0].quantity


class TestSplit:
    def test_a_part_leaves_and_the_rest_keeps_its_code(self, world: World, marked: str) -> None:
        (part,) = world.tell(LotSplit(marked, Part(marks=tags(3, 4))), by="farm")
        assert (quantity(world, marked), quantity(world, part)) == (8, 2)
        assert world.lot(part).marks == tags(3, 4)
        assert world.lot(marked).marks == tags(1, 2) + tags(5, 10)
        assert world.lot(part).parents == (marked,)
        assert world.lot(part).head == world.lot(marked).head
        mark = world.states[Subject(Kind.MARK, "CITES/ZW-2026-000003-NIL")]
        assert (mark.claims, mark.lots) == (1, (part,))  # type: ignore[union-attr]

    def test_a_stop_on_a_mark_moves_with_the_mark(self, world: World, marked: str) -> None:
        world.tell(bred(skins(1, marks=tags(3, 3))), by="farm")
        (part,) = world.tell(LotSplit(marked, Part(marks=tags(3, 4))), by="farm")
        assert world.findings(marked) == []
        assert world.findings(part) == [("mark.cloned", "stop")]

    @pytest.mark.parametrize(
        ("rule", "by", "part"),
        [
            ("custody.not-holder", "tannery", Part(quantity=1)),
            ("quantity.part-is-all", "farm", Part()),
            ("quantity.part-is-all", "farm", Part(quantity=100)),
            ("quantity.too-much", "farm", Part(quantity=101)),
        ],
    )
    def test_refused(self, world: World, lot: str, rule: str, by: str, part: Part) -> None:
        assert world.rule(LotSplit(lot, part), by=by) == rule

    def test_of_several_rows_a_part_says_which(self, world: World) -> None:
        rows = (*skins(5).contents, *skins(7, term="SID").contents)
        (code,) = world.tell(bred(NewLot(rows, facility="farm/one")), by="farm")
        assert world.rule(LotSplit(code, Part(quantity=1)), by="farm") == "quantity.row-needed"
        (part,) = world.tell(LotSplit(code, Part(row=1)), by="farm")
        assert [row.term for row in world.lot(code).contents] == ["SKI"]
        assert [row.term for row in world.lot(part).contents] == ["SID"]


class TestMeasure:
    @pytest.mark.parametrize(
        ("rule", "cause", "quantities"),
        [
            ("", "drying", (900_000,)),
            ("quantity.created", "drying", (1_000_001,)),
            ("quantity.created", "recount", (1_000_001,)),
            ("quantity.zero", "trimming", (0,)),
            ("quantity.rows", "drying", (1, 2)),
            ("measure.cause", "magic", (900_000,)),
        ],
    )
    def test_mass_only_shrinks(
        self, world: World, timber: str, rule: str, cause: str, quantities: tuple[int, ...]
    ) -> None:
        assert world.rule(LotMeasured(timber, cause, quantities), by="mill") == rule

    def test_pieces_change_by_recount_alone(self, world: World, lot: str) -> None:
        assert world.rule(LotMeasured(lot, "trimming", (99,)), by="farm") == "quantity.pieces"
        world.tell(LotMeasured(lot, "recount", (97,)), by="farm")
        assert world.findings(lot) == [("quantity.missing", "check")]
        assert world.rule(LotMeasured(lot, "recount", (101,)), by="farm") == "quantity.created"
        world.tell(LotMeasured(lot, "recount", (99,)), by="farm")
        assert world.lot(lot).lacking == (1,)
        world.tell(LotMeasured(lot, "recount", (100,)), by="farm")
        assert world.findings(lot) == []

    def test_missing_pieces_are_named_by_their_marks(self, world: World, marked: str) -> None:
        recount = LotMeasured(marked, "recount", (8,), missing=tags(1, 2))
        nameless = LotMeasured(marked, "recount", (8,))
        one = LotMeasured(marked, "recount", (8,), missing=tags(1, 1))
        other = LotMeasured(marked, "recount", (8,), missing=tags(10, 11))
        assert world.rule(nameless, by="farm") == "measure.marks"
        assert world.rule(one, by="farm") == "measure.marks"
        assert world.rule(other, by="farm") == "mark.not-here"
        world.tell(recount, by="farm")
        assert world.lot(marked).marks == tags(3, 10)
        assert world.rule(LotMeasured(marked, "recount", (9,)), by="farm") == "measure.marks"
        world.tell(LotMeasured(marked, "recount", (10,)), by="farm")
        assert world.lot(marked).marks == tags(1, 10)

    def test_a_receiver_finds_what_it_said_was_short(self, world: World, lot: str) -> None:
        missing = short(world, lot, Short(quantity=5))
        assert world.rule(LotMeasured(lot, "recount", (101,)), by="tannery") == ("quantity.created")
        world.tell(LotMeasured(lot, "recount", (98,)), by="tannery")
        assert (quantity(world, lot), quantity(world, missing)) == (98, 2)
        world.tell(LotMeasured(lot, "recount", (100,)), by="tannery")
        assert world.lot(missing).status is LotStatus.USED
        assert world.findings(missing) == []

    def test_marks_come_back_with_what_was_short(self, world: World, marked: str) -> None:
        missing = short(world, marked, Short(marks=tags(1, 2)))
        world.tell(LotMeasured(marked, "recount", (10,)), by="tannery")
        assert world.lot(marked).marks == tags(1, 10)
        assert world.lot(missing).status is LotStatus.USED

    def test_what_the_sender_moved_on_is_not_found_by_the_receiver(
        self, world: World, lot: str
    ) -> None:
        missing = short(world, lot, Short(quantity=5))
        world.tell(LotFound(missing), by="farm")
        assert world.findings(missing) == []
        assert world.rule(LotMeasured(lot, "recount", (100,)), by="tannery") == ("quantity.created")


def short(world: World, code: str, amount: Short) -> str:
    """Let the tannery take a lot of the farm, short by `amount`; return the missing lot."""
    world.tell(TransferOffered("tannery", Moves.BOTH, world.at + DAY, {code: Part()}), by="farm")
    accepted = TransferAccepted(world.last_offer(), short={code: amount})
    (missing,) = world.tell(accepted, by="tannery")
    return missing


class TestBorders:
    @pytest.fixture(autouse=True)
    def papers(self, world: World) -> None:
        row = DocumentRow("Crocodylus niloticus", "SKI", 1_000, "NAR", "C", "ZW")
        for number, status in (("1", "issued"), ("2", "recorded")):
            document = DocumentState(status=status, rows=(row,))
            world.states[Subject(Kind.DOCUMENT, f"ZW/EXPORT/{number}")] = document

    def out(self, *lots: str, **changes: str) -> LotExported:
        fields = {"document": "ZW/EXPORT/1", "from_country": "ZW", "to_country": "FR"}
        return LotExported(lots=lots, **(fields | changes))

    def test_the_country_follows_and_the_paper_stays(self, world: World, lot: str) -> None:
        world.tell(self.out(lot), by="farm")
        assert world.lot(lot).country == "FR"
        assert world.lot(lot).documents == ("ZW/EXPORT/1",)
        world.tell(LotImported((lot,), "ZW/EXPORT/2", "FR"), by="farm")
        assert world.lot(lot).documents == ("ZW/EXPORT/1", "ZW/EXPORT/2")
        assert world.counting(lot) == []

    def test_on_offer_the_receiver_imports(self, world: World, lot: str) -> None:
        offered = TransferOffered("tannery", Moves.BOTH, world.at + DAY, {lot: Part()})
        world.tell(offered, by="farm")
        imported = LotImported((lot,), "ZW/EXPORT/1", "FR")
        assert world.rule(imported, by="maker") == "border.not-concerned"
        world.tell(self.out(lot), by="farm")
        world.tell(imported, by="tannery")
        world.tell(TransferAccepted(world.last_offer()), by="tannery")
        assert world.lot(lot).holder == "tannery"

    @pytest.mark.parametrize(
        ("rule", "by", "changes"),
        [
            ("document.unknown", "farm", {"document": "ZW/EXPORT/9"}),
            ("document.not-in-force", "farm", {"document": "ZW/EXPORT/3"}),
            ("country.unknown", "farm", {"to_country": "QQ"}),
            ("border.country", "farm", {"to_country": "ZW"}),
            ("border.not-concerned", "tannery", {}),
        ],
    )
    def test_refused(
        self, world: World, lot: str, rule: str, by: str, changes: dict[str, str]
    ) -> None:
        assert world.rule(self.out(lot, **changes), by=by) == rule

    def test_lots_are_named_once(self, world: World, lot: str) -> None:
        assert world.rule(self.out(), by="farm") == "lot.none"
        assert world.rule(self.out(lot, lot), by="farm") == "lot.none"
        assert world.rule(self.out("0" * 12), by="farm") == "lot.unknown"

    def test_out_of_another_country_than_they_were_in(self, world: World, lot: str) -> None:
        world.tell(self.out(lot), by="farm")
        world.tell(self.out(lot, from_country="ZA"), by="farm")
        # A permit of one country is shown where the goods leave that country, and nowhere else.
        assert world.counting(lot) == [
            ("border.elsewhere", "check"),
            ("document.other-country", "check"),
            ("document.two-countries", "stop"),
        ]

    def test_into_another_country_than_they_went_to(self, world: World, lot: str) -> None:
        world.tell(self.out(lot), by="farm")
        world.tell(LotImported((lot,), "ZW/EXPORT/1", "CH"), by="farm")
        assert world.counting(lot) == [("border.elsewhere", "check")]


class TestEnds:
    def test_a_part_leaves_and_the_rest_stays(self, world: World, lot: str) -> None:
        (gone,) = world.tell(LotDeparted({lot: Part(quantity=30)}, "abroad", "FR"), by="farm")
        assert (quantity(world, lot), quantity(world, gone)) == (70, 30)
        assert world.lot(lot).status is LotStatus.LIVE
        left = world.lot(gone)
        assert (left.status, left.how, left.country) == (LotStatus.DEPARTED, "abroad", "FR")
        assert left.ended_at == world.at

    @pytest.mark.parametrize(
        ("rule", "event"),
        [
            ("lot.way", lambda c: LotDeparted({c: Part()}, "away")),
            ("border.country", lambda c: LotDeparted({c: Part()}, "abroad")),
            ("country.unknown", lambda c: LotDeparted({c: Part()}, "abroad", "QQ")),
            ("lot.none", lambda c: LotDeparted({}, "retail")),
            ("lot.way", lambda c: LotRetired({c: Part()}, "eaten")),
            ("lot.none", lambda c: LotRetired({}, "lost")),
            ("quantity.too-much", lambda c: LotRetired({c: Part(quantity=101)}, "lost")),
            ("lot.not-lost", LotFound),
            ("lot.unknown", lambda c: LotFound("0" * 12)),
        ],
    )
    def test_refused(self, world: World, lot: str, rule: str, event: Any) -> None:
        assert world.rule(event(lot), by="farm") == rule

    @pytest.mark.parametrize("why", ["lost", "stolen"])
    def test_lost_goods_are_found(self, world: World, lot: str, why: str) -> None:
        world.tell(LotRetired({lot: Part()}, why), by="farm")
        assert world.lot(lot).status is LotStatus.RETIRED
        assert world.rule(LotFound(lot), by="tannery") == "custody.not-holder"
        world.tell(LotFound(lot), by="farm")
        assert world.lot(lot).status is LotStatus.LIVE

    def test_what_was_short_and_is_lost_is_explained(self, world: World, lot: str) -> None:
        missing = short(world, lot, Short(quantity=5))
        world.tell(LotRetired({missing: Part()}, "lost"), by="farm")
        assert world.findings(missing) == []

    @pytest.mark.parametrize("why", ["consumed", "destroyed", "died"])
    def test_what_is_no_more_stays_gone(self, world: World, lot: str, why: str) -> None:
        world.tell(LotRetired({lot: Part()}, why), by="farm")
        assert world.rule(LotFound(lot), by="farm") == "lot.not-lost"

    def test_what_a_count_missed_is_found(self, world: World, marked: str) -> None:
        world.tell(LotMeasured(marked, "recount", (8,), missing=tags(1, 2)), by="farm")
        world.tell(LotFound(marked), by="farm")
        assert quantity(world, marked) == 10
        assert world.lot(marked).marks == tags(1, 10)
        assert world.findings(marked) == []

    def test_on_offer_nothing_ends(self, world: World, lot: str) -> None:
        offered = TransferOffered("tannery", Moves.BOTH, world.at + DAY, {lot: Part()})
        world.tell(offered, by="farm")
        lost = LotRetired({lot: Part()}, "lost")
        assert world.rule(lost, by="farm") == "transfer.open-offer"
        world.at += DAY + 1
        world.tell(lost, by="farm")
        assert world.offers == {}
