"""Setting references: who may, in which form; suspensions, listings, bans and seasons in force."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from test_quota_rules import NAME, QUOTA, set_quota
from trade_world import DAY, World, bred, harvested, offer, skins

from ledger.custody.documents import DocumentIssued, DocumentRow, DocumentState, Paper
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered
from ledger.custody.parties import PartyState, Scope
from ledger.custody.references import (
    Ban,
    BanDeclared,
    Figure,
    FigureHistory,
    Listing,
    ListingChanged,
    QuotaSet,
    Suspension,
    SuspensionDeclared,
    YieldSet,
)
from ledger.custody.subjects import Kind, Subject

PAPER = "ZW/EXPORT/1"
TODAY = "2027-01-15"
SUSPENDED = Suspension("ZW-1", "ZW", "2026-01-01", taxon="Crocodylus niloticus")
IVORY = Ban("GB-1", "ZW", "Crocodylus", "2026-01-01", ("deal",), exempt_kinds=("IVORY-CERT",))


def lot(world: World, **changes: Any) -> str:
    (code,) = world.tell(bred(skins(10, **changes)), by="farm")
    return code


def paper(world: World, **changes: Any) -> None:
    name = changes.pop("name", PAPER)
    state = DocumentState(status=changes.pop("status", "issued"), by="parks", **changes)
    world.states[Subject(Kind.DOCUMENT, name)] = state


def export(world: World, code: str) -> list[tuple[str, str]]:
    world.tell(LotExported((code,), PAPER, "ZW", "FR"), by="farm")
    return [f for f in world.findings(code) if f[0].split(".")[0] in ("suspension", "listing")]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, ""),
        ({"quota": "no id"}, "reference.id"),
        ({"country": "QQ"}, "country.unknown"),
        ({"taxon": "Draco volans magicus"}, "taxon.unknown"),
        ({"amount": -1}, "quantity.range"),
        ({"unit": "KGM"}, "reference.words"),
        ({"counts": "whim"}, "reference.words"),
        ({"binding": "maybe"}, "reference.words"),
        ({"terms": ("SKIN",)}, "reference.words"),
        ({"sources": ("Q",)}, "reference.words"),
        ({"conditions": (" ",)}, "reference.words"),
        ({"until_day": "2026-12-31"}, "reference.days"),
        ({"from_day": "1 January"}, "reference.days"),
        ({"replaces": "NOBODY"}, "reference.replaces"),
    ],
)
def test_form_of_a_quota(trade: World, changes: Any, rule: str) -> None:
    assert trade.rule(QuotaSet((replace(QUOTA, **changes),)), by="parks") == rule


def test_a_quota_is_set_once(trade: World) -> None:
    set_quota(trade)
    assert trade.rule(QuotaSet((QUOTA,)), by="parks") == "reference.exists"
    assert trade.rule(QuotaSet((QUOTA, QUOTA)), by="parks") == "reference.rows"
    assert trade.rule(QuotaSet(()), by="parks") == "reference.rows"


def test_an_office_sets_what_holds_for_its_countries(trade: World) -> None:
    event = QuotaSet((QUOTA,))
    assert trade.rule(event, by="farm") == "party.not-entitled"
    subject = Subject(Kind.PARTY, "officer")
    officer = trade.states[subject]
    assert isinstance(officer, PartyState)
    for countries, rule in ((("ZA",), "reference.other-country"), (("ZA", "ZW"), "")):
        trade.states[subject] = replace(officer, scope=Scope(("reference",), countries))
        assert trade.rule(event, by="officer") == rule


@pytest.mark.parametrize(
    ("figure", "rule"),
    [
        (Figure("LOG>SAW", 65, 100, "2026-01-01", "confirmed", "UNECE DP-49"), ""),
        (Figure("-", 65, 100, "2026-01-01", "confirmed", "UNECE DP-49"), "reference.id"),
        (Figure("LOG>SAW", 65, 0, "2026-01-01", "confirmed", "UNECE DP-49"), "reference.words"),
        (Figure("LOG>SAW", 65, 100, "2026-01-01", "true", "UNECE DP-49"), "reference.words"),
        (Figure("LOG>SAW", 65, 100, "2026-01-01", "confirmed", ""), "reference.words"),
    ],
)
def test_form_of_a_figure(trade: World, figure: Figure, rule: str) -> None:
    assert trade.rule(YieldSet((figure,)), by="parks") == rule


def test_a_figure_keeps_its_values_by_day(trade: World) -> None:
    for n, day in ((55, "2027-01-01"), (65, "2026-01-01")):
        figure = Figure("LOG>SAW", n, 100, day, "confirmed", "UNECE DP-49")
        trade.tell(YieldSet((figure,)), by="parks")
    state = trade.states[Subject(Kind.REFERENCE, "figures/LOG>SAW")]
    assert isinstance(state, FigureHistory)
    values = [state.on(day) for day in ("2025-12-31", "2026-12-31", TODAY)]
    assert [v.numerator if v else None for v in values] == [None, 65, 55]


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, "stop"),
        ({"taxon": None}, "stop"),
        ({"taxon": "Crocodylus"}, "stop"),
        ({"sources": ("C",)}, "stop"),
        ({"purposes": ("T",)}, "stop"),
        ({"until_day": TODAY}, "stop"),
        ({"from_day": TODAY}, "stop"),
        ({"country": "ZA"}, ""),
        ({"taxon": "Crocodylus porosus"}, ""),
        ({"from_day": "2027-01-16"}, ""),
        ({"until_day": "2027-01-14"}, ""),
        ({"sources": ("W",)}, ""),
        ({"terms": ("TRO",)}, ""),
        ({"purposes": ("H",)}, ""),
        ({"exempt_sources": ("C",)}, ""),
        ({"exempt_terms": ("SKI",)}, ""),
        ({"exempt_purposes": ("T",)}, ""),
    ],
)
def test_export_from_a_suspended_country(trade: World, changes: Any, level: str) -> None:
    paper(trade, purpose="T")
    trade.tell(SuspensionDeclared((replace(SUSPENDED, **changes),)), by="parks")
    assert export(trade, lot(trade)) == [("suspension.in-force", level)] * bool(level)


def test_a_purpose_that_nobody_stated_leaves_a_check(trade: World) -> None:
    paper(trade)
    trade.tell(SuspensionDeclared((replace(SUSPENDED, exempt_purposes=("Z",)),)), by="parks")
    assert export(trade, lot(trade)) == [("suspension.in-force", "check")]


@pytest.mark.parametrize(
    ("taxon", "changes", "level"),
    [
        pytest.param("Crocodylus", {}, "check", id="the-genus-may-be-it"),
        pytest.param("Crocodylidae", {}, "check", id="the-family-may-be-it"),
        pytest.param("Crocodylus", {"taxon": "Crocodylus"}, "stop", id="the-genus-is-suspended"),
        pytest.param("Crocodylus", {"until_day": "2027-01-14"}, "", id="no-more"),
        pytest.param("Crocodylus", {"exempt_purposes": ("T",)}, "", id="exempt"),
        pytest.param("Crocodylus", {"taxon": "Alligator sinensis"}, "", id="another-family"),
        pytest.param("Crocodylus porosus", {}, "", id="another-species"),
    ],
)
def test_a_higher_name_hides_no_suspended_species(
    trade: World, taxon: str, changes: Any, level: str
) -> None:
    paper(trade, purpose="T")
    trade.tell(SuspensionDeclared((replace(SUSPENDED, **changes),)), by="parks")
    expected = [("suspension.in-force", level)] if level else []
    assert export(trade, lot(trade, taxon=taxon)) == expected


def test_goods_that_had_left_before_are_not_suspended(trade: World) -> None:
    # Given skins that left before the suspension
    paper(trade, purpose="T")
    code = lot(trade)
    assert export(trade, code) == []
    trade.tell(SuspensionDeclared((SUSPENDED,)), by="parks")
    # When they are exported on from where they are, nothing is found
    trade.tell(LotExported((code,), PAPER, "FR", "IT"), by="farm")
    assert [f for f in trade.findings(code) if f[0] == "suspension.in-force"] == []


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        pytest.param({"imports": True}, "stop", id="nothing-enters"),
        pytest.param({"imports": True, "taxon": None}, "stop", id="of-any-taxon"),
        pytest.param({"imports": True, "exempt_purposes": ("T",)}, "", id="not-for-commerce"),
        pytest.param({"imports": True, "exempt_sources": ("C",)}, "", id="not-of-this-source"),
        pytest.param({"imports": True, "country": "IT"}, "", id="elsewhere"),
        pytest.param({"imports": True, "from_day": "2027-01-16"}, "", id="from-tomorrow"),
        pytest.param({}, "", id="its-exports-alone"),
    ],
)
def test_export_to_a_country_that_suspended_imports(trade: World, changes: Any, level: str) -> None:
    paper(trade, purpose="T")
    own = {"country": "FR"} | changes
    trade.tell(SuspensionDeclared((replace(SUSPENDED, **own),)), by="parks")
    expected = [("suspension.in-force", level)] if level else []
    assert export(trade, lot(trade)) == expected


@pytest.mark.parametrize(("purpose", "level"), [("T", "stop"), (None, "check"), ("Z", "")])
def test_what_enters_where_imports_are_suspended(
    trade: World, purpose: str | None, level: str
) -> None:
    paper(trade, purpose=purpose, paper=Paper(from_country="ZM"))
    closed = replace(SUSPENDED, imports=True, exempt_purposes=("Z",))
    trade.tell(SuspensionDeclared((closed,)), by="parks")
    goods = skins(1, facility=None, origin="ZM", documents=(PAPER,))
    (code,) = trade.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    levels = [f[1] for f in trade.findings(code) if f[0] == "suspension.in-force"]
    assert levels == [level] * bool(level)


@pytest.mark.parametrize(
    ("country", "level"), [("ZW", "stop"), (None, "check"), ("ZA", "check"), ("FR", "check")]
)
def test_import_from_a_suspended_country(trade: World, country: str | None, level: str) -> None:
    # Where the document names no country of export, the origin is only a hint.
    paper(trade, purpose="T", paper=Paper(from_country=country))
    trade.tell(SuspensionDeclared((SUSPENDED,)), by="parks")
    goods = skins(1, facility=None, documents=(PAPER,))
    (code,) = trade.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    found = [f[1] for f in trade.findings(code) if f[0] == "suspension.in-force"]
    assert found == ([level] if level else [])


@pytest.mark.parametrize(
    ("origin_day", "found"),
    [
        pytest.param("2025-12-31", [], id="left-its-origin-before"),
        pytest.param(SUSPENDED.from_day, ["check"], id="left-on-the-first-day"),
        pytest.param(None, ["check"], id="nobody-says-when"),
    ],
)
def test_goods_of_a_suspended_origin_by_way_of_a_neighbour(
    trade: World, origin_day: str | None, found: list[str]
) -> None:
    row = DocumentRow("Crocodylus niloticus", "SKI", 9, "NAR", "C", "ZW", origin_day=origin_day)
    paper(trade, purpose="T", rows=(row,), paper=Paper(from_country="ZA"))
    trade.tell(SuspensionDeclared((SUSPENDED,)), by="parks")
    goods = skins(1, facility=None, documents=(PAPER,))
    (code,) = trade.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    assert [f[1] for f in trade.findings(code) if f[0] == "suspension.in-force"] == found


def test_goods_on_the_way_when_trade_is_suspended_arrive(trade: World) -> None:
    # Given skins that left before the suspension
    paper(trade, purpose="T")
    paper(trade, name="FR/IMPORT/1", purpose="T", paper=Paper(from_country="ZW"))
    code = lot(trade)
    assert export(trade, code) == []
    trade.tell(SuspensionDeclared((SUSPENDED,)), by="parks")
    # When they arrive, nothing is found; skins that never were seen to leave are stopped
    trade.tell(LotImported((code,), "FR/IMPORT/1", "FR"), by="farm")
    assert [f for f in trade.findings(code) if f[0] == "suspension.in-force"] == []
    other = lot(trade)
    trade.tell(LotImported((other,), "FR/IMPORT/1", "FR"), by="farm")
    assert ("suspension.in-force", "stop") in trade.findings(other)


@pytest.mark.parametrize(
    ("first_day", "level"),
    [(SUSPENDED.from_day, "stop"), ("2025-12-31", "check"), (None, "stop")],
)
def test_a_permit_from_before_a_suspension_may_have_been_used_before_it(
    trade: World, first_day: str | None, level: str
) -> None:
    paper(trade, purpose="T", paper=Paper(from_country="ZW"), from_day=first_day)
    trade.tell(SuspensionDeclared((SUSPENDED,)), by="parks")
    goods = skins(1, facility=None, documents=(PAPER,))
    (code,) = trade.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    assert ("suspension.in-force", level) in trade.findings(code)


def test_a_suspension_ends_by_its_own_id(trade: World) -> None:
    paper(trade, purpose="T")
    trade.tell(SuspensionDeclared((SUSPENDED,)), by="parks")
    trade.tell(SuspensionDeclared((replace(SUSPENDED, until_day="2026-12-31"),)), by="parks")
    assert export(trade, lot(trade)) == []


def test_a_permit_for_suspended_goods_is_stopped(trade: World) -> None:
    trade.tell(SuspensionDeclared((SUSPENDED,)), by="parks")
    row = DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")
    permit = DocumentIssued("ZW/EXPORT/9", Paper(rows=(row,), purpose="T", from_country="ZW"))
    trade.tell(permit, by="parks")
    state = trade.states[Subject(Kind.DOCUMENT, "ZW/EXPORT/9")]
    assert [f.rule for f in state.findings] == ["suspension.in-force"]


@pytest.mark.parametrize(
    ("listing", "source", "purpose", "found"),
    [
        (Listing("Crocodylus niloticus", "I", "2026-01-01"), "W", "T", True),
        (Listing("Crocodylus niloticus", "I", "2027-02-01"), "W", "T", False),
        (Listing("Crocodylus niloticus", "II", "2026-01-01", country="ZW"), "W", "T", False),
        (Listing("Crocodylus niloticus", "I", "2026-01-01"), "W", "H", False),
        (Listing("Crocodylus niloticus", "I", "2026-01-01"), "R", "T", False),
    ],
)
def test_wild_goods_of_appendix_one(
    trade: World, listing: Listing, source: str, purpose: str, *, found: bool
) -> None:
    paper(trade, purpose=purpose)
    general = Listing("Crocodylus niloticus", "I", "2025-01-01")
    rows = (listing, general) if listing.country else (listing,)
    trade.tell(ListingChanged(rows), by="parks")
    facility = None if source == "W" else "farm/ranch"
    event = harvested if source == "W" else bred
    goods = skins(1, source=source, facility=facility)
    (code,) = trade.tell(event(goods), by="farm")
    assert (("listing.commercial", "stop") in export(trade, code)) == found


@pytest.mark.parametrize(
    ("changes", "documents", "level"),
    [
        ({}, (), "stop"),
        ({"acts": ("export",)}, (), ""),
        ({"from_day": "2027-02-01"}, (), ""),
        ({"from_day": TODAY}, (), "stop"),
        ({"until_day": TODAY}, (), "stop"),
        ({"until_day": "2027-01-14"}, (), ""),
        ({"taxon": "Python"}, (), ""),
        ({"terms": ("IVC",)}, (), ""),
        ({"sources": ("W",)}, (), ""),
        ({}, (("ZW/IVORY-CERT/1", "issued"),), ""),
        ({}, (("ZW/IVORY-CERT/1", "recorded"),), "check"),
        ({}, (("ZW/EXPORT/1", "issued"),), "stop"),
    ],
)
def test_dealing_in_what_is_banned(
    trade: World, changes: Any, documents: tuple[tuple[str, str], ...], level: str
) -> None:
    for name, status in documents:
        paper(trade, name=name, status=status)
    trade.tell(BanDeclared((replace(IVORY, **changes),)), by="parks")
    code = lot(trade, documents=tuple(name for name, _ in documents))
    trade.tell(offer(trade, code), by="farm")
    found = [f[1] for f in trade.findings(code) if f[0] == "ban.in-force"]
    assert found == ([level] if level else [])


def test_custody_alone_is_no_dealing(trade: World) -> None:
    from ledger.custody.transfers import Moves

    trade.tell(BanDeclared((IVORY,)), by="parks")
    code = lot(trade)
    trade.tell(offer(trade, code, moves=Moves.CUSTODY, allows=("store",)), by="farm")
    assert [f for f in trade.findings(code) if f[0] == "ban.in-force"] == []


@pytest.mark.parametrize(
    ("season", "level"),
    [
        (("01-01", "02-28"), "stop"),
        (("01-15", "01-15"), "stop"),
        (("12-01", "01-31"), "stop"),
        (("01-16", "12-31"), ""),
        (("11-01", "01-14"), ""),
    ],
)
def test_closed_season(trade: World, season: tuple[str, str], level: str) -> None:
    ban = replace(IVORY, taxon="Crocodylus niloticus", acts=("harvest",), season=season)
    trade.tell(BanDeclared((ban,)), by="parks")
    goods = harvested(skins(1, source="W", facility=None))
    (code,) = trade.tell(goods, by="farm")
    found = [f[1] for f in trade.findings(code) if f[0] == "ban.closed-season"]
    assert found == ([level] if level else [])


@pytest.mark.parametrize("acts", [(), ("dream",)])
def test_form_of_a_ban(trade: World, acts: tuple[str, ...]) -> None:
    assert trade.rule(BanDeclared((replace(IVORY, acts=acts),)), by="parks") == "reference.words"
    odd = replace(IVORY, season=("01-01",))
    assert trade.rule(BanDeclared((odd,)), by="parks") == "reference.words"


def test_a_permit_in_another_name_is_noted_and_covers(trade: World) -> None:
    # Given a permit for Python reticulatus, and skins under the name of today
    row = DocumentRow("Python reticulatus", "SKI", 10, "NAR", "C", "ZW")
    paper(trade, rows=(row,), paper=Paper())
    code = lot(trade, taxon="Malayopython reticulatus")
    trade.tell(LotExported((code,), PAPER, "ZW", "FR"), by="farm")
    # Then it covers them, and who reads both names is told
    rules = [rule for rule, _ in trade.findings(code)]
    assert "document.other-name" in rules
    assert "document.not-covered" not in rules


def test_a_stated_day_counts_for_a_suspension(trade: World) -> None:
    # Given a suspension from today on, and an import stated a day later of what came before
    paper(trade, purpose="T", paper=Paper(from_country="ZW"))
    trade.tell(SuspensionDeclared((replace(SUSPENDED, from_day=TODAY),)), by="parks")
    code = lot(trade)
    event = LotImported((code,), PAPER, "FR")
    trade.tell(event, by="farm", when=trade.at - DAY, day="2027-01-14")
    assert [f for f in trade.findings(code) if f[0] == "suspension.in-force"] == []
    assert NAME
