"""Rules on keys: adding, rotating, revoking, recovering and vetoing.

Owns which key may say what about another. Whether a key is sound, and in the hands of who brings
it, is decided before the rules (`policy`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.parties import (
    ApprovalGiven,
    KeyAdded,
    KeyRecovered,
    KeyRecoveryVetoed,
    KeyRevoked,
    KeyRotated,
    StatementDropped,
)
from ledger.custody.rules import roles
from ledger.custody.rules.offices import has_power
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Rule

RECOVERY_WAITS_S = 72 * 3_600
RULES = (
    Rule("key.weak", "refuse", "A key is on its curve, of full order and in its one form."),
    Rule("key.no-possession", "refuse", "Who brings a key proves that it holds it."),
    Rule("key.reused", "refuse", "A key serves one purpose and one party, once."),
    Rule("key.not-own", "refuse", "A party decides on its own keys."),
    Rule("key.ended", "refuse", "A key ends once."),
    Rule("key.last-number", "refuse", "The last number of an ending key is not below those used."),
    Rule("key.suspect-range", "refuse", "Only an officer says that a key was stolen before today."),
    Rule("key.suspect", "stop", "Statements of this key from that place on are suspect."),
    Rule("recovery.unknown", "refuse", "A veto names a recovery of its own party that waits."),
    Rule("recovery.no-veto", "refuse", "A recovered key does not veto its own recovery."),
)


def check_new(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield a refusal for each carried key that was ever enrolled for anybody."""
    for kid in signed.new_kids:
        if draft.key_owner(kid) is not None:
            yield Refusal("key.reused", {"kid": kid.hex()[:16]})


def check_rotated(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a key cannot hand over: the new one was used before, or the last number is low."""
    event = signed.event
    if isinstance(event, KeyRotated):
        yield from check_new(signed, draft)
        if event.last < max(signed.seq, draft.key_use(signed.kid).last):
            yield Refusal("key.last-number", {"last": event.last})


def check_revoked(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a key cannot be revoked by this signer, from this place on."""
    event = signed.event
    if not isinstance(event, KeyRevoked):
        return
    owner = draft.key_owner(event.kid)
    party = draft.party(owner) if owner else None
    if party is None or event.kid not in party.keys:
        yield Refusal("key.unknown", {"party": signed.party})
        return
    if party.keys[event.kid].end is not None and event.suspect_from is None:
        yield Refusal("key.ended", {"party": owner or ""})
    office = signed.party == roles.FOUNDER or has_power(draft, signed.party, "enrol")
    if owner != signed.party and not office:
        yield Refusal("key.not-own", {"party": signed.party})
    if event.suspect_from is not None:
        if event.suspect_from > signed.index:
            yield Refusal("key.suspect-range", {"from": event.suspect_from})
        if owner == signed.party and not office and event.suspect_from < signed.index:
            yield Refusal("key.suspect-range", {"from": event.suspect_from})
    if event.last is not None and event.last < draft.key_use(event.kid).last:
        yield Refusal("key.last-number", {"last": event.last})


def check_recovered(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a party's key cannot be recovered."""
    event = signed.event
    if not isinstance(event, KeyRecovered):
        return
    if draft.party(event.party) is None:
        yield Refusal("party.unknown", {"party": event.party})
    if event.party == signed.party:
        yield Refusal("party.judged", {"party": event.party})
    yield from check_new(signed, draft)


def check_vetoed(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a veto does not count: no such recovery waits, or the new key vetoes itself."""
    event = signed.event
    party = draft.party(signed.party)
    if not isinstance(event, KeyRecoveryVetoed) or party is None:
        return
    waiting = [
        kid
        for kid, key in party.keys.items()
        if key.why == event.of.hex() and key.from_at > signed.at and key.end is None
    ]
    if not waiting:
        yield Refusal("recovery.unknown", {"of": event.of.hex()[:16]})
    if signed.kid in waiting:
        yield Refusal("recovery.no-veto", {"party": signed.party})


APPROVALS: tuple[type[Any], ...] = (ApprovalGiven,)
DROPS: tuple[type[Any], ...] = (StatementDropped,)
CHECKS: Mapping[type[Any], tuple[Any, ...]] = {
    KeyAdded: (check_new,),
    KeyRotated: (check_rotated,),
    KeyRevoked: (check_revoked,),
    KeyRecovered: (check_recovered,),
    KeyRecoveryVetoed: (check_vetoed,),
}
