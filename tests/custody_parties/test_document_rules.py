"""Documents and facilities: names, who may enter them, and what they may say."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import LedgerWorld

from ledger.custody.documents import (
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    DocumentRow,
    DocumentState,
    Paper,
)
from ledger.custody.facilities import Capacity, FacilityRegistered, FacilityState, Terms
from ledger.custody.goods import MarkRange
from ledger.custody.subjects import Kind, Subject

PERMIT = "ZW/EXPORT/2026-001"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 500, "NAR", "C", "ZW")


def state(world: LedgerWorld, name: str = PERMIT) -> DocumentState:
    found = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(found, DocumentState)
    return found


def issued(name: str = PERMIT, **paper: Any) -> DocumentIssued:
    return DocumentIssued(name, Paper(**{"rows": (ROW,), **paper}))


def row(**changes: Any) -> tuple[DocumentRow, ...]:
    own = {
        "taxon": ROW.taxon,
        "term": ROW.term,
        "quantity": ROW.quantity,
        "unit": ROW.unit,
        "source": ROW.source,
        "origin": ROW.origin,
    }
    return (DocumentRow(**{**own, **changes}),)


def test_an_authority_or_its_officer_issues(world: LedgerWorld) -> None:
    world.do(issued(from_day="2026-01-01", until_day="2026-12-31", holder="farm"), by="clerk")
    assert (state(world).status, state(world).by) == ("issued", "clerk")
    assert (state(world).from_day, state(world).until_day) == ("2026-01-01", "2026-12-31")
    assert world.rule(issued("ZW/EXPORT/2"), by="parks") == ""


@pytest.mark.parametrize(
    "name",
    ["ZW/EXPORT/1", "ZW/EXPORT/A 1/B", "ZW/RE-EXPORT/(1)", "ZW/CERT/2026.1_#", "ZW/L/" + "9" * 60],
)
def test_names_of_documents(world: LedgerWorld, name: str) -> None:
    assert world.rule(DocumentRecorded(name, Paper(rows=(ROW,))), by="farm") == ""


@pytest.mark.parametrize(
    "name",
    [
        "ZW/EXPORT",
        "ZW/EXPORT/",
        "zw/EXPORT/1",
        "ZW/export/1",
        "ZW/EXPORT/a",
        "ZW/EXPORT/ 1",
        "ZW/EXPORT/1 ",
        "ZW/EXPORT/1  2",
        "ZWE/EXPORT/1",
        "ZW//1",
        "ZW/EXPORT/1\n",
        "ZW/EXPORT/É",
        "ZW/L/" + "9" * 61,
    ],
)
def test_names_that_are_none(world: LedgerWorld, name: str) -> None:
    assert world.rule(DocumentRecorded(name, Paper()), by="farm") == "document.name"


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        pytest.param("country.unknown", "parks", issued("QQ/EXPORT/1"), id="no-such-country"),
        pytest.param("document.not-issued-by", "parks", issued("FR/EXPORT/1"), id="other-country"),
        pytest.param("party.not-entitled", "farm", issued(), id="trader"),
        pytest.param("party.not-entitled", "root", issued(), id="root"),
        pytest.param(
            "document.days",
            "parks",
            issued(from_day="2026-02-01", until_day="2026-01-31"),
            id="ends-before-it-begins",
        ),
        pytest.param("document.days", "parks", issued(from_day="2026-13-01"), id="no-such-day"),
        pytest.param("document.days", "parks", issued(until_day="1.2.2026"), id="other-form"),
        pytest.param("document.holder", "parks", issued(holder="nobody"), id="unknown-holder"),
        pytest.param("document.purpose", "parks", issued(purpose="?"), id="unknown-purpose"),
        pytest.param("country.unknown", "parks", issued(to_country="QQ"), id="to-nowhere"),
        pytest.param("country.unknown", "parks", issued(from_country="QQ"), id="from-nowhere"),
        pytest.param("document.rows", "parks", issued(rows=(ROW,) * 101), id="101-rows"),
        pytest.param("taxon.unknown", "parks", issued(rows=row(taxon="Draco")), id="taxon"),
        pytest.param("term.unknown", "parks", issued(rows=row(term="XXX")), id="term"),
        pytest.param("quantity.unit", "parks", issued(rows=row(unit="BOX")), id="unit"),
        pytest.param("quantity.zero", "parks", issued(rows=row(quantity=0)), id="nothing"),
        pytest.param("source.unknown", "parks", issued(rows=row(source="Z")), id="source"),
        pytest.param("country.unknown", "parks", issued(rows=row(origin="QQ")), id="origin"),
        pytest.param("pair.term-unit", "parks", issued(rows=row(unit="MLT")), id="skins-by-mL"),
        pytest.param(
            "mark.form",
            "parks",
            issued(rows=row(marks=(MarkRange("cites", "a", 0, 0, 0, ""),))),
            id="marks-in-small-letters",
        ),
    ],
)
def test_an_issue_is_refused(world: LedgerWorld, rule: str, by: str, event: Any) -> None:
    assert world.rule(event, by=by) == rule


def test_what_is_odd_in_a_row_stands_on_the_document(world: LedgerWorld) -> None:
    world.do(issued(rows=row(source="U")), by="parks")
    assert world.findings(Kind.DOCUMENT, PERMIT) == [("source.unexplained", "check")]


def test_a_trader_records_a_copy_and_the_issuer_confirms(world: LedgerWorld) -> None:
    world.do(DocumentRecorded(PERMIT, Paper()), by="farm")
    assert (state(world).status, state(world).by) == ("recorded", "farm")
    world.do(issued(), by="clerk")
    assert (state(world).status, state(world).by, state(world).rows) == ("issued", "clerk", (ROW,))


@pytest.mark.parametrize("by", ["farm", "parks"])
def test_a_document_is_entered_once(world: LedgerWorld, by: str) -> None:
    world.do(issued(), by="clerk")
    event = DocumentRecorded(PERMIT, Paper()) if by == "farm" else issued()
    assert world.rule(event, by=by) == "document.exists"


def test_a_copy_is_recorded_once(world: LedgerWorld) -> None:
    world.do(DocumentRecorded(PERMIT, Paper()), by="farm")
    assert world.rule(DocumentRecorded(PERMIT, Paper()), by="tannery") == "document.exists"


def test_a_cancelled_document_is_a_stop(world: LedgerWorld) -> None:
    world.do(issued(), by="clerk")
    world.do(DocumentCancelled(PERMIT, "issued in error"), by="parks")
    assert state(world).status == "cancelled"
    assert world.findings(Kind.DOCUMENT, PERMIT) == [("document.cancelled", "stop")]
    assert world.rule(issued(), by="clerk") == "document.exists"


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        ("document.unknown", "parks", DocumentCancelled("ZW/EXPORT/9", "why")),
        ("document.not-issued-by", "customs", DocumentCancelled(PERMIT, "why")),
        ("party.not-entitled", "farm", DocumentCancelled(PERMIT, "why")),
        ("document.reason", "parks", DocumentCancelled(PERMIT, " ")),
    ],
)
def test_a_cancellation_is_refused(world: LedgerWorld, rule: str, by: str, event: Any) -> None:
    world.do(issued(), by="clerk")
    assert world.rule(event, by=by) == rule


def test_a_document_is_cancelled_once(world: LedgerWorld) -> None:
    world.do(issued(), by="clerk")
    world.do(DocumentCancelled(PERMIT, "issued in error"), by="parks")
    assert world.rule(DocumentCancelled(PERMIT, "again"), by="parks") == "document.not-in-force"


def test_a_copy_of_a_document_that_never_was_is_cancelled(world: LedgerWorld) -> None:
    world.do(DocumentRecorded(PERMIT, Paper()), by="farm")
    assert world.rule(DocumentCancelled(PERMIT, "never issued"), by="clerk") == ""


def test_a_facility_is_declared_by_its_party(world: LedgerWorld) -> None:
    terms = Terms(capacity=(Capacity("SKI", 900, "NAR"),))
    event = FacilityRegistered("farm/pond-2", "farm", "ZW", area_m2=4_000, terms=terms)
    world.do(event, by="farm")
    found = world.states[Subject(Kind.FACILITY, "farm/pond-2")]
    assert isinstance(found, FacilityState)
    assert (found.status, found.kind, found.terms) == ("declared", "farm", terms)
    assert world.rule(event, by="farm") == "facility.exists"


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        pytest.param("facility.name", {"facility": "farm/"}, id="no-slug"),
        pytest.param("facility.name", {"facility": "farm/Pond"}, id="capitals"),
        pytest.param("facility.name", {"facility": "farm/a/b"}, id="two-slugs"),
        pytest.param("facility.name", {"facility": "farm/" + "a" * 33}, id="33-letters"),
        pytest.param("facility.not-own", {"facility": "tannery/shed"}, id="another's"),
        pytest.param("facility.kind", {"kind": "zoo"}, id="unknown-kind"),
        pytest.param("country.unknown", {"country": "QQ"}, id="no-such-country"),
        pytest.param("facility.size", {"area_m2": 0}, id="no-area"),
        pytest.param("facility.size", {"cells": ("a", "a")}, id="cell-twice"),
    ],
)
def test_a_facility_is_refused(world: LedgerWorld, rule: str, changes: Any) -> None:
    own = {"facility": "farm/pond", "kind": "farm", "country": "ZW", **changes}
    assert world.rule(FacilityRegistered(**own), by="farm") == rule


def test_an_officer_has_no_facility(world: LedgerWorld) -> None:
    shed = FacilityRegistered("ranger/shed", "store", "ZW")
    assert world.rule(shed, by="ranger") == "party.not-entitled"
