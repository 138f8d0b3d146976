"""Transfers: for each rule one story that passes, and one for each way to break it."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, World, bred, deal, offer, skins, tags

from ledger.custody.goods import Part
from ledger.custody.lots import LotDeparted
from ledger.custody.parties import PartyState
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import (
    Moves,
    Short,
    TransferAccepted,
    TransferDeclined,
    TransferDispatched,
    TransferWithdrawn,
)


@pytest.fixture
def marked(world: World) -> str:
    (code,) = world.tell(bred(skins(100, marks=tags(1, 100))), by="farm")
    return code


class TestOffer:
    def test_a_whole_lot_changes_hands(self, world: World, lot: str) -> None:
        deal(world, lot)
        state = world.lot(lot)
        assert (state.holder, state.owner, state.offer) == ("tannery", "tannery", None)
        assert state.head_by == "tannery"
        assert {s.party for s in state.signers} == {"farm", "tannery"}
        assert world.offers == {}

    @pytest.mark.parametrize(
        ("rule", "changes"),
        [
            ("transfer.empty", {"lots": {}}),
            ("transfer.to-self", {"to": "farm"}),
            ("transfer.receiver-unknown", {"to": "nobody"}),
            ("transfer.receiver-role", {"to": "auditor"}),
            ("transfer.expires", {"expires": 0}),
            ("transfer.allows", {"allows": ("sell",)}),
            ("transfer.allows", {"allows": ("eat",), "moves": Moves.CUSTODY}),
            ("transfer.allows", {"allows": ("sell", "sell"), "moves": Moves.CUSTODY}),
            ("document.unknown", {"documents": ("ZW/EXPORT/9",)}),
            ("document.not-in-force", {"documents": ("ZW/EXPORT/3",)}),
            ("lot.unknown", {"lots": {"000000000000": Part()}}),
            ("container.unknown", {"containers": ("000000000000",)}),
        ],
    )
    def test_terms(self, world: World, lot: str, rule: str, changes: dict[str, Any]) -> None:
        assert world.rule(offer(world, lot, **changes), by="farm") == rule

    def test_to_a_suspended_party(self, world: World, lot: str) -> None:
        tannery = PartyState(country="ZW", roles=("tannery",), status="suspended", keys={})
        world.states[Subject(Kind.PARTY, "tannery")] = tannery
        assert world.rule(offer(world, lot), by="farm") == "transfer.receiver-suspended"

    def test_offer_by_former_custodian(self, world: World, lot: str) -> None:
        deal(world, lot)
        assert world.rule(offer(world, lot, to="maker"), by="farm") == "custody.not-holder"

    def test_title_by_one_who_never_had_it(self, world: World, lot: str) -> None:
        event = offer(world, lot, moves=Moves.TITLE, to="maker")
        assert world.rule(event, by="tannery") == "custody.not-owner"

    def test_one_open_offer_for_each_lot(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        assert world.rule(offer(world, lot, to="maker"), by="farm") == "transfer.open-offer"

    def test_an_expired_offer_gives_way_to_a_new_one(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        world.at += DAY + 1
        world.tell(offer(world, lot, to="maker"), by="farm")
        assert len(world.offers) == 1

    def test_a_departed_lot(self, world: World, lot: str) -> None:
        world.tell(LotDeparted(lots={lot: Part()}, how="retail"), by="farm")
        assert world.rule(offer(world, lot), by="farm") == "lot.not-live"

    def test_more_lots_than_an_offer_moves(self, world: World) -> None:
        codes = world.tell(bred(*[skins(1)] * 1_000), by="farm")
        more = world.tell(bred(skins(1)), by="farm")
        assert world.rule(offer(world, *codes), by="farm") == ""
        assert world.rule(offer(world, *codes, *more), by="farm") == "transfer.too-many"

    @pytest.mark.parametrize(
        ("rule", "part"),
        [
            ("", Part(quantity=99)),
            ("quantity.part-is-all", Part(quantity=100)),
            ("quantity.too-much", Part(quantity=101)),
            ("quantity.zero", Part(quantity=0)),
            ("quantity.no-such-row", Part(quantity=1, row=1)),
            ("mark.not-here", Part(marks=tags(1, 1))),
        ],
    )
    def test_parts(self, world: World, lot: str, rule: str, part: Part) -> None:
        assert world.rule(offer(world, lots={lot: part}), by="farm") == rule

    @pytest.mark.parametrize(
        ("rule", "part"),
        [
            ("", Part(marks=tags(1, 99))),
            ("", Part(marks=tags(1, 5), quantity=5)),
            ("mark.needed", Part(quantity=5)),
            ("mark.count", Part(marks=tags(1, 5), quantity=6)),
            ("mark.not-here", Part(marks=tags(100, 101))),
            ("mark.not-here", Part(marks=tags(2, 2) + tags(1, 1))),
            ("quantity.part-is-all", Part(marks=tags(1, 100))),
        ],
    )
    def test_marked_parts(self, world: World, marked: str, rule: str, part: Part) -> None:
        assert world.rule(offer(world, lots={marked: part}), by="farm") == rule


class TestAnswer:
    def accept(self, world: World, **fields: Any) -> TransferAccepted:
        return TransferAccepted(offer=world.last_offer(), **fields)

    def test_by_the_addressee_alone(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        assert world.rule(self.accept(world), by="maker") == "transfer.not-addressed"
        assert world.rule(self.accept(world), by="farm") == "transfer.not-addressed"

    def test_once(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        again = self.accept(world)
        world.tell(again, by="tannery")
        assert world.rule(again, by="tannery") == "transfer.offer-not-open"

    def test_until_the_last_second(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        world.at += DAY
        assert world.rule(self.accept(world), by="tannery") == ""
        world.at += 1
        assert world.rule(self.accept(world), by="tannery") == "transfer.expired"

    def test_not_after_withdrawal(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        late = self.accept(world)
        world.tell(TransferWithdrawn(offer=late.offer, reason="sold out"), by="farm")
        assert world.rule(late, by="tannery") == "transfer.offer-not-open"
        assert world.lot(lot).holder == "farm"

    def test_what_is_missing_stays_with_the_sender(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        (missing,) = world.tell(self.accept(world, short={lot: Short(quantity=3)}), by="tannery")
        came, lost = world.lot(lot), world.lot(missing)
        assert (came.holder, came.contents[0].quantity) == ("tannery", 97)
        assert (lost.holder, lost.owner, lost.contents[0].quantity) == ("farm", "farm", 3)
        assert (lost.missing_of, lost.parents) == (lot, (lot,))
        assert world.findings(missing) == [("transfer.short", "check")]
        assert world.findings(lot) == []

    def test_missing_marks_move_to_the_missing_lot(self, world: World, marked: str) -> None:
        world.tell(offer(world, marked), by="farm")
        short = {marked: Short(marks=tags(7, 8))}
        (missing,) = world.tell(self.accept(world, short=short), by="tannery")
        assert world.lot(missing).marks == tags(7, 8)
        assert world.lot(marked).marks == tags(1, 6) + tags(9, 100)
        mark = world.states[Subject(Kind.MARK, "CITES/ZW-2026-000007-NIL")]
        assert mark.lots == (missing,)  # type: ignore[union-attr]

    def test_a_part_is_born_with_the_receiver(self, world: World, lot: str) -> None:
        world.tell(offer(world, lots={lot: Part(quantity=40)}), by="farm")
        accepted = self.accept(world, short={lot: Short(quantity=1)})
        missing, part = world.tell(accepted, by="tannery")
        quantities = [world.lot(code).contents[0].quantity for code in (lot, missing, part)]
        holders = [world.lot(code).holder for code in (lot, missing, part)]
        assert quantities == [60, 1, 39]
        assert holders == ["farm", "farm", "tannery"]
        assert world.lot(part).parents == (lot,)

    def test_births_in_the_order_of_codes(self, world: World) -> None:
        codes = sorted(world.tell(bred(*[skins(10)] * 3), by="farm"))
        lots = dict(zip(codes, (Part(), Part(quantity=5), Part(quantity=6)), strict=True))
        world.tell(offer(world, lots=lots), by="farm")
        short = {codes[2]: Short(quantity=1), codes[0]: Short(quantity=2)}
        born = world.tell(self.accept(world, short=short), by="tannery")
        assert [world.lot(code).parents[0] for code in born] == [
            codes[0],
            codes[2],
            codes[1],
            codes[2],
        ]
        assert [world.lot(code).contents[0].quantity for code in born] == [2, 1, 5, 5]

    def test_refused_lots_stay_with_the_sender(self, world: World) -> None:
        one, two = world.tell(bred(skins(1), skins(2)), by="farm")
        world.tell(offer(world, one, two), by="farm")
        world.tell(self.accept(world, refused=(two,)), by="tannery")
        assert (world.lot(one).holder, world.lot(two).holder) == ("tannery", "farm")
        assert world.lot(two).offer is None
        assert world.lot(two).head_by == "tannery"
        assert world.rule(offer(world, two), by="farm") == ""

    @pytest.mark.parametrize(
        ("rule", "fields"),
        [
            ("transfer.not-offered", {"short": {"000000000000": Short(quantity=1)}}),
            ("transfer.not-offered", {"refused": ("000000000000",)}),
            ("quantity.needed", {"short": {"LOT": Short()}}),
            ("quantity.zero", {"short": {"LOT": Short(quantity=0)}}),
            ("quantity.too-much", {"short": {"LOT": Short(quantity=101)}}),
            ("quantity.part-is-all", {"short": {"LOT": Short(quantity=100)}}),
            ("mark.not-here", {"short": {"LOT": Short(marks=tags(1, 1))}}),
            ("transfer.both", {"short": {"LOT": Short(quantity=1)}, "refused": ("LOT",)}),
            ("transfer.all-refused", {"refused": ("LOT",)}),
        ],
    )
    def test_exceptions(self, world: World, lot: str, rule: str, fields: dict[str, Any]) -> None:
        world.tell(offer(world, lot), by="farm")
        named: dict[str, Any] = {}
        for name, value in fields.items():
            if isinstance(value, dict):
                named[name] = {lot if k == "LOT" else k: v for k, v in value.items()}
            else:
                named[name] = tuple(lot if k == "LOT" else k for k in value)
        assert world.rule(self.accept(world, **named), by="tannery") == rule

    def test_nothing_is_short_where_title_moves(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot, moves=Moves.TITLE), by="farm")
        accepted = self.accept(world, short={lot: Short(quantity=1)})
        assert world.rule(accepted, by="tannery") == "transfer.short-title"

    def test_declined(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        no = TransferDeclined(offer=world.last_offer(), reason="wet")
        assert world.rule(no, by="maker") == "transfer.not-addressed"
        world.tell(no, by="tannery")
        assert (world.lot(lot).holder, world.lot(lot).offer) == ("farm", None)
        assert world.rule(no, by="tannery") == "transfer.offer-not-open"

    def test_who_ends_an_offer_says_why(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        offer_id = world.last_offer()
        assert world.rule(TransferDeclined(offer_id, " "), by="tannery") == "transfer.reason"
        assert world.rule(TransferWithdrawn(offer_id, ""), by="farm") == "transfer.reason"
        withdrawn = TransferWithdrawn(offer_id, "error")
        assert world.rule(withdrawn, by="tannery") == "transfer.not-sender"


class TestDispatch:
    def send(self, world: World, **changes: Any) -> TransferDispatched:
        fields = {"offer": world.last_offer(), "due": world.at + 3_600} | changes
        return TransferDispatched(**fields)

    def test_leaves_a_deadline_and_no_head(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        head = world.lot(lot).head
        world.tell(self.send(world, carrier="carrier", seals=tags(1, 2)), by="farm")
        (finding,) = world.lot(lot).findings
        assert (finding.rule, finding.from_at) == ("transfer.overdue", world.at + 3_600)
        assert world.lot(lot).head == head
        world.tell(TransferAccepted(offer=world.last_offer()), by="tannery")
        assert world.findings(lot) == []

    def test_late_arrival_is_looked_at(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        world.tell(self.send(world), by="farm")
        world.at += 7_200
        world.tell(TransferAccepted(offer=world.last_offer()), by="tannery")
        assert world.findings(lot) == [("transfer.late", "check")]

    def test_recalled_after_dispatch_is_looked_at(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        world.tell(self.send(world), by="farm")
        world.tell(TransferWithdrawn(offer=world.last_offer(), reason="no"), by="farm")
        assert world.findings(lot) == [("transfer.recalled", "check")]

    @pytest.mark.parametrize(
        ("rule", "by", "changes"),
        [
            ("transfer.offer-not-open", "farm", {"offer": bytes(32)}),
            ("transfer.not-sender", "tannery", {}),
            ("transfer.due", "farm", {"due": 1}),
            ("transfer.carrier-unknown", "farm", {"carrier": "nobody"}),
            ("mark.form", "farm", {"seals": tags(2, 2) + tags(1, 1)}),
        ],
    )
    def test_refused(
        self, world: World, lot: str, rule: str, by: str, changes: dict[str, Any]
    ) -> None:
        world.tell(offer(world, lot), by="farm")
        assert world.rule(self.send(world, **changes), by=by) == rule

    def test_once_and_in_time_and_with_goods(self, world: World, lot: str) -> None:
        world.tell(offer(world, lot), by="farm")
        world.tell(self.send(world), by="farm")
        assert world.rule(self.send(world), by="farm") == "transfer.dispatched"
        (other,) = world.tell(bred(skins()), by="farm")
        world.tell(offer(world, other, moves=Moves.TITLE), by="farm")
        assert world.rule(self.send(world), by="farm") == "transfer.nothing-to-carry"
        world.at += DAY + 1
        assert world.rule(self.send(world), by="farm") == "transfer.expired"
