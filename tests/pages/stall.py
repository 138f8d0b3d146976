"""A stall on a market: a small ledger in memory, goods in every state, and the pages over it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace

from ledger.custody.control import LotHeld, LotInspected
from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.custody.events import Event
from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered, LotTransformed
from ledger.custody.parties import Scope
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered
from ledger.desk.heads import has_day
from ledger.reader import LiveMoments, Reader
from ledger.registrar import Registered
from ledger.simulator.world import POWERS, World
from ledger.statement import lot_code, parse_statement, sign_statement
from ledger.trust import parse_trust
from ledger.wire.label import parse_label_url
from ledger.wire.text import format_day
from web.app import create_app
from web.limits import Rate
from web.stand import Stand

SKINS = Row("Crocodylus niloticus", "SKI", 20, "NAR", "C", "ZW")
TIMBER = Row("Swietenia macrophylla", "LOG", 12_345_000, "CMQ", "W", "BR")
TAGS = MarkRange("CITES-TAG", "ZW-NIL-26-", 1, 20, 6, "")
PERMIT = "ZW/EXPORT-PERMIT/26ZW000123"
DAY_S = 86_400
UNKNOWN = "51PB1X9SFP3J"
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


@dataclass
class Stall:
    """The world, the stand over its ledger, and the codes of its lots."""

    world: World
    stand: Stand
    skins: str
    finished: str
    timber: str
    held: str
    label: str

    def app(self, *, rate: Rate | None = None, **changes: object) -> Flask:
        stand = replace(self.stand, **changes)
        app = create_app(stand, rate=rate or Rate(per_s=100_000, burst=1_000_000))
        app.testing = False
        return app

    def client(self, **changes: object) -> FlaskClient:
        return self.app(**changes).test_client()


def codes_of(registered: Registered, count: int) -> list[str]:
    statement = parse_statement(registered.raw)
    return [lot_code(kid=statement.kid, salt=statement.salt, i=i) for i in range(count)]


def sign(world: World, party: str, event: Event) -> bytes:
    """Sign a statement that states its day where the day counts."""
    world.clock.advance(1)
    member, now = world.members[party], world.clock.now_s()
    member.seq += 1
    day = {"when": now, "day": format_day(now // DAY_S)} if has_day(event) else {}
    return sign_statement(
        event=event,
        signer=member.signer,
        party=party,
        ledger=world.ledger.ledger,
        iat=now,
        seq=member.seq,
        salt=world.entropy.token(16),
        prev=world.heads(event),
        **day,  # type: ignore[arg-type]
    )


def tell(world: World, party: str, event: Event) -> Registered:
    """Register a statement."""
    (outcome,) = world.ledger.registrar.submit([sign(world, party, event)])
    assert isinstance(outcome, Registered), outcome
    return outcome


def build_stall(seed: int = 7) -> Stall:
    world = World(seed=seed)
    world.enrol("zw-authority", "authority", scope=Scope(POWERS))
    world.enrol("kariba-farm", "farm", by="zw-authority")
    world.enrol("harare-tannery", "tannery", by="zw-authority")
    world.enrol("binga-ranch", "ranch", by="zw-authority")
    world.enrol("para-plot", "plot", country="BR")
    rows = (DocumentRow("Crocodylus niloticus", "SKI", 500, "NAR", "C", "ZW"),)
    paper = Paper(from_day="2026-01-01", until_day="2027-12-31", rows=rows, purpose="T")
    tell(world, "zw-authority", DocumentIssued(PERMIT, paper))
    born = tell(
        world,
        "kariba-farm",
        LotRegistered(
            Basis.OPENING_STOCK,
            (
                NewLot((SKINS,), marks=(TAGS,), year=2026, documents=(PERMIT,)),
                NewLot((replace(SKINS, quantity=5),), year=2026),
            ),
        ),
    )
    skins, held = codes_of(born, 2)
    felled = tell(world, "para-plot", LotRegistered(Basis.OPENING_STOCK, (NewLot((TIMBER,)),)))
    offered = tell(
        world,
        "kariba-farm",
        TransferOffered(
            "harare-tannery", Moves.BOTH, world.clock.now_s() + 86_400, lots={skins: Part()}
        ),
    )
    tell(world, "harare-tannery", TransferAccepted(offered.id))
    made = tell(
        world,
        "harare-tannery",
        LotTransformed(
            "tanning",
            {skins: Part(marks=(replace(TAGS, last=8),))},
            (NewLot((replace(SKINS, quantity=8),), marks=(replace(TAGS, last=8),)),),
        ),
    )
    # The skins were opening stock: what is made of them waits for an officer as they do.
    tell(world, "zw-authority", LotInspected((codes_of(made, 1)[0],), "matches"))
    tell(world, "zw-authority", LotHeld({held: Part()}, "tags look copied"))
    ledger = world.ledger
    reader = Reader(ledger.store, LiveMoments(ledger.registrar, ledger.store))
    stand = Stand(reader, parse_trust(ledger.trust), world.clock, ledger.registrar, is_open=True)
    return Stall(
        world, stand, skins, codes_of(made, 1)[0], codes_of(felled, 1)[0], held, born.labels[skins]
    )


def altered(label: str) -> str:
    """Return a label whose signed bytes differ in one bit, in its one form."""
    link = parse_label_url(label)
    sealed = bytearray(link.cose or b"")
    sealed[-1] ^= 1
    digits = int.from_bytes(bytes([1]) + bytes(sealed), "big")
    return f"{label.partition('#')[0]}#1{digits}"
