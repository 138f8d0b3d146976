"""A ledger with as many open findings as are asked for: late word, held goods, deadlines."""

from __future__ import annotations

from pathlib import Path

from ledger.custody.control import LotHeld
from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotExported, LotRegistered
from ledger.custody.parties import Scope
from ledger.custody.stocks import SizeClass, StockAttested, StockDeclared
from ledger.custody.transfers import Moves, TransferDispatched, TransferOffered
from ledger.registrar.outcomes import Registered
from ledger.simulator.world import DAY_S, POWERS, World
from ledger.statement import lot_code, parse_statement

SKIN = Row("Crocodylus niloticus", "SKI", 1, "NAR", "C", "ZW")
LOTS_AT_ONCE = 250
LATE_S = 4 * DAY_S


class Crowd:
    """Two countries with an authority each; a farm whose queue came late, and a tannery abroad."""

    def __init__(self, directory: Path | None = None) -> None:
        self.world = World(seed=9, directory=directory)
        for country in ("ZW", "IT"):
            name = f"{country.lower()}-parks"
            scope = Scope(POWERS, (country,))
            self.world.enrol(name, "authority", country=country, scope=scope)
        self.world.enrol("farm", "farm", by="zw-parks")
        self.world.enrol("tannery", "tannery", country="IT", by="it-parks")
        self.world.do("farm", FacilityRegistered("farm/pens", "farm", "ZW"))
        herd = (SizeClass("all", 1_000_000),)
        self.world.do("farm", StockDeclared("farm/pens", SKIN.taxon, counts=herd))
        self.world.do("zw-parks", StockAttested("farm/pens", SKIN.taxon, "matches", herd))
        self.world.clock.advance(2 * LATE_S)

    def late(self, count: int) -> list[str]:
        """Register lots whose statement was signed four days ago: a check on each."""
        codes: list[str] = []
        while len(codes) < count:
            births = min(LOTS_AT_ONCE, count - len(codes))
            new = tuple(NewLot((SKIN,), year=2026, facility="farm/pens") for _ in range(births))
            signed_at = self.world.clock.now_s() - LATE_S
            raw = self.world.sign("farm", LotRegistered(Basis.BRED, new), iat=signed_at)
            outcome = self.world.submit(raw)
            assert isinstance(outcome, Registered), outcome
            said = parse_statement(raw)
            codes += [lot_code(kid=said.kid, salt=said.salt, i=i) for i in range(births)]
        return codes

    def hold(self, codes: list[str]) -> None:
        """Hold lots: a stop on each."""
        for at in range(0, len(codes), LOTS_AT_ONCE):
            parts = {code: Part() for code in codes[at : at + LOTS_AT_ONCE]}
            self.world.do("zw-parks", LotHeld(parts, "papers are missing"))

    def export(self, codes: list[str], permit: str = "ZW/EXPORT/26-1") -> None:
        """Say that lots left under a permit: until an officer confirms it a deadline on each."""
        row = DocumentRow(SKIN.taxon, SKIN.term, len(codes), SKIN.unit, SKIN.source, SKIN.origin)
        self.world.do("zw-parks", DocumentIssued(permit, Paper(holder="farm", rows=(row,))))
        for at in range(0, len(codes), LOTS_AT_ONCE):
            lots = tuple(sorted(codes[at : at + LOTS_AT_ONCE]))
            self.world.do("farm", LotExported(lots, permit, "ZW", "IT"))

    def send(self, codes: list[str], *, days: int) -> None:
        """Send lots abroad, to arrive within some days: a deadline on each."""
        for at in range(0, len(codes), LOTS_AT_ONCE):
            parts = {code: Part() for code in codes[at : at + LOTS_AT_ONCE]}
            now = self.world.clock.now_s()
            offer = TransferOffered("tannery", Moves.BOTH, now + 30 * DAY_S, lots=parts)
            said = self.world.do("farm", offer)
            self.world.do("farm", TransferDispatched(said.id, now + days * DAY_S))
