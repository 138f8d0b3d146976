"""Rules on lots: parts, measures, borders, and how a lot ends.

Owns the checks of a lot's own life. Registration stands in `registration`, transformation in
`transformation`, the questions that all movements share in `holding`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Check
from ledger.custody.goods import PIECES, Part, count, is_canonical, without
from ledger.custody.lots import (
    LotDeparted,
    LotExported,
    LotFound,
    LotImported,
    LotMeasured,
    LotRegistered,
    LotRetired,
    LotSplit,
    LotState,
    LotStatus,
    LotTransformed,
)
from ledger.custody.rules import (
    bans,
    certified,
    conversions,
    credits,
    dealing,
    entering,
    goods,
    group_names,
    holding,
    leaving,
    origin_papers,
    other_names,
    passing,
    percentages,
    places,
    placing,
    plots,
    quota_forms,
    quotas,
    registration,
    sizes,
    specimens,
    sturgeon,
    suspensions,
    telling,
    transformation,
    yields,
)
from ledger.custody.rules.bans import check_banned
from ledger.custody.rules.control import STOPS, codes_after
from ledger.custody.rules.days import day_of
from ledger.custody.rules.eggs import check_eggs
from ledger.custody.rules.entering import check_entered
from ledger.custody.rules.group_names import check_group_names
from ledger.custody.rules.holding import Right
from ledger.custody.rules.in_place import left_under
from ledger.custody.rules.measures import check_fit
from ledger.custody.rules.origin_papers import check_origin_paper
from ledger.custody.rules.other_names import check_names
from ledger.custody.rules.passing import check_uses
from ledger.custody.rules.quota_forms import check_forms
from ledger.custody.rules.quotas import check_quotas
from ledger.custody.rules.registration import check_codes, check_registered
from ledger.custody.rules.seizing import check_marks, check_sold
from ledger.custody.rules.sturgeon import check_sturgeon
from ledger.custody.rules.suspensions import check_crossings
from ledger.custody.rules.tagging import check_kept, check_tagging
from ledger.custody.rules.telling import check_told
from ledger.custody.rules.transformation import check_transformed
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

CAUSES = ("drying", "trimming", "stretch", "recount")
WAYS_OUT = ("retail", "non-member", "abroad", "other-ledger")
ENDS = ("consumed", "destroyed", "died", "lost", "stolen")
FINDABLE = frozenset({"lost", "stolen"})

RULES = (
    *holding.RULES,
    *registration.RULES,
    *transformation.RULES,
    *conversions.RULES,
    *passing.RULES,
    *places.RULES,
    *plots.RULES,
    *sizes.RULES,
    *yields.RULES,
    *certified.RULES,
    *credits.RULES,
    *percentages.RULES,
    *other_names.RULES,
    *quotas.RULES,
    *group_names.RULES,
    *quota_forms.RULES,
    *suspensions.RULES,
    *origin_papers.RULES,
    *sturgeon.RULES,
    *bans.RULES,
    *entering.RULES,
    *leaving.RULES,
    *telling.RULES,
    Rule("quantity.created", "refuse", "Nothing grows but what had been counted short."),
    Rule("quantity.rows", "refuse", "A measurement gives one quantity for each row."),
    Rule("quantity.pieces", "refuse", "Pieces change by a recount, not by drying or trimming."),
    Rule("quantity.missing", "check", "What a recount did not find is found, or explained."),
    Rule("measure.cause", "refuse", "A measurement says why: drying, trimming, stretch, recount."),
    Rule("measure.marks", "refuse", "A recount names the marks of the pieces that it misses."),
    Rule("lot.way", "refuse", "How a lot leaves or ends is one of the known ways."),
    Rule("lot.not-lost", "refuse", "Only what was lost, stolen or short is found."),
    Rule("border.country", "refuse", "A border lies between two countries."),
    Rule("border.elsewhere", "check", "Goods leave the country in which they were."),
    Rule("border.not-concerned", "refuse", "Holder, owner or receiver speak of a border crossing."),
)


def check_split(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a part cannot leave its lot."""
    event = signed.event
    if not isinstance(event, LotSplit):
        return
    yield from holding.check_held(signed, draft, event.lot)
    if event.part.is_whole:
        yield Refusal("quantity.part-is-all", {"lot": event.lot})
    yield from holding.check_part(draft, event.lot, event.part)
    yield from check_codes(signed, draft, count=1)


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
                same = (own.taxon, own.term, own.unit, own.source, own.origin)
                if same == (row.taxon, row.term, row.unit, row.source, row.origin):
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


def check_exported(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong or odd about an export: goods leave where they were, under a paper."""
    event = signed.event
    if not isinstance(event, LotExported):
        return
    yield from _check_crossing(signed, draft, lots=event.lots, document=event.document)
    yield from goods.check_country(draft, event.from_country)
    yield from goods.check_country(draft, event.to_country)
    if event.from_country == event.to_country:
        yield Refusal("border.country", {"country": event.to_country})
    day = day_of(signed)
    for code in event.lots:
        lot = draft.lot(code)
        if lot is None or leaving.told_afterwards(draft, lot, event, day=day):
            continue
        if not leaving.may_leave(draft, lot, event.from_country, day=day):
            yield Flag(Subject(Kind.LOT, code), "border.elsewhere", Severity.CHECK)


def check_imported(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about an import; the receiver of an open offer may state it too."""
    event = signed.event
    if not isinstance(event, LotImported):
        return
    yield from _check_crossing(signed, draft, lots=event.lots, document=event.document)
    yield from goods.check_country(draft, event.to_country)
    for code in event.lots:
        lot = draft.lot(code)
        if lot is not None and lot.country not in (None, event.to_country):
            yield Flag(Subject(Kind.LOT, code), "border.elsewhere", Severity.CHECK)


def check_departed(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why custody cannot end here: only who may sell lets goods go."""
    event = signed.event
    if not isinstance(event, LotDeparted):
        return
    if event.how not in WAYS_OUT:
        yield Refusal("lot.way", {"way": event.how})
    if event.country is not None:
        yield from goods.check_country(draft, event.country)
    elif event.how == "abroad":
        yield Refusal("border.country", {"country": ""})
    yield from goods.check_documents(draft, event.documents)
    yield from _check_parts(signed, draft, event.lots, right=Right.SELL)
    codes = codes_after(signed, event.lots)
    yield from dealing.check_dealt(signed, draft, codes)
    yield from leaving.check_left(signed, draft, codes)
    sales = draft.once(placing.departing, signed)
    if sales:
        yield from placing.check_placed(signed, draft, sales, codes)
    if event.how in dealing.SALES:
        yield from specimens.check_sold(draft, codes)


def check_retired(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why goods cannot end here; any holder may report a loss."""
    event = signed.event
    if not isinstance(event, LotRetired):
        return
    if event.why not in ENDS:
        yield Refusal("lot.way", {"way": event.why})
    right = Right.PROCESS if event.why == "consumed" else None
    yield from _check_parts(signed, draft, event.lots, right=right)


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


def _check_crossing(
    signed: Signed, draft: Draft, *, lots: tuple[str, ...], document: str
) -> Iterator[Refusal]:
    if not lots or len(set(lots)) != len(lots):
        yield Refusal("lot.none", {})
    if not _are_on_way(signed, draft, lots, document):
        yield from goods.check_documents(draft, (document,), passed=day_of(signed))
    for code in lots:
        refusal = holding.check_live(draft, code)
        if refusal is not None:
            yield refusal
        lot = draft.lot(code)
        if lot is None:
            continue
        if not _may_tell(signed, draft, lot):
            yield Refusal("border.not-concerned", {"lot": code, "party": signed.party})


def _may_tell(signed: Signed, draft: Draft, lot: LotState) -> bool:
    """Return whether the crossing of a lot is the signer's to tell."""
    stands = holding.on_offer(lot, at=signed.at)
    offer = draft.offer(lot.offer) if stands and lot.offer is not None else None
    receiver = offer.event.to if offer is not None else None
    if signed.party in (lot.holder, lot.owner, receiver):
        return True
    event = signed.event
    return isinstance(event, LotExported) and leaving.left_untold(
        draft, lot, event, party=signed.party
    )


def _are_on_way(signed: Signed, draft: Draft, lots: tuple[str, ...], document: str) -> bool:
    """Return whether all of the lots arrive now under the document under which they left."""
    arrives = isinstance(signed.event, LotImported)
    return arrives and bool(lots) and all(left_under(draft, code, document) for code in lots)


def _check_parts(
    signed: Signed, draft: Draft, lots: Mapping[str, Part], *, right: Right | None
) -> Iterator[Refusal]:
    if not lots:
        yield Refusal("lot.none", {})
    for code, part in sorted(lots.items()):
        yield from holding.check_held(signed, draft, code, right=right)
        yield from holding.check_part(draft, code, part)
    partial = sum(not part.is_whole for part in lots.values())
    yield from check_codes(signed, draft, count=partial)


_DECIDED: tuple[Check, ...] = (check_quotas, check_group_names, check_crossings, check_banned)
"""What authorities decided about trade: asked of all that is taken or crosses a border."""
CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    LotRegistered: (
        check_registered,
        check_tagging,
        check_uses,
        check_names,
        *_DECIDED,
        check_forms,
        check_eggs,
        check_sold,
        check_marks,
        check_kept,
        check_entered,
        check_told,
    ),
    LotSplit: (check_split,),
    LotMeasured: (check_measured,),
    LotTransformed: (check_transformed, check_tagging, check_kept, check_marks),
    LotExported: (
        check_exported,
        check_uses,
        check_names,
        *_DECIDED,
        check_forms,
        check_origin_paper,
        check_sturgeon,
        check_told,
    ),
    LotImported: (check_imported, check_uses, check_names, *_DECIDED, check_told),
    LotDeparted: (check_departed, check_banned, check_told),
    LotRetired: (check_retired,),
    LotFound: (check_found,),
}
