"""Rules on keys: adding, rotating, revoking, recovering and vetoing.

Owns which key may say what about another. Whether a key is sound, and in the hands of who brings
it, is decided before the rules (`policy`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.parties import (
    KeyAdded,
    KeyRecovered,
    KeyRecoveryVetoed,
    KeyRevoked,
    KeyRotated,
    KeyState,
    PartyState,
)
from ledger.custody.rules.governing import check_governs
from ledger.custody.rules.numbers import is_too_far
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import PendingAct, Refusal, Rule

RECOVERY_WAITS_S = 72 * 3_600
KEYS_MAX = 200
"""The most keys that a party has ever had."""
RULES = (
    Rule("key.weak", "refuse", "A key is on its curve, of full order and in its one form."),
    Rule("key.no-possession", "refuse", "Who brings a key proves that it holds it."),
    Rule("key.reused", "refuse", "A key serves one purpose and one party, once."),
    Rule("key.too-many", "refuse", "A party has at most 200 keys in its life."),
    Rule("key.not-own", "refuse", "A party decides on its own keys."),
    Rule("key.ended", "refuse", "A key ends once."),
    Rule("key.last-number", "refuse", "The last number of an ending key is not below those used."),
    Rule("key.suspect-range", "refuse", "Only an officer says that a key was stolen before today."),
    Rule("key.suspect", "stop", "Statements of this key from that place on are suspect."),
    Rule("key.brought-by-suspect", "stop", "A key that a suspect key brought is suspect as well."),
    Rule("recovery.unknown", "refuse", "A veto names a recovery of its own party that waits."),
)


def check_new(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield a refusal for each carried key that was ever enrolled for anybody."""
    for kid in signed.new_kids:
        if draft.key_owner(kid) is not None:
            yield Refusal("key.reused", {"kid": kid.hex()[:16]})


def check_added(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why the signer's party cannot get this key."""
    yield from check_new(signed, draft)
    yield from _check_room(draft, signed.party)


def check_rotated(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a key cannot hand over: the new one was used before, or the last number is low."""
    event = signed.event
    if isinstance(event, KeyRotated):
        yield from check_added(signed, draft)
        yield from _check_last(draft, signed.kid, event.last, least=signed.seq)


def check_revoked(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a key cannot be revoked by this signer, from this place on.

    (1) the key is some party's; (2) it is the signer's own, or an office decides; (3) it has not
    ended, unless an officer adds from where it is suspect; (4) a holder revokes from now on, and
    nobody from a place that is still to come; (5) the last number is not below those used.
    """
    event = signed.event
    if not isinstance(event, KeyRevoked):
        return
    owner = draft.key_owner(event.kid)
    party = draft.party(owner) if owner is not None else None
    if owner is None or party is None or event.kid not in party.keys:
        yield Refusal("key.unknown", {"party": owner or ""})
        return
    is_own = owner == signed.party
    if not is_own:
        yield from check_governs(signed, draft, owner, power="enrol")
    key = party.keys[event.kid]
    if key.end is not None and not _is_earlier(event.suspect_from, key):
        yield Refusal("key.ended", {"party": owner})
    if event.suspect_from is not None:
        too_early = is_own and event.suspect_from < signed.index
        if too_early or not 0 <= event.suspect_from <= signed.index:
            yield Refusal("key.suspect-range", {"from": event.suspect_from, "index": signed.index})
    if event.last is not None:
        least = signed.seq if event.kid == signed.kid else 0
        yield from _check_last(draft, event.kid, event.last, least=least)


def check_recovered(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a party's key cannot be recovered."""
    event = signed.event
    if isinstance(event, KeyRecovered):
        yield from check_governs(signed, draft, event.party, power="recover")
        yield from check_new(signed, draft)
        yield from _check_room(draft, event.party)


def check_vetoed(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a veto does not count: no such recovery of the signer's party waits."""
    event = signed.event
    party = draft.party(signed.party)
    if not isinstance(event, KeyRecoveryVetoed) or party is None:
        return
    if proposed(party, event.of) is None and waiting_key(party, event.of, at=signed.at) is None:
        yield Refusal("recovery.unknown", {"of": event.of.hex()[:16]})


def waiting_key(party: PartyState, recovery: bytes, *, at: int) -> bytes | None:
    """Return the kid that recovery `recovery` brought, where it still waits at time `at` (s)."""
    for kid, key in party.keys.items():
        if key.why == recovery.hex() and key.from_at > at and key.end is None:
            return kid
    return None


def proposed(party: PartyState, act_id: bytes) -> PendingAct | None:
    """Return the recovery of that statement id that still needs approvals, or None."""
    for act in party.pending:
        if act.id == act_id and act.type == KeyRecovered.__name__:
            return act
    return None


def _is_earlier(suspect_from: int | None, key: KeyState) -> bool:
    if suspect_from is None:
        return False
    return key.suspect_from is None or suspect_from < key.suspect_from


def _check_last(draft: Draft, kid: bytes, last: int, *, least: int) -> Iterator[Refusal]:
    use = draft.key_use(kid)
    if last < max(use.last, least):
        yield Refusal("key.last-number", {"last": last, "used": max(use.last, least)})
    if last > use.last and is_too_far(use, last + 1):
        yield Refusal("seq.too-far", {"seq": last, "last": use.last})


def _check_room(draft: Draft, party: str) -> Iterator[Refusal]:
    state = draft.party(party)
    if state is not None and len(state.keys) >= KEYS_MAX:
        yield Refusal("key.too-many", {"party": party, "keys_max": KEYS_MAX})


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    KeyAdded: (check_added,),
    KeyRotated: (check_rotated,),
    KeyRevoked: (check_revoked,),
    KeyRecovered: (check_recovered,),
    KeyRecoveryVetoed: (check_vetoed,),
}
