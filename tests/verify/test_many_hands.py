"""Ledgers where nobody decides alone: proofs of acts that waited for approvals."""

from __future__ import annotations

import pytest
from hostile import honest
from trail import POWERS, Pen, Trail, skins

from ledger import keys
from ledger.custody.control import LotConfiscated, LotSeized
from ledger.custody.goods import Part
from ledger.custody.lots import Basis, LotStatus
from ledger.custody.parties import (
    ApprovalGiven,
    KeyRecovered,
    KeyRecoveryVetoed,
    KeyRotated,
    PartyEnrolled,
    PartyRestored,
    PartySuspended,
    RegistrarKeyChanged,
    RootChanged,
    Scope,
)
from ledger.custody.references import Figure, YieldSet
from ledger.reference.tables import load_tables
from ledger.statement import public_key
from ledger.verify.audit import audit
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.verify.verdict import Level, Outcome


@pytest.fixture
def world() -> tuple[Trail, str]:
    trail = Trail("hands", roots=3, threshold=2, thresholds="thresholds-two")
    for party in ("parks", "customs"):
        enrol_by_two(trail, party)
    for party, role in (("farm", "farm"), ("tannery", "tannery")):
        trail.enrol(party, role, by="parks")
    (code,) = trail.register(by="farm", lots=(skins(1, 3),), basis=Basis.OPENING_STOCK)
    return trail, code


def enrol_by_two(trail: Trail, party: str) -> None:
    signer = trail.key(party)
    trail.pens[party] = Pen(party, signer)
    event = PartyEnrolled(
        party=party,
        country="ZW",
        roles=("authority",),
        key=public_key(signer.key),
        proof=keys.make_key_proof(signer, ledger=trail.ledger, party=party),
        scope=Scope(powers=POWERS),
    )
    by_two(trail, event)


def by_two(trail: Trail, event, *, first: str = "root-0", second: str = "root-1") -> None:
    proposal = trail.tell(event, by=first)
    trail.tell(ApprovalGiven(of=proposal.id), by=second)


def check_all(trail: Trail, code: str) -> Level:
    now_s = trail.clock.now_s()
    card = check_card(trail.reader.card(code), trust=trail.trust, now_s=now_s)
    assert card.outcome is Outcome.VERIFIED, card.params
    bundle = check_bundle(trail.reader.bundle(code), trust=trail.trust, now_s=now_s)
    assert bundle.outcome is Outcome.VERIFIED, bundle.params
    report = audit(honest(trail), tables=load_tables(), trust=trail.trust)
    assert report.outcome is Outcome.VERIFIED, report.first_failure
    return card.level


def test_parties_enrolled_by_two_roots(world):
    trail, code = world
    assert check_all(trail, code) is Level.CHECK


def test_an_act_that_waits_changes_nothing_yet_and_counts_once_approved(world):
    trail, code = world
    trail.tell(LotSeized(lots={code: Part()}, reason="look"), by="parks")
    waiting = trail.tell(LotConfiscated(lots=(code,), reason="court"), by="parks")
    assert check_all(trail, code) is Level.STOP
    assert trail.lot(code).pending
    outcome = trail.say(ApprovalGiven(of=waiting.id), by="customs")
    check_all(trail, code)
    assert outcome is not None


def test_a_key_that_ended_while_its_act_waited_was_in_force_when_it_signed(world):
    trail, code = world
    trail.enrol("warden", "officer", by="parks", acts_for="parks")
    trail.tell(LotSeized(lots={code: Part()}, reason="look"), by="parks")
    waiting = trail.tell(LotConfiscated(lots=(code,), reason="court"), by="parks")
    new = trail.key("parks-2")
    proof = keys.make_key_proof(new, ledger=trail.ledger, party="parks")
    last = trail.pens["parks"].seq + 1
    trail.tell(KeyRotated(public_key(new.key), proof, last), by="parks")
    trail.tell(ApprovalGiven(of=waiting.id), by="warden")
    assert trail.lot(code).status is LotStatus.CONFISCATED
    assert check_all(trail, code) is Level.STOP


def test_a_key_that_was_vetoed_while_it_waited_and_came_after_all(world):
    trail, code = world
    trail.enrol("warden", "officer", by="parks", acts_for="parks")
    new = trail.key("farm-2")
    proof = keys.make_key_proof(new, ledger=trail.ledger, party="farm")
    recovery = KeyRecovered("farm", public_key(new.key), proof)
    first = trail.tell(recovery, by="parks")
    trail.tell(KeyRecoveryVetoed(first.id), by="farm")
    second = trail.tell(recovery, by="parks")
    trail.tell(ApprovalGiven(of=second.id), by="warden")
    assert new.kid in trail.reader.party("farm").state.keys
    assert check_all(trail, code) is Level.CHECK
    trail.tell(KeyRecoveryVetoed(second.id), by="farm")
    assert trail.reader.party("farm").state.keys[new.kid].end is not None
    assert check_all(trail, code) is Level.CHECK


def test_what_waits_stands_in_no_card_and_names_nobody(world):
    """Acts of offices about what is not there yet do not touch the ledger's own record."""
    trail, code = world
    before = trail.reader.card(code)
    figure = Figure("x", 1, 2, "2026-01-01", "confirmed", "a study")
    waiting = trail.tell(YieldSet((figure,)), by="parks")
    trail.tell(ApprovalGiven(of=waiting.id), by="customs")
    card = trail.reader.card(code)
    assert check_all(trail, code) is Level.CHECK
    assert abs(len(card) - len(before)) < 200
    assert b"YieldSet" not in card


def test_a_suspended_party_is_restored_by_two(world):
    trail, code = world
    trail.tell(PartySuspended(party="farm", reason="inquiry"), by="parks")
    assert check_all(trail, code) is Level.STOP
    event = PartyRestored(party="farm", reason="cleared")
    by_two(trail, event, first="parks", second="customs")
    assert check_all(trail, code) is Level.CHECK


def test_new_registrar_and_root_keys_are_followed(world):
    trail, code = world
    closing = trail.key("closing-2")
    # The registrar is handed its new key before the root acts, as `registrar rotate` does.
    trail.registrar._sequencer._signers[closing.kid] = closing
    by_two(trail, RegistrarKeyChanged(purpose="closing", key=public_key(closing.key)))
    trail.clock.advance(60)
    trail.registrar.heartbeat()
    assert check_all(trail, code) is Level.CHECK
    roots = tuple(trail.key(f"new-root-{i}") for i in range(2))
    for i, root in enumerate(roots):
        trail.pens[f"new-root-{i}"] = Pen("root", root)
    event = RootChanged(root=tuple(public_key(root.key) for root in roots), threshold=2)
    proposal = trail.tell(event, by="root-0")
    trail.tell(ApprovalGiven(of=proposal.id), by="root-1")
    check_all(trail, code)
    for pen in ("new-root-0", "new-root-1"):
        trail.tell(ApprovalGiven(of=proposal.id), by=pen)
    assert check_all(trail, code) is Level.CHECK
    assert set(trail.reader.ledger().state.root) == {root.kid for root in roots}
