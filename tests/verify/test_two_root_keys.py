"""A ledger whose root acts need two keys: its bundles and audits hold like any other's."""

from __future__ import annotations

import pytest
from hostile import honest
from trail import DAY, Pen, Trail, skins

from ledger import keys
from ledger.custody.lots import Basis
from ledger.custody.parties import (
    ApprovalGiven,
    PartyEnrolled,
    RegistrarKeyChanged,
    RootChanged,
)
from ledger.reference.tables import load_tables
from ledger.registrar.outcomes import Registered
from ledger.statement import FOUNDER, public_key
from ledger.verify.audit import audit
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.verify.verdict import Outcome


@pytest.fixture
def two() -> tuple[Trail, str]:
    trail = Trail("two-roots", roots=2, threshold=2)
    signer = trail.key("parks")
    trail.pens["parks"] = Pen("parks", signer)
    proof = keys.make_key_proof(signer, ledger=trail.ledger, party="parks")
    event = PartyEnrolled("parks", "ZW", ("authority",), public_key(signer.key), proof)
    trail.tell(ApprovalGiven(trail.tell(event, by="root-0").id), by="root-1")
    for party in ("farm", "tannery"):
        trail.enrol(party, party, by="parks")
    (code,) = trail.register(by="farm", lots=(skins(1, 3),), basis=Basis.OPENING_STOCK)
    trail.hand_over(code, by="farm", to="tannery")
    return trail, code


def holds(trail: Trail, code: str) -> None:
    now_s = trail.clock.now_s()
    for check, data in (
        (check_card, trail.reader.card(code)),
        (check_bundle, trail.reader.bundle(code)),
    ):
        verdict = check(data, trust=trail.trust, now_s=now_s)
        assert verdict.outcome is Outcome.VERIFIED, (check.__name__, verdict.params)
    report = audit(honest(trail), tables=load_tables(), trust=trail.trust)
    assert report.outcome is Outcome.VERIFIED, report.first_failure


def test_an_enrolment_that_waited_is_proved(two: tuple[Trail, str]) -> None:
    holds(*two)


def test_a_root_that_changed_is_proved(two: tuple[Trail, str]) -> None:
    trail, code = two
    new = trail.key("new-root")
    trail.pens["new-root"] = Pen(FOUNDER, new)
    change = trail.tell(RootChanged((public_key(new.key),), 1), by="root-0").id
    for by in ("root-1", "new-root"):
        trail.tell(ApprovalGiven(change), by=by)
    trail.enrol("maker", "maker", by="new-root")
    trail.hand_over(code, by="tannery", to="maker")
    holds(trail, code)


def test_a_root_act_that_was_signed_long_before_it_was_sent_is_proved(
    two: tuple[Trail, str],
) -> None:
    """Signed off line, sent late: it waits from when it stands in the log, not from its signing."""
    trail, code = two
    trail.registrar.vouch_for_clock()
    new = trail.key("label-2")
    change = trail.sign(RegistrarKeyChanged("label", public_key(new.key)), by="root-0")
    trail.clock.advance(20 * DAY)
    (proposed,) = trail.registrar.submit([change])
    assert isinstance(proposed, Registered)
    trail.clock.advance(20 * DAY)
    trail.tell(ApprovalGiven(proposed.id), by="root-1")
    assert new.kid in trail.registrar.about().keys
    holds(trail, code)
