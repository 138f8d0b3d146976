"""Crocodile skins: farmed in Zimbabwe, tagged, tanned in Italy, sewn in France, sold, returned."""

from __future__ import annotations

from collections.abc import Generator

from msgspec.structs import replace

from ledger.custody.control import StatementCorrected
from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.custody.goods import MarkRange, NewLot, Part, Row, compress, expand
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotImported,
    LotMeasured,
    LotRegistered,
    LotSplit,
    LotTransformed,
)
from ledger.custody.parties import ApprovalGiven
from ledger.simulator.honest import AUTHORITY, HOUR_S, OFFICER, HonestWorld, Said
from ledger.simulator.trades.marks import allot, give_back, replaced
from ledger.simulator.trades.moves import cross, false_alarm, sell
from ledger.simulator.trades.places import farm_place
from ledger.simulator.world import DAY_S

TAXON = "Crocodylus niloticus"
SPARE = 5
"""Tags that a bale gets above its skins; the farm gives them back."""


def crocodiles(honest: HonestWorld, number: int) -> Generator[int, None, None]:
    """Take one bale of tagged skins from a farm to a shop, with what goes wrong on the way."""
    dice = honest.dice
    farm = honest.enrol(f"kariba-farm-{number % 3}", "ZW", "farm")
    tannery = honest.enrol(f"arno-tannery-{number % 2}", "IT", "tannery")
    maker = honest.enrol("rue-maker", "FR", "maker", "retailer")
    farm_place(honest, farm, "pens", country="ZW", taxon=TAXON)
    skins = dice.between(20, 60)
    year = honest.year(farm)
    bale = yield from _registered(honest, farm, skins, number, year)
    name = f"{year}-{number:04d}"
    permit = _export_permit(honest, farm, skins, f"ZW/EXPORT/{name}")
    import_permit = _import_permit(honest, tannery, skins, f"IT/IMPORT/{name}")
    yield dice.between(DAY_S, 20 * DAY_S)
    yield from false_alarm(honest, "ZW", bale)
    yield from cross(honest, farm, LotExported((bale,), permit, "ZW", "IT"))
    yield from sell(honest, farm, tannery, bale)
    yield from cross(honest, tannery, LotImported((bale,), import_permit, "IT"))
    if dice.chance(30):
        yield from _counted(honest, tannery, bale)
    yield dice.between(10 * DAY_S, 40 * DAY_S)
    if dice.chance(15):
        yield from replaced(honest, tannery, bale, country="IT")
    leather = yield from _tanned(honest, tannery, bale)
    yield dice.between(DAY_S, 10 * DAY_S)
    yield from _sewn(honest, tannery, maker, leather)


def _registered(
    honest: HonestWorld, farm: str, skins: int, number: int, year: int
) -> Generator[int, None, str]:
    tags = MarkRange("CROC", f"ZW-{year}-", number * 100 + 1, number * 100 + skins, 6, "-NIL")
    spare = replace(tags, first=tags.last + 1, last=tags.last + SPARE)
    late_s = honest.dice.between(0, 4 * DAY_S) if honest.dice.chance(20) else 0
    honest.start(allot(honest, farm, replace(tags, last=spare.last), year=year, late_s=late_s))
    yield DAY_S
    row = Row(TAXON, "SKI", skins, "NAR", "C", "ZW")
    slip = honest.dice.chance(15)
    lot = NewLot((row,), marks=(tags,), year=year - 1 if slip else year, facility=f"{farm}/pens")
    said: Said = yield from honest.act(farm, LotRegistered(Basis.BRED, (lot,)))
    bale = said.code()
    honest.start(give_back(honest, farm, spare, year=year), in_s=honest.dice.between(5, 60) * DAY_S)
    if slip:
        yield honest.dice.between(HOUR_S, DAY_S)
        wrong_year = StatementCorrected(said.id, bale, "wrong year typed", year=year)
        asked = yield from honest.act(farm, wrong_year)
        yield honest.dice.between(HOUR_S, DAY_S)
        honest.at_once(OFFICER["ZW"], ApprovalGiven(asked.id))
    return bale


def _export_permit(honest: HonestWorld, farm: str, skins: int, name: str) -> str:
    """Issue an export permit, now and then with a row for other goods too."""
    rows = (DocumentRow(TAXON, "SKI", skins, "NAR", "C", "ZW"),)
    other = DocumentRow(TAXON, "BEL", 5, "NAR", "C", "ZW")
    paper = Paper(
        holder=farm,
        from_day=honest.today(farm),
        until_day=honest.today(farm, days=180),
        rows=(*rows, other) if honest.dice.chance(30) else rows,
        purpose="T",
        from_country="ZW",
        to_country="IT",
    )
    honest.at_once(AUTHORITY["ZW"], DocumentIssued(name, paper))
    return name


def _import_permit(honest: HonestWorld, tannery: str, skins: int, name: str) -> str:
    paper = Paper(
        holder=tannery,
        from_day=honest.today(tannery),
        until_day=honest.today(tannery, days=365),
        rows=(DocumentRow(TAXON, "SKI", skins, "NAR", "C", "ZW"),),
        purpose="T",
        from_country="ZW",
        to_country="IT",
    )
    honest.at_once(AUTHORITY["IT"], DocumentIssued(name, paper))
    return name


def _counted(honest: HonestWorld, tannery: str, bale: str) -> Generator[int, None, None]:
    """Miss a skin at the yearly count, and find it at the next."""
    lot = honest.lot(bale)
    skins = lot.contents[0].quantity
    gone = compress([honest.dice.choice(expand(lot.marks))])
    missed = LotMeasured(bale, "recount", (skins - 1,), missing=gone)
    yield from honest.act(tannery, missed)
    yield honest.dice.between(DAY_S, 5 * DAY_S)
    yield from honest.act(tannery, LotMeasured(bale, "recount", (skins,)))


def _tanned(honest: HonestWorld, tannery: str, bale: str) -> Generator[int, None, str]:
    lot = honest.lot(bale)
    row = lot.contents[0]
    out = NewLot((row,), marks=lot.marks, year=lot.year)
    done = yield from honest.act(tannery, LotTransformed("tanning", {bale: Part()}, (out,)))
    return done.code()


def _sewn(
    honest: HonestWorld, tannery: str, maker: str, leather: str
) -> Generator[int, None, None]:
    lot = honest.lot(leather)
    tags = expand(lot.marks)
    first = compress(tags[: len(tags) // 2])
    half = yield from sell(honest, tannery, maker, leather, part=Part(marks=first))
    yield honest.dice.between(5 * DAY_S, 30 * DAY_S)
    skins = honest.lot(half).contents[0]
    bags = Row(TAXON, "LPS", skins.quantity * 2, "NAR", "C", "ZW")
    done = yield from honest.act(
        maker, LotTransformed("sewing", {half: Part()}, (NewLot((bags,)),))
    )
    one = yield from honest.act(maker, LotSplit(done.code(), Part(quantity=1)))
    sold = LotDeparted({one.code(): Part()}, "retail", "FR")
    yield from honest.act(maker, sold)
    if honest.dice.chance(20):
        yield honest.dice.between(DAY_S, 14 * DAY_S)
        back = NewLot(honest.lot(one.code()).contents)
        again = LotRegistered(Basis.RE_ENTRY, (back,), reference=one.code())
        yield from honest.act(maker, again)
