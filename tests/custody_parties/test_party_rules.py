"""Parties: who enrols whom, suspends and restores whom, and moves goods of those who are gone."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import DAY, LedgerWorld, code_of, key, kid
from msgspec.structs import replace

from ledger.custody.control import FindingClosed
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered, LotRetired, LotState
from ledger.custody.parties import (
    CustodyRecovered,
    PartyEnrolled,
    PartyRestored,
    PartyScopeChanged,
    PartySuspended,
    Scope,
)
from ledger.custody.references import Quota, QuotaSet
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import ContainerPacked, ContainerState, Moves, TransferOffered

SKINS = Row("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")


def enrolment(party: str = "newcomer", *roles: str, **fields: Any) -> PartyEnrolled:
    own: dict[str, Any] = {
        "country": "ZW",
        "roles": roles or ("farm",),
        "key": key(party),
        "proof": b"",
    }
    own.update(fields)
    return PartyEnrolled(party=party, **own)


OFFICER = Scope(("control",), ("ZW",))
QUOTA = Quota(
    quota="NIL",
    country="ZW",
    taxon="Crocodylus niloticus",
    amount=1,
    unit="NAR",
    from_day="2027-01-01",
    until_day="2027-12-31",
    counts="harvest",
    binding="voluntary",
)


@pytest.mark.parametrize(
    ("by", "event"),
    [
        pytest.param("root", enrolment("ma-fr", "authority", country="FR"), id="authority"),
        pytest.param("root", enrolment("o1", "officer", scope=OFFICER), id="officer-for-nobody"),
        pytest.param(
            "parks", enrolment("o1", "officer", scope=OFFICER, acts_for="parks"), id="own-officer"
        ),
        pytest.param("parks", enrolment("t1", "farm", "dealer"), id="trader-of-two-roles"),
        pytest.param("ranger", enrolment("t1", "store"), id="trader-by-an-officer"),
        pytest.param("customs", enrolment("t1", "plot", country="BR"), id="trader-of-its-country"),
        pytest.param("parks", enrolment("a1", "auditor"), id="auditor"),
    ],
)
def test_a_party_is_enrolled(world: LedgerWorld, by: str, event: PartyEnrolled) -> None:
    world.do(event, by=by)
    party = world.party(event.party)
    assert (party.status, party.roles, party.country) == ("active", event.roles, event.country)
    assert world.owners[kid(event.party)] == event.party


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        pytest.param("party.id", "parks", enrolment("Farm"), id="capitals"),
        pytest.param("party.id", "parks", enrolment("f"), id="one-letter"),
        pytest.param("party.id", "parks", enrolment("f" * 33), id="33-letters"),
        pytest.param("party.id", "parks", enrolment("far m"), id="space"),
        pytest.param("party.id", "parks", enrolment("root"), id="reserved-root"),
        pytest.param("party.id", "parks", enrolment("registrar"), id="reserved-registrar"),
        pytest.param("party.exists", "parks", enrolment("farm", key=key("n")), id="id-used"),
        pytest.param("country.unknown", "parks", enrolment(country="QQ"), id="no-country"),
        pytest.param("party.out-of-reach", "customs", enrolment(), id="country-out-of-scope"),
        pytest.param("party.roles", "parks", enrolment("n1", "farmer"), id="unknown-role"),
        pytest.param("party.roles", "parks", enrolment(roles=()), id="no-role"),
        pytest.param("party.roles", "parks", enrolment("n1", "farm", "farm"), id="role-twice"),
        pytest.param(
            "party.roles", "root", enrolment("n1", "authority", "farm"), id="office+trade"
        ),
        pytest.param("party.scope", "parks", enrolment("n1", "officer"), id="officer-no-scope"),
        pytest.param("party.scope", "parks", enrolment(scope=OFFICER), id="trader-with-scope"),
        pytest.param(
            "party.scope",
            "parks",
            enrolment("n1", "officer", scope=Scope(("fly",)), acts_for="parks"),
            id="unknown-power",
        ),
        pytest.param(
            "party.scope",
            "parks",
            enrolment("n1", "officer", scope=Scope((), ("QQ",)), acts_for="parks"),
            id="unknown-country-in-scope",
        ),
        pytest.param(
            "party.acts-for",
            "root",
            enrolment("n1", "officer", scope=OFFICER, acts_for="farm"),
            id="acts-for-a-trader",
        ),
        pytest.param("party.acts-for", "parks", enrolment(acts_for="parks"), id="trader-acts-for"),
        pytest.param(
            "party.acts-for",
            "parks",
            enrolment("n1", "officer", scope=OFFICER, acts_for="customs"),
            id="officer-of-another",
        ),
        pytest.param(
            "party.acts-for",
            "ranger",
            enrolment("n1", "officer", scope=OFFICER, acts_for="parks"),
            id="officer-by-an-officer",
        ),
        pytest.param(
            "party.not-entitled", "parks", enrolment("n1", "authority"), id="authority-by-another"
        ),
        pytest.param(
            "party.out-of-reach",
            "customs",
            enrolment(
                "n1",
                "officer",
                country="BR",
                scope=Scope(("control",), ("BR", "ZW")),
                acts_for="customs",
            ),
            id="officer-for-more-countries",
        ),
        pytest.param(
            "party.out-of-reach",
            "customs",
            enrolment(
                "n1",
                "officer",
                country="BR",
                scope=Scope(("control",), ("XV",)),
                acts_for="customs",
            ),
            id="officer-for-all-countries",
        ),
        pytest.param(
            "party.out-of-reach",
            "customs",
            enrolment("n1", "officer", country="ZW", scope=Scope(("control",)), acts_for="customs"),
            id="officer-of-another-country",
        ),
        pytest.param("party.not-entitled", "clerk", enrolment(), id="officer-without-the-power"),
        pytest.param("party.not-entitled", "farm", enrolment(), id="trader"),
        pytest.param("key.reused", "parks", enrolment(key=key("farm")), id="key-of-another"),
        pytest.param("key.reused", "parks", enrolment(key=key("root-1")), id="root-key"),
    ],
)
def test_an_enrolment_is_refused(
    world: LedgerWorld, rule: str, by: str, event: PartyEnrolled
) -> None:
    assert world.rule(event, by=by) == rule


def test_roles_and_scope_change(world: LedgerWorld) -> None:
    world.do(PartyScopeChanged("farm", ("farm", "tannery")), by="ranger")
    assert world.party("farm").roles == ("farm", "tannery")
    world.do(PartyScopeChanged("clerk", ("officer",), Scope(("documents", "control"))), by="parks")
    assert world.party("clerk").scope == Scope(("documents", "control"))


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        pytest.param("party.unknown", "parks", PartyScopeChanged("x", ("farm",)), id="unknown"),
        pytest.param(
            "party.judged", "ranger", PartyScopeChanged("ranger", ("officer",), OFFICER), id="self"
        ),
        pytest.param(
            "party.roles", "parks", PartyScopeChanged("farm", ("authority",)), id="made-authority"
        ),
        pytest.param(
            "party.roles",
            "root",
            PartyScopeChanged("farm", ("officer",), OFFICER),
            id="made-officer",
        ),
        pytest.param("party.roles", "parks", PartyScopeChanged("clerk", ("farm",)), id="unmade"),
        pytest.param(
            "party.not-entitled",
            "ranger",
            PartyScopeChanged("clerk", ("officer",), OFFICER),
            id="colleague",
        ),
        pytest.param(
            "party.not-entitled", "customs", PartyScopeChanged("parks", ("authority",)), id="peer"
        ),
        pytest.param(
            "party.out-of-reach", "customs", PartyScopeChanged("farm", ("farm",)), id="abroad"
        ),
    ],
)
def test_a_change_of_scope_is_refused(
    world: LedgerWorld, rule: str, by: str, event: PartyScopeChanged
) -> None:
    assert world.rule(event, by=by) == rule


def test_a_suspension_is_a_stop_until_restored(world: LedgerWorld) -> None:
    world.do(PartySuspended("farm", "an inquiry"), by="ranger")
    assert world.party("farm").status == "suspended"
    assert world.findings(Kind.PARTY, "farm") == [("party.suspended", "stop")]
    world.do(PartyRestored("farm", "all is well"), by="ranger")
    assert world.party("farm").status == "active"
    assert world.findings(Kind.PARTY, "farm") == []


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        pytest.param("party.unknown", "ranger", PartySuspended("x", "why"), id="unknown"),
        pytest.param("party.reason", "ranger", PartySuspended("farm", "  "), id="no-reason"),
        pytest.param("party.state", "ranger", PartyRestored("farm", "why"), id="not-suspended"),
        pytest.param("party.judged", "parks", PartySuspended("parks", "why"), id="itself"),
        pytest.param("party.not-entitled", "ranger", PartySuspended("parks", "why"), id="its-own"),
        pytest.param("party.not-entitled", "customs", PartySuspended("ranger", "w"), id="foreign"),
        pytest.param("party.out-of-reach", "customs", PartySuspended("farm", "w"), id="abroad"),
        pytest.param("party.not-entitled", "clerk", PartySuspended("farm", "w"), id="no-power"),
        pytest.param("party.not-entitled", "farm", PartySuspended("tannery", "w"), id="trader"),
        pytest.param("party.unknown", "root", PartySuspended("root", "w"), id="root"),
    ],
)
def test_a_suspension_is_refused(world: LedgerWorld, rule: str, by: str, event: Any) -> None:
    assert world.rule(event, by=by) == rule


def test_a_party_is_suspended_once(world: LedgerWorld) -> None:
    world.do(PartySuspended("farm", "an inquiry"), by="ranger")
    assert world.rule(PartySuspended("farm", "again"), by="warden") == "party.state"


def test_an_authority_suspends_its_officer_and_root_anybody(world: LedgerWorld) -> None:
    world.do(PartySuspended("clerk", "an inquiry"), by="parks")
    world.do(PartySuspended("parks", "an inquiry"), by="root")
    assert world.rule(PartySuspended("farm", "why"), by="parks") == "party.suspended"


def stocked(world: LedgerWorld) -> str:
    event = LotRegistered(Basis.OPENING_STOCK, (NewLot((SKINS,)),))
    return code_of(world.do(event, by="farm"), 0)


def lot(world: LedgerWorld, code: str) -> LotState:
    state = world.states[Subject(Kind.LOT, code)]
    assert isinstance(state, LotState)
    return state


def test_custody_of_a_lost_party_is_recovered(world: LedgerWorld) -> None:
    code = stocked(world)
    recovery = world.do(CustodyRecovered("farm", "tannery", (code,), "died"), by="ranger")
    state = lot(world, code)
    assert (state.holder, state.owner, state.head, state.head_by) == (
        "tannery",
        "tannery",
        recovery,
        "ranger",
    )
    assert world.findings(Kind.LOT, code)[-1] == ("recovery.moved", "note")


def test_a_recovered_lot_leaves_offer_and_container(world: LedgerWorld) -> None:
    code = stocked(world)
    packed = world.do(ContainerPacked((code,)), by="farm", prev={code: world.last_id})
    box = code_of(packed, 0)
    offer = TransferOffered("tannery", Moves.BOTH, world.at + DAY, containers=(box,))
    world.do(offer, by="farm", prev={box: packed})
    world.do(CustodyRecovered("farm", "parks", (code,), "died"), by="ranger")
    held = world.states[Subject(Kind.CONTAINER, box)]
    assert isinstance(held, ContainerState)
    assert held.lots == ()
    assert lot(world, code).container is None


@pytest.mark.parametrize(
    ("rule", "changes", "by"),
    [
        pytest.param("party.unknown", {"party": "x"}, "ranger", id="from-nobody"),
        pytest.param("party.unknown", {"to": "x"}, "ranger", id="to-nobody"),
        pytest.param("recovery.receiver", {"to": "farm"}, "ranger", id="to-itself"),
        pytest.param("recovery.receiver", {"to": "auditor"}, "ranger", id="to-an-auditor"),
        pytest.param("party.reason", {"reason": ""}, "ranger", id="no-reason"),
        pytest.param("recovery.lots", {"lots": ()}, "ranger", id="no-lot"),
        pytest.param(
            "recovery.not-theirs", {"party": "tannery", "to": "farm"}, "ranger", id="other"
        ),
        pytest.param("lot.unknown", {"lots": ("0" * 12,)}, "ranger", id="unknown-lot"),
        pytest.param("party.not-entitled", {}, "clerk", id="no-power"),
        pytest.param("party.not-entitled", {}, "tannery", id="trader"),
        pytest.param("party.not-entitled", {}, "root", id="root"),
        pytest.param("party.out-of-reach", {}, "customs", id="abroad"),
    ],
)
def test_a_recovery_is_refused(world: LedgerWorld, rule: str, changes: Any, by: str) -> None:
    code = stocked(world)
    own = {"party": "farm", "to": "tannery", "lots": (code,), "reason": "died", **changes}
    assert world.rule(CustodyRecovered(**own), by=by) == rule


def test_a_lot_is_recovered_once_in_one_statement(world: LedgerWorld) -> None:
    code = stocked(world)
    twice = CustodyRecovered("farm", "tannery", (code, code), "died")
    assert world.rule(twice, by="ranger") == "recovery.lots"


def test_what_ended_is_not_recovered(world: LedgerWorld) -> None:
    code = stocked(world)
    gone = LotRetired({code: Part()}, "destroyed")
    world.do(gone, by="farm", prev={code: world.last_id})
    recovery = CustodyRecovered("farm", "tannery", (code,), "died")
    assert world.rule(recovery, by="ranger") == "recovery.not-theirs"


def test_officers_of_a_suspended_authority_decide_nothing(world: LedgerWorld) -> None:
    world.do(PartySuspended("parks", "an inquiry"), by="root")
    assert world.rule(PartySuspended("farm", "why"), by="ranger") == "party.not-entitled"
    assert world.rule(enrolment(), by="ranger") == "party.not-entitled"


def test_a_suspension_is_not_closed_like_a_finding(world: LedgerWorld) -> None:
    cause = world.do(PartySuspended("farm", "an inquiry"), by="ranger")
    closed = FindingClosed("party/farm", "party.suspended", cause, "enough")
    assert world.rule(closed, by="warden") == "finding.release"


@pytest.mark.parametrize(
    ("country", "named", "reached"),
    [
        pytest.param("BR", (), {"BR"}, id="none-named-is-its-own"),
        pytest.param("BR", ("BR",), {"BR"}, id="its-own-named"),
        pytest.param("BR", ("ZW",), {"ZW"}, id="another-named-is-not-its-own"),
        pytest.param("BR", ("XV",), {"BR", "ZW", "CM"}, id="all-of-them-said"),
    ],
)
def test_an_office_decides_for_the_countries_that_it_was_given(
    world: LedgerWorld, country: str, named: tuple[str, ...], reached: set[str]
) -> None:
    scope = Scope(countries=named) if named else None
    world.enrol("board", "authority", by="root", country=country, scope=scope)
    for asked in ("BR", "ZW", "CM"):
        event = enrolment("n1", "farm", country=asked)
        rule = "" if asked in reached else "party.out-of-reach"
        assert world.rule(event, by="board") == rule, asked
        limits = QuotaSet((replace(QUOTA, country=asked),))
        rule = "" if asked in reached else "reference.other-country"
        assert world.rule(limits, by="board") == rule, asked


def test_who_decides_for_all_may_give_all(world: LedgerWorld) -> None:
    everywhere = Scope(countries=("XV",))
    world.enrol("board", "authority", by="root", country="BR", scope=everywhere)
    officer = enrolment("n1", "officer", country="ZW", scope=Scope(("control",), ("XV",)))
    assert world.rule(replace(officer, acts_for="board"), by="board") == ""
