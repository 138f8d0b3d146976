"""Rules on measuring and finding: nothing is created, what was short or lost may come back.

Owns why a new quantity cannot be, and what a recount may find again.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ledger.custody.goods import PIECES, count, is_canonical, without
from ledger.custody.lots import LotFound, LotMeasured, LotState, LotStatus
from ledger.custody.rules import goods, holding
from ledger.custody.rules.control import STOPS
from ledger.custody.rules.holding import Right
from ledger.custody.rules.lines import line_of
from ledger.custody.rules.measures import check_fit
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

CAUSES = ("drying", "trimming", "stretch", "recount")
FINDABLE = frozenset({"lost", "stolen"})

RULES = (
    Rule("quantity.created", "refuse", "Nothing grows but what had been counted short."),
    Rule("quantity.rows", "refuse", "A measurement gives one quantity for each row."),
    Rule("quantity.pieces", "refuse", "Pieces change by a recount, not by drying or trimming."),
    Rule("quantity.missing", "check", "What a recount did not find is found, or explained."),
    Rule("measure.cause", "refuse", "A measurement says why: drying, trimming, stretch, recount."),
    Rule("measure.marks", "refuse", "A recount names the marks of the pieces that it misses."),
    Rule("lot.not-lost", "refuse", "Only what was lost, stolen or short is found."),
)


def check_measured(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why new quantities cannot be: only a recount changes pieces or finds what was short."""
    event = signed.event
    if not isinstance(event, LotMeasured):
        return
    recount = event.cause == "recount"
    right = None if recount else Right.PROCESS
    yield from holding.check_held(signed, draft, event.lot, right=right)
    lot = draft.lot(event.lot)
    if lot is None:
        return
    if event.cause not in CAUSES:
        yield Refusal("measure.cause", {"cause": event.cause})
    if len(event.quantities) != len(lot.contents):
        yield Refusal("quantity.rows", {"lot": event.lot, "rows": len(lot.contents)})
        return
    yield from goods.check_measures(event.also)
    if event.also:
        pairs = zip(lot.contents, event.quantities, strict=True)
        rows = tuple(replace(row, quantity=quantity) for row, quantity in pairs)
        yield from check_fit(draft.tables, rows=rows, also=event.also, code=event.lot)
    yield from _check_growth(draft, lot, event)
    yield from _check_missing_marks(lot, event)
    pairs = zip(lot.contents, event.quantities, strict=True)
    if recount and any(quantity < row.quantity for row, quantity in pairs):
        yield Flag(Subject(Kind.LOT, event.lot), "quantity.missing", Severity.CHECK)


def findable(draft: Draft, lot: LotState) -> tuple[int, ...]:
    """Return for each row how much a recount may find again: what it lacks, or came short."""
    found = list(lot.lacking or (0,) * len(lot.contents))
    for code in lot.missing:
        short = draft.lot(code)
        if short is None or not is_waiting(short):
            continue
        for row in short.contents:
            for i, own in enumerate(lot.contents):
                if line_of(own) == line_of(row):
                    found[i] += row.quantity
                    break
    return tuple(found)


def is_waiting(short: LotState) -> bool:
    """Return whether a lot that did not arrive is still waited for: nobody moved it since.

    What an officer holds was found by him: no recount takes it out of his hold.
    """
    untouched = short.head.startswith(short.birth) and short.container is None
    is_held = any(finding.rule in STOPS for finding in short.findings)
    return came_short(short) and untouched and not is_held and short.status is LotStatus.LIVE


def came_short(lot: LotState) -> bool:
    """Return whether the lot is what did not arrive, and nobody said yet where it is."""
    return any(finding.rule == "transfer.short" for finding in lot.findings)


def check_found(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the lot cannot be found: it was never lost, or is not the signer's to find."""
    event = signed.event
    if not isinstance(event, LotFound):
        return
    lot = draft.lot(event.lot)
    if lot is None:
        yield Refusal("lot.unknown", {"lot": event.lot})
        return
    if lot.holder != signed.party:
        yield Refusal("custody.not-holder", {"lot": event.lot, "party": signed.party})
    lost = lot.status is LotStatus.RETIRED and lot.how in FINDABLE
    short = lot.status is LotStatus.LIVE and (came_short(lot) or any(lot.lacking))
    if not lost and not short:
        yield Refusal("lot.not-lost", {"lot": event.lot, "status": lot.status.value})
    if not lost and holding.on_offer(lot, at=signed.at):
        yield Refusal("transfer.open-offer", {"lot": event.lot})


def _check_growth(draft: Draft, lot: LotState, event: LotMeasured) -> Iterator[Refusal]:
    again = findable(draft, lot) if event.cause == "recount" else (0,) * len(lot.contents)
    grown = 0
    for row, quantity, found in zip(lot.contents, event.quantities, again, strict=True):
        if quantity < 1:
            yield Refusal("quantity.zero", {"lot": event.lot, "quantity": quantity})
        if quantity > row.quantity + found:
            largest = row.quantity + found
            yield Refusal("quantity.created", {"lot": event.lot, "largest": largest})
        if quantity != row.quantity and row.unit == PIECES and event.cause != "recount":
            yield Refusal("quantity.pieces", {"lot": event.lot, "cause": event.cause})
        grown += max(quantity - row.quantity, 0)
    # Marked pieces come back with their marks, all that were missing at once.
    if lot.marks and grown not in (0, sum(again)):
        yield Refusal("measure.marks", {"lot": event.lot})


def _check_missing_marks(lot: LotState, event: LotMeasured) -> Iterator[Refusal]:
    if event.missing and not is_canonical(event.missing):
        yield Refusal("measure.marks", {"lot": event.lot})
        return
    if without(event.missing, lot.marks):
        yield Refusal("mark.not-here", {"lot": event.lot})
    pairs = zip(lot.contents, event.quantities, strict=True)
    fewer = sum(max(r.quantity - quantity, 0) for r, quantity in pairs if r.unit == PIECES)
    by_piece = any(row.unit == PIECES for row in lot.contents)
    if event.missing and event.cause != "recount":
        yield Refusal("measure.marks", {"lot": event.lot})
    if lot.marks and by_piece and fewer != count(event.missing):
        yield Refusal("measure.marks", {"lot": event.lot})
