"""A gallery of errors: what a server with all keys of the registrar is caught by.

Owns the codes of closings, bundles and parties that only a whole file of one's own making brings
out. Every such file proves under its own checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hostile import honest
from liar import OWN, Liar, Lie
from msgspec import structs
from trail import Trail, trade

from ledger.custody.goods import Part
from ledger.custody.lots import LotMeasured, LotSplit
from ledger.custody.parties import KeyState, PartyEnrolled, PartyState
from ledger.custody.subjects import Kind, Subject
from ledger.keys import Signer, make_key_proof
from ledger.reference.tables import load_tables
from ledger.statement import REGISTRAR, public_key, sign_statement
from ledger.trust import Trust, trusted_ledger
from ledger.verify.audit import audit
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.wire.note import make_vkey

FARM, TANNERY = Subject(Kind.PARTY, "farm"), Subject(Kind.PARTY, "tannery")
GHOST = Subject(Kind.PARTY, "ghost")


@pytest.fixture(scope="module")
def told() -> tuple[Trail, str]:
    return trade("gallery-liars")


def signed(trail: Trail, event: Any, *, by: str, prev: Any = None, key: Any = None) -> bytes:
    return sign_statement(
        event=event,
        signer=key or trail.key(by),
        party=by,
        ledger=trail.ledger,
        iat=trail.clock.now_s(),
        seq=900,
        salt=bytes(16),
        prev=prev or {},
        seen={},
        when=trail.clock.now_s(),
        day=trail.today(),
    )


def track(trail: Trail, subject: Subject) -> list[int]:
    return list(trail.store.history(kind=subject.kind.value, name=subject.name))


def with_one_more(trail: Trail, code: str, raw: bytes, **more: Any) -> Lie:
    """The lot with one more statement in its track."""
    lot = Subject(Kind.LOT, code)
    size = trail.store.head().size
    tracks = {lot: [*track(trail, lot), size], **more.pop("tracks", {})}
    return Lie(more=(raw, *more.pop("then", ())), tracks=tracks, **more)


def measured(trail: Trail, code: str, *, by: str, **more: Any) -> bytes:
    event = LotMeasured(lot=code, cause="recount", quantities=(3,))
    prev = more.pop("prev", {code: trail.lot(code).head})
    return signed(trail, event, by=by, prev=prev, **more)


# -- bundles


def another_head(trail: Trail, code: str) -> Lie:
    return with_one_more(trail, code, measured(trail, code, by="tannery", prev={code: bytes(32)}))


def goods_of_another(trail: Trail, code: str) -> Lie:
    event = LotSplit(lot=code, part=Part(quantity=1))
    raw = signed(trail, event, by="farm", prev={code: trail.lot(code).head})
    return with_one_more(trail, code, raw)


def another_holder(trail: Trail, code: str) -> Lie:
    lot = Subject(Kind.LOT, code)
    return Lie(states={lot: structs.replace(trail.lot(code), holder="farm")})


def a_signer_left_out(trail: Trail, code: str) -> Lie:
    return with_one_more(trail, code, measured(trail, code, by="maker"))


def a_key_of_nobody(trail: Trail, code: str) -> Lie:
    return with_one_more(trail, code, measured(trail, code, by="tannery", key=trail.key("thief")))


def party_state(trail: Trail, party: str) -> PartyState:
    return trail.reader.party(party).state


def a_key_from_nowhere(trail: Trail, code: str) -> Lie:
    state, key = party_state(trail, "tannery"), trail.key("thief")
    held = KeyState(public_key(key.key), first=0, from_at=0)
    keys = {**state.keys, key.kid: held}
    return Lie(states={TANNERY: structs.replace(state, keys=keys)})


def no_enrolment(trail: Trail, code: str) -> Lie:
    lot = Subject(Kind.LOT, code)
    return Lie(tracks={TANNERY: track(trail, lot)[1:2]})


def no_track_of_a_party(trail: Trail, code: str) -> Lie:
    return Lie(tracks={TANNERY: ()})


def enrolled_by_a_trader(trail: Trail, code: str) -> Lie:
    key = trail.key("ghost")
    event = PartyEnrolled(
        party="ghost",
        country="ZW",
        roles=("maker",),
        key=public_key(key.key),
        proof=make_key_proof(key, ledger=trail.ledger, party="ghost"),
    )
    size = trail.store.head().size
    held = KeyState(public_key(key.key), first=0, from_at=0)
    return with_one_more(
        trail,
        code,
        measured(trail, code, by="ghost"),
        then=(signed(trail, event, by="tannery"),),
        tracks={GHOST: [size + 1]},
        states={GHOST: PartyState("ZW", ("maker",), "active", {key.kid: held})},
        signers=(GHOST,),
    )


BUNDLES: dict[str, Callable[[Trail, str], Lie]] = {
    "bundle.chain": another_head,
    "bundle.rule": goods_of_another,
    "bundle.recomputed": another_holder,
    "key.unknown": a_key_of_nobody,
    "party.missing": a_signer_left_out,
    "party.keys": a_key_from_nowhere,
    "party.enrolment": no_enrolment,
    "party.track": no_track_of_a_party,
    "party.enroller": enrolled_by_a_trader,
}


def test_the_liar_who_does_not_lie_is_believed(told: tuple[Trail, str]) -> None:
    trail, code = told
    liar = Liar(trail, code, Lie())
    now_s = trail.clock.now_s()
    assert check_bundle(liar.bundle(), trust=trail.trust, now_s=now_s).outcome == "verified"
    assert check_card(liar.card(), trust=trail.trust, now_s=now_s).outcome == "verified"


@pytest.mark.parametrize("code", BUNDLES)
def test_a_bundle_of_a_lie_has_its_code(told: tuple[Trail, str], code: str) -> None:
    trail, lot = told
    data = Liar(trail, lot, BUNDLES[code](trail, lot)).bundle()
    verdict = check_bundle(data, trust=trail.trust, now_s=trail.clock.now_s())
    assert verdict.params["error"] == code


# -- closings and the ledger's own record, in cards


def closing_with(**changes: Any) -> Callable[[Trail, Any], bytes]:
    """Sign the closing as the registrar does, but for what is changed."""

    def sign(trail: Trail, event: Any) -> bytes:
        made = {"party": REGISTRAR, "ledger": trail.ledger, "iat": event.at, **changes}
        return sign_statement(event=event, signer=closing_signer(trail), **made)

    return sign


def closing_by_a_farm(trail: Trail, event: Any) -> bytes:
    return sign_statement(
        event=event, signer=trail.key("farm"), party=REGISTRAR, ledger=trail.ledger, iat=event.at
    )


def closing_signer(trail: Trail) -> Signer:
    state = trail.reader.ledger().state
    kid = next(kid for kid, key in state.keys.items() if key.purpose == "closing")
    return trail.made.signers[kid]


def no_closing(trail: Trail, _event: Any) -> bytes:
    return signed(trail, LotSplit(lot="51PB1X9SFP3J", part=Part()), by="farm")


def another_threshold(trail: Trail) -> Lie:
    state = trail.reader.ledger().state
    return Lie(states={OWN: structs.replace(state, threshold=2)})


CARDS: dict[str, Callable[[Trail], Lie]] = {
    "closing.headers": lambda _: Lie(closing=closing_with(ledger=bytes(32))),
    "closing.time": lambda _: Lie(closing=closing_with(iat=1)),
    "closing.key": lambda _: Lie(closing=closing_by_a_farm),
    "closing.type": lambda _: Lie(closing=no_closing),
    "ledger.record": another_threshold,
}


@pytest.mark.parametrize("code", CARDS)
def test_a_card_of_a_lie_has_its_code(told: tuple[Trail, str], code: str) -> None:
    trail, lot = told
    data = Liar(trail, lot, CARDS[code](trail)).card()
    verdict = check_card(data, trust=trail.trust, now_s=trail.clock.now_s())
    assert verdict.params["error"] == code


def test_a_ledger_that_calls_itself_otherwise(told: tuple[Trail, str]) -> None:
    trail, lot = told
    name = "ledger.example/renamed"
    state = trail.reader.ledger().state
    log = next(key for key in state.keys.values() if key.purpose == "checkpoint")
    vkey = make_vkey(name, 1, log.key.x)
    trust = Trust((trusted_ledger(ledger=trail.ledger, origin=name, hosts=(), log=(vkey,)),))
    data = Liar(trail, lot, Lie(origin=name)).card()
    verdict = check_card(data, trust=trust, now_s=trail.clock.now_s())
    assert verdict.params["error"] == "ledger.origin"


# -- audits


def test_an_audit_with_tables_that_lack_a_part_cannot_tell() -> None:
    """A release whose tables are broken judges nothing, and says so."""
    trail, _ = trade("gallery-tables")
    broken = structs.replace(load_tables(), _units=None)
    report = audit(honest(trail), tables=broken, trust=trail.trust)
    assert report.first_failure is not None
    assert report.first_failure.code == "audit.fault"
    assert report.outcome == "undecided"
