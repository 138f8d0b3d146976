"""Rules on the ledger itself: its founding, its root, the registrar's keys and the rule set.

Owns which rule sets and tables are known. Who approves is not here (`approvals`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.parties import (
    LedgerFounded,
    RegistrarKeyChanged,
    RootChanged,
    RuleSetAdopted,
)
from ledger.custody.registrar_keys import RULE_SETS
from ledger.custody.rules.keys import check_new
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Rule
from ledger.reference.tables import table_hashes
from ledger.reference.thresholds import thresholds

PURPOSES = ("closing", "checkpoint", "receipt", "label")
READERS = ("open", "closed")
ROOT_KEYS_MAX = 20
THRESHOLDS = "thresholds"
_ORIGIN = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._-]+)*")
_HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?")

RULES = (
    Rule("founding.leaf", "refuse", "A ledger is founded once, by leaf 0 and nothing before it."),
    Rule("founding.not-approved", "refuse", "Every root key approves the founding in block 0."),
    Rule("founding.malformed", "refuse", "A founding has an origin, hosts and root keys."),
    Rule(
        "founding.threshold", "refuse", "A root threshold lies between one and the keys there are."
    ),
    Rule("founding.table", "refuse", "A ledger names released rules and the tables they use."),
    Rule(
        "founding.next-block", "refuse", "Nothing follows new rules in the block that adopts them."
    ),
    Rule("founding.purpose", "refuse", "A registrar's key serves one of four purposes."),
)


def check_founded(signed: Signed, _draft: Draft) -> Iterator[Refusal]:
    """Yield why a ledger cannot be founded like this."""
    event = signed.event
    if not isinstance(event, LedgerFounded):
        return
    hosts = event.hosts and all(_HOST.fullmatch(host) for host in event.hosts)
    if not _ORIGIN.fullmatch(event.origin) or not hosts or event.read not in READERS:
        yield Refusal("founding.malformed", {"origin": event.origin[:80]})
    yield from _check_root(signed, event.root, event.threshold)
    if len(set(signed.new_kids)) != len(signed.new_kids):
        yield Refusal("key.reused", {"kid": ""})
    if event.root and signed.kid != signed.new_kids[0]:
        yield Refusal("key.not-in-force", {"party": signed.party})
    yield from _check_tables(event.rules, event.tables)


def check_root_changed(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why the root cannot change to these keys: a removed one never comes back."""
    event, ledger = signed.event, draft.ledger()
    if not isinstance(event, RootChanged) or ledger is None:
        return
    yield from _check_root(signed, event.root, event.threshold)
    for kid in signed.new_kids:
        known = kid in ledger.root or kid in ledger.root_next
        if not known and draft.key_owner(kid) is not None:
            yield Refusal("key.reused", {"kid": kid.hex()[:16]})


def check_registrar_key(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why a registrar's key cannot change: unknown purpose, or a key used before."""
    event = signed.event
    if isinstance(event, RegistrarKeyChanged):
        if event.purpose not in PURPOSES:
            yield Refusal("founding.purpose", {"purpose": event.purpose[:32]})
        yield from check_new(signed, draft)


def check_rule_set(signed: Signed, _draft: Draft) -> Iterator[Refusal]:
    """Yield why rules or tables cannot be adopted: this release does not know them."""
    event = signed.event
    if isinstance(event, RuleSetAdopted):
        yield from _check_tables(event.rules, event.tables)


def _check_root(signed: Signed, root: tuple[Any, ...], threshold: int) -> Iterator[Refusal]:
    distinct = len(set(signed.new_kids[: len(root)]))
    if distinct != len(root) or len(root) > ROOT_KEYS_MAX:
        yield Refusal("key.reused", {"kid": ""})
    if not 1 <= threshold <= len(root):
        yield Refusal("founding.threshold", {"threshold": threshold, "keys": len(root)})


def _check_tables(rules: str, tables: Mapping[str, bytes]) -> Iterator[Refusal]:
    if rules not in RULE_SETS:
        yield Refusal("founding.table", {"name": rules[:64]})
    released = table_hashes()
    for name in sorted({*released, *tables} - {THRESHOLDS}):
        if tables.get(name) != released.get(name):
            yield Refusal("founding.table", {"name": name[:64]})
    if thresholds(tables.get(THRESHOLDS, b"")) is None:
        yield Refusal("founding.table", {"name": THRESHOLDS})


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    LedgerFounded: (check_founded,),
    RootChanged: (check_root_changed,),
    RegistrarKeyChanged: (check_registrar_key,),
    RuleSetAdopted: (check_rule_set,),
}
