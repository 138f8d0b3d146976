"""Rules on registration: on which basis goods may enter the ledger, one rule row each.

Owns what each basis demands of facility, source, papers and signer. Sources: CITES Res. Conf. 10.16
and 11.16 (bred, ranched), 13.6 (pre-Convention); Ivory Act 2018 (3 March 1947); docs/rules.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from ledger.custody.goods import NewLot, expand
from ledger.custody.lots import RETURNED, Basis, LotRegistered, LotState, LotStatus
from ledger.custody.rules import certified, goods, marks, places, plots, sizes, stocks
from ledger.custody.rules.offices import TRADERS, has_role
from ledger.custody.rules.places import Work
from ledger.custody.rules.references import filed_under
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

LOTS_MAX = 1_000
"""The most lots born in one statement."""
ANTIQUE_DAY = "1947-03-03"
"""Worked items are antiques where they were made before this day."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SOURCES: Mapping[Basis, frozenset[str]] = {
    Basis.HARVEST: frozenset("WXUAY"),
    Basis.BRED: frozenset("CDFRAY"),
    Basis.STATE_SALE: frozenset("I"),
}
_PLACES: Mapping[Basis, frozenset[str]] = {
    Basis.HARVEST: frozenset({"plot", "plant"}),
    Basis.BRED: frozenset({"farm", "ranch", "plot", "plant"}),
}
_REFERRING = frozenset({Basis.OTHER_LEDGER, Basis.RE_ENTRY, Basis.STATE_SALE})

RULES = (
    Rule("lot.none", "refuse", "A statement that brings lots to life has at least one."),
    Rule("lot.too-many", "refuse", "A statement brings at most 1,000 lots to life."),
    Rule("lot.code-taken", "refuse", "A code is given once, to one lot or container."),
    Rule("basis.field", "refuse", "A field that belongs to another basis is left out."),
    Rule("basis.source", "refuse", "The source of the goods fits the basis."),
    Rule("basis.harvest", "refuse", "Harvested plants come from a plot of the signer."),
    Rule("basis.bred", "refuse", "Bred goods come from a farm or ranch of the signer."),
    Rule("basis.opening-stock", "refuse", "A party declares its opening stock once."),
    Rule("basis.not-attested", "check", "Opening stock waits until an officer has seen it."),
    Rule("basis.import", "refuse", "Imported goods name their document."),
    Rule("basis.other-ledger", "refuse", "Goods of another ledger name a document or reference."),
    Rule("basis.re-entry", "refuse", "What comes back had left, names how, and comes back once."),
    Rule("basis.other-hands", "check", "What comes back comes by the party that let it go."),
    Rule("basis.state-sale", "refuse", "Only an authority sells what a State confiscated."),
    Rule("basis.antique", "refuse", "An antique was made before 3 March 1947 and has papers."),
    Rule("custody.not-a-trader", "refuse", "Who registers goods has a role that handles goods."),
)


def check_registered(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield all that is wrong or odd about a registration, in the order of docs/rules.md.

    (1) who, and how many; (2) each lot by itself; (3) its basis; (4) the marks of all together; (5)
    the stocks and places that they come from.
    """
    event = signed.event
    if not isinstance(event, LotRegistered):
        return
    if event.basis is not Basis.STATE_SALE and not has_role(draft, signed.party, TRADERS):
        yield Refusal("custody.not-a-trader", {"party": signed.party})
    yield from check_births(count=len(event.lots))
    codes = tuple(signed.code_of(i) for i in range(len(event.lots)))
    yield from _check_free(draft, codes)
    for code, lot in zip(codes, event.lots, strict=True):
        yield from marks.check_form(lot.marks)
        yield from goods.check_new_lot(signed, draft, lot=lot, code=code)
        yield from marks.check_count(rows=lot.contents, also=lot.also, marks=lot.marks, code=code)
    yield from certified.check_form(draft.tables, event.lots)
    yield from _check_fields(event)
    yield from _check_sources(event)
    yield from _BASIS_CHECKS[event.basis](signed, draft, event)
    claims = {code: lot.marks for code, lot in zip(codes, event.lots, strict=True) if lot.marks}
    back = returning(event, draft)
    carried = expand(back.marks) if back else ()
    yield from marks.check_claims(draft, claims, party=signed.party, carried=carried)
    yield from stocks.check_taken(signed, draft)
    yield from sizes.check_sizes(signed, draft)
    yield from plots.check_harvests(signed, draft)
    yield from plots.check_planted(signed, draft)
    for work in draft.once(works_of, signed):
        yield from places.check_work(signed, draft, work)


def works_of(signed: Signed, draft: Draft) -> tuple[Work, ...]:
    """Return what a registration says was grown or taken at which place, sorted by place."""
    event = signed.event
    if not isinstance(event, LotRegistered) or event.basis not in _PLACES:
        return ()
    codes: dict[str, list[str]] = {}
    made: dict[str, Counter[places.Product]] = {}
    planted: dict[str, Counter[places.Product]] = {}
    for i, lot in enumerate(event.lots):
        if lot.facility is not None and draft.facility(lot.facility) is not None:
            codes.setdefault(lot.facility, []).append(signed.code_of(i))
            here = made.setdefault(lot.facility, Counter())
            grown = planted.setdefault(lot.facility, Counter())
            for row in lot.contents:
                here[row.term, row.unit] += row.quantity
                if row.source in plots.PLANTED_SOURCES:
                    grown[row.term, row.unit] += row.quantity
    return tuple(
        Work(name, tuple(codes[name]), made[name], planted[name]) for name in sorted(codes)
    )


def check_births(*, count: int) -> Iterator[Refusal]:
    """Yield a refusal unless `count` lots may be born in one statement."""
    if count < 1:
        yield Refusal("lot.none", {})
    if count > LOTS_MAX:
        yield Refusal("lot.too-many", {"lots": count, "lots_max": LOTS_MAX})


def check_codes(signed: Signed, draft: Draft, *, count: int) -> Iterator[Refusal]:
    """Yield a refusal for each of the first `count` codes born here that is taken."""
    yield from _check_free(draft, tuple(signed.code_of(i) for i in range(count)))


def _check_free(draft: Draft, codes: tuple[str, ...]) -> Iterator[Refusal]:
    for code in codes:
        if draft.lot(code) is not None or draft.container(code) is not None:
            yield Refusal("lot.code-taken", {"lot": code})


def returning(event: LotRegistered, draft: Draft) -> LotState | None:
    """Return the lot of this ledger that comes back with `event`, or None."""
    if event.basis not in (Basis.RE_ENTRY, Basis.STATE_SALE) or event.reference is None:
        return None
    return draft.lot(event.reference)


def _check_fields(event: LotRegistered) -> Iterator[Refusal]:
    if event.made_before is not None and event.basis is not Basis.ANTIQUE:
        yield Refusal("basis.field", {"field": "made_before", "basis": event.basis.value})
    if event.reference is not None and event.basis not in _REFERRING:
        yield Refusal("basis.field", {"field": "reference", "basis": event.basis.value})


def _check_sources(event: LotRegistered) -> Iterator[Refusal]:
    allowed = _SOURCES.get(event.basis)
    if allowed is None:
        return
    for lot in event.lots:
        for row in lot.contents:
            if row.source not in allowed:
                params = {"source": row.source, "basis": event.basis.value}
                yield Refusal("basis.source", params)


def _harvest(_signed: Signed, draft: Draft, event: LotRegistered) -> Iterator[Remark]:
    """Plants come from a plot: it stays with them to the border. Animals may be taken anywhere."""
    for lot in event.lots:
        if lot.facility is None and not _has_plants(draft, lot):
            continue
        if not _stands_on(draft, lot, kinds=_PLACES[Basis.HARVEST]):
            yield Refusal("basis.harvest", {"facility": lot.facility or ""})


def _bred(_signed: Signed, draft: Draft, event: LotRegistered) -> Iterator[Remark]:
    for lot in event.lots:
        kinds = _PLACES[Basis.BRED]
        if not _has_plants(draft, lot):
            ranched = any(row.source == "R" for row in lot.contents)
            kinds = frozenset({"ranch"}) if ranched else frozenset({"farm", "ranch"})
        if not _stands_on(draft, lot, kinds=kinds):
            yield Refusal("basis.bred", {"facility": lot.facility or ""})


def _opening_stock(signed: Signed, draft: Draft, event: LotRegistered) -> Iterator[Remark]:
    party = draft.party(signed.party)
    if party is not None and party.stocked:
        yield Refusal("basis.opening-stock", {"party": signed.party})
    for i in range(len(event.lots)):
        lot = Subject(Kind.LOT, signed.code_of(i))
        yield Flag(lot, "basis.not-attested", Severity.CHECK)


def _import(_signed: Signed, _draft: Draft, event: LotRegistered) -> Iterator[Remark]:
    if not all(lot.documents for lot in event.lots):
        yield Refusal("basis.import", {})


def _other_ledger(_signed: Signed, _draft: Draft, event: LotRegistered) -> Iterator[Remark]:
    if not event.reference and not all(lot.documents for lot in event.lots):
        yield Refusal("basis.other-ledger", {})


def _re_entry(signed: Signed, draft: Draft, event: LotRegistered) -> Iterator[Remark]:
    if not event.reference and not all(lot.documents for lot in event.lots):
        yield Refusal("basis.re-entry", {"reference": ""})
    back = returning(event, draft)
    if back is None:
        return
    if back.status is not LotStatus.DEPARTED or back.how == RETURNED:
        yield Refusal("basis.re-entry", {"reference": event.reference or ""})
    if back.holder != signed.party:
        for i in range(len(event.lots)):
            lot = Subject(Kind.LOT, signed.code_of(i))
            yield Flag(lot, "basis.other-hands", Severity.CHECK)
    if _is_more(draft, event, back, same_source=True):
        yield Refusal("quantity.created", {"lot": event.reference or ""})


def _state_sale(signed: Signed, draft: Draft, event: LotRegistered) -> Iterator[Remark]:
    """What the State sells is new in the ledger, or what it confiscated here: then named, once."""
    party = draft.party(signed.party)
    if party is None or "authority" not in party.roles:
        yield Refusal("basis.state-sale", {"party": signed.party})
    back = returning(event, draft)
    if back is None:
        return
    confiscated = back.status is LotStatus.CONFISCATED and back.owner == signed.party
    if not confiscated or back.how == RETURNED:
        yield Refusal("basis.re-entry", {"reference": event.reference or ""})
    if _is_more(draft, event, back, same_source=False):
        yield Refusal("quantity.created", {"lot": event.reference or ""})


def _is_more(draft: Draft, event: LotRegistered, back: LotState, *, same_source: bool) -> bool:
    """Return whether more comes back than the lot held; a State sells as source I.

    Goods come back under the name that is accepted now, whatever they were called when they left.
    """
    left: Counter[tuple[str, ...]] = Counter()
    for sign, rows in ((1, back.contents), *((-1, lot.contents) for lot in event.lots)):
        for row in rows:
            source = row.source if same_source else ""
            taxon = filed_under(draft.tables, row.taxon)
            left[taxon, row.term, row.unit, source, row.origin] += sign * row.quantity
    return min(left.values()) < 0


def _antique(_signed: Signed, _draft: Draft, event: LotRegistered) -> Iterator[Remark]:
    day = event.made_before
    if day is None or not _DAY.fullmatch(day) or day > ANTIQUE_DAY:
        yield Refusal("basis.antique", {"made_before": day or ""})
    elif not all(lot.documents for lot in event.lots):
        yield Refusal("basis.antique", {"made_before": day})


def _has_plants(draft: Draft, lot: NewLot) -> bool:
    taxa = (draft.tables.taxon(row.taxon) for row in lot.contents)
    return any(taxon is not None and taxon.kingdom == "Plantae" for taxon in taxa)


def _stands_on(draft: Draft, lot: NewLot, *, kinds: frozenset[str]) -> bool:
    facility = draft.facility(lot.facility) if lot.facility else None
    return facility is not None and facility.kind in kinds


_BASIS_CHECKS: Mapping[Basis, Callable[[Signed, Draft, LotRegistered], Iterator[Remark]]] = {
    Basis.HARVEST: _harvest,
    Basis.BRED: _bred,
    Basis.OPENING_STOCK: _opening_stock,
    Basis.IMPORT: _import,
    Basis.OTHER_LEDGER: _other_ledger,
    Basis.RE_ENTRY: _re_entry,
    Basis.STATE_SALE: _state_sale,
    Basis.ANTIQUE: _antique,
}
