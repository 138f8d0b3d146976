"""Numbers of documents that are read as one: a check on what nobody confirmed, nobody is locked."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World

from ledger.custody.documents import (
    DocumentAttested,
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentRow,
    Paper,
)
from ledger.custody.effects.filing import COPIES_EACH, DOCUMENTS_MAX
from ledger.custody.rules.near_numbers import NEAR, key_of
from ledger.custody.subjects import Kind, Subject

ROW = DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")
PAPER = Paper(rows=(ROW,), to_country="FR")
PERMIT, SLIP = "ZW/EXPORT/2026-0412", "ZW/EXPORT/2O26/412"


def found(world: World, name: str) -> list[str]:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    return [finding.severity.value for finding in state.findings if finding.rule == NEAR]


def record(world: World, name: str, *, by: str = "tannery") -> None:
    world.tell(DocumentRecorded(name, PAPER), by=by)


def issue(world: World, name: str) -> None:
    world.tell(DocumentIssued(name, PAPER), by="parks")


@pytest.mark.parametrize(
    "written",
    [
        "2026-0412",
        "2O26-0412",
        "2026/0412",
        "2026 0412",
        "2026-412",
        "2026.00412",
        "26-0412",
        "26/412",
        "20260412",
        "2026-04I2",
        "0412-2026",
        "412/2026",
        "ZW-2026-0412",
        "ZW 2026/412",
        "NO 2026-0412",
        "2026-0412 COPY",
        "ZW2026-0412/DUPLICATE",
    ],
)
def test_one_number_in_many_hands(written: str) -> None:
    assert key_of(written, country="ZW") == "26.412"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("2026-0412", "2026-0413", id="the-next-one"),
        pytest.param("2026-0412", "2025-0412", id="of-another-year"),
        pytest.param("2026-26", "2026-2026", id="a-serial-like-a-year"),
        pytest.param("1-23", "12-3", id="signs-between-part-numbers"),
        pytest.param("2026-0412", "2026-0412A", id="a-letter-more"),
        pytest.param("C-101", "D-101", id="another-letter"),
        pytest.param("2026-100", "2026-1000", id="zeros-behind"),
        pytest.param("ZA-2026-0412", "2026-0412", id="another-country-in-front"),
        pytest.param("2026-2027", "2027-2026", id="two-years"),
    ],
)
def test_other_numbers_stay_apart(one: str, other: str) -> None:
    assert key_of(one, country="ZW") != key_of(other, country="ZW")


def test_a_copy_near_an_issued_permit_is_looked_at_and_the_permit_is_told(world: World) -> None:
    issue(world, PERMIT)
    record(world, SLIP)
    assert (found(world, PERMIT), found(world, SLIP)) == (["note"], ["check"])


def test_who_records_first_gains_nothing(world: World) -> None:
    record(world, SLIP)
    issue(world, PERMIT)
    assert (found(world, PERMIT), found(world, SLIP)) == (["note"], ["check"])


@pytest.mark.parametrize("how", ["recorded", "issued"])
def test_two_of_one_standing_are_both_looked_at(world: World, how: str) -> None:
    enter: Any = record if how == "recorded" else issue
    enter(world, PERMIT)
    enter(world, SLIP)
    assert (found(world, PERMIT), found(world, SLIP)) == (["check"], ["check"])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("ZA/EXPORT/2026-412", id="of-another-country"),
        pytest.param("ZW/RE-EXPORT/2026-412", id="of-another-kind"),
        pytest.param("ZW/EXPORT/2026-0413", id="the-next-permit"),
    ],
)
def test_others_are_left_alone(world: World, other: str) -> None:
    record(world, PERMIT)
    record(world, other)
    assert found(world, PERMIT) == found(world, other) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param((ROW,), ["check"], id="of-the-same-goods"),
        pytest.param((), [], id="of-no-goods"),
        pytest.param((replace(ROW, taxon="Python sebae"),), [], id="of-other-goods"),
    ],
)
def test_a_kind_that_no_table_knows_may_be_another_name_for_it(
    world: World, rows: tuple[DocumentRow, ...], expected: list[str]
) -> None:
    issue(world, PERMIT)
    name = "ZW/EXPORT-PERMIT/2026-0412"
    world.tell(DocumentRecorded(name, Paper(rows=rows)), by="tannery")
    assert found(world, name) == expected


@pytest.mark.parametrize(
    ("kind", "paper", "expected"),
    [
        pytest.param("CAPTIVE-BRED", PAPER, ["check"], id="of-the-same-goods"),
        pytest.param("PRE-CONVENTION", PAPER, ["check"], id="another-way-out"),
        pytest.param("CAPTIVE-BRED", Paper(rows=(replace(ROW, source="W"),)), [], id="of-others"),
        pytest.param("IMPORT", PAPER, [], id="under-which-nothing-leaves"),
    ],
)
def test_a_copy_under_another_kind_may_be_the_same_paper(
    world: World, kind: str, paper: Paper, expected: list[str]
) -> None:
    issue(world, PERMIT)
    name = f"ZW/{kind}/2026-0412"
    world.tell(DocumentRecorded(name, paper), by="tannery")
    assert found(world, name) == expected


def test_an_office_may_number_two_registers_alike(world: World) -> None:
    issue(world, PERMIT)
    issue(world, "ZW/CAPTIVE-BRED/2026-0412")
    assert found(world, PERMIT) == found(world, "ZW/CAPTIVE-BRED/2026-0412") == []


def test_an_officer_who_saw_the_paper_ends_it(world: World) -> None:
    record(world, PERMIT)
    record(world, SLIP)
    world.tell(DocumentAttested(SLIP, "original"), by="officer")
    assert (found(world, PERMIT), found(world, SLIP)) == (["check"], [])


def test_it_ends_with_the_other_document(world: World) -> None:
    issue(world, PERMIT)
    issue(world, SLIP)
    world.tell(DocumentCancelled(SLIP, "typed twice"), by="parks")
    assert found(world, PERMIT) == []
    # And a document that is gone is near to nothing.
    record(world, "ZW/EXPORT/26-412")
    assert found(world, "ZW/EXPORT/26-412") == ["check"]
    world.tell(DocumentCancelled(PERMIT, "not used"), by="parks")
    assert found(world, "ZW/EXPORT/26-412") == []


def test_a_replacement_may_mend_the_form_of_a_number(world: World) -> None:
    issue(world, SLIP)
    world.tell(DocumentReplaced(PERMIT, SLIP, "a slip in the number", PAPER), by="parks")
    assert found(world, PERMIT) == []


def junk(world: World, count: int) -> None:
    """Record copies of kinds that nobody knows, of no goods: near to nothing, of that number."""
    for i in range(count):
        world.tell(DocumentRecorded(f"ZW/K{i}/2026-0412", Paper()), by="tannery")


def test_copies_take_no_place_of_a_permit(world: World) -> None:
    junk(world, DOCUMENTS_MAX + 1)
    issue(world, PERMIT)
    record(world, SLIP, by="maker")
    assert found(world, SLIP) == ["check"]


def test_a_copy_that_is_confirmed_has_a_place_of_its_own(world: World) -> None:
    junk(world, COPIES_EACH)
    record(world, PERMIT)
    world.tell(DocumentAttested(PERMIT, "original"), by="officer")
    record(world, SLIP, by="maker")
    assert found(world, SLIP) == ["check"]


def test_documents_that_are_gone_leave_their_places(world: World) -> None:
    for zeros in range(DOCUMENTS_MAX):
        name = f"ZW/EXPORT/26-{'0' * zeros}412"
        issue(world, name)
        world.tell(DocumentCancelled(name, "in error"), by="parks")
    issue(world, PERMIT)
    record(world, SLIP)
    assert found(world, SLIP) == ["check"]
