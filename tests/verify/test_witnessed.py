"""Witnesses: a policy that demands them is met, not met yet, or lied to."""

from __future__ import annotations

import pytest
from hostile import Source, honest
from proof_files import rebuilt, unpacked
from trail import Trail, world
from witnessing import WITNESSES, Witness, cosigned, demanding, false_line

from ledger.reference.tables import load_tables
from ledger.trust import Trust
from ledger.verify.audit import audit
from ledger.verify.card import check_card
from ledger.verify.verdict import Level, Outcome


@pytest.fixture(scope="module")
def scene() -> tuple[Trail, str, Trust]:
    trail, code = world("witnessed")
    return trail, code, demanding(trail)


def look(scene, *witnesses: Witness, note: bytes | None = None):
    trail, code, trust = scene
    card = trail.reader.card(code)
    note = note or cosigned(unpacked(card)["head"]["checkpoint"], *witnesses)
    forged = rebuilt(card, ("head", "checkpoint"), note)
    return check_card(forged, trust=trust, now_s=trail.clock.now_s())


@pytest.mark.parametrize(
    ("count", "level"),
    [(0, "cannot-tell"), (2, "cannot-tell"), (3, "consistent"), (4, "consistent")],
)
def test_a_quorum_is_demanded(scene, count, level):
    verdict = look(scene, *WITNESSES[:count])
    assert verdict.level.value == level
    if count < 3:
        assert (verdict.outcome, verdict.reason) == (Outcome.UNDECIDED, "checkpoint.unwitnessed")


def test_strangers_do_not_count(scene):
    verdict = look(scene, *WITNESSES[:2], Witness(9), Witness(10))
    assert verdict.outcome is Outcome.UNDECIDED


def test_a_false_cosignature_is_refuted(scene):
    trail, _, _ = scene
    other, _ = world("witnessed-elsewhere")
    note, foreign = trail.reader.checkpoint_note(), other.reader.checkpoint_note()
    forged = false_line(note, foreign, *WITNESSES)
    verdict = look(scene, note=forged)
    assert (verdict.outcome, verdict.level) == (Outcome.REFUTED, Level.STOP)


def test_an_audit_asks_the_same_of_the_checkpoint(scene):
    trail, _, trust = scene
    source = honest(trail)
    bare = audit(source, tables=load_tables(), trust=trust)
    assert bare.outcome is Outcome.UNDECIDED
    signed = Source(source.raw, cosigned(source.note, *WITNESSES[1:]))
    report = audit(signed, tables=load_tables(), trust=trust)
    assert report.outcome is Outcome.VERIFIED
    words = {check.name: check.detail for check in report.checks}
    assert words["checkpoint.witnessed"] == "survives 1 corrupt and 1 absent witnesses"
