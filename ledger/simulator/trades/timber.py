"""Mahogany: felled on a plot in Peru, sawn, dried, packed and sold in the Netherlands."""

from __future__ import annotations

from collections.abc import Generator

from ledger.custody.certification import CertificateScope, ProductGroup
from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotMeasured,
    LotRegistered,
    LotTransformed,
)
from ledger.custody.subjects import Kind
from ledger.custody.transfers import ContainerOpened, ContainerPacked
from ledger.simulator.honest import AUTHORITY, HOUR_S, HonestWorld
from ledger.simulator.trades.moves import cross, false_alarm, rounded_up, sell
from ledger.simulator.trades.places import work_place
from ledger.simulator.trades.quotas import set_quotas
from ledger.simulator.world import DAY_S

TAXON = "Swietenia macrophylla"
CM3 = 1_000_000
CLAIM = "FSC 100%"


def timber(honest: HonestWorld, number: int) -> Generator[int, None, None]:
    """Take logs from a concession to an importer, measured again at each step."""
    dice = honest.dice
    plot = honest.enrol(f"tambo-plot-{number % 2}", "PE", "plot")
    mill = honest.enrol("iquitos-mill", "PE", "sawmill")
    dealer = honest.enrol("rotterdam-wood", "NL", "dealer")
    set_quotas(honest, "PE", TAXON, amount=900 * CM3, unit="CMQ", terms=("LOG", "SAW"))
    work_place(honest, f"{plot}/block", "plot", "PE")
    work_place(honest, f"{mill}/saw", "mill", "PE")
    while "02-01" <= honest.today(plot)[5:] <= "02-21":
        yield DAY_S
    volume = dice.between(8, 40) * CM3 + dice.between(0, 999) * 1_000
    logs = Row(TAXON, "LOG", volume, "CMQ", "W", "PE")
    new = NewLot((logs,), year=honest.year(plot), facility=f"{plot}/block", claim=CLAIM)
    felled = yield from honest.act(plot, LotRegistered(Basis.HARVEST, (new,)))
    yield dice.between(DAY_S, 10 * DAY_S)
    certificate = _certified(honest, plot, "PE")
    code = yield from sell(honest, plot, mill, felled.code(), documents=(certificate,))
    yield from false_alarm(honest, "PE", code)
    sawn, planks = yield from _sawn(honest, mill, code)
    yield dice.between(20 * DAY_S, 60 * DAY_S)
    dry = planks * dice.between(950, 990) // 1_000
    yield from honest.act(mill, LotMeasured(sawn, "drying", (dry,)))
    permit = f"PE/EXPORT/{honest.year(mill)}-{number:04d}"
    rows = (DocumentRow(TAXON, "SAW", rounded_up(honest, dry), "CMQ", "W", "PE"),)
    until = honest.today(mill, days=180)
    first = honest.today(mill)
    paper = Paper(holder=mill, from_day=first, until_day=until, issued_day=first, rows=rows)
    # The office in the forest signs on paper that day; its laptop finds a network later.
    left_s = honest.world.clock.now_s()
    yield from honest.act(AUTHORITY["PE"], DocumentIssued(permit, paper))
    ago_s = max(honest.world.clock.now_s() - left_s - HOUR_S, 0)
    yield from cross(honest, mill, LotExported((sawn,), permit, "PE", "NL"), ago_s=ago_s)
    sawn = yield from _shipped(honest, mill, dealer, sawn, number)
    yield dice.between(DAY_S, 30 * DAY_S)
    left = honest.lot(sawn).contents[0].quantity
    some = LotDeparted({sawn: Part(quantity=left // 3)}, "non-member", "NL")
    yield from honest.act(dealer, some)


def _sawn(honest: HonestWorld, mill: str, logs: str) -> Generator[int, None, tuple[str, int]]:
    row = honest.lot(logs).contents[0]
    planks = row.quantity * honest.dice.between(42, 54) // 100
    waste = Row(TAXON, "SAW", row.quantity * 5 // 100, "CMQ", "W", "PE")
    out = NewLot((Row(TAXON, "SAW", planks, "CMQ", "W", "PE"),), claim=CLAIM)
    event = LotTransformed("sawing", {logs: Part()}, (out,), waste=(waste,), facility=f"{mill}/saw")
    done = yield from honest.act(mill, event)
    return done.code(), planks


def _shipped(
    honest: HonestWorld, mill: str, dealer: str, sawn: str, number: int
) -> Generator[int, None, str]:
    """Sell it; half of the time in a container with seals, unpacked before the sale ends."""
    if honest.dice.chance(50):
        seals = MarkRange("SEAL", "CALLAO-", number + 1, number + 1, 6, "")
        packed = yield from honest.act(mill, ContainerPacked((sawn,), seals=(seals,)))
        yield honest.dice.between(DAY_S, 3 * DAY_S)
        yield from honest.act(mill, ContainerOpened(packed.code()))
    certificate = _certified(honest, mill, "PE")
    code = yield from sell(honest, mill, dealer, sawn, documents=(certificate,))
    return code


def _certified(honest: HonestWorld, party: str, country: str) -> str:
    """Have the party's chain-of-custody certificate entered, once; return its name."""
    name = f"{country}/FSC-COC/{party.upper()}"
    if honest.world.state(Kind.DOCUMENT, name) is None:
        scope = CertificateScope(groups=(ProductGroup("LOG"), ProductGroup("SAW")))
        first, last = honest.today(party), honest.today(party, days=5 * 365)
        paper = Paper(holder=party, from_day=first, until_day=last, scope=scope)
        honest.at_once(AUTHORITY[country], DocumentIssued(name, paper))
    return name
