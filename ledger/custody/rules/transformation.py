"""Rules on transformation: inputs that the signer may use up become outputs that they can yield.

Owns the checks of LotTransformed; the arithmetic stands in `conversions`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.goods import Row, expand
from ledger.custody.lots import LotTransformed
from ledger.custody.rules import (
    certified,
    conversions,
    credits,
    eggs,
    goods,
    holding,
    marks,
    other_places,
    percentages,
    places,
    sizes,
    yields,
)
from ledger.custody.rules.holding import Right, drawn_goods
from ledger.custody.rules.registration import LOTS_MAX, check_codes
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

_PROCESS_MAX = 64

RULES = (
    Rule("transform.empty", "refuse", "A transformation has inputs and outputs."),
    Rule("transform.process", "refuse", "A transformation names its process."),
    Rule("transform.claim", "check", "A claim comes out where it went in, on every input."),
    Rule("transform.owners", "refuse", "Goods of several owners are not made into one."),
)


def check_transformed(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong or odd about a transformation.

    (1) inputs are the signer's to process, (2) outputs are sound lots, (3) no more comes out than
    went in, (4) the place may do it, and its sums stay usual, (5) marks move along or are claimed.
    """
    event = signed.event
    if not isinstance(event, LotTransformed):
        return
    if not event.inputs or not event.outputs:
        yield Refusal("transform.empty", {})
    if len(event.outputs) > LOTS_MAX:
        yield Refusal("lot.too-many", {"lots": len(event.outputs), "lots_max": LOTS_MAX})
    if not 0 < len(event.process) <= _PROCESS_MAX:
        yield Refusal("transform.process", {})
    for code, part in sorted(event.inputs.items()):
        yield from holding.check_held(signed, draft, code, right=Right.PROCESS)
        yield from holding.check_part(draft, code, part)
    yield from _check_owners(draft, event)
    yield from goods.check_facility(signed, draft, event.facility)
    yield from check_codes(signed, draft, count=len(event.outputs))
    for i, lot in enumerate(event.outputs):
        code = signed.code_of(i)
        yield from marks.check_form(lot.marks)
        yield from _essential(goods.check_new_lot(signed, draft, lot=lot, code=code))
        yield from marks.check_count(rows=lot.contents, also=lot.also, marks=lot.marks, code=code)
    yield from _check_balance(signed, draft, event)
    work = draft.once(yields.work_of, signed)
    if work is not None:
        yield from places.check_work(signed, draft, work)
    made = work.made if work is not None else yields.made_of(draft, event)
    place = work.place if work is not None else None
    codes = tuple(signed.code_of(i) for i in range(len(event.outputs)))
    yield from other_places.check_beside(signed, draft, place=place, made=made, codes=codes)
    yield from yields.check_runs(signed, draft)
    yield from sizes.check_sizes(signed, draft)
    yield from eggs.check_hatched(signed, draft)
    yield from certified.check_transformed_claims(signed, draft)
    yield from credits.check_postings(signed, draft)
    yield from percentages.check_portions(signed, draft)
    claims = {signed.code_of(i): lot.marks for i, lot in enumerate(event.outputs)}
    drawn = [name for goods_in in drawn_goods(draft, event) for name in expand(goods_in.marks)]
    yield from marks.check_claims(draft, claims, party=signed.party, carried=drawn)


def _check_owners(draft: Draft, event: LotTransformed) -> Iterator[Refusal]:
    lots = [draft.lot(code) for code in sorted(event.inputs)]
    owners = {lot.owner for lot in lots if lot is not None}
    if len(owners) > 1:
        yield Refusal("transform.owners", {"owners": ", ".join(sorted(owners))})


def _check_balance(signed: Signed, draft: Draft, event: LotTransformed) -> Iterator[Remark]:
    rows: tuple[Row, ...] = tuple(row for g in drawn_goods(draft, event) for row in g.contents)
    for row in event.waste:
        if row.quantity < 1:
            yield Refusal("quantity.zero", {"quantity": row.quantity})
    outputs = tuple(lot.contents for lot in event.outputs)
    found = conversions.balance(draft.tables, inputs=rows, outputs=outputs, waste=event.waste)
    for remark in found:
        if isinstance(remark, Refusal):
            yield remark
            continue
        lot = Subject(Kind.LOT, signed.code_of(remark.place))
        yield Flag(lot, remark.rule, Severity.CHECK)


def _essential(remarks: Iterator[Remark]) -> Iterator[Remark]:
    """Leave out what already stands on the inputs: an odd origin or source is said once."""
    for remark in remarks:
        if isinstance(remark, Refusal) or remark.rule.startswith(("pair.", "quantity.")):
            yield remark
