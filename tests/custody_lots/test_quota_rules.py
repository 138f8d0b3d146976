"""Quotas: what draws on them, when they are exceeded, and whose word counts."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, a_quota, deal, harvested, new_world, skins

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentEndorsed,
    DocumentIssued,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.goods import Measure, Part
from ledger.custody.lots import (
    Basis,
    LotExported,
    LotImported,
    LotRegistered,
    LotSplit,
    LotTransformed,
)
from ledger.custody.parties import PartyState
from ledger.custody.references import Quota, QuotaSet
from ledger.custody.subjects import Kind, Subject

PAPER = "ZW/EXPORT/1"
NAME = "ID-2027-PYTHON-SKI"
QUOTA = a_quota(
    NAME,
    "Python breitensteini",
    10_800,
    counts="harvest",
    terms=("SKI", "SKP", "SID"),
    sources=("W",),
)


def set_quota(world: World, *quotas: Quota, **changes: Any) -> None:
    world.tell(QuotaSet(quotas or (replace(QUOTA, **changes),)), by="parks")


def account(world: World, name: str = NAME) -> QuotaAccount:
    state = world.states[Subject(Kind.ACCOUNT, f"quota/{name}")]
    assert isinstance(state, QuotaAccount)
    return state


def taken(quantity: int, **changes: Any) -> LotRegistered:
    own = {"taxon": "Python breitensteini", "source": "W", "facility": None} | changes
    return harvested(skins(quantity, **own))


def lot(world: World, quantity: int, **changes: Any) -> str:
    (code,) = world.tell(taken(quantity, **changes), by="farm")
    return code


def export(*codes: str, paper: str = PAPER) -> LotExported:
    return LotExported(codes, paper, "ZW", "FR")


def test_all_of_a_quota_passes_and_one_more_does_not(trade: World) -> None:
    # Given a quota of 10,800 skins
    set_quota(trade)
    # When 10,800 are taken in two lots, they pass
    lot(trade, 10_000)
    code = lot(trade, 800)
    assert account(trade).left == 0
    assert trade.lot(code).accounts == (f"quota/{NAME}",)
    # Then the 10,801st does not, and the account stays as it was
    assert trade.rule(taken(1), by="farm") == "quota.exceeded"
    assert account(trade).exported == 10_800


def test_lots_of_one_statement_count_together(trade: World) -> None:
    set_quota(trade, amount=10)
    two = harvested(*(taken(6).lots[0] for _ in range(2)))
    assert trade.rule(two, by="farm") == "quota.exceeded"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"term": "LIV"}, "another term"),
        ({"source": "X"}, "another source"),
        ({"origin": "ID"}, "another country"),
        ({"taxon": "Python brongersmai"}, "another species"),
    ],
)
def test_goods_beside_a_quota_draw_nothing(trade: World, changes: Any, why: str) -> None:
    set_quota(trade, amount=0)
    assert trade.rule(taken(1, **changes), by="farm") == "", why
    assert trade.rule(taken(1), by="farm") == "quota.exceeded"


@pytest.mark.parametrize(("day", "rule"), [("2026-12-31", ""), ("2027-01-01", "quota.exceeded")])
def test_the_day_of_the_act_decides(trade: World, day: str, rule: str) -> None:
    # A caviar year would be 1 March to the end of February; the days say it, no rule does.
    set_quota(trade, amount=0)
    when = 1_798_804_800 - 3_600  # an hour before 2027 begins, UTC
    assert trade.rule(taken(1), by="farm", when=when, day=day) == rule


def test_a_quota_in_another_name_covers_the_same_species(trade: World) -> None:
    # Given a quota set for Python reticulatus, the name of before 2023
    set_quota(trade, taxon="Python reticulatus", amount=5)
    # Then skins of Malayopython reticulatus draw on it
    lot(trade, 5, taxon="Malayopython reticulatus")
    one_more = taken(1, taxon="Malayopython reticulatus")
    assert trade.rule(one_more, by="farm") == "quota.exceeded"


def test_a_quota_for_a_genus_covers_what_was_split_from_it(trade: World) -> None:
    set_quota(trade, taxon="Python", amount=5)
    lot(trade, 3, taxon="Malayopython reticulatus")
    lot(trade, 2)
    assert trade.rule(taken(1), by="farm") == "quota.exceeded"


def test_what_was_carried_over_counts_too(trade: World) -> None:
    set_quota(trade, amount=5, carried=2)
    lot(trade, 7)
    assert trade.rule(taken(1), by="farm") == "quota.exceeded"


def test_a_quota_that_replaces_another_takes_over_what_was_drawn(trade: World) -> None:
    set_quota(trade, amount=5)
    lot(trade, 5)
    set_quota(trade, quota="NEW", amount=6, replaces=NAME)
    assert account(trade).replaced_by == "NEW"
    lot(trade, 1)
    assert trade.rule(taken(1), by="farm") == "quota.exceeded"
    assert account(trade, "NEW").exported == 6


def test_two_sides_are_one_skin(trade: World) -> None:
    set_quota(trade, amount=2)
    lot(trade, 4, term="SID")
    assert trade.rule(taken(1, term="SID"), by="farm") == "quota.exceeded"


def test_goods_in_another_unit_are_looked_at(trade: World) -> None:
    set_quota(trade, unit="GRM", terms=("MEA",))
    code = lot(trade, 3, term="MEA", unit="GRM")
    assert ("quota.not-measured", "check") not in trade.findings(code)
    set_quota(trade, quota="TEE", unit="GRM", terms=("SKP",))
    code = lot(trade, 3, term="SKP")
    assert ("quota.not-measured", "check") in trade.findings(code)
    weighed = lot(trade, 3, term="SKP", also=(Measure(900, "GRM"),))
    assert ("quota.not-measured", "check") not in trade.findings(weighed)
    assert account(trade, "TEE").exported == 900


def test_regions_that_nothing_tells_apart_are_drawn_on_together(trade: World) -> None:
    north = replace(QUOTA, quota="NORTH", amount=3, region="north")
    south = replace(QUOTA, quota="SOUTH", amount=2, region="south")
    set_quota(trade, north, south)
    lot(trade, 4)
    assert (account(trade, "NORTH").exported, account(trade, "SOUTH").exported) == (3, 1)
    assert trade.rule(taken(2), by="farm") == "quota.exceeded"
    lot(trade, 1)


def test_an_export_draws_once_and_not_again_by_its_parts(trade: World) -> None:
    # Given a quota that counts what leaves the country
    set_quota(trade, amount=10, counts="endorsement")
    code = lot(trade, 10)
    trade.tell(export(code), by="farm")
    # When it comes back, a part leaves again, and what is made of it leaves
    trade.tell(LotImported((code,), PAPER, "ZW"), by="farm")
    (part,) = trade.tell(LotSplit(code, Part(quantity=4)), by="farm")
    trade.tell(export(part), by="farm")
    made = replace(skins(6, taxon="Python breitensteini", source="W"), facility=None)
    (tanned,) = trade.tell(LotTransformed("tanning", {code: Part()}, (made,)), by="farm")
    trade.tell(export(tanned), by="farm")
    # Then all of it counted once
    assert account(trade).exported == 10
    assert trade.rule(export(lot(trade, 1)), by="farm") == "quota.exceeded"


def test_sums_of_both_sides_are_kept_apart_and_strangers_use_up_nothing(trade: World) -> None:
    # Given a mandatory quota of 10, of which 4 were exported
    set_quota(trade, amount=10, counts="endorsement", binding="mandatory")
    trade.tell(export(lot(trade, 4)), by="farm")
    # When importers elsewhere report 12
    goods = skins(12, taxon="Python breitensteini", source="W", facility=None, documents=(PAPER,))
    (arrived,) = trade.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    # Then their goods are stopped, and the difference is a check on the quota
    assert ("quota.overrun", "stop") in trade.findings(arrived)
    state = account(trade)
    assert [f.rule for f in state.findings] == ["quota.mirror"]
    assert (state.exported, state.imported, state.used, state.left) == (4, 12, 12, 0)
    # And the honest exporter still has the rest of its own side
    trade.tell(export(lot(trade, 6)), by="farm")
    assert account(trade).exported == 10


def test_importers_beyond_a_voluntary_quota_leave_a_check(trade: World) -> None:
    set_quota(trade, amount=10, counts="endorsement")
    goods = skins(12, taxon="Python breitensteini", source="W", facility=None, documents=(PAPER,))
    (arrived,) = trade.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    assert ("quota.overrun", "check") in trade.findings(arrived)


def permit(world: World) -> None:
    row = DocumentRow("Python breitensteini", "SKI", 100, "NAR", "W", "ZW")
    state = DocumentState(status="issued", rows=(row,), by="parks", paper=Paper())
    world.states[Subject(Kind.DOCUMENT, PAPER)] = state


@pytest.mark.parametrize(("seen", "drawn"), [(6, 6), (5, 6), (9, 9)])
def test_the_larger_of_trader_and_officer_counts_whoever_speaks_first(
    seen: int, drawn: int
) -> None:
    for trader_first in (True, False):
        trade = new_world(full=True)
        set_quota(trade, amount=8, counts="endorsement", binding="mandatory")
        permit(trade)
        code = lot(trade, 6)
        stamp = DocumentEndorsed(PAPER, Way.EXPORT, "ZW", (Passed(0, seen, code),))
        said = [(export(code), "farm"), (stamp, "officer")]
        for event, by in said if trader_first else reversed(said):
            trade.tell(event, by=by)
        assert account(trade).exported == drawn
        # What an officer saw is never kept out, and stops where it goes beyond.
        assert (("quota.overrun", "stop") in trade.findings(code)) == (drawn > 8)


@pytest.mark.parametrize("seen", [7, 10])
def test_goods_that_an_officer_endorsed_under_another_permit_count_once(
    trade: World, seen: int
) -> None:
    # Given goods that an officer endorsed under a permit that was not theirs
    set_quota(trade, counts="endorsement")
    permit(trade)
    other = replace(trade.states[Subject(Kind.DOCUMENT, PAPER)])
    trade.states[Subject(Kind.DOCUMENT, "ZW/EXPORT/9")] = other
    code = lot(trade, 10)
    wrong = DocumentEndorsed("ZW/EXPORT/9", Way.EXPORT, "ZW", (Passed(0, seen, code),))
    trade.tell(wrong, by="parks")
    assert account(trade).exported == seen
    # When the trader names the right one, then the goods left the country once, by the larger word
    trade.tell(export(code), by="farm")
    assert account(trade).exported == 10


def test_a_quota_that_counts_issue_refuses_the_permit(trade: World) -> None:
    set_quota(trade, amount=100, counts="issue")
    row = DocumentRow("Python breitensteini", "SKI", 60, "NAR", "W", "ZW")
    one, two = (DocumentIssued(f"ZW/EXPORT/{n}", Paper(rows=(row,))) for n in (81, 82))
    trade.tell(one, by="parks")
    assert account(trade).used == 60
    assert trade.rule(two, by="parks") == "quota.exceeded"


@pytest.mark.parametrize(
    ("name", "from_country", "used"),
    [
        pytest.param("ZW/EXPORT/83", "ZW", 60, id="own-export-permit"),
        pytest.param("ZW/EXPORT/83", None, 60, id="own-export-permit-that-names-no-country"),
        pytest.param("FR/IMPORT/83", "ZW", 0, id="import-permit-of-another-country"),
        pytest.param("FR/IMPORT/83", None, 0, id="import-permit-that-names-no-country"),
        pytest.param("ZW/IMPORT/83", None, 0, id="import-permit-for-what-comes-home"),
        pytest.param("FR/EXPORT/83", "FR", 0, id="export-from-another-country"),
    ],
)
def test_only_export_permits_of_the_country_use_a_quota_of_issue(
    trade: World, name: str, from_country: str | None, used: int
) -> None:
    # Given a quota that counts issue, used in part
    set_quota(trade, amount=100, counts="issue")
    row = DocumentRow("Python breitensteini", "SKI", 60, "NAR", "W", "ZW")
    trade.tell(DocumentIssued("ZW/EXPORT/82", Paper(rows=(replace(row, quantity=10),))), by="parks")
    # When a document of any country is issued, it draws only where it lets goods out of their own
    by = "parks" if name.startswith("ZW") else "customs"
    customs = trade.states[Subject(Kind.PARTY, "customs")]
    assert isinstance(customs, PartyState)
    trade.states[Subject(Kind.PARTY, "customs")] = replace(customs, country="FR")
    trade.tell(DocumentIssued(name, Paper(rows=(row,), from_country=from_country)), by=by)
    assert account(trade).used == 10 + used
    # Then it gives back what it drew and no more
    trade.tell(DocumentCancelled(name, "never used"), by=by)
    assert account(trade).used == 10


def test_a_permit_that_is_cancelled_or_replaced_gives_back_what_was_not_used(trade: World) -> None:
    # Given a quota of 100 that counts issue, and a permit for 60
    set_quota(trade, amount=100, counts="issue")
    row = DocumentRow("Python breitensteini", "SKI", 60, "NAR", "W", "ZW")
    trade.tell(DocumentIssued("ZW/EXPORT/81", Paper(rows=(row,))), by="parks")
    # When it is replaced, the new one is counted in its place, and not beside it
    names = ("ZW/EXPORT/82", "ZW/EXPORT/81")
    for quantity, rule in ((101, "quota.exceeded"), (100, "")):
        paper = Paper(rows=(replace(row, quantity=quantity),))
        event = DocumentReplaced(*names, "a slip", paper)
        assert trade.rule(event, by="parks") == rule
    trade.tell(event, by="parks")
    assert account(trade).used == 100
    # Then a cancelled one gives all of it back
    trade.tell(DocumentCancelled("ZW/EXPORT/82", "never used"), by="parks")
    assert (account(trade).used, account(trade).left) == (0, 100)


def test_goods_bought_from_the_exporter_draw_nothing_more(trade: World) -> None:
    set_quota(trade, amount=10)
    code = lot(trade, 10)
    deal(trade, code)
    assert account(trade).exported == 10


def test_what_left_in_december_arrives_on_the_quota_of_december(trade: World) -> None:
    # Given full quotas of two years, and 10 skins that left on the last evening of the first
    for year in (2026, 2027):
        quota = replace(QUOTA, quota=f"ID-{year}", from_day=f"{year}-01-01")
        quota = replace(quota, until_day=f"{year}-12-31", amount=10)
        set_quota(trade, replace(quota, counts="endorsement", binding="mandatory"))
    entry = DocumentState(status="issued", by="parks", paper=Paper())
    trade.states[Subject(Kind.DOCUMENT, "FR/IMPORT/1")] = entry
    early, late = lot(trade, 10), lot(trade, 10)
    december = 1_798_804_800 - 3_600  # an hour before 2027 begins, UTC
    trade.tell(export(early), by="farm", when=december, day="2026-12-31")
    trade.tell(export(late), by="farm")
    # When both arrive in the second year
    for code in (early, late):
        trade.tell(LotImported((code,), "FR/IMPORT/1", "FR"), by="farm")
    # Then each counts where it was counted when it left
    assert [account(trade, f"ID-{year}").imported for year in (2026, 2027)] == [10, 10]
    for code in (early, late):
        assert [f for f in trade.findings(code) if f[0].startswith("quota.")] == []


@pytest.mark.parametrize(("first_day", "year"), [("2026-11-02", 2026), ("2027-01-02", 2027)])
def test_the_permit_says_of_which_year_an_import_is(
    trade: World, first_day: str, year: int
) -> None:
    for other in (2026, 2027):
        quota = replace(QUOTA, quota=f"ID-{other}", from_day=f"{other}-01-01")
        quota = replace(quota, until_day=f"{other}-12-31", amount=10, counts="endorsement")
        set_quota(trade, replace(quota, binding="mandatory"))
    state = DocumentState(status="recorded", by="tannery", paper=Paper(), from_day=first_day)
    trade.states[Subject(Kind.DOCUMENT, PAPER)] = state
    goods = skins(10, taxon="Python breitensteini", source="W", facility=None, documents=(PAPER,))
    trade.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    assert account(trade, f"ID-{year}").imported == 10
