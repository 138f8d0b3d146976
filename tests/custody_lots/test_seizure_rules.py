"""Seizure: custody to the authority, title by judgment, and the way back for goods and owners."""

from __future__ import annotations

from typing import Any

import pytest
from acting import hold, offered, seize
from trade_world import DAY, World, bred, skins, tags

from ledger.custody.control import (
    LotConfiscated,
    LotInspected,
    LotReleased,
)
from ledger.custody.goods import Part
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotRegistered,
    LotRetired,
    LotStatus,
    LotTransformed,
)
from ledger.custody.transfers import (
    ContainerPacked,
    Moves,
    TransferAccepted,
    TransferDispatched,
    TransferOffered,
)


class TestSeizure:
    def test_custody_goes_to_the_authority_and_offers_end(self, world: World, lot: str) -> None:
        world.tell(offered(world, lot), by="farm")
        accepted = TransferAccepted(world.last_offer())
        world.tell(seize(lot), by="officer")
        state = world.lot(lot)
        assert (state.status, state.holder, state.owner) == (LotStatus.SEIZED, "parks", "farm")
        assert state.head_by == "officer"
        assert world.offers == {}
        assert world.rule(accepted, by="tannery") == "transfer.offer-not-open"
        assert world.rule(offered(world, lot), by="farm") == "lot.not-live"
        transform = LotTransformed("tan", {lot: Part()}, (skins(1, facility=None),))
        assert world.rule(transform, by="farm") == "lot.not-live"

    def test_the_rest_of_the_consignment_goes_on(self, world: World) -> None:
        one, two = world.tell(bred(skins(1), skins(2)), by="farm")
        world.tell(offered(world, one, two), by="farm")
        world.tell(seize(one), by="officer")
        world.tell(TransferAccepted(world.last_offer()), by="tannery")
        assert (world.lot(one).holder, world.lot(two).holder) == ("parks", "tannery")

    def test_refusing_what_was_seized_touches_nothing(self, world: World) -> None:
        one, two = world.tell(bred(skins(1), skins(2)), by="farm")
        world.tell(offered(world, one, two), by="farm")
        world.tell(seize(one), by="officer")
        before = world.lot(one)
        world.tell(TransferAccepted(world.last_offer(), refused=(one,)), by="tannery")
        assert world.lot(one) == before
        assert world.lot(two).holder == "tannery"

    def test_a_part_is_seized_and_the_rest_keeps_its_head(self, world: World, lot: str) -> None:
        head = world.lot(lot).head
        (part,) = world.tell(seize(lot, Part(quantity=7)), by="officer")
        assert (world.lot(part).status, world.lot(part).holder) == (LotStatus.SEIZED, "parks")
        assert (world.lot(lot).holder, world.lot(lot).head) == ("farm", head)
        assert world.lot(lot).contents[0].quantity == 93

    def test_what_is_seized_leaves_its_container(self, world: World) -> None:
        one, two = world.tell(bred(skins(1), skins(2)), by="farm")
        packed = world.signed(ContainerPacked(lots=(one, two)), by="farm")
        world.tell(packed.event, by="farm")
        box = packed.code_of(0)
        world.tell(offered(world, lots={}, containers=(box,)), by="farm")
        world.tell(seize(one), by="officer")
        assert world.container(box).lots == (two,)
        world.tell(TransferAccepted(world.last_offer()), by="tannery")
        assert (world.lot(one).holder, world.lot(two).holder) == ("parks", "tannery")

    def test_twice_is_once(self, world: World, lot: str) -> None:
        world.tell(seize(lot), by="officer")
        assert world.rule(seize(lot), by="inspector") == "lot.not-live"
        assert world.rule(hold(lot), by="inspector") == "lot.not-live"

    def test_a_release_leads_back_to_the_owner(self, world: World, lot: str) -> None:
        world.tell(seize(lot), by="officer")
        release = LotReleased((lot,), "false alarm")
        assert world.rule(release, by="inspector") == "custody.not-holder"
        world.tell(release, by="officer")
        assert world.lot(lot).status is LotStatus.LIVE
        sale = TransferOffered("maker", Moves.BOTH, world.at + DAY, {lot: Part()})
        assert world.rule(sale, by="parks") == "custody.not-allowed"
        back = TransferOffered("farm", Moves.CUSTODY, world.at + DAY, {lot: Part()})
        world.tell(back, by="parks")
        world.tell(TransferAccepted(world.last_offer()), by="farm")
        assert (world.lot(lot).holder, world.lot(lot).owner) == ("farm", "farm")

    def test_title_follows_by_the_same_authority(self, world: World, lot: str) -> None:
        world.tell(seize(lot), by="officer")
        judgment = LotConfiscated((lot,), "judgment of 3 May")
        assert world.rule(judgment, by="inspector") == "custody.not-holder"
        assert world.rule(LotConfiscated((lot,), ""), by="officer") == "control.reason"
        world.tell(judgment, by="officer")
        state = world.lot(lot)
        assert (state.status, state.owner) == (LotStatus.CONFISCATED, "parks")
        offer = TransferOffered("maker", Moves.BOTH, world.at + DAY, {lot: Part()})
        assert world.rule(offer, by="parks") == "lot.not-live"

    @pytest.mark.parametrize("status", ["retired", "departed"])
    def test_goods_that_were_given_up_can_be_seized(
        self, world: World, lot: str, status: str
    ) -> None:
        gone = LotRetired({lot: Part()}, "stolen")
        world.tell(gone if status == "retired" else LotDeparted({lot: Part()}, "retail"), by="farm")
        world.tell(seize(lot), by="officer")
        assert world.lot(lot).status is LotStatus.SEIZED


class TestStateSale:
    """What an authority confiscated comes back as source I, once, with its marks."""

    def sale(self, code: str, quantity: int = 10, **changes: Any) -> LotRegistered:
        goods = skins(quantity, source="I", facility=None, **changes)
        return LotRegistered(Basis.STATE_SALE, (goods,), reference=code)

    def test_once_by_the_authority_that_took_it(self, world: World, marked: str) -> None:
        world.tell(seize(marked), by="officer")
        assert world.rule(self.sale(marked), by="parks") == "basis.re-entry"
        world.tell(LotConfiscated((marked,), "judgment"), by="officer")
        assert world.rule(self.sale(marked), by="customs") == "basis.re-entry"
        assert world.rule(self.sale(marked, 11), by="parks") == "quantity.created"
        (code,) = world.tell(self.sale(marked, marks=tags(1, 10)), by="parks")
        assert world.findings(code) == [("source.unexplained", "check")]
        assert world.lot(code).parents == (marked,)
        assert world.rule(self.sale(marked), by="parks") == "basis.re-entry"

    def test_what_stopped_the_goods_before_does_not_stop_who_buys_them(
        self, world: World, marked: str
    ) -> None:
        world.tell(LotInspected((marked,), "differs", "too many"), by="officer")
        world.tell(seize(marked), by="officer")
        world.tell(LotConfiscated((marked,), "judgment"), by="officer")
        assert world.findings(marked) == [("control.differs", "stop")]
        world.tell(self.sale(marked), by="parks")
        assert world.findings(marked) == []


def test_what_is_seized_on_the_road_is_not_overdue(world: World) -> None:
    # Given goods on their way, of which an officer takes some, then all
    (code,) = world.tell(bred(skins(60)), by="farm")
    world.tell(offered(world, code), by="farm")
    world.tell(TransferDispatched(world.last_offer(), world.at + DAY), by="farm")
    world.tell(seize(code, Part(2)), by="officer")
    assert ("transfer.overdue", "check") in world.findings(code)
    world.tell(seize(code), by="officer")
    # When the day on which they were due has gone, they are with the authority
    world.at += 10 * DAY
    assert world.findings(code) == []
