"""Custody without title, and containers: who may do what with goods of others, or packed ones."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, World, bred, deal, offer, skins, tags

from ledger.custody.goods import Part
from ledger.custody.lots import LotDeparted, LotMeasured, LotSplit, LotTransformed
from ledger.custody.subjects import Refusal
from ledger.custody.transfers import (
    ContainerOpened,
    ContainerPacked,
    Moves,
    Short,
    TransferAccepted,
    TransferDeclined,
)


class TestCustodyWithoutTitle:
    """A holder who is not the owner does what the owner's offer allows, and may always return."""

    def lend(self, world: World, lot: str, *allows: str) -> None:
        deal(world, lot, moves=Moves.CUSTODY, allows=allows)

    def test_owner_stays(self, world: World, lot: str) -> None:
        self.lend(world, lot, "store", "process")
        state = world.lot(lot)
        assert (state.holder, state.owner) == ("tannery", "farm")
        assert (state.allows, state.came_from) == (("process", "store"), "farm")

    def test_return_is_always_allowed(self, world: World, lot: str) -> None:
        self.lend(world, lot)
        deal(world, lot, by="tannery", to="farm", moves=Moves.CUSTODY)
        state = world.lot(lot)
        assert (state.holder, state.owner, state.allows) == ("farm", "farm", ())
        assert state.came_from is None

    def test_a_carrier_may_give_back_to_whom_it_came_from(self, world: World, lot: str) -> None:
        self.lend(world, lot, "carry")
        deal(world, lot, by="tannery", to="carrier", moves=Moves.CUSTODY, allows=("carry",))
        assert world.lot(lot).came_from == "tannery"
        back = offer(world, lot, to="tannery", moves=Moves.CUSTODY)
        assert world.rule(back, by="carrier") == ""

    @pytest.mark.parametrize(
        ("right", "event"),
        [
            ("carry", lambda w, c: offer(w, c, to="maker", moves=Moves.CUSTODY)),
            ("sell", lambda w, c: offer(w, c, to="maker", moves=Moves.BOTH)),
            ("sell", lambda w, c: offer(w, c, to="maker", moves=Moves.TITLE)),
            ("sell", lambda w, c: LotDeparted(lots={c: Part()}, how="retail")),
            ("process", lambda w, c: LotTransformed("tan", {c: Part()}, (skins(facility=None),))),
            ("process", lambda w, c: LotMeasured(c, "trimming", (100,))),
        ],
    )
    def test_what_is_not_allowed(self, world: World, lot: str, right: str, event: Any) -> None:
        others = [r for r in ("store", "carry", "process", "sell") if r != right]
        self.lend(world, lot, *others)
        refused = world.judge(world.signed(event(world, lot), by="tannery"))
        assert isinstance(refused, Refusal)
        assert (refused.rule, refused.params["right"]) == ("custody.not-allowed", right)

    @pytest.mark.parametrize("right", ["carry", "process", "sell", "store"])
    def test_nobody_allows_more_than_was_allowed(self, world: World, lot: str, right: str) -> None:
        self.lend(world, lot, "carry")
        event = offer(world, lot, to="maker", moves=Moves.CUSTODY, allows=(right,))
        expected = "" if right == "carry" else "custody.not-allowed"
        assert world.rule(event, by="tannery") == expected

    def test_an_agent_sells_for_the_owner(self, world: World, lot: str) -> None:
        self.lend(world, lot, "sell")
        deal(world, lot, by="tannery", to="maker")
        assert (world.lot(lot).holder, world.lot(lot).owner) == ("maker", "maker")

    def test_title_alone_moves_the_owner(self, world: World, lot: str) -> None:
        deal(world, lot, moves=Moves.TITLE)
        state = world.lot(lot)
        assert (state.holder, state.owner, state.allows) == ("farm", "tannery", ("store",))
        sale = LotDeparted(lots={lot: Part()}, how="retail")
        assert world.rule(sale, by="farm") == "custody.not-allowed"
        deal(world, lot, by="farm", moves=Moves.CUSTODY)
        assert world.lot(lot).holder == "tannery"

    def test_the_owner_alone_does_not_move_goods(self, world: World, lot: str) -> None:
        self.lend(world, lot, "store")
        assert world.rule(LotSplit(lot, Part(quantity=1)), by="farm") == "custody.not-holder"
        title = offer(world, lot, to="maker", moves=Moves.TITLE)
        assert world.rule(title, by="farm") == ""


class TestContainers:
    def pack(self, world: World, *lots: str, containers: tuple[str, ...] = ()) -> str:
        signed = world.signed(ContainerPacked(lots=lots, containers=containers), by="farm")
        world.tell(signed.event, by="farm")
        return signed.code_of(0)

    def test_lots_move_with_their_containers(self, world: World) -> None:
        one, two, three = world.tell(bred(*[skins(1)] * 3), by="farm")
        inner = self.pack(world, one, two)
        outer = self.pack(world, three, containers=(inner,))
        assert world.lot(one).container == inner
        deal(world, containers=(outer,))
        assert {world.lot(code).holder for code in (one, two, three)} == {"tannery"}
        assert world.container(inner).holder == world.container(outer).holder == "tannery"
        world.tell(ContainerOpened(outer), by="tannery")
        assert world.lot(three).container is None
        assert world.lot(one).container == inner
        world.tell(ContainerOpened(inner), by="tannery")
        assert world.lot(one).container is None

    def keep(self, world: World, lot: str) -> str:
        """The tannery keeps the farm's lot, in a container."""
        deal(world, lot, moves=Moves.CUSTODY, allows=("store", "carry"))
        signed = world.signed(ContainerPacked(lots=(lot,)), by="tannery")
        world.tell(signed.event, by="tannery")
        return signed.code_of(0)

    def test_the_owner_sells_what_a_keeper_packed(self, world: World, lot: str) -> None:
        box = self.keep(world, lot)
        deal(world, lot, to="maker", moves=Moves.TITLE)
        state = world.lot(lot)
        assert (state.owner, state.holder, state.container) == ("maker", "tannery", box)
        assert world.container(box).lots == (lot,)
        world.tell(ContainerOpened(box), by="tannery")
        deal(world, lot, by="tannery", to="maker", moves=Moves.CUSTODY)
        assert world.lot(lot).holder == "maker"

    def test_a_part_of_what_is_packed_is_not_sold(self, world: World, lot: str) -> None:
        self.keep(world, lot)
        some = offer(world, lots={lot: Part(quantity=1)}, to="maker", moves=Moves.TITLE)
        assert world.rule(some, by="farm") == "container.inside"

    def test_a_container_is_carried_while_what_is_inside_is_on_sale(
        self, world: World, lot: str
    ) -> None:
        box = self.keep(world, lot)
        world.tell(offer(world, lot, to="maker", moves=Moves.TITLE), by="farm")
        sale = world.last_offer()
        carried = {"to": "carrier", "moves": Moves.CUSTODY, "allows": ("carry",)}
        deal(world, by="tannery", containers=(box,), **carried)
        assert (world.lot(lot).holder, world.lot(lot).offer) == ("carrier", sale)
        world.tell(TransferAccepted(offer=sale), by="maker")
        state = world.lot(lot)
        assert (state.owner, state.holder, state.offer) == ("maker", "carrier", None)

    @pytest.mark.parametrize("moves", [Moves.BOTH, Moves.TITLE])
    def test_nothing_is_sold_twice_inside_and_out(
        self, world: World, lot: str, moves: Moves
    ) -> None:
        box = self.pack(world, lot)
        outer = self.pack(world, containers=(box,))
        inner = offer(world, lot, to="maker", moves=Moves.TITLE)
        whole = offer(world, containers=(outer,), moves=moves)
        world.tell(whole, by="farm")
        assert world.rule(inner, by="farm") == "transfer.open-offer"
        world.tell(TransferDeclined(world.last_offer(), "not now"), by="tannery")
        world.tell(inner, by="farm")
        sale = world.last_offer()
        assert world.rule(whole, by="farm") == "transfer.open-offer"
        world.at += 2 * DAY
        later = offer(world, containers=(outer,), moves=moves)
        world.tell(later, by="farm")
        world.tell(TransferAccepted(world.last_offer()), by="tannery")
        assert world.offers.get(sale) is None
        assert world.lot(lot).owner == "tannery"

    def test_what_is_inside_moves_only_with_it(self, world: World, lot: str) -> None:
        box = self.pack(world, lot)
        assert world.rule(offer(world, lot), by="farm") == "container.inside"
        assert world.rule(LotSplit(lot, Part(quantity=1)), by="farm") == "container.inside"
        outer = self.pack(world, containers=(box,))
        opened = ContainerOpened(box)
        assert world.rule(opened, by="farm") == "container.inside"
        assert world.rule(opened, by="tannery") == "custody.not-holder"
        assert world.rule(ContainerOpened(outer), by="farm") == ""

    def test_short_and_refused_leave_the_container(self, world: World) -> None:
        one, two, three = world.tell(bred(skins(10), skins(10), skins(10)), by="farm")
        box = self.pack(world, one, two, three)
        world.tell(offer(world, containers=(box,)), by="farm")
        accepted = TransferAccepted(
            offer=world.last_offer(), short={one: Short(quantity=4)}, refused=(two,)
        )
        (missing,) = world.tell(accepted, by="tannery")
        assert (world.lot(missing).holder, world.lot(missing).container) == ("farm", None)
        assert (world.lot(two).holder, world.lot(two).container) == ("farm", None)
        assert (world.lot(one).holder, world.lot(one).container) == ("tannery", box)
        assert world.container(box).lots == tuple(sorted((one, three)))

    @pytest.mark.parametrize(
        ("rule", "event"),
        [
            ("container.empty", lambda c, b: ContainerPacked()),
            ("container.twice", lambda c, b: ContainerPacked(lots=(c, c))),
            ("container.twice", lambda c, b: ContainerPacked(containers=(b, b))),
            ("container.unknown", lambda c, b: ContainerPacked(containers=("0" * 12,))),
            ("lot.unknown", lambda c, b: ContainerPacked(lots=("0" * 12,))),
            ("container.not-packed", lambda c, b: ContainerPacked(containers=(b,))),
            ("container.not-packed", lambda c, b: ContainerOpened(b)),
            ("mark.form", lambda c, b: ContainerPacked((c,), seals=tags(2, 2) + tags(1, 1))),
        ],
    )
    def test_refused(self, world: World, lot: str, rule: str, event: Any) -> None:
        box = self.pack(world, lot)
        world.tell(ContainerOpened(box), by="farm")
        assert world.rule(event(lot, box), by="farm") == rule

    def test_on_offer_it_stays_closed(self, world: World, lot: str) -> None:
        box = self.pack(world, lot)
        world.tell(offer(world, containers=(box,)), by="farm")
        assert world.rule(ContainerOpened(box), by="farm") == "transfer.open-offer"
        assert world.rule(offer(world, containers=(box,)), by="farm") == "transfer.open-offer"
        world.tell(TransferDeclined(world.last_offer(), "no"), by="tannery")
        assert world.rule(ContainerOpened(box), by="farm") == ""

    def test_named_twice_in_one_offer(self, world: World, lot: str) -> None:
        box = self.pack(world, lot)
        twice = offer(world, containers=(box, box))
        assert world.rule(twice, by="farm") == "container.twice"

    def test_title_of_what_is_inside(self, world: World, lot: str) -> None:
        box = self.pack(world, lot)
        deal(world, containers=(box,), moves=Moves.TITLE)
        assert (world.lot(lot).owner, world.lot(lot).holder) == ("tannery", "farm")
        assert world.container(box).holder == "farm"

    def test_too_full(self, world: World) -> None:
        codes = world.tell(bred(*[skins(1)] * 1_000), by="farm")
        more = world.tell(bred(skins(1)), by="farm")
        assert world.rule(ContainerPacked(lots=(*codes, *more)), by="farm") == (
            "container.too-full"
        )
        box = self.pack(world, *codes[:999])
        full = ContainerPacked(lots=(codes[999],), containers=(box,))
        assert world.rule(full, by="farm") == "container.too-full"
