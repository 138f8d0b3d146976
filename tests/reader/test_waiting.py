"""What waits for an authority, read from a ledger where two officers must agree."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from msgspec.structs import replace

from ledger.custody.control import FindingClosed, LotConfiscated, LotHeld, LotSeized
from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    Paper,
    Passed,
    Way,
)
from ledger.custody.events import Event
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import Basis, LotExported, LotRegistered
from ledger.custody.marks import MarksAllotted, MarksReturned
from ledger.custody.parties import ApprovalGiven, Scope
from ledger.custody.references import Quota, QuotaSet
from ledger.custody.stocks import SizeClass, StockAttested, StockDeclared
from ledger.custody.transfers import Moves, TransferDispatched, TransferOffered
from ledger.reader import LiveMoments, Reader, view_json
from ledger.simulator.world import DAY_S, POWERS, World, born_in
from ledger.statement import parse_statement

SKINS = Row("Crocodylus niloticus", "SKI", 20, "NAR", "C", "ZW")


class Office:
    """Two countries, an authority and officers in each, and a farm and a tannery."""

    def __init__(self) -> None:
        self.world = World(seed=4, thresholds="thresholds-two")
        for country in ("zw", "it"):
            scope = Scope(POWERS, (country.upper(),))
            place = country.upper()
            self.world.enrol(f"{country}-parks", "authority", country=place, scope=scope)
            self.world.enrol(
                f"{country}-officer",
                "officer",
                country=place,
                by=f"{country}-parks",
                scope=scope,
                acts_for=f"{country}-parks",
            )
        self.world.enrol("farm", "farm", by="zw-parks")
        self.world.enrol("tannery", "tannery", country="IT", by="it-parks")
        self.world.do("farm", FacilityRegistered("farm/pens", "farm", "ZW"))
        herd = (SizeClass("all", 1_000_000),)
        self.world.do("farm", StockDeclared("farm/pens", SKINS.taxon, counts=herd))
        self.world.do("zw-parks", StockAttested("farm/pens", SKINS.taxon, "matches", herd))
        ledger = self.world.ledger
        self.reader = Reader(ledger.store, LiveMoments(ledger.registrar, ledger.store))

    def bale(self) -> str:
        new = NewLot((SKINS,), year=2026, facility="farm/pens")
        return born_in(self.world.do("farm", LotRegistered(Basis.BRED, (new,))))

    def agreed(self, event: Event) -> None:
        """Let the authority say it and its officer approve it."""
        said = self.world.do("zw-parks", event)
        self.world.do("zw-officer", ApprovalGiven(said.id))

    def sections(self, party: str | None, *, country: str | None = None) -> dict[str, list[str]]:
        """Names of the rows of each section that has any."""
        view = self.reader.waiting(party, country=country)
        return {name: [row.name for row in rows] for name, rows in view.sections.items()}


@pytest.fixture
def office() -> Office:
    return Office()


def test_nothing_waits_in_a_quiet_ledger(office: Office) -> None:
    assert office.sections("zw-parks") == {}


def test_an_act_waits_until_it_is_approved_or_lapses(office: Office) -> None:
    code = office.bale()
    office.world.do("zw-officer", LotSeized({code: Part()}, "no permit"))
    assert office.sections("zw-officer") == {"seized": [code]}
    act = office.world.do("zw-officer", LotConfiscated((code,), "court order"))
    view = office.reader.waiting("zw-parks")
    (row,) = view.sections["approvals"]
    assert row.about == "LotConfiscated"
    assert row.commands[-1] == f"ringmark approve {act.id.hex()}"
    assert "approvals" not in office.sections("it-parks")
    office.world.do("zw-parks", ApprovalGiven(act.id))
    assert office.sections("zw-parks") == {}


def test_a_lapsed_act_waits_for_nobody(office: Office) -> None:
    code = office.bale()
    office.world.do("zw-officer", LotSeized({code: Part()}, "no permit"))
    office.world.do("zw-officer", LotConfiscated((code,), "court order"))
    office.world.clock.advance(31 * DAY_S)
    office.bale()
    assert office.sections("zw-parks") == {"seized": [code]}


def test_findings_come_by_weight_and_deadlines_by_date(office: Office) -> None:
    held, overdue, late = office.bale(), office.bale(), office.bale()
    for code, days in ((overdue, 2), (late, 1)):
        expires = office.world.clock.now_s() + 30 * DAY_S
        offer = TransferOffered("tannery", Moves.BOTH, expires, lots={code: Part()})
        offered = office.world.do("farm", offer)
        due = office.world.clock.now_s() + days * DAY_S
        office.world.do("farm", TransferDispatched(offered.id, due))
    assert office.sections("zw-parks") == {"deadlines": [late, overdue]}
    office.world.clock.advance(DAY_S + 60)
    office.world.do("zw-officer", LotHeld({held: Part()}, "papers are missing"))
    assert office.sections("zw-parks") == {"findings": [held, late], "deadlines": [overdue]}
    view = office.reader.waiting("zw-parks")
    assert view.sections["findings"][0].commands == (f'ringmark release {held} --reason "…"',)


def test_an_authority_sees_its_own_countries(office: Office) -> None:
    code = office.bale()
    office.world.do("zw-officer", LotHeld({code: Part()}, "papers are missing"))
    assert office.sections("it-parks") == {}
    assert office.sections("it-parks", country="ZW") == {"findings": [code]}
    assert office.sections(None) == {"findings": [code]}
    # A trader has no desk: it sees what anybody with a right to read sees.
    assert office.sections("farm") == {"findings": [code]}
    assert office.sections("no-such-party") == {"findings": [code]}


def test_one_country_alone_narrows_what_the_authority_has_itself(office: Office) -> None:
    code = office.bale()
    expires = office.world.clock.now_s() + DAY_S
    offer = TransferOffered("zw-parks", Moves.BOTH, expires, lots={office.bale(): Part()})
    office.world.do("farm", offer)
    office.world.do("zw-officer", LotSeized({code: Part()}, "no permit"))
    own = office.sections("zw-parks")
    assert (own["seized"], own["offers"]) == ([code], ["farm"])
    assert office.sections("zw-parks", country="ZW") == own
    assert not {"seized", "offers"} & set(office.sections("zw-parks", country="IT"))


def test_what_is_settled_no_longer_waits(office: Office) -> None:
    code = office.bale()
    office.world.enrol("old", "farm", by="zw-parks")
    row = Row("Crocodylus niloticus", "SKI", 5, "NAR", "C", "ZW")
    stock = born_in(office.world.do("farm", LotRegistered(Basis.OPENING_STOCK, (NewLot((row,)),))))
    (found,) = office.world.lot(stock).findings
    assert office.sections("zw-parks") == {"findings": [stock]}
    event = FindingClosed(f"lot/{stock}", found.rule, found.cause, "seen")
    office.world.do("zw-officer", event)
    assert office.sections("zw-parks") == {}
    assert office.world.lot(code).findings == ()


def test_offers_of_goods_to_the_authority_wait(office: Office) -> None:
    code = office.bale()
    expires = office.world.clock.now_s() + DAY_S
    event = TransferOffered("zw-parks", Moves.BOTH, expires, lots={code: Part()})
    offered = office.world.do("farm", event)
    (row,) = office.reader.waiting("zw-officer").sections["offers"]
    assert row.commands == (f"ringmark transfer accept {offered.id.hex()}",)


def test_the_view_is_plain_values(office: Office) -> None:
    code = office.bale()
    office.world.do("zw-officer", LotHeld({code: Part()}, "papers are missing"))
    plain = view_json(office.reader.waiting("zw-parks"))
    assert plain["countries"] == ["ZW"]
    assert plain["sections"]["findings"][0]["severity"] == "stop"


def test_a_crossing_waits_for_the_officer_of_its_side(office: Office) -> None:
    code = office.bale()
    permit = "ZW/EXPORT/26 B"
    rows = (DocumentRow(SKINS.taxon, "SKI", 20, "NAR", "C", "ZW"),)
    office.world.do("zw-parks", DocumentIssued(permit, Paper(holder="farm", rows=rows)))
    assert office.sections("zw-parks") == {}
    office.world.do("farm", LotExported((code,), permit, "ZW", "IT"))
    (row,) = office.reader.waiting("zw-parks").sections["endorsements"]
    assert row.commands == (f"ringmark document endorse '{permit}' {code} --export ZW",)
    assert set(office.sections("zw-parks")) == {"endorsements"}
    passed = (Passed(0, 20, code),)
    office.world.do("zw-officer", DocumentEndorsed(permit, Way.EXPORT, "ZW", passed))
    assert office.sections("zw-parks") == {}


def test_a_document_tells_which_lots_passed_under_it(office: Office) -> None:
    code, other = office.bale(), office.bale()
    permit = "ZW/EXPORT/27"
    rows = (DocumentRow(SKINS.taxon, "SKI", 20, "NAR", "C", "ZW"),)
    office.world.do("zw-parks", DocumentIssued(permit, Paper(holder="farm", rows=rows)))
    office.world.do("farm", LotExported((code,), permit, "ZW", "IT"))
    assert office.reader.document(permit).lots == (code,)
    office.world.do(
        "zw-officer", DocumentEndorsed(permit, Way.EXPORT, "ZW", (Passed(0, 1, other),))
    )
    assert office.reader.document(permit).lots == (code, other)


def test_unused_marks_wait_with_the_command_that_returns_them(office: Office) -> None:
    tags = MarkRange("CROC", "ZW-2026-", 1, 30, 6, "-NIL")
    due = office.world.clock.now_s() + 30 * DAY_S
    event = MarksAllotted("farm", "CROC", 2026, "2026-01-01", (tags,), due=due)
    office.agreed(event)
    used = replace(tags, first=5, last=24)
    new = NewLot((SKINS,), marks=(used,), year=2026, facility="farm/pens")
    office.world.do("farm", LotRegistered(Basis.BRED, (new,)))
    (row,) = office.reader.waiting("zw-parks").sections["returns"]
    assert (row.used, row.amount, row.due) == (20, 30, due)
    ranges = "ZW-2026-000001-NIL..ZW-2026-000004-NIL,ZW-2026-000025-NIL..ZW-2026-000030-NIL"
    assert row.commands == (f"ringmark --as farm mark return farm/CROC/2026 {ranges}",)
    rest = (replace(tags, last=4), replace(tags, first=25))
    office.world.do("farm", MarksReturned("farm/CROC/2026", rest))
    assert office.sections("zw-parks") == {}


def test_quotas_wait_the_fullest_first(office: Office) -> None:
    quotas = tuple(
        Quota(
            quota=f"ZW-{amount}",
            country="ZW",
            taxon=SKINS.taxon,
            amount=amount,
            unit="NAR",
            from_day="2026-01-01",
            until_day="2026-12-31",
            counts="endorsement",
            binding="voluntary",
            terms=("SKI",),
            sources=(source,),
        )
        for amount, source in ((0, "W"), (25, "C"), (100, "R"))
    )
    office.agreed(QuotaSet(quotas))
    code = office.bale()
    office.world.do("zw-parks", DocumentIssued("ZW/EXPORT/1", Paper(holder="farm")))
    office.world.do("farm", LotExported((code,), "ZW/EXPORT/1", "ZW", "IT"))
    rows = office.reader.waiting("zw-parks").sections["quotas"]
    assert [(row.used, row.amount) for row in rows] == [(20, 25), (0, 0), (0, 100)]
    assert "quotas" not in office.sections("it-parks")


def test_quotas_of_years_gone_and_replaced_ones_wait_for_nothing(office: Office) -> None:
    base = Quota(
        quota="ZW-OLD",
        country="ZW",
        taxon=SKINS.taxon,
        amount=10,
        unit="NAR",
        from_day="2013-01-01",
        until_day="2013-12-31",
        counts="endorsement",
        binding="voluntary",
    )
    days = {"from_day": "2026-01-01", "until_day": "2026-12-31"}
    coming = {"from_day": "2027-01-01", "until_day": "2027-12-31"}
    office.agreed(QuotaSet((base, replace(base, quota="ZW-26", **days))))
    office.agreed(QuotaSet((replace(base, quota="ZW-26-B", replaces="ZW-26", **days),)))
    office.agreed(QuotaSet((replace(base, quota="ZW-27", **coming),)))
    rows = office.reader.waiting("zw-parks").sections["quotas"]
    assert [row.name for row in rows] == ["quota/ZW-26-B", "quota/ZW-27"]


def test_a_statement_that_causes_many_findings_is_read_once(office: Office) -> None:
    lots = tuple(NewLot((SKINS,), year=2026) for _ in range(40))
    office.world.do("farm", LotRegistered(Basis.OPENING_STOCK, lots))
    parsed = 0

    def count(frame: FrameType, event: str, _what: object) -> None:
        nonlocal parsed
        parsed += event == "call" and frame.f_code is parse_statement.__code__

    sys.setprofile(count)
    try:
        view = office.reader.waiting("zw-parks")
    finally:
        sys.setprofile(None)
    assert len(view.sections["findings"]) == 40
    # Once, and what the moment of the answer rests on.
    assert parsed <= 3
