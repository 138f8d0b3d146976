"""Caviar and antiques: small goods with dates that count."""

from __future__ import annotations

from collections.abc import Generator

from ledger.custody.documents import DocumentIssued, DocumentRow, Exemption, Paper
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotRegistered,
    LotTransformed,
)
from ledger.simulator.honest import AUTHORITY, HonestWorld
from ledger.simulator.trades.moves import cross, rounded_up, sell
from ledger.simulator.trades.quotas import set_quotas
from ledger.simulator.world import DAY_S

STURGEON = "Acipenser baerii"
ELEPHANT = "Loxodonta africana"


def caviar(honest: HonestWorld, number: int) -> Generator[int, None, None]:
    """Take farmed caviar from China to a repacker in France, tin by tin to the shop."""
    dice = honest.dice
    plant = honest.enrol("qiandao-plant", "CN", "farm", "plant")
    packer = honest.enrol("paris-caviar", "FR", "plant", "retailer")
    honest.facility(f"{plant}/lake", "farm", "CN")
    set_quotas(honest, "CN", STURGEON, amount=900_000, unit="GRM", terms=("CAV",), is_caviar=True)
    grams, year = dice.between(5, 40) * 1_000, honest.year(plant)
    row = Row(STURGEON, "CAV", grams, "GRM", "C", "CN")
    new = NewLot((row,), year=year, facility=f"{plant}/lake")
    said = yield from honest.act(plant, LotRegistered(Basis.BRED, (new,)))
    yield dice.between(DAY_S, 10 * DAY_S)
    permit = f"CN/EXPORT/{year}-{number:04d}"
    rows = (DocumentRow(STURGEON, "CAV", rounded_up(honest, grams), "GRM", "C", "CN"),)
    until = honest.today(plant, days=170)
    paper = Paper(holder=plant, from_day=honest.today(plant), until_day=until, rows=rows)
    honest.at_once(AUTHORITY["CN"], DocumentIssued(permit, paper))
    yield dice.between(DAY_S, 5 * DAY_S)
    yield from cross(honest, plant, LotExported((said.code(),), permit, "CN", "FR"))
    code = yield from sell(honest, plant, packer, said.code())
    yield dice.between(DAY_S, 20 * DAY_S)
    tins = [grams // 3, grams // 3, grams - 2 * (grams // 3) - 200]
    outputs = tuple(
        NewLot((Row(STURGEON, "CAV", tin, "GRM", "C", "CN"),), year=year) for tin in tins
    )
    waste = (Row(STURGEON, "CAV", 200, "GRM", "C", "CN"),)
    repacked = LotTransformed("repacking", {code: Part()}, outputs, waste=waste)
    done = yield from honest.act(packer, repacked)
    for i in range(2):
        yield dice.between(DAY_S, 20 * DAY_S)
        event = LotDeparted({done.code(i): Part()}, "retail", "FR")
        yield from honest.act(packer, event)


def antiques(honest: HonestWorld, number: int) -> Generator[int, None, None]:
    """Sell a cabinet with ivory inlay from dealer to dealer, each sale on its own registration."""
    dealer = honest.enrol("mayfair-antiques", "GB", "dealer")
    buyer = honest.enrol("bath-antiques", "GB", "dealer")
    made = f"{honest.dice.between(1820, 1946)}-01-01"
    name = _registered(honest, dealer, f"{number:04d}-1", made=made)
    new = NewLot((Row(ELEPHANT, "IVC", 1, "NAR", "O", "XX"),), documents=(name,))
    said = yield from honest.act(dealer, LotRegistered(Basis.ANTIQUE, (new,), made_before=made))
    yield honest.dice.between(DAY_S, 60 * DAY_S)
    code = yield from sell(honest, dealer, buyer, said.code())
    yield honest.dice.between(DAY_S, 60 * DAY_S)
    again = _registered(honest, buyer, f"{number:04d}-2", made=made)
    yield honest.dice.between(DAY_S, 3 * DAY_S)
    event = LotDeparted({code: Part()}, "retail", "GB", (again,))
    yield from honest.act(buyer, event)


def _registered(honest: HonestWorld, owner: str, number: str, *, made: str) -> str:
    """Register an item for one dealing by its owner (Ivory Act 2018, s.7); return the document."""
    name = f"GB/IVORY-REG/{number}"
    rows = (DocumentRow(ELEPHANT, "IVC", 1, "NAR", "O", "XX"),)
    share = honest.dice.between(1, 9)
    exemption = Exemption("s.7", made_before=made, share_percent=share)
    paper = Paper(holder=owner, rows=rows, exemption=exemption)
    honest.at_once(AUTHORITY["GB"], DocumentIssued(name, paper))
    return name
