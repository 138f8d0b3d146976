"""A key counts while it was in force: whoever still has one of before, or one to come, is found."""

from __future__ import annotations

import pytest
from liar import Liar, Lie
from out_of_time import FARM, LIES, changed, first_key, ghost_of, signer_with
from test_errors_of_liars import GHOST, measured, track
from trail import Trail, born_of, bred

from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import KeyState, PartyState
from ledger.custody.subjects import Kind, Subject
from ledger.reference.tables import load_tables
from ledger.registrar.labels import issue_label
from ledger.statement import public_key
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.verify.label import check_label
from ledger.verify.verdict import Outcome, Verdict

CODES = {
    "closing by a key that was replaced": "closing.key",
    "closing by a key that never ended": "ledger.record",
    "a key of the registrar from the beginning": "ledger.record",
    "checkpoint by a key that was replaced": "checkpoint.key",
    "act of a root key that was replaced": "ledger.root-key",
    "act of a root key to come": "ledger.root-key",
    "a root key that comes back": "ledger.key-twice",
    "signer before its time": "key.not-in-force",
    "signer after its time": "key.not-in-force",
    "signer that still waits": "key.not-in-force",
}


@pytest.fixture(scope="module")
def told() -> tuple[Trail, str]:
    return changed("keys-out-of-time")


def of_card(trail: Trail, data: bytes) -> Verdict:
    return check_card(data, trust=trail.trust, now_s=trail.clock.now_s())


def of_bundle(trail: Trail, data: bytes) -> Verdict:
    return check_bundle(data, trust=trail.trust, now_s=trail.clock.now_s())


def test_an_honest_ledger_whose_keys_changed_is_believed(told: tuple[Trail, str]) -> None:
    trail, code = told
    for data in (trail.reader.card(code), Liar(trail, code, Lie()).card()):
        assert of_card(trail, data).outcome is Outcome.VERIFIED
    for data in (trail.reader.bundle(code), Liar(trail, code, Lie()).bundle()):
        assert of_bundle(trail, data).outcome is Outcome.VERIFIED


@pytest.mark.parametrize("name", LIES)
def test_cards_and_bundles_by_a_key_out_of_its_time(told: tuple[Trail, str], name: str) -> None:
    trail, code = told
    liar = Liar(trail, code, LIES[name](trail))
    for verdict in (of_card(trail, liar.card()), of_bundle(trail, liar.bundle())):
        assert (verdict.outcome, verdict.params["error"]) == (Outcome.REFUTED, CODES[name])


@pytest.mark.parametrize(
    ("root", "error"), [("root-0", "key.not-in-force"), ("root-2", "bundle.chain")]
)
def test_a_party_that_a_root_key_enrolled_after_it_was_replaced(
    told: tuple[Trail, str], root: str, error: str
) -> None:
    """By the root key in force the signatures hold, and only the custody of the lot does not."""
    trail, code = told
    key, size = trail.key("ghost"), trail.store.head().size
    held = KeyState(public_key(key.key), first=size + 1, from_at=0)
    lot = Subject(Kind.LOT, code)
    lie = Lie(
        more=(ghost_of(trail, root), measured(trail, code, by="ghost", prev={code: bytes(32)})),
        tracks={lot: [*track(trail, lot), size + 1], GHOST: [size]},
        states={GHOST: PartyState("ZW", ("maker",), "active", {key.kid: held})},
        signers=(GHOST,),
    )
    assert of_bundle(trail, Liar(trail, code, lie).bundle()).params["error"] == error


def test_a_key_of_a_party_that_never_ended(told: tuple[Trail, str]) -> None:
    """The record says that the farm's first key is still in force; a card cannot tell."""
    trail, code = told
    lie = signer_with(trail, end=None)
    liar = Liar(trail, code, lie)
    assert list(lie.states) == [FARM]
    assert of_card(trail, liar.card()).outcome is Outcome.VERIFIED
    assert of_bundle(trail, liar.bundle()).params["error"] == "party.keys"


def test_a_key_of_a_party_from_before_it_was_brought(told: tuple[Trail, str]) -> None:
    trail, code = told
    liar = Liar(trail, code, signer_with(trail, first=0))
    assert of_bundle(trail, liar.bundle()).params["error"] == "party.keys"


def test_a_label_of_goods_that_entered_after_its_key_had_ended(told: tuple[Trail, str]) -> None:
    trail, before = told
    trail.clock.advance(60)
    born = trail.tell(LotRegistered(basis=Basis.BRED, lots=(bred(90, 1),)), by="farm")
    (code,) = born_of(born, 1)
    old, lot = first_key(trail, "label"), trail.lot(code)
    host, tables = "ledger.example", load_tables()
    known = {"ledger": trail.ledger, "host": host, "tables": tables, "signer": old}
    for which, expected in ((code, "label.key-ended"), (before, "")):
        link = issue_label(which, lot if which == code else trail.lot(before), **known)
        verdict = check_label(
            link,
            card=trail.reader.card(which),
            trust=trail.trust,
            now_s=trail.clock.now_s(),
            tables=tables,
        )
        assert (verdict.reason if verdict.outcome is Outcome.REFUTED else "") == expected
