"""A ledger whose keys have all changed once, and lies that use one outside its time in force.

For verify.json, so that Python and the browser refuse the same, and for the tests of bundles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from liar import OWN, Lie
from msgspec import structs
from trail import Pen, Trail, world

from ledger import keys
from ledger.custody.parties import (
    ApprovalGiven,
    KeyRotated,
    LedgerState,
    PartyEnrolled,
    RegistrarKey,
    RegistrarKeyChanged,
    RootChanged,
)
from ledger.custody.subjects import Kind, Subject
from ledger.log.checkpoint import LOG_SIGNATURE
from ledger.statement import FOUNDER, REGISTRAR, public_key, sign_statement
from ledger.trust import format_trust, trusted_ledger
from ledger.wire.note import make_vkey

FARM = Subject(Kind.PARTY, "farm")
PURPOSES = ("closing", "checkpoint", "label")


def changed(seed: str) -> tuple[Trail, str]:
    """A ledger with one lot whose farm, root and registrar have all had two keys.

    Its trust file has both log keys, as one that was handed over at the change.
    """
    trail, code = world(seed)
    for purpose in PURPOSES:
        new = trail.key(f"{purpose}-2")
        trail.made.signers[new.kid] = trail.registrar._sequencer._signers[new.kid] = new
        trail.clock.advance(60)
        trail.tell(RegistrarKeyChanged(purpose, public_key(new.key)), by="root-0")
    new_root(trail)
    farm = trail.key("farm-2")
    proof = keys.make_key_proof(farm, ledger=trail.ledger, party="farm")
    last = trail.pens["farm"].seq + 1
    trail.tell(KeyRotated(public_key(farm.key), proof, last), by="farm")
    trail.pens["farm"] = Pen("farm", farm)
    trail.clock.advance(60)
    trail.registrar.heartbeat()
    (one,) = trail.trust.ledgers
    log = (*one.log, make_vkey(one.origin, LOG_SIGNATURE, trail.key("checkpoint-2").key.public))
    both = trusted_ledger(ledger=one.ledger, origin=one.origin, hosts=one.hosts, log=log)
    text = format_trust(structs.replace(trail.trust, ledgers=(both,)))
    trail.made = structs.replace(trail.made, trust=text)
    return trail, code


def new_root(trail: Trail) -> None:
    root = trail.key("root-2")
    trail.pens["root-2"] = Pen(FOUNDER, root)
    change = trail.tell(RootChanged((public_key(root.key),), 1), by="root-0").id
    trail.tell(ApprovalGiven(change), by="root-2")


def lies(trail: Trail) -> Mapping[str, Lie]:
    """Return by name the lies that a card must be refused for."""
    return {name: make(trail) for name, make in LIES.items()}


def old_closing(trail: Trail) -> Lie:
    return Lie(closing=closing_by(first_key(trail, "closing")))


def old_closing_that_never_ended(trail: Trail) -> Lie:
    state = own(trail)
    old = first_key(trail, "closing").kid
    held = structs.replace(state.keys[old], end=None)
    told = structs.replace(
        state, keys={old: held, **{k: v for k, v in state.keys.items() if k != old}}
    )
    return Lie(states={OWN: told}, closing=closing_by(first_key(trail, "closing")))


def new_key_from_the_beginning(trail: Trail) -> Lie:
    state, kid = own(trail), trail.key("label-2").kid
    held = structs.replace(state.keys[kid], first=0)
    return Lie(states={OWN: structs.replace(state, keys={**state.keys, kid: held})})


def old_checkpoint(trail: Trail) -> Lie:
    return Lie(log=first_key(trail, "checkpoint"))


def act_of_a_root_that_is_gone(trail: Trail) -> Lie:
    new = trail.key("label-3")
    raw = by_root(trail, RegistrarKeyChanged("label", public_key(new.key)), "root-0")
    return with_acts(trail, raw, told=with_label(trail, new, start=trail.store.head().size + 1))


def act_of_a_root_to_come(trail: Trail) -> Lie:
    """A new root key acts first and is brought by the root after that."""
    new, root = trail.key("label-3"), trail.key("root-3")
    size = trail.store.head().size
    acts = (
        by_root(trail, RegistrarKeyChanged("label", public_key(new.key)), "root-3"),
        by_root(trail, RootChanged((public_key(root.key),), 1), "root-2"),
    )
    told = structs.replace(
        with_label(trail, new, start=size + 1), root={root.kid: public_key(root.key)}
    )
    return with_acts(trail, *acts, told=told)


def a_root_that_comes_back(trail: Trail) -> Lie:
    old = trail.key("root-0")
    change = by_root(trail, RootChanged((public_key(old.key),), 1), "root-2")
    of = sign_id(change)
    told = structs.replace(own(trail), root={old.kid: public_key(old.key)})
    return with_acts(trail, change, by_root(trail, ApprovalGiven(of), "root-0"), told=told)


def a_signer_before_its_time(trail: Trail) -> Lie:
    return signer_with(trail, first=trail.store.head().size)


def a_signer_that_still_waits(trail: Trail) -> Lie:
    """A key that a recovery brought signs before its 72 hours are over."""
    return signer_with(trail, from_at=trail.store.head().at + 72 * 3_600)


def a_signer_after_its_time(trail: Trail) -> Lie:
    return signer_with(trail, end=1)


LIES: Mapping[str, Callable[[Trail], Lie]] = {
    "closing by a key that was replaced": old_closing,
    "closing by a key that never ended": old_closing_that_never_ended,
    "a key of the registrar from the beginning": new_key_from_the_beginning,
    "checkpoint by a key that was replaced": old_checkpoint,
    "act of a root key that was replaced": act_of_a_root_that_is_gone,
    "act of a root key to come": act_of_a_root_to_come,
    "a root key that comes back": a_root_that_comes_back,
    "signer before its time": a_signer_before_its_time,
    "signer after its time": a_signer_after_its_time,
    "signer that still waits": a_signer_that_still_waits,
}


def own(trail: Trail) -> LedgerState:
    return trail.reader.ledger().state


def first_key(trail: Trail, purpose: str) -> Any:
    kid = next(
        kid for kid, key in own(trail).keys.items() if (key.purpose, key.first) == (purpose, 0)
    )
    return trail.made.signers[kid]


def closing_by(signer: Any) -> Callable[[Trail, Any], bytes]:
    def sign(trail: Trail, event: Any) -> bytes:
        made = {"party": REGISTRAR, "ledger": trail.ledger, "iat": event.at}
        return sign_statement(event=event, signer=signer, **made)

    return sign


def by_root(trail: Trail, event: Any, name: str) -> bytes:
    return sign_statement(
        event=event,
        signer=trail.key(name),
        party=FOUNDER,
        ledger=trail.ledger,
        iat=trail.clock.now_s(),
        seq=900,
        salt=bytes(16),
    )


def sign_id(raw: bytes) -> bytes:
    from ledger.statement import parse_statement

    return parse_statement(raw).id


def with_acts(trail: Trail, *acts: bytes, told: LedgerState) -> Lie:
    size = trail.store.head().size
    before = trail.store.history(kind=OWN.kind.value, name=OWN.name)
    track = [*before, *range(size, size + len(acts))]
    return Lie(more=acts, tracks={OWN: track}, states={OWN: told})


def with_label(trail: Trail, new: keys.PrivateKey, *, start: int) -> LedgerState:
    state, old = own(trail), trail.key("label-2").kid
    ended = structs.replace(state.keys[old], end=start, ended_at=trail.clock.now_s())
    held = RegistrarKey("label", public_key(new.key), start)
    return structs.replace(state, keys={**state.keys, old: ended, new.kid: held})


def signer_with(trail: Trail, **changes: int) -> Lie:
    state, kid = trail.reader.party("farm").state, trail.key("farm").kid
    held = structs.replace(state.keys[kid], **changes)
    return Lie(states={FARM: structs.replace(state, keys={**state.keys, kid: held})})


def ghost_of(trail: Trail, root: str) -> bytes:
    """An enrolment by a root key, whatever its time."""
    key = trail.key("ghost")
    event = PartyEnrolled(
        party="ghost",
        country="ZW",
        roles=("maker",),
        key=public_key(key.key),
        proof=keys.make_key_proof(key, ledger=trail.ledger, party="ghost"),
    )
    return by_root(trail, event, root)
