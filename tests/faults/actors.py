"""Actors for tests of the write path: a founded ledger, an authority, a farm and a maker.

Also a program of its own: fault tests run it in another process and kill it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger import keys
from ledger.ambient import SettableClock
from ledger.custody.events import BlockClosed
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import PartyEnrolled
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered
from ledger.log.statemap import StateMap
from ledger.log.tree import leaf_hash, root_of
from ledger.registrar import Registered, Registrar
from ledger.registrar.founding import Charter
from ledger.statement import parse_statement, public_key, sign_statement
from ledger.storage.protocol import Store
from ledger.storage.rows import use_of
from ledger.trust import parse_trust
from ledger.wiring import MemoryLedger, OpenLedger, found_in_memory, found_ledger, open_ledger

START = 1_750_000_000
CHARTER = Charter(origin="ledger.example/test", hosts=("ledger.example",))


class CountedEntropy:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed.encode()
        self._count = 0

    def token(self, size: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(self._seed + self._count.to_bytes(8, "big")).digest(size)


@dataclass
class Actor:
    """A party with one key, and the number that it uses next."""

    name: str
    signer: keys.PrivateKey
    entropy: CountedEntropy
    seq: int = 0

    def sign(self, event: Any, *, ledger: bytes, at: int, **more: Any) -> bytes:
        self.seq += 1
        more.setdefault("salt", self.entropy.token(16))
        return sign_statement(
            event=event, signer=self.signer, party=self.name, ledger=ledger, iat=at,
            **{"seq": self.seq, **more},
        )  # fmt: skip


@dataclass
class World:
    """A ledger with its actors; `submit` expects that everything is registered."""

    registrar: Registrar
    ledger: bytes
    clock: SettableClock
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str, *, signer: keys.PrivateKey | None = None) -> Actor:
        if name not in self.actors:
            entropy = CountedEntropy(name)
            drawn = signer or keys.PrivateKey.generate(keys.ED25519, entropy.token)
            # Salts differ between processes that play the same actor, seeds do not.
            self.actors[name] = Actor(name, drawn, entropy)
        return self.actors[name]

    def sign(self, name: str, event: Any, **more: Any) -> bytes:
        return self.actors[name].sign(event, ledger=self.ledger, at=self.clock.now_s(), **more)

    def enrol(self, by: str, name: str, *roles: str) -> PartyEnrolled:
        signer = self.actor(name).signer
        return PartyEnrolled(
            party=name, country="ZW", roles=roles, key=public_key(signer.key),
            proof=keys.make_key_proof(signer, ledger=self.ledger, party=name),
        )  # fmt: skip

    def submit(self, *raws: bytes) -> list[Registered]:
        outcomes = self.registrar.submit(raws)
        for outcome in outcomes:
            assert isinstance(outcome, Registered), outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Registered)]

    def settle(self) -> None:
        """Enrol an authority, a farm with its facility, and a maker."""
        self.submit(self.sign("root", self.enrol("root", "ma-zw", "authority")))
        self.submit(
            self.sign("ma-zw", self.enrol("ma-zw", "farm-a", "farm")),
            self.sign("ma-zw", self.enrol("ma-zw", "maker-b", "maker")),
        )
        self.submit(self.sign("farm-a", FacilityRegistered("farm-a/main", "farm", "ZW")))

    def birth(self, count: int = 1, by: str = "farm-a") -> bytes:
        """Return a signed registration of `count` skins by the farm, or by another."""
        row = Row("Crocodylus niloticus", "SKI", 1, "NAR", "C", "ZW")
        lot = NewLot(contents=(row,), facility="farm-a/main", year=2025)
        return self.sign(by, LotRegistered(Basis.BRED, (lot,) * count))

    def offer(self, code: str, head: bytes) -> bytes:
        expires = self.clock.now_s() + 86_400
        event = TransferOffered("maker-b", Moves.BOTH, expires, lots={code: Part()})
        return self.sign("farm-a", event, prev={code: head})

    def accept(self, offer: bytes) -> bytes:
        return self.sign("maker-b", TransferAccepted(parse_statement(offer).id))


def memory_world() -> tuple[World, MemoryLedger]:
    """Found a ledger in memory with its actors settled."""
    clock = SettableClock(START)
    made = found_in_memory(CHARTER, clock=clock, entropy=CountedEntropy("founding"))
    world = World(made.registrar, made.ledger, clock)
    world.actor("root", signer=made.root[0]).seq = 1
    world.settle()
    return world, made


def found_directory(directory: Path, **more: Any) -> None:
    """Found a ledger in a directory; `open_world` opens it."""
    found_ledger(
        directory, CHARTER, clock=SettableClock(START), entropy=CountedEntropy("founding"), **more
    )


def open_world(directory: Path, *, settle: bool = False, **more: Any) -> tuple[World, OpenLedger]:
    """Open a directory's ledger with the same actors as ever; numbers go on where they stand."""
    clock = SettableClock(START)
    opened = open_ledger(directory, clock=clock, **more)
    clock.set(opened.registrar.head().at)
    world = World(opened.registrar, opened.ledger, clock)
    entropy = CountedEntropy("founding")
    seeds = [keys.PrivateKey.generate(keys.ED25519, entropy.token) for _ in range(5)]
    world.actor("root", signer=seeds[4])
    for name in ("ma-zw", "farm-a", "maker-b"):
        world.actor(name)
    for row in opened.store.enrolled_keys():
        for actor in world.actors.values():
            if actor.signer.kid == row.kid:
                actor.seq = use_of(row).last
                actor.entropy = CountedEntropy(f"{actor.name} from {actor.seq}")
    if settle:
        world.settle()
    return world, opened


def check_log(store: Store, trust: str, *, published: bytes | None = None) -> int:
    """Verify the whole log once more, the slow way, and return its size.

    Leaf hashes, closings, links, roots, contiguous indexes, and the published checkpoint.
    """
    head = store.head()
    assert head is not None
    rows = store.leaves(0, head.size)
    assert [row.leaf for row in rows] == list(range(head.size)) == list(range(store.size()))
    hashes = [leaf_hash(row.raw) for row in rows]
    assert hashes == [row.hash for row in rows]
    assert root_of(hashes) == head.root
    assert len({row.id for row in rows}) == head.size
    last, start, state = hashlib.sha256(parse_statement(rows[0].raw).payload).digest(), 0, b""
    for height, block in enumerate(store.blocks(limit=1_000_000)):
        closing = parse_statement(rows[block.closing].raw)
        event = closing.event
        assert isinstance(event, BlockClosed)
        assert (event.height, event.first, event.last) == (height, start, last)
        assert event.first + event.count == block.closing
        assert event.root == root_of(hashes[: block.closing])
        last, start, state = closing.id, block.closing + 1, event.state
    assert (last, start) == (head.closing, head.size)
    assert StateMap.from_items(store.record_hashes()).root() == state
    if published is not None:
        checkpoint = parse_trust(trust).ledgers[0].open_checkpoint(published)
        assert checkpoint.root == root_of(hashes[: checkpoint.size])
    return head.size
