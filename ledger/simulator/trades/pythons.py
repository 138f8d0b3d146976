"""Python skins: bred in Viet Nam, stored for another owner, sold abroad."""

from __future__ import annotations

from collections.abc import Generator

from ledger.custody.documents import DocumentIssued, DocumentRecorded, DocumentRow, Paper
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import (
    Basis,
    LotExported,
    LotImported,
    LotMeasured,
    LotRegistered,
    LotTransformed,
)
from ledger.custody.transfers import Moves
from ledger.simulator.honest import AUTHORITY, HonestWorld
from ledger.simulator.trades.moves import cross, sell
from ledger.simulator.trades.places import farm_place
from ledger.simulator.trades.quotas import SUSPENDED_FROM, set_quotas, suspend
from ledger.simulator.world import DAY_S

TAXON = "Malayopython reticulatus"
PERMIT_AGE = 20
"""How many days before its arrival the export permit of an import is dated."""


def pythons(honest: HonestWorld, number: int) -> Generator[int, None, None]:
    """Take farmed skins through a warehouse to Italy; every third run starts from an import."""
    dice = honest.dice
    farm = honest.enrol(f"mekong-farm-{number % 2}", "VN", "farm", "dealer")
    store = honest.enrol("hai-phong-store", "VN", "store", "carrier")
    tannery = honest.enrol("arno-tannery-0", "IT", "tannery")
    farm_place(honest, farm, "hall", country="VN", taxon=TAXON)
    skins, year = dice.between(20, 200), honest.year(farm)
    if number % 3 == 2:
        yield from _imported(honest, tannery, skins, number, year)
        return
    row = Row(TAXON, "SKI", skins, "NAR", "C", "VN")
    new = NewLot((row,), year=year, facility=f"{farm}/hall")
    said = yield from honest.act(farm, LotRegistered(Basis.BRED, (new,)))
    lot = said.code()
    yield dice.between(DAY_S, 10 * DAY_S)
    if dice.chance(50):
        stored = ("store", "carry")
        yield from sell(honest, farm, store, lot, moves=Moves.CUSTODY, allows=stored)
        yield dice.between(10 * DAY_S, 40 * DAY_S)
        yield from sell(honest, store, farm, lot, moves=Moves.CUSTODY)
    permit = f"VN/EXPORT/{year}-{number:04d}"
    rows = (DocumentRow(TAXON, "SKI", skins, "NAR", "C", "VN"),)
    paper = Paper(
        holder=farm,
        from_day=honest.today(farm, days=-dice.choice((1, 179))),
        until_day=honest.today(farm, days=dice.choice((0, 1, 180))),
        rows=rows,
        purpose="T",
        to_country="IT",
    )
    honest.at_once(AUTHORITY["VN"], DocumentIssued(permit, paper))
    yield from cross(honest, farm, LotExported((lot,), permit, "VN", "IT"))
    yield from sell(honest, farm, tannery, lot)
    yield dice.between(DAY_S, 30 * DAY_S)
    yield from _tanned(honest, tannery, lot)


def _imported(
    honest: HonestWorld, tannery: str, skins: int, number: int, year: int
) -> Generator[int, None, None]:
    """Let skins in from a country without a ledger, under papers that only a trader recorded."""
    set_quotas(honest, "ID", TAXON, amount=1_500, unit="NAR", terms=("SKI", "LPS"))
    suspend(honest, "ID", TAXON)
    if honest.today(tannery, days=-PERMIT_AGE) >= SUSPENDED_FROM:
        return
    permit = f"ID/EXPORT/{year}-{number:04d}"
    rows = (DocumentRow(TAXON, "SKI", skins, "NAR", "W", "ID"),)
    paper = Paper(
        holder=tannery,
        from_day=honest.today(tannery, days=-PERMIT_AGE),
        until_day=honest.today(tannery, days=160),
        rows=rows,
    )
    honest.at_once(tannery, DocumentRecorded(permit, paper))
    row = Row(TAXON, "SKI", skins, "NAR", "W", "ID")
    new = NewLot((row,), year=year, documents=(permit,))
    said = yield from honest.act(tannery, LotRegistered(Basis.IMPORT, (new,)))
    yield honest.dice.between(DAY_S, 30 * DAY_S)
    entry = f"IT/IMPORT/{year}-P{number:03d}"
    paper = Paper(holder=tannery, until_day=honest.today(tannery, days=365), rows=rows)
    honest.at_once(AUTHORITY["IT"], DocumentIssued(entry, paper))
    yield from cross(honest, tannery, LotImported((said.code(),), entry, "IT"))
    yield from _tanned(honest, tannery, said.code())


def _tanned(honest: HonestWorld, tannery: str, code: str) -> Generator[int, None, None]:
    """Count, and make all of it into leather and a tenth of that into pieces."""
    lot = honest.lot(code)
    row = lot.contents[0]
    yield from honest.act(tannery, LotMeasured(code, "recount", (row.quantity,)))
    half = row.quantity // 2
    outputs = (
        NewLot((Row(row.taxon, "SKI", half, "NAR", row.source, row.origin),), year=lot.year),
        NewLot((Row(row.taxon, "LPS", half, "NAR", row.source, row.origin),)),
    )
    waste = (Row(row.taxon, "SKI", row.quantity - 2 * half, "NAR", row.source, row.origin),)
    event = LotTransformed(
        "tanning", {code: Part()}, outputs, waste=waste if row.quantity > 2 * half else ()
    )
    yield from honest.act(tannery, event)
