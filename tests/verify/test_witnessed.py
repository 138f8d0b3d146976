"""Witnesses: a policy that demands them is met, not met yet, or lied to."""

from __future__ import annotations

import pytest
from hostile import Source, honest
from proof_files import rebuilt, unpacked
from trail import Trail, world

from ledger import keys
from ledger.reference.tables import load_tables
from ledger.trust import Trust, trusted_ledger
from ledger.verify.audit import audit
from ledger.verify.card import check_card
from ledger.verify.verdict import Level, Outcome
from ledger.wire.note import Note, NoteSignature, format_note, format_vkey, make_vkey, parse_note

COSIGNATURE = 4


class Witness:
    def __init__(self, number: int) -> None:
        self.signer = keys.PrivateKey.from_seed(keys.ED25519, bytes([number]) * 32)
        self.vkey = make_vkey(f"w{number}.example", COSIGNATURE, self.signer.key.public)

    def line(self, note: Note, time_s: int) -> NoteSignature:
        message = f"cosignature/v1\ntime {time_s}\n{note.text}".encode()
        blob = time_s.to_bytes(8, "big") + self.signer.sign(message)
        return NoteSignature(self.vkey.name, self.vkey.key_id, blob)


WITNESSES = [Witness(number) for number in range(1, 5)]


@pytest.fixture(scope="module")
def scene() -> tuple[Trail, str, Trust]:
    trail, code = world("witnessed")
    (plain,) = trail.trust.ledgers
    lines = [f"log {format_vkey(key)}" for key in plain.log]
    lines += [f"witness W{i} {format_vkey(w.vkey)}" for i, w in enumerate(WITNESSES)]
    lines += ["group four 3 W0 W1 W2 W3", "quorum four"]
    trusted = trusted_ledger(
        ledger=plain.ledger,
        origin=plain.origin,
        hosts=plain.hosts,
        log=plain.log,
        policy_text="\n".join(lines) + "\n",
    )
    return trail, code, Trust((trusted,))


def cosigned(note: bytes, *witnesses: Witness, time_s: int = 1_800_000_000) -> bytes:
    parsed = parse_note(note)
    lines = tuple(witness.line(parsed, time_s) for witness in witnesses)
    return format_note(Note(parsed.text, (*parsed.signatures, *lines)))


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
    foreign = parse_note(other.reader.checkpoint_note())
    note = parse_note(trail.reader.checkpoint_note())
    lines = tuple(witness.line(foreign, 1_800_000_000) for witness in WITNESSES)
    forged = format_note(Note(note.text, (*note.signatures, *lines)))
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
