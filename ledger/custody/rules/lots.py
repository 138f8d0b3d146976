"""Rules on lots: parts, borders, and how a lot ends.

Owns the checks of a lot's own life, and which checks each of its events has. Registration stands in
`registration`, transformation in `transformation`, measuring in `recounts`, the questions that all
movements share in `holding`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.goods import Part
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
    other_places,
    passing,
    percentages,
    places,
    placing,
    plots,
    quota_forms,
    quotas,
    recounts,
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
from ledger.custody.rules.control import codes_after
from ledger.custody.rules.days import day_of
from ledger.custody.rules.eggs import check_eggs
from ledger.custody.rules.entering import check_entered
from ledger.custody.rules.group_names import check_group_names
from ledger.custody.rules.holding import Right
from ledger.custody.rules.in_place import left_under
from ledger.custody.rules.origin_papers import check_origin_paper
from ledger.custody.rules.other_names import check_names
from ledger.custody.rules.passing import check_uses
from ledger.custody.rules.quota_forms import check_forms
from ledger.custody.rules.quotas import check_quotas
from ledger.custody.rules.recounts import check_found, check_measured
from ledger.custody.rules.registration import check_codes, check_registered
from ledger.custody.rules.seizing import check_marks, check_sold
from ledger.custody.rules.sturgeon import check_sturgeon
from ledger.custody.rules.suspensions import check_crossings
from ledger.custody.rules.tagging import check_kept, check_tagging
from ledger.custody.rules.telling import check_told
from ledger.custody.rules.transformation import check_transformed
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

WAYS_OUT = ("retail", "non-member", "abroad", "other-ledger")
ENDS = ("consumed", "destroyed", "died", "lost", "stolen")

RULES = (
    *holding.RULES,
    *registration.RULES,
    *transformation.RULES,
    *conversions.RULES,
    *passing.RULES,
    *places.RULES,
    *other_places.RULES,
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
    *recounts.RULES,
    Rule("lot.way", "refuse", "How a lot leaves or ends is one of the known ways."),
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
    day = day_of(signed)
    for code in event.lots:
        lot = draft.lot(code)
        if lot is not None and not leaving.may_enter(draft, lot, event.to_country, day=day):
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
