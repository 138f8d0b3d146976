"""Ways past a quota, a suspension or a ban: a wider name, a form, a measure, a region, a way in."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, a_quota, bred, harvested, logs, skins

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.goods import Measure
from ledger.custody.lots import Basis, LotExported, LotMeasured, LotRegistered
from ledger.custody.references import (
    Ban,
    BanDeclared,
    Listing,
    ListingChanged,
    QuotaSet,
    Suspension,
    SuspensionDeclared,
)
from ledger.custody.stocks import SizeClass, StockDeclared
from ledger.custody.subjects import Kind, Subject

SPECIES, BROWN, YACARE = "Caiman crocodilus", "Caiman crocodilus fuscus", "Caiman yacare"
NILE = "Crocodylus niloticus"
PAPER = "ZW/EXPORT/1"
CHECK, STOP = "check", "stop"


def found(world: World, code: str, rule: str) -> list[str]:
    return [severity for name, severity in world.findings(code) if name == rule]


def taken(world: World, quantity: int = 5, **changes: Any) -> str:
    own = {"source": "W", "facility": None} | changes
    (code,) = world.tell(harvested(skins(quantity, **own)), by="farm")
    return code


def paper(world: World, name: str = PAPER, **changes: Any) -> None:
    state = DocumentState(**{"status": "issued", "by": "parks", "purpose": "T"} | changes)
    world.states[Subject(Kind.DOCUMENT, name)] = state


class TestSpeciesWithSubspecies:
    """A species' name hides none of its subspecies, as a genus hides none of its species."""

    @pytest.mark.parametrize(
        ("set_for", "named", "expected"),
        [
            pytest.param(BROWN, SPECIES, [CHECK], id="the-species-may-be-it"),
            pytest.param(BROWN, BROWN, [], id="the-subspecies-draws"),
            pytest.param(BROWN, "Caiman crocodilus yacare", [], id="another-subspecies"),
            pytest.param(YACARE, SPECIES, [CHECK], id="set-in-another-name"),
            pytest.param(BROWN, "Caiman latirostris", [], id="a-species-without-any"),
            pytest.param("Caiman latirostris", SPECIES, [], id="another-species"),
        ],
    )
    def test_of_quotas(self, world: World, set_for: str, named: str, expected: list[str]) -> None:
        quota = a_quota("BROWN", set_for, 100, counts="harvest")
        world.tell(QuotaSet((quota,)), by="parks")
        assert found(world, taken(world, taxon=named), "quota.group-name") == expected

    @pytest.mark.parametrize(
        ("named", "expected"),
        [(SPECIES, [CHECK]), (BROWN, [STOP]), ("Caiman latirostris", [])],
    )
    def test_of_suspensions(self, world: World, named: str, expected: list[str]) -> None:
        suspended = Suspension("ZW-1", "ZW", "2026-01-01", taxon=BROWN)
        world.tell(SuspensionDeclared((suspended,)), by="parks")
        paper(world)
        (code,) = world.tell(bred(skins(5, taxon=named)), by="farm")
        world.tell(LotExported((code,), PAPER, "ZW", "FR"), by="farm")
        assert found(world, code, "suspension.in-force") == expected

    @pytest.mark.parametrize(
        ("named", "expected"),
        [(SPECIES, [CHECK]), (BROWN, [STOP]), ("Caiman latirostris", [])],
    )
    def test_of_bans(self, world: World, named: str, expected: list[str]) -> None:
        ban = Ban("ZW-B", "ZW", BROWN, "2026-01-01", ("harvest",))
        world.tell(BanDeclared((ban,)), by="parks")
        assert found(world, taken(world, taxon=named), "ban.in-force") == expected

    def test_of_farm_stocks(self, world: World) -> None:
        event = StockDeclared("farm/one", BROWN, counts=(SizeClass("all", 10),))
        world.tell(event, by="farm")
        (code,) = world.tell(bred(skins(11, taxon=SPECIES)), by="farm")
        assert found(world, code, "stock.group-name") == [CHECK]
        assert found(world, code, "stock.below-zero") == [CHECK]


class TestCutBeforeItIsCounted:
    QUOTA = a_quota("SKINS", "Python sebae", 0, counts="harvest", terms=("SKI",))

    @pytest.mark.parametrize(
        ("term", "unit", "expected"),
        [
            pytest.param("SKP", "NAR", [CHECK], id="pieces-of-skin"),
            pytest.param("SKP", "GRM", [CHECK], id="pieces-by-weight"),
            pytest.param("SKU", "NAR", [], id="skulls"),
        ],
    )
    def test_skins(self, world: World, term: str, unit: str, expected: list[str]) -> None:
        world.tell(QuotaSet((self.QUOTA,)), by="parks")
        code = taken(world, taxon="Python sebae", term=term, unit=unit)
        assert found(world, code, "quota.other-form") == expected

    def test_pieces_may_have_a_quota_of_their_own(self, world: World) -> None:
        pieces = replace(self.QUOTA, quota="PIECES", amount=9, terms=("SKP",))
        world.tell(QuotaSet((self.QUOTA, pieces)), by="parks")
        code = taken(world, taxon="Python sebae", term="SKP")
        assert found(world, code, "quota.other-form") == []

    def test_a_quota_of_living_animals_is_none_of_skins(self, world: World) -> None:
        world.tell(QuotaSet((replace(self.QUOTA, terms=("LIV",)),)), by="parks")
        assert found(world, taken(world, taxon="Python sebae"), "quota.other-form") == []

    @pytest.mark.parametrize(
        ("term", "expected"), [("SAW", [CHECK]), ("TIM", [CHECK]), ("LOG", [])]
    )
    def test_wood(self, world: World, term: str, expected: list[str]) -> None:
        quota = a_quota("LOGS", "Swietenia macrophylla", 10**9, counts="harvest", terms=("LOG",))
        quota = replace(quota, country="PE", unit="CMQ")
        world.tell(QuotaSet((quota,)), by="parks")
        (code,) = world.tell(harvested(logs(term=term)), by="mill")
        assert found(world, code, "quota.other-form") == expected


KILO = 1_000


class TestMeasuresThatDoNotFit:
    """Of two measures of the same goods a quota takes the one in its own unit."""

    @pytest.mark.parametrize(
        ("quantity", "pieces", "expected"),
        [
            pytest.param(2_000 * KILO, 1, [CHECK], id="a-truck-of-skins-as-one"),
            pytest.param(20 * KILO, 1, [], id="the-heaviest-skin"),
            pytest.param(20 * KILO + 1, 1, [CHECK], id="a-gram-more"),
            pytest.param(20 * KILO, 400, [], id="small-ones"),
        ],
    )
    def test_skins(self, world: World, quantity: int, pieces: int, expected: list[str]) -> None:
        lot = skins(quantity, unit="GRM", also=(Measure(pieces, "NAR"),))
        (code,) = world.tell(bred(lot), by="farm")
        assert found(world, code, "quantity.measures") == expected

    @pytest.mark.parametrize(
        ("mass_kg", "expected"),
        [
            pytest.param(99, [CHECK], id="lighter-than-balsa"),
            pytest.param(100, [], id="as-light-as-wood-can-be"),
            pytest.param(850, [], id="mahogany"),
            pytest.param(1_400, [], id="as-heavy-as-wood-can-be"),
            pytest.param(1_401, [CHECK], id="heavier-than-wood"),
        ],
    )
    def test_wood(self, world: World, mass_kg: int, expected: list[str]) -> None:
        lot = logs(1_000_000, also=(Measure(mass_kg * KILO, "GRM"),))
        (code,) = world.tell(harvested(lot), by="mill")
        assert found(world, code, "quantity.measures") == expected

    def test_a_measure_that_is_told_later(self, world: World) -> None:
        (code,) = world.tell(harvested(logs(1_000_000)), by="mill")
        world.tell(
            LotMeasured(code, "drying", (900_000,), also=(Measure(5, "GRM"),)),
            by="mill",
        )
        assert found(world, code, "quantity.measures") == [CHECK]

    @pytest.mark.parametrize(
        "lot",
        [
            pytest.param(skins(9, also=(Measure(70, "CMK"),)), id="skins-by-area"),
            pytest.param(skins(9, term="LIV", also=(Measure(10**7, "GRM"),)), id="animals"),
            pytest.param(
                replace(
                    skins(9, also=(Measure(10**9, "GRM"),)),
                    contents=(*skins(9).contents, *skins(8, source="F").contents),
                ),
                id="of-several-rows-nobody-can-tell",
            ),
        ],
    )
    def test_what_nobody_can_compare(self, world: World, lot: Any) -> None:
        (code,) = world.tell(bred(lot), by="farm")
        assert found(world, code, "quantity.measures") == []


PYTHON = "Python breitensteini"
ALL = a_quota("ALL", PYTHON, 20, counts="harvest", terms=("SKI",))
NORTH = replace(ALL, quota="NORTH", amount=10, region="north")
SOUTH = replace(NORTH, quota="SOUTH", region="south", terms=("SKI", "SID"))


class TestRegions:
    def rule(self, world: World, quantity: int, **changes: Any) -> str:
        own = {"taxon": PYTHON, "source": "W", "facility": None} | changes
        return world.rule(harvested(skins(quantity, **own)), by="farm")

    def exported(self, world: World, *names: str) -> list[int]:
        states = [world.states[Subject(Kind.ACCOUNT, f"quota/{name}")] for name in names]
        return [state.exported for state in states if isinstance(state, QuotaAccount)]

    def test_those_that_count_other_forms_are_drawn_on_together(self, world: World) -> None:
        world.tell(QuotaSet((NORTH, SOUTH)), by="parks")
        taken(world, 15, taxon=PYTHON)
        assert self.exported(world, "NORTH", "SOUTH") == [10, 5]
        assert self.rule(world, 5) == ""
        assert self.rule(world, 6) == "quota.exceeded"

    def test_no_more_than_the_whole_country_may(self, world: World) -> None:
        # Given 20 in the country, of which 10 in the north: not 30 together
        world.tell(QuotaSet((ALL, NORTH)), by="parks")
        assert self.rule(world, 21) == "quota.exceeded"
        assert self.rule(world, 20) == ""

    def test_goods_of_a_region_without_a_quota_are_looked_at(self, world: World) -> None:
        world.tell(QuotaSet((ALL, NORTH)), by="parks")
        first = taken(world, 10, taxon=PYTHON)
        second = taken(world, 10, taxon=PYTHON)
        assert found(world, first, "quota.region") == []
        assert found(world, second, "quota.region") == [CHECK]
        assert self.exported(world, "ALL", "NORTH") == [20, 10]

    def test_two_quotas_of_one_region_are_told_apart(self, world: World) -> None:
        sides = replace(NORTH, quota="MORE", terms=("SKI", "SID"), amount=12)
        world.tell(QuotaSet((NORTH, sides)), by="parks")
        assert self.rule(world, 11) == "quota.exceeded"
        taken(world, 10, taxon=PYTHON)
        assert self.exported(world, "NORTH", "MORE") == [10, 10]

    def test_a_permit_gives_back_what_each_region_held(self, world: World) -> None:
        regions = tuple(replace(quota, counts="issue") for quota in (NORTH, SOUTH))
        world.tell(QuotaSet(regions), by="parks")
        name, row = "ZW/EXPORT/77", DocumentRow(PYTHON, "SKI", 15, "NAR", "W", "ZW")
        world.tell(DocumentIssued(name, Paper(rows=(row,), from_day="2027-01-15")), by="parks")
        seen = DocumentEndorsed(name, Way.EXPORT, "ZW", (Passed(0, 8),))
        world.tell(seen, by="officer")
        world.tell(DocumentCancelled(name, "not needed"), by="parks")
        states = [world.states[Subject(Kind.ACCOUNT, f"quota/{n}")] for n in ("NORTH", "SOUTH")]
        assert sum(s.reserved for s in states if isinstance(s, QuotaAccount)) == 8


class TestOtherWaysIn:
    """Goods of a suspended country that come in as those of another ledger, or as coming back."""

    @pytest.mark.parametrize("basis", [Basis.OTHER_LEDGER, Basis.RE_ENTRY, Basis.IMPORT])
    @pytest.mark.parametrize(
        ("country", "origin", "expected"),
        [
            pytest.param("BR", "BR", [STOP], id="from-the-suspended-country"),
            pytest.param("ZA", "BR", [CHECK], id="by-way-of-a-neighbour"),
            pytest.param("ZA", "ZA", [], id="of-another-country"),
        ],
    )
    def test_they_crossed_a_border(
        self, world: World, basis: Basis, country: str, origin: str, expected: list[str]
    ) -> None:
        world.tell(SuspensionDeclared((Suspension("BR-1", "BR", "2026-01-01"),)), by="parks")
        row = DocumentRow(NILE, "SKI", 9, "NAR", "C", origin)
        own = {"status": "attested", "rows": (row,), "paper": Paper(from_country=country)}
        paper(world, f"{country}/EXPORT/9", **own)
        lot = skins(9, facility=None, origin=origin, documents=(f"{country}/EXPORT/9",))
        (code,) = world.tell(LotRegistered(basis, (lot,)), by="tannery")
        assert found(world, code, "suspension.in-force") == expected

    @pytest.mark.parametrize(
        ("country", "origin"),
        [
            pytest.param("ZA", "ZW", id="of-this-country-that-come-home"),
            pytest.param("ZW", "ZW", id="from-a-ledger-of-this-country"),
        ],
    )
    @pytest.mark.parametrize("basis", [Basis.OTHER_LEDGER, Basis.RE_ENTRY])
    def test_what_leaves_no_suspended_country(
        self, world: World, basis: Basis, country: str | None, origin: str
    ) -> None:
        for name in ("ZW", "BR"):
            event = SuspensionDeclared((Suspension(f"{name}-1", name, "2026-01-01"),))
            world.tell(event, by="parks")
        paper(world, "ZA/EXPORT/9", status="attested", paper=Paper(from_country=country))
        lot = skins(9, facility=None, origin=origin, documents=("ZA/EXPORT/9",))
        (code,) = world.tell(LotRegistered(basis, (lot,)), by="tannery")
        assert found(world, code, "suspension.in-force") == []

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            pytest.param("BR/EXPORT/9", [CHECK], id="a-paper-of-another-country"),
            pytest.param("ZW/CERT/9", [], id="a-paper-of-this-country"),
        ],
    )
    def test_a_paper_that_does_not_say_from_where(
        self, world: World, name: str, expected: list[str]
    ) -> None:
        world.tell(SuspensionDeclared((Suspension("BR-1", "BR", "2026-01-01"),)), by="parks")
        paper(world, name, status="attested", paper=Paper())
        lot = skins(9, facility=None, origin="BR", documents=(name,))
        (code,) = world.tell(LotRegistered(Basis.OTHER_LEDGER, (lot,)), by="tannery")
        assert found(world, code, "suspension.in-force") == expected

    def test_wild_ones_of_appendix_one_are_not_for_commerce(self, world: World) -> None:
        world.tell(ListingChanged((Listing(NILE, "I", "2026-01-01"),)), by="parks")
        paper(world, "BR/EXPORT/9", status="attested", paper=Paper(from_country="BR"))
        lot = skins(9, facility=None, origin="BR", source="W", documents=("BR/EXPORT/9",))
        (code,) = world.tell(LotRegistered(Basis.OTHER_LEDGER, (lot,)), by="tannery")
        assert found(world, code, "listing.commercial") == [STOP]
