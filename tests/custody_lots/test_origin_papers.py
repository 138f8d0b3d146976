"""Certificates of origin, wild caviar without a quota, and papers whose facts changed."""

from __future__ import annotations

from typing import Any

import pytest
from test_mark_rules import lot as tagged
from test_mark_rules import tags
from trade_world import START, World, a_quota, bred, harvested, logs, new_world, skins

from ledger.custody.documents import (
    DocumentIssued,
    DocumentRecorded,
    DocumentRow,
    DocumentState,
    Paper,
)
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotExported, LotRegistered, LotRetired
from ledger.custody.marks import MarkReplaced
from ledger.custody.references import Listing, ListingTaxon, QuotaSet
from ledger.custody.subjects import Kind, Subject

CERTIFICATE, PERMIT = "ZW/ORIGIN/1", "ZW/EXPORT/27-1"
ODD = ("listing.origin-paper", "check")
# START, 1,800,000,000 s, is 2027-01-15 at 08:00 UTC.


@pytest.fixture
def office() -> World:
    return new_world(full=True)


def of(world: World, name: str, rule: str) -> list[tuple[str, str]]:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return [(f.rule, f.severity.value) for f in state.findings if f.rule == rule]


def timber(world: World) -> str:
    (code,) = world.tell(harvested(logs(taxon="Tectona grandis", origin="ZW")), by="mill")
    return code


def listed(world: World, appendix: str, country: str | None, day: str = "2027-01-01") -> None:
    row = Listing("Tectona grandis", appendix, day, country)
    world.states[Subject(Kind.REFERENCE, "listings/Tectona grandis")] = ListingTaxon((row,))


@pytest.mark.parametrize(
    ("appendix", "country", "day", "found"),
    [
        pytest.param("III", "FR", "2027-01-01", [], id="another-country-listed-it"),
        pytest.param("III", "ZW", "2027-01-01", [ODD], id="its-own-country-listed-it"),
        pytest.param("III", "ZW", "2027-01-15", [ODD], id="from-that-day-on"),
        pytest.param("III", "ZW", "2027-01-16", [], id="from-the-next-day-on"),
        pytest.param("II", None, "2027-01-01", [ODD], id="appendix-ii"),
        pytest.param("NC", None, "2027-01-01", [], id="listed-no-more"),
    ],
)
def test_which_paper_goods_of_appendix_iii_need(
    office: World, appendix: str, country: str | None, day: str, found: list[Any]
) -> None:
    listed(office, appendix, country, day)
    row = DocumentRow("Tectona grandis", "LOG", 100_000_000, "CMQ", "W", "ZW")
    office.tell(DocumentIssued(CERTIFICATE, Paper(rows=(row,), to_country="FR")), by="parks")
    assert of(office, CERTIFICATE, ODD[0]) == found
    code = timber(office)
    office.tell(LotExported((code,), CERTIFICATE, "ZW", "FR"), by="mill")
    assert [f for f in office.counting(code) if f[0] == ODD[0]] == found


def test_a_permit_does_everywhere(office: World) -> None:
    listed(office, "III", "ZW")
    row = DocumentRow("Tectona grandis", "LOG", 100_000_000, "CMQ", "W", "ZW")
    office.tell(DocumentRecorded(PERMIT, Paper(rows=(row,), to_country="FR")), by="mill")
    assert of(office, PERMIT, ODD[0]) == []


# -- wild caviar


CAVIAR = ("quota.sturgeon", "check")


def quota(taxon: str = "Huso huso", **changes: Any) -> QuotaSet:
    own = {"unit": "GRM", "binding": "mandatory", "terms": ("CAV",)}
    return QuotaSet((a_quota("ZW-HUS", taxon, 5_000, **(own | changes)),))


@pytest.mark.parametrize(
    ("told", "goods", "found"),
    [
        pytest.param(quota(), {}, [], id="under-its-quota"),
        pytest.param(None, {}, [], id="nobody-told-of-any-quota"),
        pytest.param(quota(taxon="Crocodylus niloticus", terms=("SKI",)), {}, [CAVIAR], id="none"),
        pytest.param(quota(until_day="2027-01-14"), {}, [CAVIAR], id="last-years"),
        pytest.param(quota(terms=("MEA",)), {}, [CAVIAR], id="of-meat-alone"),
        pytest.param(
            quota(taxon="Crocodylus niloticus", terms=("SKI",)), {"source": "C"}, [], id="farmed"
        ),
        pytest.param(
            quota(taxon="Crocodylus niloticus", terms=("SKI",)),
            {"term": "SKI", "unit": "NAR"},
            [],
            id="skins-of-sturgeons",
        ),
    ],
)
def test_wild_caviar_leaves_under_a_quota(
    office: World, told: QuotaSet | None, goods: dict[str, str], found: list[Any]
) -> None:
    if told is not None:
        office.tell(told, by="parks")
    own = {"taxon": "Huso huso", "term": "CAV", "unit": "GRM", "source": "W", "origin": "ZW"}
    own |= goods
    row = DocumentRow(quantity=1_000, **own)  # type: ignore[arg-type]
    office.tell(DocumentIssued(PERMIT, Paper(rows=(row,), to_country="FR")), by="parks")
    assert of(office, PERMIT, CAVIAR[0]) == found
    new = NewLot((Row(quantity=1_000, **own),), documents=())  # type: ignore[arg-type]
    (code,) = office.tell(LotRegistered(Basis.OPENING_STOCK, (new,)), by="farm")
    office.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm")
    assert [f for f in office.counting(code) if f[0] == CAVIAR[0]] == found


# -- papers that are true while their facts are


def copy_of(world: World, kind: str = "HOLDER-COPY", *, marks: Any = (), quantity: int = 10) -> str:
    row = DocumentRow("Crocodylus niloticus", "SKI", quantity, "NAR", "C", "ZW", marks=marks)
    name = f"ZW/{kind}/27-1"
    world.tell(DocumentIssued(name, Paper(rows=(row,))), by="parks")
    return name


@pytest.mark.parametrize(
    ("kind", "marks", "found"),
    [
        ("HOLDER-COPY", tags(1, 10), True),
        ("EU-CERT", tags(5, 5), True),
        ("HOLDER-COPY", tags(2, 10), False),
        ("HOLDER-COPY", (), False),
        ("EXPORT", tags(1, 10), False),
    ],
)
def test_a_mark_that_a_paper_describes_is_replaced(
    office: World, kind: str, marks: Any, found: bool
) -> None:
    name = copy_of(office, kind, marks=marks)
    code = tagged(office, 1, 10, documents=(name,))
    old = tags(5, 5) if kind == "EU-CERT" else tags(1, 1)
    event = MarkReplaced(code, old, tags(99, 99), "damaged", "torn")
    office.tell(event, by="officer")
    assert (("document.facts-changed", "check") in office.counting(code)) is found


@pytest.mark.parametrize(
    ("quantity", "why", "ended"),
    [
        pytest.param(10, "lost", "2027-01-15", id="all-that-it-describes"),
        pytest.param(10, "destroyed", "2027-01-15", id="destroyed"),
        pytest.param(11, "lost", None, id="it-describes-more"),
    ],
)
def test_a_paper_ends_with_the_goods_that_it_describes(
    office: World, quantity: int, why: str, ended: str | None
) -> None:
    name = copy_of(office, quantity=quantity)
    (code,) = office.tell(bred(skins(10, documents=(name,))), by="farm")
    office.tell(LotRetired({code: Part()}, why), by="farm", when=START, day="2027-01-15")
    state = office.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    assert state.ended_day == ended
