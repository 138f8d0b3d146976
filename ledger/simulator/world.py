"""A world: a ledger in memory with parties that sign, for tests, benchmarks and simulations.

Owns the shortest way from "the farm registers 500 skins" to a registered statement. Everything goes
through the real registrar; nothing here judges.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from ledger import keys
from ledger.ambient import SettableClock
from ledger.custody.events import Event, containers_named, lots_named
from ledger.custody.lots import LotState, LotTransformed
from ledger.custody.parties import PartyEnrolled, Scope
from ledger.custody.rules.roles import FOUNDER, MOVING
from ledger.custody.state import State
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import ContainerState
from ledger.desk.heads import has_day
from ledger.errors import NotFoundError
from ledger.registrar.founding import Charter
from ledger.registrar.outcomes import Outcome, Registered
from ledger.statement import parse_statement, public_key, sign_statement
from ledger.wire import text
from ledger.wiring import (
    MemoryLedger,
    OpenLedger,
    found_in_memory,
    found_ledger,
    open_ledger,
)

START_S = 1_790_000_000
DAY_S = 86_400
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


class SeededEntropy:
    """Bytes that look random and are the same in every run of one seed."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed.to_bytes(8, "big")
        self._count = 0

    def token(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        drawn = b""
        while len(drawn) < size:
            self._count += 1
            drawn += hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()
        return drawn[:size]


class Member(Struct):
    """A party of the world with its key and the last number it used."""

    party: str
    signer: keys.PrivateKey
    seq: int = 0
    said: list[bytes] = field(default_factory=list)
    """Raw bytes of all that it signed, in order."""


class World:
    """A ledger and its parties."""

    def __init__(
        self,
        *,
        seed: int = 0,
        thresholds: str = "thresholds-one",
        at: int = START_S,
        directory: Path | None = None,
        database: str | None = None,
    ) -> None:
        """Found a ledger: in memory, or in a new `directory` of this machine with open keys.

        With `database`, an address of PostgreSQL, its log is kept there.
        """
        self.clock = SettableClock(at)
        self.entropy = SeededEntropy(seed)
        root = keys.PrivateKey.generate(keys.ED25519, self.entropy.token)
        charter = Charter(origin="ledger.example/demo", hosts=("localhost",), thresholds=thresholds)
        self.ledger: MemoryLedger | OpenLedger
        if directory is None:
            self.ledger = found_in_memory(
                charter, clock=self.clock, entropy=self.entropy, root=(root,)
            )
        else:
            found_ledger(
                directory,
                charter,
                clock=self.clock,
                entropy=self.entropy,
                root=(root,),
                database=database,
            )
            self.ledger = open_ledger(directory, clock=self.clock, clock_ok=True)
        self.members: dict[str, Member] = {FOUNDER: Member(FOUNDER, root, seq=1)}

    def enrol(
        self,
        party: str,
        *roles: str,
        country: str = "ZW",
        by: str = FOUNDER,
        alg: int = keys.ED25519,
        scope: Scope | None = None,
        acts_for: str | None = None,
    ) -> Registered:
        """Enrol a party with a new key and return its registration."""
        signer = keys.PrivateKey.generate(alg, self.entropy.token)
        proof = keys.make_key_proof(signer, ledger=self.ledger.ledger, party=party)
        event = PartyEnrolled(
            party=party,
            country=country,
            roles=roles,
            key=public_key(signer.key),
            proof=proof,
            scope=scope,
            acts_for=acts_for,
        )
        registered = self.do(by, event)
        self.members[party] = Member(party, signer)
        return registered

    def sign(
        self,
        party: str,
        event: Event,
        *,
        prev: Mapping[str, bytes] | None = None,
        seen: Mapping[str, bytes] | None = None,
        iat: int | None = None,
        seq: int | None = None,
    ) -> bytes:
        """Return a signed statement of `party` with its next number, resting on today's heads."""
        member = self.members[party]
        member.seq = member.seq + 1 if seq is None else seq
        now_s = self.clock.now_s() if iat is None else iat
        dated = has_day(event)
        raw = sign_statement(
            event=event,
            signer=member.signer,
            party=party,
            ledger=self.ledger.ledger,
            iat=now_s,
            seq=member.seq,
            salt=self.entropy.token(16),
            when=now_s if dated else None,
            day=text.format_day(now_s // DAY_S) if dated else None,
            prev=self.heads(event) if prev is None else prev,
            seen=seen,
        )
        member.said.append(raw)
        return raw

    def say(
        self,
        party: str,
        event: Event,
        *,
        prev: Mapping[str, bytes] | None = None,
        seen: Mapping[str, bytes] | None = None,
    ) -> Outcome:
        """Sign and submit one statement; return what became of it."""
        return self.submit(self.sign(party, event, prev=prev, seen=seen))

    def do(
        self, party: str, event: Event, *, seen: Mapping[str, bytes] | None = None
    ) -> Registered:
        """Sign and submit one statement that must be registered; raise AssertionError if not."""
        outcome = self.say(party, event, seen=seen)
        if not isinstance(outcome, Registered):
            raise AssertionError(f"{party}: {type(event).__name__}: {outcome}")
        return outcome

    def submit(self, raw: bytes) -> Outcome:
        """Submit signed bytes as they are; one second passes first."""
        self.clock.advance(1)
        return self.ledger.registrar.submit([raw])[0]

    def heads(self, event: Event) -> dict[str, bytes]:
        """Return the heads of what `event` moves, as the ledger holds them now."""
        if type(event) not in MOVING:
            return {}
        if isinstance(event, LotTransformed):
            codes: tuple[str, ...] = tuple(event.inputs)
        else:
            codes = (*lots_named(event), *containers_named(event))
        return {code: self.head(code) for code in codes}

    def head(self, code: str) -> bytes:
        """Return the head of a lot or container: 32 bytes; NotFoundError where there is none."""
        for kind in (Kind.LOT, Kind.CONTAINER):
            state = self.state(kind, code)
            if isinstance(state, LotState | ContainerState):
                return state.head
        raise NotFoundError("lot.unknown", f"There is no lot {code}.")

    def state(self, kind: Kind, name: str) -> State | None:
        """Return the state of a subject, or None."""
        record = self.ledger.registrar.live.state.record(Subject(kind, name))
        return record.state if record else None

    def lot(self, code: str) -> LotState:
        """Return the state of a lot; NotFoundError where there is none."""
        state = self.state(Kind.LOT, code)
        if not isinstance(state, LotState):
            raise NotFoundError("lot.unknown", f"There is no lot {code}.")
        return state


def born_in(registered: Registered) -> str:
    """Return the code of the first lot that a registration or split brought to life."""
    return parse_statement(registered.raw).sub
