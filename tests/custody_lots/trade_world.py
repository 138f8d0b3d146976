"""A small world of the trade for tests: parties, places and papers, and a log that judges.

Holds states in memory and moves them on with every admitted statement; no bytes, no keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.custody.decide import Check, Effect, open_flags, refusal_of
from ledger.custody.documents import DocumentState
from ledger.custody.events import containers_named, lots_named
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered, LotState, LotTransformed
from ledger.custody.parties import KeyState, LedgerState, PartyState, PublicKey, Scope
from ledger.custody.references import Quota
from ledger.custody.rules import roles, ruleset
from ledger.custody.state import Act, Change, Draft, KeyUse, Signed, State
from ledger.custody.subjects import LEDGER_NAME, Flag, Kind, Refusal, Subject
from ledger.custody.transfers import ContainerState, Moves, Offer, TransferAccepted, TransferOffered
from ledger.reference.tables import Tables, load_tables
from ledger.reference.wording import places, wordings

START = 1_800_000_000
DAY = 86_400
CHECKS: dict[type[Any], tuple[Check, ...]] = dict(ruleset.CHECKS)
EFFECTS: dict[type[Any], Effect] = dict(ruleset.EFFECTS)
ROLES = {
    "farm": ("farm",),
    "tannery": ("tannery",),
    "maker": ("maker",),
    "carrier": ("carrier",),
    "mill": ("sawmill",),
    "parks": ("authority",),
    "customs": ("authority",),
    "officer": ("officer",),
    "inspector": ("officer",),
    "auditor": ("auditor",),
}
POWERS = (
    "control",
    "corrections",
    "documents",
    "enrol",
    "findings",
    "marks",
    "recover",
    "reference",
)


@dataclass
class World:
    """States in memory; `say` judges one statement and moves the states on where it is admitted."""

    states: dict[Subject, State] = field(default_factory=dict)
    offers: dict[bytes, Offer] = field(default_factory=dict)
    acts: dict[bytes, Act] = field(default_factory=dict)
    lots_born: int = 0
    tables: Tables = field(default_factory=load_tables)
    at: int = START
    index: int = 0
    full: bool = False
    """Judge by the whole rule set, envelope and approvals included."""
    kids: dict[bytes, str] = field(default_factory=dict)
    uses: dict[bytes, KeyUse] = field(default_factory=dict)
    ledger: bytes = bytes(32)

    def state(self, subject: Subject) -> State | None:
        return self.states.get(subject)

    def offer(self, offer_id: bytes) -> Offer | None:
        return self.offers.get(offer_id)

    def act(self, act_id: bytes) -> Act | None:
        return self.acts.get(act_id)

    def key_use(self, kid: bytes) -> KeyUse:
        return self.uses.get(kid, KeyUse())

    def key_owner(self, kid: bytes) -> str | None:
        return self.kids.get(kid)

    def lot(self, code: str) -> LotState:
        state = self.states[Subject(Kind.LOT, code)]
        assert isinstance(state, LotState)
        return state

    def container(self, code: str) -> ContainerState:
        state = self.states[Subject(Kind.CONTAINER, code)]
        assert isinstance(state, ContainerState)
        return state

    def lots(self) -> dict[str, LotState]:
        return {s.name: v for s, v in self.states.items() if isinstance(v, LotState)}

    def signed(self, event: Any, *, by: str, **common: Any) -> Signed:
        statement_id = hashlib.sha256(f"{self.index}/{by}/{event}".encode()).digest()
        kid = hashlib.sha256(by.encode()).digest()
        if self.full and type(event) in roles.MOVING:
            common.setdefault("prev", self.heads(event))
        return Signed(
            id=statement_id,
            party=by,
            kid=kid,
            index=self.index,
            iat=self.at,
            at=self.at,
            event=event,
            code_of=lambda i: code_of(statement_id, i),
            seq=self.key_use(kid).last + 1,
            **common,
        )

    def heads(self, event: Any) -> dict[str, bytes]:
        """Return `prev` as an honest signer states it: the head of each lot that moves."""
        named = event.inputs if isinstance(event, LotTransformed) else lots_named(event)
        states = {code: self.state(Subject(Kind.LOT, code)) for code in named}
        for code in containers_named(event):
            states[code] = self.state(Subject(Kind.CONTAINER, code))
        return {code: state.head if state else bytes(32) for code, state in states.items()}  # type: ignore[union-attr]

    def judge(self, signed: Signed) -> Change | Refusal:
        if self.full:
            return ruleset.judge(signed, self)
        draft = Draft(self)
        flags: list[Flag] = []
        refusal = refusal_of(signed, draft, CHECKS[type(signed.event)], flags)
        if refusal is not None:
            return refusal
        EFFECTS[type(signed.event)](signed, draft)
        open_flags(signed, draft, flags)
        return draft.change()

    def say(self, event: Any, *, by: str, **common: Any) -> Change | Refusal:
        outcome = self.judge(self.signed(event, by=by, **common))
        if isinstance(outcome, Change):
            self.apply(outcome)
        return outcome

    def tell(self, event: Any, *, by: str, **common: Any) -> tuple[str, ...]:
        """Say what must be admitted; return the codes of the lots born, in the order of birth."""
        before = set(self.lots())
        outcome = self.say(event, by=by, **common)
        assert isinstance(outcome, Change), outcome
        born = {code: lot.number for code, lot in self.lots().items() if code not in before}
        return tuple(sorted(born, key=lambda code: born[code]))

    def apply(self, change: Change) -> None:
        self.states.update(change.states)
        merge(self.offers, change.offers)
        merge(self.acts, change.acts)
        self.uses.update(change.key_uses)
        self.lots_born += change.lots_born
        self.index += 1

    def rule(self, event: Any, *, by: str, **common: Any) -> str:
        """Return the rule that refuses the statement, or nothing; the world stays as it is."""
        outcome = self.judge(self.signed(event, by=by, **common))
        if not isinstance(outcome, Refusal):
            return ""
        words = wordings().get(outcome.rule)
        if words is not None:
            for text in (*words.messages.values(), *words.hints.values()):
                assert places(text) <= set(outcome.params), (outcome, text)
        return outcome.rule

    def last_offer(self) -> bytes:
        return next(reversed(self.offers))

    def counting(self, code: str) -> list[tuple[str, str]]:
        """The findings that count now: a due that lies ahead does not yet."""
        findings = self.lot(code).findings
        return [(f.rule, f.severity.value) for f in findings if f.from_at <= self.at]

    def findings(self, code: str) -> list[tuple[str, str]]:
        return [(f.rule, f.severity.value) for f in self.lot(code).findings]


def code_of(statement_id: bytes, i: int) -> str:
    """A code of 12 symbols, made as simply as will do here."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    digest = hashlib.sha256(statement_id + i.to_bytes(2, "big")).digest()
    return "".join(alphabet[byte % 32] for byte in digest[:12])


def merge(kept: dict[bytes, Any], changed: Mapping[bytes, Any]) -> None:
    for key, value in changed.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value


def new_world(*, full: bool = False) -> World:
    world = World(full=full, index=1)
    world.states[Subject(Kind.LEDGER, LEDGER_NAME)] = LedgerState(
        origin="ledger.example.org/zw",
        hosts=("ledger.example.org",),
        read="open",
        rules="ringmark-1",
        tables={},
        root={},
        threshold=1,
        keys={},
    )
    for name, held in ROLES.items():
        acts_for = {"officer": "parks", "inspector": "customs"}.get(name)
        kid = hashlib.sha256(name.encode()).digest()
        world.kids[kid] = name
        key = KeyState(PublicKey(1, 6, kid), first=0, from_at=0)
        world.states[Subject(Kind.PARTY, name)] = PartyState(
            country="ZW",
            roles=held,
            status="active",
            keys={kid: key},
            scope=_scope(held),
            acts_for=acts_for,
        )
    for name, kind, country in (
        ("farm/one", "farm", "ZW"),
        ("farm/ranch", "ranch", "ZW"),
        ("mill/yard", "sawmill", "ZW"),
        ("mill/plot", "plot", "PE"),
        ("mill/forest", "plot", "CM"),
        ("tannery/shed", "tannery", "ZW"),
    ):
        facility = FacilityState(kind=kind, country=country, status="declared")
        world.states[Subject(Kind.FACILITY, name)] = facility
    for number, status in (("1", "issued"), ("2", "recorded"), ("3", "cancelled")):
        document = DocumentState(status=status)
        world.states[Subject(Kind.DOCUMENT, f"ZW/EXPORT/{number}")] = document
    return world


def _scope(held: tuple[str, ...]) -> Scope | None:
    """Offices of this world decide everywhere; test_party_rules has those that do not."""
    powers = POWERS if held == ("officer",) else ()
    return Scope(powers, ("XV",)) if held[0] in ("officer", "authority") else None


def skins(quantity: int = 100, *, marks: tuple[MarkRange, ...] = (), **changes: Any) -> NewLot:
    """Farmed skins of the farm, unmarked unless said otherwise."""
    row = {
        "taxon": "Crocodylus niloticus",
        "term": "SKI",
        "quantity": quantity,
        "unit": "NAR",
        "source": "C",
        "origin": "ZW",
    }
    own = {"facility": "farm/one", "year": 2026}
    row.update({k: changes.pop(k) for k in list(changes) if k in row})
    own.update(changes)
    return NewLot(contents=(Row(**row),), marks=marks, **own)  # type: ignore[arg-type]


def logs(volume_cm3: int = 1_000_000, **changes: Any) -> NewLot:
    """Logs from the mill's plot."""
    row = {
        "taxon": "Swietenia macrophylla",
        "term": "LOG",
        "quantity": volume_cm3,
        "unit": "CMQ",
        "source": "W",
        "origin": "PE",
    }
    own = {"facility": "mill/plot", "year": 2026}
    row.update({k: changes.pop(k) for k in list(changes) if k in row})
    own.update(changes)
    return NewLot(contents=(Row(**row),), **own)  # type: ignore[arg-type]


def tags(first: int, last: int) -> tuple[MarkRange, ...]:
    """Universal crocodile tags of one farm and year."""
    return (MarkRange("CITES", "ZW-2026-", first, last, 6, "-NIL"),)


def bred(*lots: NewLot) -> LotRegistered:
    return LotRegistered(basis=Basis.BRED, lots=lots)


def harvested(*lots: NewLot) -> LotRegistered:
    return LotRegistered(basis=Basis.HARVEST, lots=lots)


def a_quota(quota: str, taxon: str, amount: int, **changes: Any) -> Quota:
    """A voluntary quota of Zimbabwe for 2027, in pieces, that what crosses its border draws on."""
    fields: dict[str, Any] = {
        "country": "ZW",
        "unit": "NAR",
        "from_day": "2027-01-01",
        "until_day": "2027-12-31",
        "counts": "endorsement",
        "binding": "voluntary",
    }
    return Quota(quota=quota, taxon=taxon, amount=amount, **(fields | changes))


def offer(world: World, *codes: str, **changes: Any) -> TransferOffered:
    """An offer of whole lots, custody and title, to the tannery, unless said otherwise."""
    fields: dict[str, Any] = {
        "to": "tannery",
        "moves": Moves.BOTH,
        "expires": world.at + DAY,
        "lots": {code: Part() for code in codes},
    }
    return TransferOffered(**(fields | changes))


def deal(world: World, *codes: str, by: str = "farm", **changes: Any) -> None:
    """Offer and accept, as offered."""
    event = offer(world, *codes, **changes)
    world.tell(event, by=by)
    world.tell(TransferAccepted(offer=world.last_offer()), by=event.to)
