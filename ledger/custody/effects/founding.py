"""What the events of the ledger itself do to its record: founding, root, registrar, rule set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.parties import (
    LedgerFounded,
    LedgerState,
    RegistrarKey,
    RegistrarKeyChanged,
    RootChanged,
    RuleSetAdopted,
)
from ledger.custody.rules import roles
from ledger.custody.rules.founding import PURPOSES
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import LEDGER_NAME, Kind


def founded(signed: Signed, draft: Draft) -> None:
    """Set up the ledger's own record: root keys and the registrar's four."""
    event = signed.event
    if not isinstance(event, LedgerFounded):
        return
    roots, kids = signed.new_kids[: len(event.root)], signed.new_kids[len(event.root) :]
    held = (event.keys.closing, event.keys.checkpoint, event.keys.receipt, event.keys.label)
    keys = {
        kid: RegistrarKey(purpose, key, 0)
        for kid, purpose, key in zip(kids, PURPOSES, held, strict=True)
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
    _put(draft, state)


def root_proposed(signed: Signed, draft: Draft) -> None:
    """Let the keys that a waiting change brings approve it."""
    event, ledger = signed.event, draft.ledger()
    if not isinstance(event, RootChanged) or ledger is None:
        return
    brought = dict(zip(signed.new_kids, event.root, strict=True))
    new = {kid: key for kid, key in brought.items() if kid not in ledger.root}
    draft.owners.update(dict.fromkeys(new, roles.FOUNDER))
    _put(draft, replace(ledger, root_next={**ledger.root_next, **new}))


def root_changed(signed: Signed, draft: Draft) -> None:
    """Put the new root keys in place of the old ones."""
    event, ledger = signed.event, draft.ledger()
    if not isinstance(event, RootChanged) or ledger is None:
        return
    draft.owners.update(dict.fromkeys(signed.new_kids, roles.FOUNDER))
    root = dict(zip(signed.new_kids, event.root, strict=True))
    waiting = {kid: key for kid, key in ledger.root_next.items() if kid not in root}
    _put(draft, replace(ledger, root=root, threshold=event.threshold, root_next=waiting))


def registrar_key_changed(signed: Signed, draft: Draft) -> None:
    """End the key of that purpose and begin the new one: it signs the block's own closing."""
    event, ledger = signed.event, draft.ledger()
    if not isinstance(event, RegistrarKeyChanged) or ledger is None:
        return
    start = signed.index + 1
    keys = {
        kid: replace(held, end=start, ended_at=signed.at)
        if held.purpose == event.purpose and held.end is None
        else held
        for kid, held in ledger.keys.items()
    }
    keys[signed.new_kids[0]] = RegistrarKey(event.purpose, event.key, start)
    draft.owners[signed.new_kids[0]] = roles.REGISTRAR
    _put(draft, replace(ledger, keys=keys))


def rule_set_adopted(signed: Signed, draft: Draft) -> None:
    """Name the rules and tables in force from the next block on."""
    event, ledger = signed.event, draft.ledger()
    if isinstance(event, RuleSetAdopted) and ledger is not None:
        _put(draft, replace(ledger, rules=event.rules, tables=event.tables))


def _put(draft: Draft, ledger: LedgerState) -> None:
    draft.put(Kind.LEDGER, LEDGER_NAME, ledger)


EFFECTS: Mapping[type[Any], Effect] = {
    LedgerFounded: founded,
    RootChanged: root_changed,
    RegistrarKeyChanged: registrar_key_changed,
    RuleSetAdopted: rule_set_adopted,
}
