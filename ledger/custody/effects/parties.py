"""What the events of parties and keys do to the state, once no rule refused them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ledger.custody.decide import Effect
from ledger.custody.effects.moves import leave_container, leave_offer, moved
from ledger.custody.parties import (
    ApprovalGiven,
    CustodyRecovered,
    KeyAdded,
    KeyRecovered,
    KeyRecoveryVetoed,
    KeyRevoked,
    KeyRotated,
    KeyState,
    LedgerFounded,
    LedgerState,
    PartyEnrolled,
    PartyRestored,
    PartyScopeChanged,
    PartyState,
    PartySuspended,
    PublicKey,
    RegistrarKey,
    RegistrarKeyChanged,
    RootChanged,
    RuleSetAdopted,
    StatementDropped,
)
from ledger.custody.rules import roles
from ledger.custody.rules.keys import RECOVERY_WAITS_S
from ledger.custody.rules.numbers import account
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import LEDGER_NAME, Finding, Kind, Severity

_PURPOSES = ("closing", "checkpoint", "receipt", "label")


def founded(signed: Signed, draft: Draft) -> None:
    """Set up the ledger's own record: root keys and the registrar's four."""
    event = signed.event
    if not isinstance(event, LedgerFounded):
        return
    roots = signed.new_kids[: len(event.root)]
    held = (event.keys.closing, event.keys.checkpoint, event.keys.receipt, event.keys.label)
    kids = signed.new_kids[len(event.root) :]
    keys = {
        kid: RegistrarKey(purpose, key, 0)
        for kid, purpose, key in zip(kids, _PURPOSES, held, strict=True)
    }
    draft.owners.update(dict.fromkeys(roots, roles.FOUNDER))
    draft.owners.update(dict.fromkeys(kids, roles.REGISTRAR))
    state = LedgerState(
        origin=event.origin,
        hosts=event.hosts,
        read=event.read,
        rules=event.rules,
        tables=event.tables,
        root=dict(zip(roots, event.root, strict=True)),
        threshold=event.threshold,
        keys=keys,
        continues=event.continues,
    )
    draft.put(Kind.LEDGER, LEDGER_NAME, state)


def root_changed(signed: Signed, draft: Draft) -> None:
    """Put the new root keys in place of the old ones."""
    event, ledger = signed.event, draft.ledger()
    if isinstance(event, RootChanged) and ledger is not None:
        draft.owners.update(dict.fromkeys(signed.new_kids, roles.FOUNDER))
        root = dict(zip(signed.new_kids, event.root, strict=True))
        _put_ledger(draft, replace(ledger, root=root, threshold=event.threshold))


def registrar_key_changed(signed: Signed, draft: Draft) -> None:
    """End the key of that purpose and begin the new one, from this leaf on."""
    event, ledger = signed.event, draft.ledger()
    if not isinstance(event, RegistrarKeyChanged) or ledger is None:
        return
    keys = {
        kid: replace(held, end=signed.index)
        if held.purpose == event.purpose and held.end is None
        else held
        for kid, held in ledger.keys.items()
    }
    keys[signed.new_kids[0]] = RegistrarKey(event.purpose, event.key, signed.index)
    draft.owners[signed.new_kids[0]] = roles.REGISTRAR
    _put_ledger(draft, replace(ledger, keys=keys))


def rule_set_adopted(signed: Signed, draft: Draft) -> None:
    """Name the rules and tables in force from the next block on."""
    event, ledger = signed.event, draft.ledger()
    if isinstance(event, RuleSetAdopted) and ledger is not None:
        _put_ledger(draft, replace(ledger, rules=event.rules, tables=event.tables))


def enrolled(signed: Signed, draft: Draft) -> None:
    """Add the party with its first key."""
    event = signed.event
    if not isinstance(event, PartyEnrolled):
        return
    kid = signed.new_kids[0]
    draft.owners[kid] = event.party
    state = PartyState(
        country=event.country,
        roles=event.roles,
        status="active",
        keys={kid: KeyState(event.key, signed.index + 1, signed.at)},
        scope=event.scope,
        acts_for=event.acts_for,
    )
    draft.put(Kind.PARTY, event.party, state)


def scope_changed(signed: Signed, draft: Draft) -> None:
    """Set roles and scope."""
    event = signed.event
    if isinstance(event, PartyScopeChanged):
        party = draft.party(event.party)
        if party is not None:
            state = replace(party, roles=event.roles, scope=event.scope)
            draft.put(Kind.PARTY, event.party, state)


def suspended(signed: Signed, draft: Draft) -> None:
    """Suspend the party."""
    event = signed.event
    if isinstance(event, PartySuspended):
        party = draft.party(event.party)
        if party is not None:
            draft.put(Kind.PARTY, event.party, replace(party, status="suspended"))


def restored(signed: Signed, draft: Draft) -> None:
    """Let the party sign again."""
    event = signed.event
    if isinstance(event, PartyRestored):
        party = draft.party(event.party)
        if party is not None:
            draft.put(Kind.PARTY, event.party, replace(party, status="active"))


def key_added(signed: Signed, draft: Draft) -> None:
    """Add a key to the signer's party."""
    event = signed.event
    if isinstance(event, KeyAdded):
        _add_key(signed, draft, signed.party, event.key)


def key_rotated(signed: Signed, draft: Draft) -> None:
    """End the signing key after this statement and begin the new one."""
    event = signed.event
    if isinstance(event, KeyRotated):
        _add_key(signed, draft, signed.party, event.key)
        _end_key(signed, draft, signed.party, signed.kid, why="rotated")
        _give_up(signed, draft, signed.kid, event.last)


def key_revoked(signed: Signed, draft: Draft) -> None:
    """End a key; where it is suspect from some leaf on, a stop stands on its party."""
    event = signed.event
    owner = draft.key_owner(event.kid) if isinstance(event, KeyRevoked) else None
    if not isinstance(event, KeyRevoked) or owner is None:
        return
    _end_key(signed, draft, owner, event.kid, why="revoked", suspect_from=event.suspect_from)
    party = draft.party(owner)
    if event.suspect_from is not None and party is not None:
        suspect = Finding(
            "key.suspect",
            Severity.STOP,
            signed.at,
            signed.id,
            kid=event.kid,
            first=event.suspect_from,
        )
        draft.put(Kind.PARTY, owner, replace(party, findings=(*party.findings, suspect)))
    if event.last is not None:
        _give_up(signed, draft, event.kid, event.last)


def key_recovered(signed: Signed, draft: Draft) -> None:
    """Give the party a key that begins after 72 h, unless an old key vetoes."""
    event = signed.event
    if isinstance(event, KeyRecovered):
        from_at = signed.at + RECOVERY_WAITS_S
        _add_key(signed, draft, event.party, event.key, from_at=from_at, why=signed.id.hex())


def recovery_vetoed(signed: Signed, draft: Draft) -> None:
    """End the waiting key before it begins."""
    event = signed.event
    party = draft.party(signed.party)
    if isinstance(event, KeyRecoveryVetoed) and party is not None:
        for kid, key in party.keys.items():
            if key.why == event.of.hex():
                _end_key(signed, draft, signed.party, kid, why="vetoed")


def custody_recovered(signed: Signed, draft: Draft) -> None:
    """Move lots of a dead or lost party; this statement becomes their head."""
    event = signed.event
    if not isinstance(event, CustodyRecovered):
        return
    draft.name(Kind.PARTY, event.party)
    for code in event.lots:
        leave_offer(draft, code)
        leave_container(draft, code)
        lot = draft.lot(code)
        if lot is None:
            continue
        recovered = moved(
            signed,
            lot,
            holder=event.to if lot.holder == event.party else lot.holder,
            owner=event.to if lot.owner == event.party else lot.owner,
            allows=(),
        )
        draft.put(Kind.LOT, code, recovered)


def approved(signed: Signed, draft: Draft) -> None:
    """Note a founding approval on the ledger; other approvals are the frame's (`ruleset`)."""
    draft.name(Kind.LEDGER, LEDGER_NAME)


def dropped(signed: Signed, draft: Draft) -> None:
    """Account for numbers that were given up."""
    event = signed.event
    if isinstance(event, StatementDropped):
        account(draft, signed, kid=event.kid, numbers=sorted(event.numbers))


def _put_ledger(draft: Draft, ledger: LedgerState) -> None:
    draft.put(Kind.LEDGER, LEDGER_NAME, ledger)


def _add_key(
    signed: Signed,
    draft: Draft,
    party: str,
    key: PublicKey,
    *,
    from_at: int | None = None,
    why: str | None = None,
) -> None:
    state = draft.party(party)
    if state is None:
        return
    kid = signed.new_kids[0]
    draft.owners[kid] = party
    begun = KeyState(key, signed.index + 1, signed.at if from_at is None else from_at, why=why)
    draft.put(Kind.PARTY, party, replace(state, keys={**state.keys, kid: begun}))


def _end_key(
    signed: Signed,
    draft: Draft,
    party: str,
    kid: bytes,
    *,
    why: str,
    suspect_from: int | None = None,
) -> None:
    state = draft.party(party)
    if state is None or kid not in state.keys:
        return
    key = state.keys[kid]
    ended = replace(
        key,
        end=key.end if key.end is not None else signed.index + 1,
        suspect_from=suspect_from if suspect_from is not None else key.suspect_from,
        why=why,
    )
    draft.put(Kind.PARTY, party, replace(state, keys={**state.keys, kid: ended}))


def _give_up(signed: Signed, draft: Draft, kid: bytes, last: int) -> None:
    use = draft.key_use(kid)
    account(draft, signed, kid=kid, numbers=sorted({*use.missing, *range(use.last + 1, last + 1)}))


EFFECTS: Mapping[type[Any], Effect] = {
    LedgerFounded: founded,
    RootChanged: root_changed,
    RegistrarKeyChanged: registrar_key_changed,
    RuleSetAdopted: rule_set_adopted,
    PartyEnrolled: enrolled,
    PartyScopeChanged: scope_changed,
    PartySuspended: suspended,
    PartyRestored: restored,
    KeyAdded: key_added,
    KeyRotated: key_rotated,
    KeyRevoked: key_revoked,
    KeyRecovered: key_recovered,
    KeyRecoveryVetoed: recovery_vetoed,
    CustodyRecovered: custody_recovered,
    ApprovalGiven: approved,
    StatementDropped: dropped,
}
