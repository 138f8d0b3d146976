"""Places and what officers attest of them: one case that passes, one for each way to break it."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import LedgerWorld
from msgspec.structs import replace

from ledger.custody.facilities import (
    Capacity,
    ClosedSeason,
    FacilityAttested,
    FacilityRegistered,
    FacilityState,
    SizeLimit,
    Terms,
)
from ledger.custody.parties import PartyState, Scope
from ledger.custody.subjects import Kind, Severity, Subject

POND = "farm/pond"
OTHER = "tannery/yard"
TERMS = Terms(
    licence="ZW/LICENCE/7",
    from_day="2026-01-01",
    until_day="2027-12-31",
    closed=(ClosedSeason("12-01", "02-29"),),
    capacity=(Capacity("SKI", 900, "NAR"),),
    sizes=(SizeLimit("Crocodylus niloticus", 480),),
    since=1998,
)
OUTLINE = FacilityAttested(POND, "outline", "matches", outline=bytes(32), against=(bytes(32),))
VISIT = FacilityAttested(POND, "visit", "matches")


@pytest.fixture
def placed(world: LedgerWorld) -> LedgerWorld:
    world.do(FacilityRegistered(POND, "plot", "ZW", area_m2=40_000, terms=TERMS), by="farm")
    world.do(FacilityRegistered("farm/second", "plot", "ZW"), by="farm")
    world.do(FacilityRegistered(OTHER, "plot", "ZW"), by="tannery")
    return world


def place(world: LedgerWorld, name: str = POND) -> FacilityState:
    state = world.states[Subject(Kind.FACILITY, name)]
    assert isinstance(state, FacilityState)
    return state


def findings(world: LedgerWorld, name: str = POND) -> list[tuple[str, Severity]]:
    return [(finding.rule, finding.severity) for finding in place(world, name).findings]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"from_day": "2028-01-01"}, id="ends-before-it-begins"),
        pytest.param({"until_day": "2027-02-30"}, id="no-such-day"),
        pytest.param({"until_day": "31.12.2027"}, id="another-form"),
        pytest.param({"closed": (ClosedSeason("13-01", "02-01"),)}, id="no-such-month"),
        pytest.param({"capacity": (Capacity("SKI", 0, "NAR"),)}, id="nothing-a-year"),
        pytest.param({"capacity": (Capacity("SKI", 9, "BOX"),)}, id="no-unit-of-the-ledger"),
        pytest.param({"capacity": (Capacity("ZZZ", 9, "NAR"),)}, id="no-term"),
        pytest.param({"capacity": (Capacity("SKI", 9, "NAR"),) * 2}, id="said-twice"),
        pytest.param({"sizes": (SizeLimit("Draco magnus", 480),)}, id="no-taxon"),
        pytest.param({"sizes": (SizeLimit("Crocodylus niloticus", 0),)}, id="no-width"),
        pytest.param({"since": 1700}, id="too-old"),
        pytest.param({"since": 2999}, id="not-yet"),
    ],
)
def test_terms_that_cannot_be_are_refused(world: LedgerWorld, changes: Any) -> None:
    event = FacilityRegistered(POND, "farm", "ZW", terms=TERMS)
    assert world.rule(event, by="farm") == ""
    assert (
        world.rule(replace(event, terms=replace(TERMS, **changes)), by="farm") == "facility.terms"
    )


def test_terms_that_say_nothing_are_refused(world: LedgerWorld) -> None:
    assert world.rule(FacilityRegistered(POND, "farm", "ZW", terms=Terms()), by="farm") == (
        "facility.terms"
    )


def test_a_visit_confirms_and_corrects_the_terms(placed: LedgerWorld) -> None:
    known = Terms(capacity=(Capacity("SKI", 500, "NAR"),), until_day="2026-12-31")
    placed.do(replace(VISIT, terms=known, area_m2=39_000), by="ranger")
    found = place(placed)
    assert (found.status, found.area_m2) == ("attested", 39_000)
    assert found.terms == replace(TERMS, capacity=known.capacity, until_day="2026-12-31")
    assert found.findings == ()


def test_a_place_that_differs_is_stopped_until_a_visit_matches(placed: LedgerWorld) -> None:
    placed.do(replace(VISIT, result="differs", reason="no pens there"), by="ranger")
    assert place(placed).status == "declared"
    assert findings(placed) == [("facility.differs", Severity.STOP)]
    placed.do(VISIT, by="ranger")
    assert (place(placed).status, findings(placed)) == ("attested", [])


def test_overlaps_stand_on_both_places_and_protected_areas_on_one(placed: LedgerWorld) -> None:
    placed.do(replace(OUTLINE, overlaps=(OTHER,), protected=("Mana Pools",)), by="ranger")
    assert findings(placed, OTHER) == [("facility.overlap", Severity.CHECK)]
    assert sorted(findings(placed)) == [
        ("facility.overlap", Severity.CHECK),
        ("facility.protected", Severity.STOP),
    ]


def test_a_visit_does_not_settle_what_an_outline_showed(placed: LedgerWorld) -> None:
    placed.do(replace(OUTLINE, protected=("Mana Pools",)), by="ranger")
    placed.do(VISIT, by="ranger")
    assert findings(placed) == [("facility.protected", Severity.STOP)]
    placed.do(OUTLINE, by="ranger")
    assert findings(placed) == []


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        pytest.param("facility.unknown", replace(VISIT, facility="farm/moon"), id="no-such-place"),
        pytest.param("facility.attestation", replace(VISIT, how="hearsay"), id="how"),
        pytest.param("facility.attestation", replace(VISIT, result="so-so"), id="result"),
        pytest.param("facility.attestation", replace(VISIT, result="differs"), id="no-reason"),
        pytest.param("facility.attestation", replace(VISIT, area_m2=0), id="no-area"),
        pytest.param("facility.attestation", replace(VISIT, outline=bytes(32)), id="visit-outline"),
        pytest.param("facility.attestation", replace(VISIT, protected=("A",)), id="visit-overlap"),
        pytest.param("facility.attestation", replace(OUTLINE, outline=None), id="no-outline"),
        pytest.param("facility.attestation", replace(OUTLINE, against=(b"short",)), id="no-hash"),
        pytest.param("facility.attestation", replace(OUTLINE, protected=("A", "A")), id="twice"),
        pytest.param("facility.attestation", replace(OUTLINE, protected=("",)), id="no-name"),
        pytest.param(
            "facility.attestation", replace(OUTLINE, overlaps=("farm/second",)), id="own-neighbour"
        ),
        pytest.param(
            "facility.unknown", replace(OUTLINE, overlaps=("mill/no",)), id="no-neighbour"
        ),
        pytest.param("facility.terms", replace(VISIT, terms=Terms()), id="empty-terms"),
    ],
)
def test_an_attestation_is_refused(placed: LedgerWorld, rule: str, event: Any) -> None:
    assert placed.rule(event, by="ranger") == rule


def test_only_officers_with_control_attest(placed: LedgerWorld) -> None:
    for party, rule in (
        ("farm", "party.not-entitled"),
        ("clerk", "party.not-entitled"),
        ("ranger", ""),
        ("parks", ""),
    ):
        assert placed.rule(VISIT, by=party) == rule, party


def test_nobody_attests_a_place_of_ones_own_side(placed: LedgerWorld) -> None:
    placed.do(FacilityRegistered("parks/depot", "store", "ZW"), by="parks")
    event = replace(VISIT, facility="parks/depot")
    assert placed.rule(event, by="parks") == "facility.judged"
    assert placed.rule(event, by="ranger") == "facility.judged"


def test_an_officer_attests_in_its_countries(placed: LedgerWorld) -> None:
    placed.do(FacilityRegistered("farm/abroad", "plot", "FR"), by="farm")
    ranger = placed.states[Subject(Kind.PARTY, "ranger")]
    assert isinstance(ranger, PartyState)
    scope = Scope(powers=("control",), countries=("ZW",))
    placed.states[Subject(Kind.PARTY, "ranger")] = replace(ranger, scope=scope)
    assert placed.rule(VISIT, by="ranger") == ""
    abroad = replace(VISIT, facility="farm/abroad")
    assert placed.rule(abroad, by="ranger") == "facility.out-of-reach"
