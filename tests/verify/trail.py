"""A small ledger in memory for tests of proofs: founded, with parties, papers and traded lots.

Everything is deterministic: seeds for keys, a counter for salts, a clock that is set.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from ledger import keys
from ledger.ambient import SettableClock
from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered, LotState
from ledger.custody.parties import PartyEnrolled, Scope
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered
from ledger.desk.heads import heads_of
from ledger.reader import LiveMoments, Reader
from ledger.registrar import Registered
from ledger.registrar.founding import Charter
from ledger.statement import FOUNDER, lot_code, parse_statement, public_key, sign_statement
from ledger.trust import Trust, parse_trust
from ledger.wiring import MemoryLedger, found_in_memory

START = 1_800_000_000
DAY = 86_400
HOUR = 3_600
PERMIT = "ZW/PERMIT/1"
FARM = "farm/nile"
POWERS = ("control", "corrections", "documents", "enrol", "findings", "recover", "reference")
SKIN = Row("Crocodylus niloticus", "SKI", 3, "NAR", "C", "ZW")


class Counter:
    """Random bytes that are none: SHA-256 of a running number."""

    def __init__(self, seed: str) -> None:
        self._seed, self._drawn = seed, 0

    def token(self, size: int) -> bytes:
        self._drawn += 1
        digest = hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).digest()
        return (digest * (size // 32 + 1))[:size]


@dataclass
class Pen:
    party: str
    signer: keys.PrivateKey
    seq: int = 0


@dataclass
class Trail:
    """One ledger with its reader; `say` registers a statement and returns what became of it."""

    seed: str = "trail"
    roots: int = 1
    threshold: int = 1
    thresholds: str = "thresholds-one"
    pens: dict[str, Pen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = SettableClock(START)
        self.entropy = Counter(self.seed)
        roots = [self.key(f"root-{i}") for i in range(self.roots)]
        charter = Charter(
            origin=f"ledger.example/{self.seed}",
            hosts=("ledger.example",),
            threshold=self.threshold,
            thresholds=self.thresholds,
        )
        self.made: MemoryLedger = found_in_memory(
            charter, clock=self.clock, entropy=self.entropy, root=roots
        )
        for i, root in enumerate(roots):
            self.pens[f"root-{i}"] = Pen(FOUNDER, root, seq=1)
        self.store, self.registrar = self.made.store, self.made.registrar
        self.reader = Reader(self.store, LiveMoments(self.registrar, self.store))

    @property
    def ledger(self) -> bytes:
        return self.made.ledger

    @property
    def trust(self) -> Trust:
        return parse_trust(self.made.trust)

    def key(self, name: str, *, alg: int = keys.ED25519) -> keys.PrivateKey:
        return keys.PrivateKey.from_seed(
            alg, hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        )

    def say(self, event: Any, *, by: str, **common: Any) -> Any:
        (outcome,) = self.registrar.submit([self.sign(event, by=by, **common)])
        return outcome

    def tell(self, event: Any, *, by: str, **common: Any) -> Registered:
        outcome = self.say(event, by=by, **common)
        assert isinstance(outcome, Registered), outcome
        return outcome

    def sign(self, event: Any, *, by: str, **common: Any) -> bytes:
        pen = self.pens[by]
        pen.seq += 1
        heads = heads_of(event, self.head)
        day = {"when": self.clock.now_s(), "day": self.today()} if needs_day(event) else {}
        return sign_statement(
            event=event,
            signer=pen.signer,
            party=pen.party,
            ledger=self.ledger,
            iat=self.clock.now_s(),
            seq=pen.seq,
            salt=self.entropy.token(16),
            prev=heads.prev,
            seen=heads.seen,
            **{**day, **common},
        )

    def today(self) -> str:
        from ledger.wire.text import format_day

        return format_day(self.clock.now_s() // DAY)

    def head(self, code: str) -> bytes:
        row = self.store.record(kind="lot", name=code)
        if row is not None:
            return self.lot(code).head
        return self.reader.container(code).state.head

    def lot(self, code: str) -> LotState:
        return self.reader.lot(code).state

    def enrol(
        self,
        party: str,
        *roles: str,
        by: str = "root-0",
        country: str = "ZW",
        acts_for: str | None = None,
    ) -> None:
        signer = self.key(party)
        office = {"authority", "officer"} & set(roles)
        self.pens[party] = Pen(party, signer)
        event = PartyEnrolled(
            party=party,
            country=country,
            roles=roles,
            key=public_key(signer.key),
            proof=keys.make_key_proof(signer, ledger=self.ledger, party=party),
            scope=Scope(powers=POWERS) if office else None,
            acts_for=acts_for,
        )
        self.tell(event, by=by)

    def register(
        self, *, by: str, lots: tuple[NewLot, ...], basis: Basis = Basis.BRED
    ) -> list[str]:
        done = self.tell(LotRegistered(basis=basis, lots=lots), by=by)
        return born_of(done, len(lots))

    def offer(self, *codes: str, by: str, to: str, moves: Moves = Moves.BOTH, **more: Any) -> bytes:
        event = TransferOffered(
            to=to,
            moves=moves,
            expires=self.clock.now_s() + 10 * DAY,
            lots={code: Part() for code in codes},
            **more,
        )
        return self.tell(event, by=by).id

    def hand_over(self, *codes: str, by: str, to: str) -> None:
        offer = self.offer(*codes, by=by, to=to)
        self.tell(TransferAccepted(offer=offer), by=to)


def born_of(done: Registered, count: int) -> list[str]:
    statement = parse_statement(done.raw)
    return [lot_code(kid=statement.kid, salt=statement.salt, i=i) for i in range(count)]


def needs_day(event: Any) -> bool:
    from ledger.desk.heads import has_day

    return has_day(event)


def skins(first: int, count: int, **more: Any) -> NewLot:
    row = Row(SKIN.taxon, SKIN.term, count, SKIN.unit, SKIN.source, SKIN.origin)
    marks = (MarkRange("ZWTAG", "ZW", first, first + count - 1, 6, ""),)
    return NewLot(contents=(row,), marks=marks, year=2026, **more)


def trade(seed: str = "trail", **more: Any) -> tuple[Trail, str]:
    """A ledger with one lot of three skins that a farm sold to a tannery, and its code."""
    trail = Trail(seed, **more)
    trail.enrol("parks", "authority")
    trail.enrol("inspector", "officer", by="parks", acts_for="parks")
    for party, role in (("farm", "farm"), ("tannery", "tannery"), ("maker", "maker")):
        trail.enrol(party, role, by="parks")
    trail.clock.advance(60)
    (code,) = trail.register(by="farm", lots=(skins(1, 3),), basis=Basis.OPENING_STOCK)
    trail.clock.advance(60)
    trail.hand_over(code, by="farm", to="tannery")
    return trail, code


def world(seed: str) -> tuple[Trail, str]:
    """A ledger with one lot of three skins in order: a farm, a permit, nothing open."""
    trail = Trail(seed)
    trail.enrol("parks", "authority")
    for party, role in (("farm", "farm"), ("tannery", "tannery"), ("maker", "maker")):
        trail.enrol(party, role, by="parks")
    row = DocumentRow(SKIN.taxon, SKIN.term, 100, SKIN.unit, SKIN.source, SKIN.origin)
    paper = Paper(holder="farm", from_day="2027-01-01", until_day="2027-12-31", rows=(row,))
    trail.tell(DocumentIssued(document=PERMIT, paper=paper), by="parks")
    farm = FacilityRegistered(facility=FARM, kind="farm", country="ZW")
    trail.tell(farm, by="farm")
    (code,) = trail.register(by="farm", lots=(bred(1, 3),))
    return trail, code


def bred(first: int, count: int) -> NewLot:
    return skins(first, count, documents=(PERMIT,), facility=FARM)
