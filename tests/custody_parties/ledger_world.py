"""A ledger in memory for the rules alone: real checks and effects, statements without signatures.

Key ids are SHA-256 of the key, ids of statements are made from what they say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.custody.parties import (
    ApprovalGiven,
    LedgerFounded,
    LedgerState,
    PartyEnrolled,
    PartyState,
    PublicKey,
    RegistrarKeys,
    Scope,
)
from ledger.custody.rules.envelope import account_refused
from ledger.custody.rules.roles import POWERS
from ledger.custody.rules.ruleset import judge
from ledger.custody.state import Act, Change, KeyUse, Signed, State
from ledger.custody.subjects import LEDGER_NAME, Finding, Kind, Refusal, Subject
from ledger.custody.transfers import Offer
from ledger.reference.tables import Tables, load_tables, table_hashes
from ledger.reference.thresholds import threshold_tables

START = 1_790_000_000
HOUR = 3_600
DAY = 86_400
LEDGER = Subject(Kind.LEDGER, LEDGER_NAME)


def key(name: str) -> PublicKey:
    return PublicKey(1, 6, hashlib.sha256(name.encode()).digest())


def kid_of(public: PublicKey) -> bytes:
    return hashlib.sha256(b"kid" + public.x).digest()


def kid(name: str) -> bytes:
    return kid_of(key(name))


def tables(thresholds: str = "thresholds-one") -> dict[str, bytes]:
    return {**table_hashes(), "thresholds": threshold_tables()[thresholds]}


def founding(**changes: Any) -> LedgerFounded:
    own: dict[str, Any] = {
        "origin": "ledger.example/test",
        "hosts": ("ledger.example",),
        "nonce": bytes(32),
        "root": (key("root-1"),),
        "threshold": 1,
        "keys": RegistrarKeys(*(key(f"registrar-{i}") for i in range(4))),
        "rules": "ringmark-1",
        "tables": tables(),
        "read": "open",
    }
    own.update(changes)
    return LedgerFounded(**own)


def carried(event: Any) -> tuple[bytes, ...]:
    """The kids of the keys that an event carries, in the order of its fields."""
    if isinstance(event, LedgerFounded):
        four = event.keys
        keys = (*event.root, four.closing, four.checkpoint, four.receipt, four.label)
        return tuple(map(kid_of, keys))
    if hasattr(event, "root"):
        return tuple(map(kid_of, event.root))
    return (kid_of(event.key),) if hasattr(event, "key") else ()


@dataclass
class LedgerWorld:
    """States and what the rules made of them; one second passes with every statement."""

    states: dict[Subject, State] = field(default_factory=dict)
    offers: dict[bytes, Offer] = field(default_factory=dict)
    acts: dict[bytes, Act] = field(default_factory=dict)
    key_uses: dict[bytes, KeyUse] = field(default_factory=dict)
    owners: dict[bytes, str] = field(default_factory=dict)
    tables: Tables = field(default_factory=load_tables)
    lots_born: int = 0
    index: int = 0
    at: int = START
    last_id: bytes = b""

    def state(self, subject: Subject) -> State | None:
        return self.states.get(subject)

    def offer(self, offer_id: bytes) -> Offer | None:
        return self.offers.get(offer_id)

    def act(self, act_id: bytes) -> Act | None:
        return self.acts.get(act_id)

    def key_use(self, kid: bytes) -> KeyUse:
        return self.key_uses.get(kid, KeyUse())

    def key_owner(self, kid: bytes) -> str | None:
        return self.owners.get(kid)

    def ledger(self) -> LedgerState:
        state = self.states[LEDGER]
        assert isinstance(state, LedgerState)
        return state

    def party(self, name: str) -> PartyState:
        state = self.states[Subject(Kind.PARTY, name)]
        assert isinstance(state, PartyState)
        return state

    def findings(self, kind: Kind, name: str) -> list[tuple[str, str]]:
        return [(f.rule, f.severity.value) for f in self.states[Subject(kind, name)].findings]

    def finding(self, name: str, rule: str) -> Finding:
        return next(f for f in self.party(name).findings if f.rule == rule)

    def signed(self, event: Any, *, by: str, key: str = "", **common: Any) -> Signed:
        """A statement of `by` with its first key and next number, unless said otherwise."""
        own_kid = kid(key or ("root-1" if by == "root" else by))
        use = self.key_use(own_kid)
        said = f"{self.index}/{by}/{key}/{event}/{sorted(common)}".encode()
        statement_id = hashlib.sha256(said).digest()
        facts: dict[str, Any] = {
            "id": statement_id,
            "party": by,
            "kid": own_kid,
            "index": self.index,
            "iat": self.at,
            "at": self.at,
            "event": event,
            "code_of": lambda i: code_of(statement_id, i),
            "seq": use.last + 1,
            "new_kids": carried(event),
        }
        facts.update(common)
        return Signed(**facts)

    def say(self, event: Any, *, by: str, **common: Any) -> Change | Refusal:
        """Judge a statement; what is admitted changes the world."""
        signed = self.signed(event, by=by, **common)
        outcome = judge(signed, self)
        if isinstance(outcome, Change):
            self.last_id = signed.id
            self.apply(outcome)
            self.index += 1
            self.at += 1
        return outcome

    def do(self, event: Any, *, by: str, **common: Any) -> bytes:
        """Say what must be admitted; return the statement's id."""
        outcome = self.say(event, by=by, **common)
        assert isinstance(outcome, Change), outcome
        return self.last_id

    def rule(self, event: Any, *, by: str, **common: Any) -> str:
        """The rule that refuses a statement, or nothing; the world stays as it is."""
        outcome = judge(self.signed(event, by=by, **common), self)
        return outcome.rule if isinstance(outcome, Refusal) else ""

    def close(self, *refused: tuple[bytes, int, bytes, str]) -> None:
        """Settle a closing's refused rows, as a block does."""
        self.apply(account_refused(self, refused, at=self.at))

    def apply(self, change: Change) -> None:
        self.states.update(change.states)
        merge(self.offers, change.offers)
        merge(self.acts, change.acts)
        self.key_uses.update(change.key_uses)
        self.owners.update(change.owners)
        self.lots_born += change.lots_born

    def enrol(self, party: str, *roles: str, by: str = "root", **fields: Any) -> PartyEnrolled:
        own: dict[str, Any] = {
            "country": "ZW",
            "roles": roles,
            "key": key(party),
            "proof": b"",
        }
        own.update(fields)
        event = PartyEnrolled(party=party, **own)
        self.do(event, by=by)
        return event


def code_of(statement_id: bytes, i: int) -> str:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    digest = hashlib.sha256(statement_id + i.to_bytes(2, "big")).digest()
    return "".join(alphabet[byte % 32] for byte in digest[:12])


def merge(kept: dict[bytes, Any], changed: Mapping[bytes, Any]) -> None:
    for name, value in changed.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value


def bare_world(
    *, root: int = 1, threshold: int = 1, thresholds: str = "thresholds-one"
) -> LedgerWorld:
    """A founded ledger without parties."""
    world = LedgerWorld()
    keys = tuple(key(f"root-{i + 1}") for i in range(root))
    event = founding(root=keys, threshold=threshold, tables=tables(thresholds))
    leaf = world.do(event, by="root", at=START)
    for i in range(1, root):
        world.do(ApprovalGiven(leaf), by="root", key=f"root-{i + 1}", at=START)
    return world


def founded_world(**more: Any) -> LedgerWorld:
    """A ledger with an authority, two officers of it, one of another, and some traders.

    `parks` with `ranger` and `warden` governs ZW; `customs` with `inspector` is another authority.
    """
    world = bare_world(**more)
    needs_two = more.get("threshold", 1) > 1

    def by_root(party: str, *roles: str, **fields: Any) -> None:
        world.enrol(party, *roles, **fields)
        if needs_two:
            world.do(ApprovalGiven(world.last_id), by="root", key="root-2")

    all_powers = Scope(powers=tuple(sorted(POWERS)))
    by_root("parks", "authority")
    by_root("customs", "authority", country="BR", scope=Scope(countries=("BR",)))
    world.enrol("ranger", "officer", by="parks", scope=all_powers, acts_for="parks")
    world.enrol("warden", "officer", by="parks", scope=all_powers, acts_for="parks")
    world.enrol("clerk", "officer", by="parks", scope=Scope(("documents",)), acts_for="parks")
    world.enrol("farm", "farm", by="parks")
    world.enrol("tannery", "tannery", by="parks")
    world.enrol("auditor", "auditor", by="parks")
    return world
