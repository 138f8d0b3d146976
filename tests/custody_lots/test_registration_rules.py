"""Registration: for each rule one row that passes, and one for each way to break it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, bred, harvested, logs, new_world, skins, tags

from ledger.custody.goods import MarkRange, Measure, NewLot, Part, Row
from ledger.custody.lots import Basis, LotDeparted, LotRegistered, LotStatus
from ledger.custody.subjects import Kind, Subject

PAPER = ("ZW/EXPORT/1",)


def registered(basis: Basis, lot: NewLot, **fields: Any) -> LotRegistered:
    return LotRegistered(basis=basis, lots=(lot,), **fields)


def wild(**changes: Any) -> NewLot:
    return skins(source="W", facility=None, **changes)


PASSING = {
    "bred-on-own-farm": ("farm", bred(skins())),
    "bred-on-own-ranch": ("farm", bred(skins(source="R", facility="farm/ranch"))),
    "several-lots": ("farm", bred(skins(1), skins(2), skins(3))),
    "all-pieces-marked": ("farm", bred(skins(5, marks=tags(1, 5)))),
    "timber-of-own-plot": ("mill", harvested(logs())),
    "wild-animal-without-plot": ("tannery", harvested(wild())),
    "opening-stock": ("tannery", registered(Basis.OPENING_STOCK, wild())),
    "import-with-paper": ("tannery", registered(Basis.IMPORT, wild(documents=PAPER))),
    "other-ledger-by-reference": (
        "tannery",
        registered(Basis.OTHER_LEDGER, wild(), reference="ledger.example.org/za 51PB1X9SFP3J"),
    ),
    "re-entry-by-paper": ("tannery", registered(Basis.RE_ENTRY, wild(documents=PAPER))),
    "state-sale-by-authority": (
        "parks",
        registered(Basis.STATE_SALE, skins(source="I", facility=None)),
    ),
    "antique": (
        "maker",
        registered(Basis.ANTIQUE, wild(documents=PAPER), made_before="1947-03-03"),
    ),
    "also-by-mass": ("farm", bred(skins(also=(Measure(5_000, "GRM"),)))),
    "largest-quantity": ("farm", bred(skins(2**53 - 1))),
}

ivory = NewLot(contents=(Row("Loxodonta africana", "IVC", 500, "GRM", "O", "XX"),), documents=PAPER)

REFUSED = {
    "lot.none": ("farm", LotRegistered(Basis.BRED, ())),
    "custody.not-a-trader:auditor": ("auditor", bred(skins())),
    "custody.not-a-trader:authority": ("parks", harvested(wild())),
    "goods.empty": ("farm", bred(NewLot(contents=()))),
    "goods.too-many-rows": ("farm", bred(NewLot(contents=skins().contents * 101))),
    "goods.year:next": ("farm", bred(skins(year=2028))),
    "goods.year:long-ago": ("farm", bred(skins(year=26))),
    "quantity.zero": ("farm", bred(skins(0))),
    "quantity.zero:negative": ("farm", bred(skins(-1))),
    "quantity.range": ("farm", bred(skins(2**53))),
    "quantity.unit:display-unit": ("farm", bred(skins(unit="KGM"))),
    "quantity.unit:of-other-measure": ("farm", bred(skins(also=(Measure(5, "KGM"),)))),
    "quantity.zero:other-measure": ("farm", bred(skins(also=(Measure(0, "GRM"),)))),
    "taxon.unknown": ("farm", bred(skins(taxon="Crocodylus fictus"))),
    "taxon.ambiguous": (
        "tannery",
        harvested(wild(taxon="Acipenser shyp", term="CAV", unit="GRM", origin="RU")),
    ),
    "taxon.synonym": ("farm", bred(skins(taxon="Crocodilus binuensis"))),
    "taxon.synonym:other-case": ("farm", bred(skins(taxon="crocodylus niloticus"))),
    "taxon.synonym:renamed": (
        "tannery",
        harvested(wild(taxon="Python reticulatus", origin="ID")),
    ),
    "term.historical": ("farm", bred(skins(term="LEA"))),
    "term.unknown": ("farm", bred(skins(term="SKN"))),
    "source.unknown": ("farm", bred(skins(source="Q"))),
    "country.unknown": ("farm", bred(skins(origin="ZZZ"))),
    "pair.source-kingdom:plant-source": ("farm", bred(skins(source="A"))),
    "pair.source-kingdom:animal-source": ("mill", bred(logs(source="C"))),
    "pair.term-unit": ("farm", bred(skins(unit="MLT"))),
    "facility.unknown": ("farm", bred(skins(facility="farm/none"))),
    "facility.not-own": ("tannery", bred(skins())),
    "document.unknown": ("farm", bred(skins(documents=("ZW/EXPORT/9",)))),
    "document.not-in-force": ("farm", bred(skins(documents=("ZW/EXPORT/3",)))),
    "mark.form:not-sorted": ("farm", bred(skins(2, marks=tags(2, 2) + tags(1, 1)))),
    "mark.form:not-merged": ("farm", bred(skins(2, marks=tags(1, 1) + tags(2, 2)))),
    "mark.form:lower-case": (
        "farm",
        bred(skins(1, marks=(MarkRange("CITES", "zw-", 1, 1, 4, ""),))),
    ),
    "mark.form:double-separator": (
        "farm",
        bred(skins(1, marks=(MarkRange("CITES", "ZW--", 1, 1, 4, ""),))),
    ),
    "mark.form:other-digits": (
        "farm",
        bred(skins(1, marks=(MarkRange("CITES", "ZW-\u0661", 0, 0, 0, ""),))),
    ),
    "mark.form:slash-in-scheme": (
        "farm",
        bred(skins(1, marks=(MarkRange("CI/TES", "ZW", 0, 0, 0, ""),))),
    ),
    "mark.too-many": ("farm", bred(skins(1_001, marks=tags(1, 1_001)))),
    "mark.too-many:absurd-range": ("farm", bred(skins(5, marks=tags(1, 10**14)))),
    "mark.too-many:a-range-that-counts-below-nothing": (
        "farm",
        bred(
            skins(1, marks=tags(1, 10**12)),
            skins(1, marks=(MarkRange("CITES", "ZW-", 10**12, 1, 6, ""),)),
        ),
    ),
    "mark.form:backwards": (
        "farm",
        bred(skins(1, marks=(MarkRange("CITES", "ZW-", 2, 1, 6, ""),))),
    ),
    "mark.too-many:over-lots": (
        "farm",
        bred(skins(600, marks=tags(1, 600)), skins(600, marks=tags(601, 1_200))),
    ),
    "mark.count:fewer": ("farm", bred(skins(5, marks=tags(1, 4)))),
    "mark.count:more": ("farm", bred(skins(5, marks=tags(1, 6)))),
    "mark.twice": ("farm", bred(skins(1, marks=tags(1, 1)), skins(1, marks=tags(1, 1)))),
    "basis.field:made-before": ("farm", replace(bred(skins()), made_before="1900-01-01")),
    "basis.field:reference": ("farm", replace(bred(skins()), reference="X")),
    "basis.source:wild-as-bred": ("farm", bred(skins(source="W"))),
    "basis.source:bred-as-harvest": ("tannery", harvested(skins(facility=None))),
    "basis.source:state-sale": (
        "parks",
        registered(Basis.STATE_SALE, wild()),
    ),
    "basis.harvest:timber-without-plot": ("mill", harvested(logs(facility=None))),
    "basis.harvest:timber-of-a-mill": ("mill", harvested(logs(facility="mill/yard"))),
    "basis.harvest:wild-of-a-farm": ("farm", harvested(skins(source="W"))),
    "basis.bred:nowhere": ("farm", bred(skins(facility=None))),
    "basis.bred:ranched-on-farm": ("farm", bred(skins(source="R"))),
    "basis.bred:in-a-tannery": ("tannery", bred(skins(facility="tannery/shed"))),
    "basis.import": ("tannery", registered(Basis.IMPORT, wild())),
    "basis.other-ledger": ("tannery", registered(Basis.OTHER_LEDGER, wild())),
    "basis.re-entry": ("tannery", registered(Basis.RE_ENTRY, wild())),
    "basis.state-sale": (
        "officer",
        registered(Basis.STATE_SALE, skins(source="I", facility=None)),
    ),
    "basis.antique:day-missing": ("maker", registered(Basis.ANTIQUE, ivory)),
    "basis.antique:too-young": (
        "maker",
        registered(Basis.ANTIQUE, ivory, made_before="1947-03-04"),
    ),
    "basis.antique:no-day": ("maker", registered(Basis.ANTIQUE, ivory, made_before="before")),
    "basis.antique:no-paper": (
        "maker",
        registered(Basis.ANTIQUE, replace(ivory, documents=()), made_before="1900-01-01"),
    ),
}


@pytest.mark.parametrize("case", PASSING)
def test_passes(world: World, case: str) -> None:
    by, event = PASSING[case]
    born = world.tell(event, by=by)
    assert len(born) == len(event.lots)


@pytest.mark.parametrize("case", REFUSED)
def test_refused(world: World, case: str) -> None:
    by, event = REFUSED[case]
    assert world.rule(event, by=by) == case.partition(":")[0]


def test_a_lot_is_born_with_number_head_holder_and_signer(world: World) -> None:
    first, second = world.tell(bred(skins(1), skins(2)), by="farm")
    lot = world.lot(second)
    assert (world.lot(first).number, lot.number) == (1, 2)
    assert lot.holder == lot.owner == lot.head_by == lot.born_by == "farm"
    assert lot.head[:16] == lot.birth
    assert [(s.party, s.last) for s in lot.signers] == [("farm", 1)]
    assert lot.status is LotStatus.LIVE


def test_more_than_a_thousand_lots_are_refused(world: World) -> None:
    assert world.rule(bred(*[skins(1)] * 1_001), by="farm") == "lot.too-many"


def test_a_code_is_given_once(world: World) -> None:
    signed = world.signed(bred(skins()), by="farm")
    (code,) = world.tell(bred(skins()), by="farm")
    again = replace(signed, code_of=lambda _: code)
    refusal = world.judge(again)
    assert getattr(refusal, "rule", "") == "lot.code-taken"


def test_opening_stock_comes_once_and_waits_for_an_officer(world: World) -> None:
    stock = registered(Basis.OPENING_STOCK, wild())
    (code,) = world.tell(stock, by="tannery")
    assert world.findings(code) == [("basis.not-attested", "check")]
    assert world.rule(stock, by="tannery") == "basis.opening-stock"
    assert world.rule(stock, by="maker") == ""


FLAGGED = {
    "pair.term-taxon": ("farm", bred(skins(term="CAV", unit="GRM"))),
    "source.appendix": (
        "farm",
        bred(skins(source="D", taxon="Alligator mississippiensis", origin="US")),
    ),
    "source.unexplained": ("tannery", harvested(skins(source="U", facility=None))),
    "origin.outside-range": ("tannery", harvested(wild(origin="FR"))),
}


@pytest.mark.parametrize("rule", FLAGGED)
def test_flagged(world: World, rule: str) -> None:
    by, event = FLAGGED[rule]
    (code,) = world.tell(event, by=by)
    # The farm and the tannery of this world stand in ZW.
    found = [finding for finding in world.findings(code) if finding[0] != "origin.elsewhere"]
    assert found == [(rule, "check")]


def test_unknown_origin_is_not_outside_the_range(world: World) -> None:
    (code,) = world.tell(harvested(wild(origin="XX")), by="tannery")
    assert world.findings(code) == [("origin.elsewhere", "check")]


def test_a_mark_claimed_twice_stops_both_lots_for_that_mark(world: World) -> None:
    (honest,) = world.tell(bred(skins(5, marks=tags(1, 5))), by="farm")
    (clone,) = world.tell(harvested(wild(quantity=3, marks=tags(5, 7))), by="tannery")
    for code in (honest, clone):
        (finding,) = world.lot(code).findings
        assert (finding.rule, finding.severity.value) == ("mark.cloned", "stop")
        assert finding.marks == ("CITES/ZW-2026-000005-NIL",)
    mark = world.states[Subject(Kind.MARK, "CITES/ZW-2026-000005-NIL")]
    assert (mark.claims, mark.lots) == (2, (honest, clone))  # type: ignore[union-attr]


def test_a_third_claim_adds_nothing_to_lots_that_stand_under_a_stop(world: World) -> None:
    (honest,) = world.tell(bred(skins(1, marks=tags(1, 1))), by="farm")
    for _ in range(5):
        (clone,) = world.tell(harvested(wild(quantity=1, marks=tags(1, 1))), by="tannery")
        assert world.findings(clone) == [("mark.cloned", "stop")]
    assert world.findings(honest) == [("mark.cloned", "stop")]


class TestComingBack:
    """Goods that departed come back once, as much as left, with their own marks."""

    def departed(self, world: World) -> str:
        (code,) = world.tell(bred(skins(5, marks=tags(1, 5))), by="farm")
        world.tell(LotDeparted(lots={code: Part()}, how="retail"), by="farm")
        return code

    def back(self, code: str, lot: NewLot) -> LotRegistered:
        return registered(Basis.RE_ENTRY, lot, reference=code)

    def test_once_with_its_marks(self, world: World) -> None:
        code = self.departed(world)
        again = skins(5, marks=tags(1, 5), facility=None)
        (new,) = world.tell(self.back(code, again), by="farm")
        assert world.findings(new) == []
        assert world.lot(new).parents == (code,)
        assert world.rule(self.back(code, again), by="tannery") == "basis.re-entry"

    def test_by_other_hands_is_looked_at(self, world: World) -> None:
        code = self.departed(world)
        (new,) = world.tell(self.back(code, skins(5, facility=None)), by="tannery")
        assert ("basis.other-hands", "check") in world.findings(new)

    def test_never_more_than_left(self, world: World) -> None:
        code = self.departed(world)
        assert world.rule(self.back(code, skins(6, facility=None)), by="tannery") == (
            "quantity.created"
        )
        other = skins(5, source="W", facility=None)
        assert world.rule(self.back(code, other), by="tannery") == "quantity.created"

    def test_not_while_it_is_here(self, world: World) -> None:
        (code,) = world.tell(bred(skins(5)), by="farm")
        again = self.back(code, skins(5, facility=None))
        assert world.rule(again, by="tannery") == "basis.re-entry"


def test_absurd_ranges_are_refused_before_they_are_written_out() -> None:
    world = new_world(full=True)
    huge, below = tags(1, 10**12), (MarkRange("CITES", "ZW-", 10**12, 1, 6, ""),)
    assert world.rule(bred(skins(1, marks=huge)), by="farm") == "envelope.too-many-subjects"
    mixed = bred(skins(1, marks=huge), skins(1, marks=below))
    assert world.rule(mixed, by="farm") == "mark.form"
