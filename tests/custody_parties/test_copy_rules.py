"""Copies that officers confirm, documents that replace others, and what two officers sign."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import LedgerWorld, founded_world
from msgspec.structs import replace

from ledger.custody.documents import (
    DocumentAttested,
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Paper,
)
from ledger.custody.goods import Row
from ledger.custody.parties import ApprovalGiven
from ledger.custody.state import Change
from ledger.custody.subjects import Kind, Subject

PERMIT = "ZW/EXPORT/2026-001"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 500, "NAR", "C", "ZW")


def state(world: LedgerWorld, name: str = PERMIT) -> DocumentState:
    found = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(found, DocumentState)
    return found


def paper(*rows: DocumentRow, **fields: Any) -> Paper:
    return Paper(rows=rows or (ROW,), **fields)


# -- two officers for what is grave (F24)


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        pytest.param(paper(), False, id="appendix-ii"),
        pytest.param(paper(retrospective="flood"), True, id="retrospective"),
        pytest.param(paper(replace(ROW, appendix="I", source="W")), True, id="appendix-i"),
        pytest.param(paper(replace(ROW, appendix="I", source="D", operation="1")), False, id="d"),
    ],
)
def test_what_is_grave_waits_for_a_second_officer(said: Paper, waits: bool) -> None:
    world = founded_world(thresholds="thresholds-two")
    leaf = world.do(DocumentIssued(PERMIT, said), by="parks")
    subject = Subject(Kind.DOCUMENT, PERMIT)
    assert (subject not in world.states) == waits
    if waits:
        assert world.rule(ApprovalGiven(leaf), by="parks") == "approval.twice"
        assert world.rule(ApprovalGiven(leaf), by="farm") == "approval.not-entitled"
        world.do(ApprovalGiven(leaf), by="clerk")
    assert (state(world).status, state(world).by) == ("issued", "parks")


def test_a_grave_replacement_waits_on_the_document_that_it_replaces() -> None:
    world = founded_world(thresholds="thresholds-two")
    world.do(DocumentIssued(PERMIT, paper()), by="parks")
    said = paper(retrospective="flood")
    event = DocumentReplaced("ZW/EXPORT/2026-002", PERMIT, "lost", said)
    leaf = world.do(event, by="parks")
    assert [act.type for act in state(world).pending] == ["DocumentReplaced"]
    world.do(ApprovalGiven(leaf), by="clerk")
    assert state(world).status == "replaced"
    assert state(world).pending == ()


# -- copies, confirmed


def recorded(world: LedgerWorld, **fields: Any) -> None:
    world.do(DocumentRecorded(PERMIT, paper(**fields)), by="farm")


def test_an_officer_confirms_a_copy(world: LedgerWorld) -> None:
    recorded(world, issued_day="2026-09-01")
    assert world.findings(Kind.DOCUMENT, PERMIT) == [("document.not-confirmed", "note")]
    world.do(DocumentAttested(PERMIT, "original", bytes(32)), by="clerk")
    assert state(world).status == "attested"
    assert world.findings(Kind.DOCUMENT, PERMIT) == []
    assert [s.party for s in state(world).signers] == ["farm", "clerk"]
    world.do(DocumentIssued(PERMIT, paper()), by="parks")
    assert state(world).status == "issued"


@pytest.mark.parametrize(
    ("rule", "by", "event", "before"),
    [
        pytest.param("document.unknown", "clerk", {"document": "ZW/EXPORT/9"}, {}, id="unknown"),
        pytest.param("document.not-a-copy", "clerk", {"basis": "fax"}, {}, id="by-fax"),
        pytest.param("document.judged", "clerk", {}, {"holder": "clerk"}, id="its-own"),
        pytest.param("office.other-country", "customs", {}, {}, id="another-country"),
        pytest.param("", "customs", {}, {"to_country": "BR"}, id="country-of-destination"),
        pytest.param("party.not-entitled", "tannery", {}, {}, id="trader"),
    ],
)
def test_a_confirmation_is_refused(
    world: LedgerWorld, rule: str, by: str, event: dict[str, Any], before: dict[str, Any]
) -> None:
    recorded(world, **before)
    own = {"document": PERMIT, "basis": "original", **event}
    assert world.rule(DocumentAttested(**own), by=by) == rule


def test_only_a_copy_is_confirmed_once(world: LedgerWorld) -> None:
    recorded(world)
    world.do(DocumentAttested(PERMIT, "issuer"), by="clerk")
    again = DocumentAttested(PERMIT, "issuer")
    assert world.rule(again, by="ranger") == "document.not-a-copy"


@pytest.mark.parametrize(
    ("copy", "found"),
    [
        ({"quantity": 500}, []),
        ({"quantity": 400}, []),
        ({"quantity": 501}, ["document.copy-differs"]),
        ({"source": "W"}, ["document.copy-differs"]),
    ],
)
def test_a_copy_that_said_more_than_its_issuer(
    world: LedgerWorld, copy: dict[str, Any], found: list[str]
) -> None:
    world.do(DocumentRecorded(PERMIT, paper(replace(ROW, **copy))), by="farm")
    world.do(DocumentIssued(PERMIT, paper()), by="parks")
    assert [rule for rule, _ in world.findings(Kind.DOCUMENT, PERMIT)] == found


# -- replaced


NEW = "ZW/EXPORT/2026-002"


def replacing(**changes: Any) -> DocumentReplaced:
    own = {"document": NEW, "replaces": PERMIT, "reason": "lost in the post", "paper": paper()}
    return DocumentReplaced(**{**own, **changes})


def test_a_document_is_replaced(world: LedgerWorld) -> None:
    world.do(DocumentIssued(PERMIT, paper()), by="parks")
    world.do(replacing(), by="clerk")
    assert (state(world).status, state(world).replaced_by) == ("replaced", NEW)
    assert (state(world, NEW).status, state(world, NEW).replaces) == ("issued", PERMIT)
    assert world.findings(Kind.DOCUMENT, NEW) == []


@pytest.mark.parametrize(
    ("rule", "by", "changes"),
    [
        pytest.param("document.unknown", "parks", {"replaces": "ZW/EXPORT/9"}, id="unknown"),
        pytest.param("document.replaced-itself", "parks", {"document": PERMIT}, id="itself"),
        pytest.param("document.reason", "parks", {"reason": " "}, id="no-reason"),
        pytest.param("document.not-issued-by", "customs", {}, id="not-the-issuer"),
        pytest.param("document.not-issued-by", "parks", {"document": "BR/EXPORT/1"}, id="abroad"),
        pytest.param("document.exists", "parks", {"document": "ZW/EXPORT/3"}, id="number-taken"),
        pytest.param("document.name", "parks", {"document": "2026-002"}, id="no-name"),
        pytest.param("party.not-entitled", "farm", {}, id="trader"),
    ],
)
def test_a_replacement_is_refused(
    world: LedgerWorld, rule: str, by: str, changes: dict[str, Any]
) -> None:
    world.do(DocumentIssued(PERMIT, paper()), by="parks")
    world.do(DocumentIssued("ZW/EXPORT/3", paper()), by="parks")
    assert world.rule(replacing(**changes), by=by) == rule


def test_what_is_replaced_or_cancelled_is_not_replaced_again(world: LedgerWorld) -> None:
    world.do(DocumentIssued(PERMIT, paper()), by="parks")
    world.do(replacing(), by="parks")
    assert world.rule(replacing(document="ZW/EXPORT/4"), by="parks") == "document.not-in-force"
    world.do(DocumentCancelled(NEW, "stolen"), by="parks")
    again = replacing(document="ZW/EXPORT/4", replaces=NEW)
    assert world.rule(again, by="parks") == "document.not-in-force"


@pytest.mark.parametrize(("quantity", "found"), [(300, []), (301, ["document.replaced-more"])])
def test_a_replacement_covers_what_was_left(
    world: LedgerWorld, quantity: int, found: list[str]
) -> None:
    world.do(DocumentIssued(PERMIT, paper()), by="parks")
    passed = Row(ROW.taxon, ROW.term, 200, ROW.unit, ROW.source, ROW.origin)
    world.states[Subject(Kind.DOCUMENT, PERMIT)] = replace(
        state(world), drawn={"export": (passed,)}
    )
    outcome = world.say(replacing(paper=paper(replace(ROW, quantity=quantity))), by="parks")
    assert isinstance(outcome, Change)
    assert [rule for rule, _ in world.findings(Kind.DOCUMENT, NEW)] == found
