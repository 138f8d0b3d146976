"""What measuring and finding do to the state: nothing is created, what was short comes back."""

from __future__ import annotations

from msgspec.structs import replace

from ledger.custody.effects.claims import move_marks
from ledger.custody.effects.moves import leave_offer, moved, with_marked, without_rule
from ledger.custody.goods import MarkRange, Row, compress, expand, without
from ledger.custody.lots import LotFound, LotMeasured, LotState, LotStatus
from ledger.custody.rules.lines import line_of
from ledger.custody.rules.recounts import is_waiting
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind

RECOUNTED = "recounted"


def measured(signed: Signed, draft: Draft) -> None:
    """Set new quantities. A recount remembers what it misses, and takes back what was short."""
    event = signed.event
    if not isinstance(event, LotMeasured):
        return
    leave_offer(draft, event.lot)
    lot = draft.lot(event.lot)
    if lot is None:
        return
    lacking, marks, gone = lot.lacking, without(lot.marks, event.missing), lot.lacking_marks
    if event.cause == "recount":
        change = zip(lot.contents, event.quantities, strict=True)
        grown = [quantity - row.quantity for row, quantity in change]
        lacking, back = _take_back(signed, draft, event.lot, lot, grown)
        if any(amount > 0 for amount in grown) and lot.marks:
            marks = _joined(marks, gone, back)
            gone = ()
        gone = _joined(gone, event.missing)
    contents = tuple(
        replace(row, quantity=quantity)
        for row, quantity in zip(lot.contents, event.quantities, strict=True)
    )
    lot = draft.lot(event.lot) or lot
    findings = lot.findings if any(lacking) else without_rule(lot.findings, "quantity.missing")
    state = moved(
        signed,
        lot,
        contents=contents,
        also=event.also,
        marks=marks,
        lacking=lacking if any(lacking) else (),
        lacking_marks=gone,
        findings=findings,
    )
    draft.put(Kind.LOT, event.lot, state)


def found(signed: Signed, draft: Draft) -> None:
    """Bring a lost lot back to life, or what was short or not found in a count."""
    event = signed.event
    lot = draft.lot(event.lot) if isinstance(event, LotFound) else None
    if not isinstance(event, LotFound) or lot is None:
        return
    leave_offer(draft, event.lot)
    lot = draft.lot(event.lot) or lot
    lacking = lot.lacking or (0,) * len(lot.contents)
    contents = tuple(
        replace(row, quantity=row.quantity + more)
        for row, more in zip(lot.contents, lacking, strict=True)
    )
    if lot.status is LotStatus.RETIRED:
        contents, lacking_left, gone = lot.contents, lot.lacking, lot.lacking_marks
        marks = lot.marks
    else:
        lacking_left, gone = (), ()
        marks = _joined(lot.marks, lot.lacking_marks)
    rules = () if lacking_left else ("quantity.missing",)
    state = moved(
        signed,
        lot,
        status=LotStatus.LIVE,
        how=None,
        ended_at=None,
        contents=contents,
        marks=marks,
        lacking=lacking_left,
        lacking_marks=gone,
        findings=without_rule(lot.findings, "transfer.short", *rules),
    )
    draft.put(Kind.LOT, event.lot, state)


def _take_back(
    signed: Signed, draft: Draft, code: str, lot: LotState, grown: list[int]
) -> tuple[tuple[int, ...], tuple[MarkRange, ...]]:
    """Return what the lot lacks after a recount, and the marks that came back with it.

    What it finds comes out of what it lacked first, then out of the lots that did not arrive.
    """
    lacking = list(lot.lacking or (0,) * len(lot.contents))
    back: list[MarkRange] = []
    for i, amount in enumerate(grown):
        if amount <= 0:
            lacking[i] -= amount
            continue
        own = min(lacking[i], amount)
        lacking[i] -= own
        for short in lot.missing:
            if amount > own:
                most = amount - own
                taken, marks = _draw(signed, draft, short, row=lot.contents[i], most=most, to=code)
                own += taken
                back += marks
    return tuple(lacking), compress(set(expand(back)))


def _draw(
    signed: Signed, draft: Draft, code: str, *, row: Row, most: int, to: str
) -> tuple[int, tuple[MarkRange, ...]]:
    """Take up to `most` of a row out of a lot that did not arrive; return how much, which marks."""
    short = draft.lot(code)
    if short is None or not is_waiting(short):
        return 0, ()
    taken = 0
    left: list[Row] = []
    for other in short.contents:
        amount = min(other.quantity, most - taken) if line_of(other) == line_of(row) else 0
        taken += amount
        left.append(replace(other, quantity=other.quantity - amount))
    rest = tuple(other for other in left if other.quantity)
    if rest:
        draft.put(Kind.LOT, code, replace(short, contents=rest, also=()))
        return taken, ()
    left_over = without_rule(short.findings, "transfer.short")
    ended = replace(
        short,
        status=LotStatus.USED,
        how=RECOUNTED,
        ended_at=signed.at,
        findings=tuple(f for f in left_over if not f.marks),
    )
    draft.put(Kind.LOT, code, ended)
    move_marks(draft, short.marks, of=code, to=to)
    lot = draft.lot(to)
    if lot is not None:
        # What was found about a mark goes with it: missing it for a while settles nothing.
        about = tuple(f for f in left_over if f.marks)
        draft.put(Kind.LOT, to, replace(lot, findings=with_marked(lot.findings, about)))
    return taken, short.marks


def _joined(*ranges: tuple[MarkRange, ...]) -> tuple[MarkRange, ...]:
    return compress({name for some in ranges for name in expand(some)})
