"""Transformation: inputs used up, outputs that they can yield, marks that move along."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, harvested, logs, skins, tags

from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import (
    LotStatus,
    LotTransformed,
)
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered

WOOD = "Swietenia macrophylla"


def quantity(world: World, code: str) -> int:
    return world.lot(code).contents[0].quantity


def wood(term: str, amount: int, unit: str = "CMQ", **changes: Any) -> NewLot:
    row = {"taxon": WOOD, "term": term, "quantity": amount, "unit": unit}
    row |= {"source": "W", "origin": "PE"} | changes
    return NewLot(contents=(Row(**row),))  # type: ignore[arg-type]


class TestTransform:
    def saw(self, timber: str, *outputs: NewLot, **changes: Any) -> LotTransformed:
        fields: dict[str, Any] = {"process": "sawing", "inputs": {timber: Part()}}
        return LotTransformed(outputs=outputs, **(fields | changes))

    def test_inputs_are_used_up_and_outputs_are_their_children(
        self, world: World, timber: str
    ) -> None:
        (out,) = world.tell(self.saw(timber, wood("SAW", 500_000), facility="mill/yard"), by="mill")
        assert world.lot(timber).status is LotStatus.USED
        assert world.lot(out).parents == (timber,)
        assert world.lot(out).facility == "mill/yard"
        assert world.findings(out) == []
        assert world.rule(self.saw(timber, wood("SAW", 1)), by="mill") == "lot.not-live"

    @pytest.mark.parametrize(
        ("rule", "outputs"),
        [
            ("", (wood("SAW", 650_000),)),
            ("conversion.too-much", (wood("SAW", 650_001),)),
            ("conversion.too-much", (wood("SAW", 400_000), wood("SAW", 300_000))),
            ("", (wood("LOG", 1_000_000),)),
            ("conversion.too-much", (wood("LOG", 600_000), wood("SAW", 300_000))),
            ("conversion.none", (wood("BAR", 1, "MLT"),)),
            ("transform.taxon-changed", (wood("SAW", 1, taxon="Swietenia mahagoni"),)),
            ("transform.taxon-changed", (wood("SAW", 1, source="A"),)),
            ("transform.taxon-changed", (wood("SAW", 1, origin="BR"),)),
            ("taxon.unknown", (wood("SAW", 1, taxon="Mahogany"),)),
            ("quantity.zero", (wood("SAW", 0),)),
            ("transform.empty", ()),
        ],
    )
    def test_outputs(
        self, world: World, timber: str, rule: str, outputs: tuple[NewLot, ...]
    ) -> None:
        expected = "pair.term-unit" if rule == "conversion.none" else rule
        assert world.rule(self.saw(timber, *outputs), by="mill") == expected

    def test_waste_is_an_output(self, world: World, timber: str) -> None:
        waste = wood("LOG", 500_000).contents
        event = self.saw(timber, wood("SAW", 325_000), waste=waste)
        assert world.rule(event, by="mill") == ""
        more = self.saw(timber, wood("SAW", 325_001), waste=waste)
        assert world.rule(more, by="mill") == "conversion.too-much"
        nothing = self.saw(timber, wood("SAW", 1), waste=wood("LOG", 0).contents)
        assert world.rule(nothing, by="mill") == "quantity.zero"

    def test_no_way_back(self, world: World, timber: str) -> None:
        (sawn,) = world.tell(self.saw(timber, wood("SAW", 500_000)), by="mill")
        assert world.rule(self.saw(sawn, wood("LOG", 1)), by="mill") == "conversion.none"

    def test_above_what_is_usual_is_a_check(self, world: World, timber: str) -> None:
        (out,) = world.tell(self.saw(timber, wood("SAW", 550_001)), by="mill")
        assert world.findings(out) == [("conversion.unusual", "check")]

    def test_above_an_estimate_is_a_check(self, world: World, timber: str) -> None:
        (out,) = world.tell(self.saw(timber, wood("VEN", 700_000)), by="mill")
        assert world.findings(out) == [("conversion.above-estimate", "check")]

    def test_no_estimate_makes_volume_grow(self, world: World, timber: str) -> None:
        assert world.rule(self.saw(timber, wood("VEN", 1_000_000)), by="mill") == ""
        for outputs in ((1_000_001,), (600_000, 400_001)):
            event = self.saw(timber, *(wood("VEN", out) for out in outputs))
            assert world.rule(event, by="mill") == "conversion.too-much"

    def test_a_splinter_with_an_estimate_lets_nothing_more_out(
        self, world: World, timber: str
    ) -> None:
        (splinter,) = world.tell(harvested(logs(1, term="TIM")), by="mill")
        inputs = {timber: Part(), splinter: Part()}
        most = self.saw(timber, wood("SAW", 650_001), inputs=inputs)
        assert world.rule(most, by="mill") == ""
        more = self.saw(timber, wood("SAW", 650_002), inputs=inputs)
        assert world.rule(more, by="mill") == "conversion.too-much"

    def test_inputs_are_drawn_in_part(self, world: World, timber: str) -> None:
        part = {timber: Part(quantity=400_000)}
        too_much = self.saw(timber, wood("SAW", 260_001), inputs=part)
        assert world.rule(too_much, by="mill") == "conversion.too-much"
        world.tell(self.saw(timber, wood("SAW", 200_000), inputs=part), by="mill")
        assert (world.lot(timber).status, quantity(world, timber)) == (LotStatus.LIVE, 600_000)

    @pytest.mark.parametrize(
        ("rule", "changes"),
        [
            ("transform.empty", {"inputs": {}}),
            ("transform.process", {"process": ""}),
            ("transform.process", {"process": "x" * 65}),
            ("lot.unknown", {"inputs": {"0" * 12: Part()}}),
            ("facility.unknown", {"facility": "mill/none"}),
            ("facility.not-own", {"facility": "farm/one"}),
        ],
    )
    def test_terms(self, world: World, timber: str, rule: str, changes: dict[str, Any]) -> None:
        assert world.rule(self.saw(timber, wood("SAW", 1), **changes), by="mill") == rule

    def test_by_the_holder_alone(self, world: World, timber: str) -> None:
        event = self.saw(timber, wood("SAW", 1))
        assert world.rule(event, by="maker") == "custody.not-holder"

    def test_skins_become_sides_with_their_marks(self, world: World, marked: str) -> None:
        one, two = (MarkRange("CITES", f"ZW-2026-00000{i}-NIL", 0, 0, 0, "") for i in (1, 2))
        assert (one.count, two.count) == (1, 1)
        sides = skins(2, term="SID", marks=tags(1, 2), facility=None)
        (out,) = world.tell(
            LotTransformed("cutting", {marked: Part(marks=tags(1, 2))}, (sides,)), by="farm"
        )
        assert world.findings(out) == world.findings(marked) == []
        assert world.lot(marked).marks == tags(3, 10)
        mark = world.states[Subject(Kind.MARK, "CITES/ZW-2026-000001-NIL")]
        assert (mark.claims, mark.lots) == (1, (out,))  # type: ignore[union-attr]

    def test_a_mark_that_was_not_drawn_is_a_second_claim(self, world: World, marked: str) -> None:
        sides = skins(1, term="SID", marks=tags(9, 9), facility=None)
        event = LotTransformed("cutting", {marked: Part(marks=tags(1, 2))}, (sides,))
        (out,) = world.tell(event, by="farm")
        assert world.findings(out) == world.findings(marked) == [("mark.cloned", "stop")]

    def test_a_claim_that_did_not_go_in(self, world: World, timber: str) -> None:
        claimed = replace(wood("SAW", 500_000), claim="FSC 100%")
        (out,) = world.tell(self.saw(timber, claimed), by="mill")
        assert world.findings(out) == [("claim.upgrade", "stop")]
        (again,) = world.tell(self.saw(out, replace(claimed, claim="FSC 100%")), by="mill")
        assert world.findings(again) == []

    def test_goods_of_two_owners_stay_apart(self, world: World, lot: str) -> None:
        (own,) = world.tell(harvested(skins(1, source="W", facility=None)), by="tannery")
        lend = TransferOffered(
            "tannery", Moves.CUSTODY, world.at + DAY, {lot: Part()}, allows=("process",)
        )
        world.tell(lend, by="farm")
        world.tell(TransferAccepted(world.last_offer()), by="tannery")
        tanned = skins(100, facility=None)
        event = LotTransformed("tan", {lot: Part(), own: Part()}, (tanned,))
        assert world.rule(event, by="tannery") == "transform.owners"
        (out,) = world.tell(LotTransformed("tan", {lot: Part()}, (tanned,)), by="tannery")
        assert (world.lot(out).holder, world.lot(out).owner) == ("tannery", "farm")
        assert world.lot(out).allows == ("process",)
