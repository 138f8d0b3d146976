"""A stop about a mark goes where the piece goes: no process and no count takes it off."""

from __future__ import annotations

from tagging import lot, tags
from trade_world import DAY, World, skins

from ledger.custody.control import LotHeld, LotInspected
from ledger.custody.goods import NewLot, Part, expand
from ledger.custody.lots import Basis, LotMeasured, LotRegistered, LotSplit, LotTransformed
from ledger.custody.marks import MarkReplaced
from ledger.custody.parties import ApprovalGiven
from ledger.custody.transfers import Moves, Short, TransferAccepted, TransferOffered

CLONED = "mark.cloned"


def cloned(world: World, *serials: int) -> str:
    """A lot of three tagged skins; a stranger claims some of its tags, each in a lot of its own."""
    code = lot(world, 1, 3)
    for serial in serials or (1,):
        goods = skins(1, marks=tags(serial, serial), facility=None)
        world.tell(LotRegistered(Basis.OTHER_LEDGER, (goods,), reference="an old one"), by="maker")
    return code


def stopped(world: World, code: str) -> set[str]:
    """Return the marks about which a stop stands on the lot itself."""
    found = world.lot(code).findings
    return {m for f in found if (f.rule, f.severity.value) == (CLONED, "stop") for m in f.marks}


def names(*serials: int) -> set[str]:
    return {name for serial in serials for name in expand(tags(serial, serial))}


def tan(world: World, code: str, part: Part, *outputs: NewLot) -> tuple[str, ...]:
    return world.tell(LotTransformed("tanning", {code: part}, outputs), by="farm")


def leather(quantity: int) -> NewLot:
    return skins(quantity, term="LPS", facility=None)


class TestProcesses:
    def test_the_piece_that_is_drawn_takes_its_stop_along(self, trade: World) -> None:
        code = cloned(trade)
        (new,) = tan(trade, code, Part(marks=tags(1, 1)), skins(1, marks=tags(1, 1), facility=None))
        assert (stopped(trade, code), stopped(trade, new)) == (set(), names(1))

    def test_each_output_has_the_stops_of_the_tags_that_it_keeps(self, trade: World) -> None:
        code = cloned(trade, 1, 2)
        pieces = [skins(1, marks=tags(n, n), facility=None) for n in (1, 2)]
        first, second = tan(trade, code, Part(marks=tags(1, 2)), *pieces)
        assert (stopped(trade, first), stopped(trade, second)) == (names(1), names(2))

    def test_what_lost_its_tag_is_in_any_of_the_outputs(self, trade: World) -> None:
        code = cloned(trade)
        made = tan(trade, code, Part(marks=tags(1, 2)), leather(1), leather(1))
        assert [stopped(trade, new) for new in made] == [names(1)] * 2

    def test_another_piece_is_not_stopped(self, trade: World) -> None:
        code = cloned(trade)
        (new,) = tan(trade, code, Part(marks=tags(2, 2)), skins(1, marks=tags(2, 2), facility=None))
        assert (stopped(trade, code), stopped(trade, new)) == (names(1), set())

    def test_what_is_made_of_all_inherits_it_from_the_lot(self, trade: World) -> None:
        code = cloned(trade)
        (new,) = tan(trade, code, Part(), skins(3, marks=tags(1, 3), facility=None))
        assert (stopped(trade, code), stopped(trade, new)) == (names(1), set())


def replace_tags(world: World, code: str) -> None:
    """The farm puts tags 8 and 9 in place of 1 and 2, and an officer approves."""
    world.tell(MarkReplaced(code, tags(1, 2), tags(8, 9), "damaged", "torn off"), by="farm")
    world.tell(ApprovalGiven(world.lot(code).pending[0].id), by="officer")


class TestReplacements:
    def test_a_new_tag_has_what_was_found_about_the_old_one(self, trade: World) -> None:
        """Else the page of the new tag shows the piece as consistent."""
        code = cloned(trade, 2)
        replace_tags(trade, code)
        assert stopped(trade, code) == names(2, 9)

    def test_it_goes_along_with_the_piece(self, trade: World) -> None:
        code = cloned(trade, 2)
        replace_tags(trade, code)
        (part,) = trade.tell(LotSplit(code, Part(marks=tags(9, 9))), by="farm")
        assert names(9) <= stopped(trade, part)


class TestCounts:
    def short(self, world: World, code: str) -> str:
        """The tannery takes the lot over and misses the first skin: return what it misses."""
        offer = TransferOffered("tannery", Moves.BOTH, world.at + DAY, {code: Part()})
        world.tell(offer, by="farm")
        missing = {code: Short(marks=tags(1, 1))}
        (gone,) = world.tell(TransferAccepted(world.last_offer(), short=missing), by="tannery")
        return gone

    def test_what_a_count_finds_again_is_stopped_as_it_was(self, trade: World) -> None:
        code = cloned(trade, 1, 2)
        self.short(trade, code)
        assert stopped(trade, code) == names(2)
        trade.tell(LotMeasured(code, "recount", (3,)), by="tannery")
        assert stopped(trade, code) == names(1, 2)

    def test_no_count_takes_goods_out_of_an_officers_hold(self, trade: World) -> None:
        code = cloned(trade)
        gone = self.short(trade, code)
        trade.tell(LotHeld({gone: Part()}, "it hung in a shop"), by="officer")
        recount = LotMeasured(code, "recount", (3,))
        assert trade.rule(recount, by="tannery") == "quantity.created"

    def test_nor_what_an_officer_found_to_differ(self, trade: World) -> None:
        code = cloned(trade)
        gone = self.short(trade, code)
        trade.tell(LotInspected((gone,), "differs", "another species"), by="officer")
        recount = LotMeasured(code, "recount", (3,))
        assert trade.rule(recount, by="tannery") == "quantity.created"
