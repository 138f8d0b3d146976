"""What the events of keys do to the state of their party, once no rule refused them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.parties import (
    KeyAdded,
    KeyRecovered,
    KeyRecoveryVetoed,
    KeyRevoked,
    KeyRotated,
    KeyState,
    PartyState,
    PublicKey,
)
from ledger.custody.rules.keys import RECOVERY_WAITS_S, waiting_key
from ledger.custody.rules.numbers import account_last
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Finding, Kind, Severity

ROTATED = "rotated"
REVOKED = "revoked"
VETOED = "vetoed"
BROUGHT = "key.brought-by-suspect"
"""The rule of keys that a suspect key brought."""


def key_added(signed: Signed, draft: Draft) -> None:
    """Add a key to the signer's party."""
    event = signed.event
    if isinstance(event, KeyAdded):
        _add(signed, draft, signed.party, event.key, by=signed.kid)


def key_rotated(signed: Signed, draft: Draft) -> None:
    """End the signing key after this statement and begin the new one."""
    event = signed.event
    if isinstance(event, KeyRotated):
        _add(signed, draft, signed.party, event.key, by=signed.kid)
        _end(signed, draft, signed.party, signed.kid, why=ROTATED)
        account_last(draft, signed, kid=signed.kid, last=event.last)


def key_revoked(signed: Signed, draft: Draft) -> None:
    """End a key; where it is suspect from some leaf on, a stop stands on its party."""
    event = signed.event
    owner = draft.key_owner(event.kid) if isinstance(event, KeyRevoked) else None
    if not isinstance(event, KeyRevoked) or owner is None:
        return
    _end(signed, draft, owner, event.kid, why=REVOKED, suspect_from=event.suspect_from)
    if event.suspect_from is not None:
        _suspect(signed, draft, owner, event.kid, first=event.suspect_from)
        _suspect_brought(signed, draft, owner, event.kid, first=event.suspect_from)
    if event.last is not None:
        account_last(draft, signed, kid=event.kid, last=event.last)


def key_recovered(signed: Signed, draft: Draft) -> None:
    """Give the party a key that begins after 72 h of log time, unless an old key vetoes.

    The key keeps the id of the recovery as its reason: a veto names it.
    """
    event = signed.event
    if isinstance(event, KeyRecovered):
        from_at = signed.at + RECOVERY_WAITS_S
        _add(signed, draft, event.party, event.key, from_at=from_at, why=signed.id.hex())


def recovery_vetoed(signed: Signed, draft: Draft) -> None:
    """End the waiting key before it begins, or the recovery that still needs approvals."""
    event = signed.event
    party = draft.party(signed.party)
    if not isinstance(event, KeyRecoveryVetoed) or party is None:
        return
    kid = waiting_key(party, event.of, at=signed.at)
    if kid is not None:
        _end(signed, draft, signed.party, kid, why=VETOED)
        return
    draft.acts[event.of] = None
    pending = tuple(act for act in party.pending if act.id != event.of)
    draft.put(Kind.PARTY, signed.party, replace(party, pending=pending))


def _add(
    signed: Signed,
    draft: Draft,
    name: str,
    key: PublicKey,
    *,
    from_at: int | None = None,
    why: str | None = None,
    by: bytes | None = None,
) -> None:
    kid = signed.new_kids[0]
    draft.owners[kid] = name
    first, starts = signed.index + 1, signed.at if from_at is None else from_at
    _put_key(draft, name, kid, KeyState(key, first, starts, why=why, by=by))
    party = draft.party(name)
    if party is not None and any((f.rule, f.kid) == (BROUGHT, by) for f in party.findings):
        _find(signed, draft, name, kid, rule=BROUGHT, first=first)


def _end(
    signed: Signed,
    draft: Draft,
    name: str,
    kid: bytes,
    *,
    why: str,
    suspect_from: int | None = None,
) -> None:
    party = draft.party(name)
    if party is None:
        return
    key = party.keys[kid]
    ended = replace(
        key,
        end=signed.index + 1 if key.end is None else key.end,
        suspect_from=key.suspect_from if suspect_from is None else suspect_from,
        why=why,
    )
    _put_key(draft, name, kid, ended)


def _suspect(signed: Signed, draft: Draft, name: str, kid: bytes, *, first: int) -> None:
    """Put a stop on the party; one that names a later place of the same key gives way."""
    _find(signed, draft, name, kid, rule="key.suspect", first=first)


def _suspect_brought(signed: Signed, draft: Draft, name: str, kid: bytes, *, first: int) -> None:
    """Put a stop for each key that the suspect one brought from leaf `first` on, and they in turn.

    Whoever holds a stolen key first gives himself one of his own, which its end does not reach.
    """
    party = draft.party(name)
    for brought, key in party.keys.items() if party is not None else ():
        if key.by == kid and key.first > first:
            _find(signed, draft, name, brought, rule=BROUGHT, first=key.first)
            _suspect_brought(signed, draft, name, brought, first=key.first)


def _find(signed: Signed, draft: Draft, name: str, kid: bytes, *, rule: str, first: int) -> None:
    party = draft.party(name)
    if party is None:
        return
    others = tuple(f for f in party.findings if (f.rule, f.kid) != (rule, kid))
    found = Finding(rule, Severity.STOP, signed.at, signed.id, kid=kid, first=first)
    draft.put(Kind.PARTY, name, replace(party, findings=(*others, found)))


def _put_key(draft: Draft, name: str, kid: bytes, key: KeyState) -> None:
    party: PartyState | None = draft.party(name)
    if party is not None:
        draft.put(Kind.PARTY, name, replace(party, keys={**party.keys, kid: key}))


EFFECTS: Mapping[type[Any], Effect] = {
    KeyAdded: key_added,
    KeyRotated: key_rotated,
    KeyRevoked: key_revoked,
    KeyRecovered: key_recovered,
    KeyRecoveryVetoed: recovery_vetoed,
}
