"""What all honest trades do: sell with a count that may be short, dispatch, cross a border.

Owns the slips that belong to moving goods: a piece that was miscounted and is found by a recount, a
lorry that is late or turns back, an offer for the wrong price, a false alarm at the road.
"""

from __future__ import annotations

from collections.abc import Generator

from ledger.custody.control import FindingClosed, LotHeld, LotInspected, LotReleased
from ledger.custody.documents import DocumentEndorsed, Passed, Way
from ledger.custody.goods import PIECES, Part, compress, expand
from ledger.custody.lots import LotExported, LotImported, LotMeasured, LotState
from ledger.custody.subjects import Severity
from ledger.custody.transfers import (
    Moves,
    Short,
    TransferAccepted,
    TransferDeclined,
    TransferDispatched,
    TransferOffered,
    TransferWithdrawn,
)
from ledger.simulator.honest import HOUR_S, OFFICER, HonestWorld
from ledger.simulator.world import DAY_S

Moved = Generator[int, None, str]
"""A move of goods, which ends with the code that the receiver has."""


def cross(
    honest: HonestWorld, trader: str, event: LotExported | LotImported, *, ago_s: int = 0
) -> Generator[int, None, None]:
    """Pass a border `ago_s` ago: the trader's word and the officer's, either first, days apart.

    The officer weighs and measures with another scale, and now and then enters the stamp of that
    day some weeks later.
    """
    leaves = isinstance(event, LotExported)
    country = event.from_country if isinstance(event, LotExported) else event.to_country
    code, officer = event.lots[0], OFFICER[country]
    quantity = _measured(honest, code)
    way = Way.EXPORT if leaves else Way.IMPORT
    seen = DocumentEndorsed(event.document, way, country, (Passed(0, quantity, code),), "the port")
    said = honest.sign(trader, event, ago_s=ago_s)
    if honest.dice.chance(30):
        honest.at_once(officer, seen, ago_s=ago_s)
        yield honest.dice.between(HOUR_S, 70 * HOUR_S)
        honest.send(trader, event, said)
        return
    honest.send(trader, event, said)
    later_s = honest.dice.between(HOUR_S, (25 if honest.dice.chance(5) else 3) * DAY_S)
    yield later_s
    honest.at_once(officer, seen, ago_s=ago_s + later_s)


def _measured(honest: HonestWorld, code: str) -> int:
    """Return what an officer reads of a lot: pieces exactly, the rest within half a percent."""
    row = honest.lot(code).contents[0]
    if row.unit == PIECES:
        return row.quantity
    return row.quantity * honest.dice.between(9_950, 10_050) // 10_000


def rounded_up(honest: HonestWorld, quantity: int) -> int:
    """Return what a permit is asked for: mostly a little more than there is, sometimes that."""
    return quantity + (quantity // 50 if honest.dice.chance(90) else 0)


def sell(
    honest: HonestWorld,
    sender: str,
    receiver: str,
    code: str,
    *,
    part: Part | None = None,
    moves: Moves = Moves.BOTH,
    allows: tuple[str, ...] = (),
    documents: tuple[str, ...] = (),
) -> Moved:
    """Offer, dispatch and accept; return the code of what the receiver then has."""
    dice = honest.dice
    if dice.chance(5) and moves is Moves.BOTH:
        yield from _thought_better(honest, sender, receiver, code)
    expires = honest.world.clock.now_s() + 30 * DAY_S
    lots = {code: part or Part()}
    offer = TransferOffered(receiver, moves, expires, lots=lots, allows=allows, documents=documents)
    offered = yield from honest.act(sender, offer)
    yield dice.between(HOUR_S, DAY_S)
    travel_s = dice.between(DAY_S, 5 * DAY_S)
    if moves is not Moves.TITLE:
        due = honest.world.clock.now_s() + 7 * DAY_S
        yield from honest.act(sender, TransferDispatched(offered.id, due))
        yield travel_s
    short = _miscounted(honest, code) if part is None and moves is Moves.BOTH else {}
    accepted = yield from honest.act(receiver, TransferAccepted(offered.id, short))
    if short:
        yield dice.between(HOUR_S, 2 * DAY_S)
        yield from _recounted(honest, receiver, code)
    return code if part is None else accepted.code(0)


def _thought_better(
    honest: HonestWorld, sender: str, receiver: str, code: str
) -> Generator[int, None, None]:
    """Make an offer that comes to nothing: its sender takes it back, or it is declined."""
    expires = honest.world.clock.now_s() + 30 * DAY_S
    offer = TransferOffered(receiver, Moves.BOTH, expires, lots={code: Part()})
    wrong = yield from honest.act(sender, offer)
    yield honest.dice.between(HOUR_S, DAY_S)
    if honest.dice.chance(50):
        yield from honest.act(sender, TransferWithdrawn(wrong.id, "wrong price"))
    else:
        yield from honest.act(receiver, TransferDeclined(wrong.id, "wrong price"))


def _miscounted(honest: HonestWorld, code: str) -> dict[str, Short]:
    """Return that a piece or two seem not to have arrived, in one of ten sales."""
    lot = honest.lot(code)
    row = lot.contents[0]
    if row.unit != PIECES or row.quantity < 5 or not honest.dice.chance(10):
        return {}
    if not lot.marks:
        return {code: Short(quantity=honest.dice.between(1, 2))}
    return {code: Short(marks=compress([honest.dice.choice(expand(lot.marks))]))}


def _recounted(honest: HonestWorld, receiver: str, code: str) -> Generator[int, None, None]:
    """Count again: the missing pieces were under the others."""
    lot = honest.lot(code)
    missing = sum(honest.lot(short).contents[0].quantity for short in lot.missing)
    found = (lot.contents[0].quantity + missing,)
    yield from honest.act(receiver, LotMeasured(code, "recount", found))


def false_alarm(honest: HonestWorld, country: str, code: str) -> Generator[int, None, None]:
    """Let an officer look at goods, now and then hold them, and let them go again."""
    officer = OFFICER[country]
    honest.at_once(officer, LotInspected((code,), "matches"))
    if not honest.dice.chance(25):
        return
    honest.at_once(officer, LotHeld({code: Part()}, "papers are not at hand"))
    yield honest.dice.between(HOUR_S, 2 * DAY_S)
    honest.at_once(officer, LotReleased((code,), "papers were shown"))


def settle(honest: HonestWorld, country: str, code: str, *rules: str) -> None:
    """Let an officer who looked into it close the checks of these rules on a lot."""
    lot: LotState = honest.lot(code)
    for finding in lot.findings:
        if finding.rule in rules and finding.severity is Severity.CHECK:
            event = FindingClosed(f"lot/{code}", finding.rule, finding.cause, "looked into")
            honest.at_once(OFFICER[country], event)
