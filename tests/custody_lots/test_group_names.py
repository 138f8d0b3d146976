"""Goods named by a genus or above: what of a species below may be theirs leaves a check."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, a_quota, harvested, skins

from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.custody.references import Ban, BanDeclared, QuotaSet
from ledger.custody.subjects import Kind, Subject

QUOTA = a_quota("CURTUS", "Python curtus", 100, counts="harvest", terms=("SKI",), sources=("W",))
BAN = Ban(
    ban="ZW-CURTUS",
    country="ZW",
    taxon="Python curtus",
    from_day="2027-01-01",
    acts=("harvest",),
)


def taken(world: World, taxon: str, **changes: Any) -> str:
    own = {"taxon": taxon, "source": "W", "facility": None, "quantity": 5} | changes
    (code,) = world.tell(harvested(skins(**own)), by="farm")
    return code


def found(world: World, code: str, family: str) -> list[str]:
    return [f[1] for f in world.findings(code) if f[0].startswith(family)]


@pytest.mark.parametrize(
    ("taxon", "changes", "levels"),
    [
        pytest.param("Python curtus", {}, [], id="the-species-itself-draws"),
        pytest.param("Python", {}, ["check"], id="its-genus"),
        pytest.param("Pythonidae", {}, ["check"], id="its-family"),
        pytest.param("Python regius", {}, [], id="another-species"),
        pytest.param("Crocodylus", {}, [], id="another-genus"),
        pytest.param("Python", {"term": "LIV"}, [], id="a-term-that-the-quota-does-not-count"),
        pytest.param("Python", {"source": "X"}, [], id="a-source-that-it-does-not-count"),
        pytest.param("Python", {"origin": "ID"}, [], id="another-country"),
    ],
)
def test_a_group_over_a_species_with_a_quota(
    trade: World, taxon: str, changes: Any, levels: list[str]
) -> None:
    trade.tell(QuotaSet((QUOTA,)), by="parks")
    code = taken(trade, taxon, **changes)
    assert found(trade, code, "quota.group-name") == levels
    # What nobody named draws on no species' quota.
    account: Any = trade.states[Subject(Kind.ACCOUNT, "quota/CURTUS")]
    assert account.exported == (5 if taxon == "Python curtus" else 0)


def test_a_quota_of_last_year_is_no_reason(trade: World) -> None:
    old = replace(QUOTA, from_day="2026-01-01", until_day="2026-12-31")
    trade.tell(QuotaSet((old,)), by="parks")
    assert found(trade, taken(trade, "Python"), "quota.") == []


def test_a_group_with_a_quota_of_its_own_draws_on_it_and_is_looked_at(trade: World) -> None:
    whole = replace(QUOTA, quota="ALL", taxon="Python", amount=5)
    trade.tell(QuotaSet((QUOTA, whole)), by="parks")
    code = taken(trade, "Python")
    assert trade.lot(code).accounts == ("quota/ALL",)
    assert found(trade, code, "quota.group-name") == ["check"]


def test_a_species_that_left_the_genus_is_below_it_still(trade: World) -> None:
    trade.tell(QuotaSet((replace(QUOTA, taxon="Malayopython reticulatus"),)), by="parks")
    assert found(trade, taken(trade, "Python"), "quota.group-name") == ["check"]


@pytest.mark.parametrize(("taxon", "levels"), [("Python", ["check"]), ("Python curtus", [])])
def test_a_permit_by_genus_where_issue_counts(trade: World, taxon: str, levels: list[str]) -> None:
    trade.tell(QuotaSet((replace(QUOTA, counts="issue"),)), by="parks")
    row = DocumentRow(taxon, "SKI", 5, "NAR", "W", "ZW")
    name = "ZW/EXPORT/90"
    trade.tell(DocumentIssued(name, Paper(rows=(row,))), by="parks")
    state: Any = trade.states[Subject(Kind.DOCUMENT, name)]
    assert [f.severity for f in state.findings if f.rule == "quota.group-name"] == levels


@pytest.mark.parametrize(
    ("taxon", "changes", "levels"),
    [
        pytest.param("Python curtus", {}, ["stop"], id="the-species-itself"),
        pytest.param("Python", {}, ["check"], id="its-genus"),
        pytest.param("Python regius", {}, [], id="another-species"),
        pytest.param("Python", {"from_day": "2027-06-01"}, [], id="not-in-force-yet"),
        pytest.param("Python", {"acts": ("deal",)}, [], id="another-act"),
        pytest.param("Python", {"terms": ("LIV",)}, [], id="another-term"),
    ],
)
def test_a_group_over_a_species_that_is_banned(
    trade: World, taxon: str, changes: Any, levels: list[str]
) -> None:
    trade.tell(BanDeclared((replace(BAN, **changes),)), by="parks")
    assert found(trade, taken(trade, taxon), "ban.in-force") == levels


def test_a_group_in_the_closed_season_of_a_species(trade: World) -> None:
    trade.tell(BanDeclared((replace(BAN, season=("01-01", "02-28")),)), by="parks")
    assert found(trade, taken(trade, "Python"), "ban.closed-season") == ["check"]
