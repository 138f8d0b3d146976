"""Rules on passing a border under a document: by the trader's word and by the officer's.

Owns what is found when goods pass: on the days of the document, for its rows, no more than it
covers, and both words within 30 days. Sources: CITES Art. VI; Reg. (EC) 865/2006, Art. 10; CoP15
Doc. 18 (endorsement); frauds F05, F09, F28.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentRow,
    DocumentState,
    Passage,
    Passed,
    Way,
)
from ledger.custody.goods import Row, expand
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered, LotState
from ledger.custody.rules import diligence, goods, offices, showing, specimens, validity
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import DAY_S, QUANTITY_MAX
from ledger.custody.rules.in_place import (
    half_told,
    left_under,
    passage_under,
    told_under,
)
from ledger.custody.rules.lines import line_of, lines_of, summed
from ledger.custody.rules.listings import is_listed
from ledger.custody.rules.papers import (
    Draw,
    Use,
    by_lot,
    draw_of,
    draws,
    is_alike,
    is_reference,
    is_same_weight,
    may_use,
    overdrawn,
    travels,
    uses,
    was_used_elsewhere,
)
from ledger.custody.rules.unnamed import is_contested, is_explained
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

SECOND_WORD_S = 30 * DAY_S
"""How long the officer's word on a crossing, or the trader's, is waited for."""
PASSED_MAX = 1_000
MORE, UNCOMPARED = "endorsement.more", "endorsement.not-compared"
_WEIGHTS = {MORE: Severity.CHECK, UNCOMPARED: Severity.NOTE}

RULES = (
    *validity.RULES,
    *showing.RULES,
    *diligence.RULES,
    *specimens.RULES,
    Rule("document.other-holder", "check", "A document is used by the party that it names."),
    Rule("document.not-covered", "check", "A document has a row for the goods that it covers."),
    Rule(
        "document.kind-unknown",
        "check",
        "Listed goods cross a border under a kind of document that is known.",
    ),
    Rule("document.overdrawn", "stop, check", "No more passes than a document covers."),
    Rule("document.other-marks", "check", "Marked goods bear the marks that a document lists."),
    Rule("document.told-late", "check", "Word of a crossing comes before its document is gone."),
    Rule("document.gone-on-way", "check", "A document stands until its goods have arrived."),
    Rule("document.not-endorsed", "check", "An officer confirms a crossing within 30 days."),
    Rule("document.not-declared", "check", "A trader states an endorsed crossing within 30 days."),
    Rule("endorsement.empty", "refuse", "An endorsement states what passed, in 1 to 1,000 items."),
    Rule("endorsement.side", "refuse", "An endorsement is of an export or an import."),
    Rule("endorsement.line", "refuse", "An endorsement names lines that the document has."),
    Rule("endorsement.twice", "refuse", "A line and lot stand once in an endorsement."),
    Rule("endorsement.again", "refuse", "A lot is endorsed once on each side of a document."),
    Rule("endorsement.more", "check", "No more of a lot passes than it holds."),
    Rule(
        "endorsement.not-compared", "note", "What passes of a lot is compared with what it holds."
    ),
)


def check_uses(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield the findings on lots that a document does not cover.

    (1) it is the signer's, where it names a holder, (2) on its days, (3) its rows, (4) its balance,
    (5) its kind, (6) and an officer has yet to confirm it; (7) what passed under it before draws
    nothing more, but goes nowhere else and on no other days.
    """
    for use in uses(signed, draft):
        state = draft.document(use.document)
        if state is None:
            continue
        lot = Subject(Kind.LOT, use.code)
        if not may_use(draft, state, use, party=signed.party):
            yield Flag(lot, "document.other-holder", Severity.CHECK)
            continue
        yield from _check_use(signed, draft, use)
        late = _told_late(signed, draft, use, state)
        if late is not None:
            yield Flag(lot, late, Severity.CHECK)
        yield from specimens.check_repeated(signed, draft, use)
        covers = len(tuple(draw_of(draft.tables, state, use))) >= len(use.contents)
        if (state.rows and not covers) or _is_bare(signed, draft, use):
            yield Flag(lot, "document.not-covered", Severity.CHECK)
        if _is_of_no_kind(signed, draft, use):
            yield Flag(lot, "document.kind-unknown", Severity.CHECK)
        yield from _due(signed, draft, use)
    yield from _check_told_again(signed, draft)
    yield from check_balance(signed, draft, draws(signed, draft))


def check_endorsed(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why an endorsement cannot stand, and what it finds.

    (1) the document is there and in force, (2) the officer acts in its own country, (3) each item
    names a line and a lot that are there, once, (4) it is the first on that lot and side, (5) what
    passed is what the lot holds, (6) and no more than the document covers.
    """
    event = signed.event
    if not isinstance(event, DocumentEndorsed):
        return
    if not _are_on_way(draft, event):
        yield from goods.check_documents(draft, (event.document,), passed=day_of(signed))
    yield from goods.check_country(draft, event.country)
    if not offices.reaches(draft, signed.party, event.country):
        yield Refusal("office.other-country", {"lot": event.document, "party": signed.party})
    state = draft.document(event.document)
    if state is None:
        return
    if event.way is Way.SALE:
        yield Refusal("endorsement.side", {"document": event.document})
    yield from _check_items(event, state)
    yield from _check_endorsed_lots(signed, draft, event, state)
    yield from check_balance(signed, draft, draws(signed, draft))


def _check_told_again(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Ask days and countries of lots that a trader says passed once more under one document.

    Goods that came in are re-exported under a paper of their own, and goods that came back leave
    under a new one: told twice, the same journey leaves from nowhere else.
    """
    event = signed.event
    if not isinstance(event, LotExported | LotImported):
        return
    way = Way.EXPORT if isinstance(event, LotExported) else Way.IMPORT
    for code in event.lots:
        lot, name = draft.lot(code), event.document
        known = passage_under(draft, lot, name, way) if lot is not None else None
        if known is not None and known.said_by is not None and not travels(draft.tables, name):
            subject = Subject(Kind.LOT, code)
            yield from validity.check_days(signed, draft, subject, document=name, way=way)
            yield from showing.check_shown(signed, draft, subject, document=name, way=way)
            if isinstance(event, LotExported) and lot is not None:
                yield from showing.check_second_journey(lot, event, subject)


def _told_late(signed: Signed, draft: Draft, use: Use, state: DocumentState) -> str | None:
    """Return the rule on word of a crossing under a document that is gone, unless it was seen."""
    if use.way is Way.SALE or not goods.is_gone(state) or _seen(draft, use):
        return None
    in_time = goods.is_told_late(state, day_of(signed))
    return "document.told-late" if in_time else "document.gone-on-way"


def _check_use(signed: Signed, draft: Draft, use: Use) -> Iterator[Flag]:
    """Ask the days of a document, the countries in which it is shown, and its marks."""
    lot = Subject(Kind.LOT, use.code)
    if not was_used_elsewhere(signed, use.document):
        yield from validity.check_days(signed, draft, lot, document=use.document, way=use.way)
    seen = _seen(draft, use)
    yield from showing.check_shown(
        signed, draft, lot, document=use.document, way=use.way, is_second=seen is not None
    )
    if seen is not None:
        yield from showing.check_other_day(signed, draft, lot, document=use.document, known=seen)
    yield from diligence.check_standing(signed, draft, lot, document=use.document)
    yield from diligence.check_origin(signed, draft, use)
    if use.way is Way.IMPORT and not _is_home_grown(signed):
        papers = validity.papers_of(draft.lot(use.code), use.documents, use.document)
        yield from validity.check_entry(signed, draft, lot, papers=papers)
    state = draft.document(use.document)
    if state is not None and not _has_marks(draft, state, use):
        yield Flag(lot, "document.other-marks", Severity.CHECK)


def _is_bare(signed: Signed, draft: Draft, use: Use) -> bool:
    """Return whether goods cross a border under nothing that lists any: a blank form covers all.

    So does a document that is for no border: a certificate of origin of wood, a registration. Where
    goods come in by registration one of their papers must list some; the first speaks for all.
    """
    if use.way is Way.SALE or _is_home_grown(signed):
        return False
    if not isinstance(signed.event, LotRegistered):
        return not _lists_goods(draft, use.document)
    crossing = [name for name in sorted(set(use.documents)) if _is_of_borders(draft, name)]
    is_first = use.document == (crossing or sorted(set(use.documents)))[0]
    return is_first and not any(_lists_goods(draft, name) for name in crossing)


def _is_of_no_kind(signed: Signed, draft: Draft, use: Use) -> bool:
    """Return whether listed goods cross under papers of which nobody knows how long they count.

    A letter wrong in the kind, REEXPORT, would make a permit without end that any country takes. A
    paper of another kind beside the permit, such as a veterinary one, is nothing odd.
    """
    if use.way is Way.SALE or _is_home_grown(signed):
        return False
    names = {use.document, *use.documents}
    kinds = [draft.tables.document_kind(name) for name in sorted(names)]
    is_unknown = draft.tables.document_kind(use.document) is None
    is_alone = not any(kind is not None and kind.act != "" for kind in kinds)
    return is_unknown and is_alone and is_listed(draft, use.contents, day=day_of(signed))


def _lists_goods(draft: Draft, name: str) -> bool:
    state = draft.document(name)
    return state is not None and bool(state.rows) and _is_of_borders(draft, name)


def _is_of_borders(draft: Draft, name: str) -> bool:
    """A kind that no table knows may be; a due-diligence reference lists what enters."""
    kind = draft.tables.document_kind(name)
    return kind is None or kind.act != "" or is_reference(name)


def _is_home_grown(signed: Signed) -> bool:
    """Return whether goods only come to their market, without a border."""
    event = signed.event
    return isinstance(event, LotRegistered) and event.basis is not Basis.IMPORT


def _has_marks(draft: Draft, state: DocumentState, use: Use) -> bool:
    """Return whether the lot's marks stand on the document, where its rows list any."""
    rows = [r for r in state.rows if r.marks and any(_alike(draft, r, row) for row in use.contents)]
    listed = {name for row in rows for name in expand(row.marks)}
    return not listed or listed.issuperset(expand(use.marks))


def _alike(draft: Draft, covered: DocumentRow, row: Row) -> bool:
    return is_alike(draft.tables, covered, row)


def _due(signed: Signed, draft: Draft, use: Use) -> Iterator[Flag]:
    """Goods that come in by registration were declared before they were in this ledger."""
    if isinstance(signed.event, LotRegistered):
        return
    if _seen(draft, use) is None:
        due = signed.at + SECOND_WORD_S
        lot_path = Subject(Kind.LOT, use.code)
        yield Flag(lot_path, "document.not-endorsed", Severity.CHECK, from_at=due)


def _seen(draft: Draft, use: Use) -> Passage | None:
    """Return the crossing where an officer spoke of it before the trader does."""
    lot = draft.lot(use.code)
    if lot is None:
        return None
    return half_told(draft, lot, use.document, use.way, official=False)


def check_balance(signed: Signed, draft: Draft, drawn: tuple[Draw, ...]) -> Iterator[Flag]:
    """Yield a finding on each lot, or document, of which more passes than a document covers.

    It is a stop, unless two honest scales explain it or the words of a stranger may.
    """
    heaviest: dict[Subject, Severity] = {}
    for over in overdrawn(draft, drawn):
        draw = over.draw
        lot = Subject(Kind.LOT, draw.code) if draw.code is not None else None
        subject = lot or Subject(Kind.DOCUMENT, draw.document)
        others = _is_contested(signed, draft, draw) or is_explained(signed, draft, over)
        is_light = over.is_slight or (others and not over.is_alone)
        weight = Severity.CHECK if is_light else Severity.STOP
        if heaviest.get(subject) is not Severity.STOP:
            heaviest[subject] = weight
    for subject, weight in heaviest.items():
        yield Flag(subject, "document.overdrawn", weight)


def _is_contested(signed: Signed, draft: Draft, draw: Draw) -> bool:
    return draw.code is not None and is_contested(
        signed, draft, document=draw.document, way=draw.way, code=draw.code
    )


def _check_items(event: DocumentEndorsed, state: DocumentState) -> Iterator[Refusal]:
    if not 1 <= len(event.passed) <= PASSED_MAX:
        yield Refusal("endorsement.empty", {"document": event.document})
    for item in event.passed:
        if not 0 <= item.line < len(state.rows):
            facts: dict[str, str | int] = {"document": event.document, "line": item.line + 1}
            yield Refusal("endorsement.line", facts)
        if item.quantity < 1:
            yield Refusal("quantity.zero", {"quantity": item.quantity})
        if item.quantity > QUANTITY_MAX:
            yield Refusal("quantity.range", {"quantity": item.quantity})
    places = [(item.line, item.lot) for item in event.passed]
    if len(set(places)) != len(places):
        yield Refusal("endorsement.twice", {"document": event.document})


def _check_endorsed_lots(
    signed: Signed, draft: Draft, event: DocumentEndorsed, state: DocumentState
) -> Iterator[Remark]:
    for code, items in by_lot(event.passed).items():
        if code is None:
            yield from _check_place(signed, draft, event, Subject(Kind.DOCUMENT, event.document))
            continue
        lot = draft.lot(code)
        if lot is None:
            yield Refusal("lot.unknown", {"lot": code})
            continue
        subject = Subject(Kind.LOT, code)
        known = half_told(draft, lot, event.document, event.way, official=True)
        if known is None and _was_endorsed(draft, lot, event):
            yield Refusal("endorsement.again", {"lot": code, "document": event.document})
        later = told_under(draft, lot, event.document, event.way)
        if later != event.document:
            facts = {"document": event.document, "status": state.status, "instead": later}
            yield Refusal("document.not-in-force", facts)
        yield from _check_place(signed, draft, event, subject, is_second=known is not None)
        if known is not None:
            yield from showing.check_other_day(
                signed, draft, subject, document=event.document, known=known
            )
        covered = all(_is_of(draft, state, item, lot) for item in items)
        if not covered:
            yield Flag(subject, "document.not-covered", Severity.CHECK)
        rule = _compared(draft, event, state, code, lot)
        if rule == MORE or (rule and covered):
            yield Flag(subject, rule, _WEIGHTS[rule])
        if known is None:
            due = signed.at + SECOND_WORD_S
            yield Flag(subject, "document.not-declared", Severity.CHECK, from_at=due)


def _are_on_way(draft: Draft, event: DocumentEndorsed) -> bool:
    """Return whether all that arrives left under the document: it may be gone since."""
    codes = [item.lot for item in event.passed]
    if event.way is not Way.IMPORT or not codes:
        return False
    return all(code is not None and left_under(draft, code, event.document) for code in codes)


def _was_endorsed(draft: Draft, lot: LotState, event: DocumentEndorsed) -> bool:
    """Return whether the lot passed under the document on that side, where it passes only once."""
    if travels(draft.tables, event.document):
        return False
    return passage_under(draft, lot, event.document, event.way) is not None


def _check_place(
    signed: Signed,
    draft: Draft,
    event: DocumentEndorsed,
    subject: Subject,
    *,
    is_second: bool = False,
) -> Iterator[Flag]:
    name, way = event.document, event.way
    yield from validity.check_days(signed, draft, subject, document=name, way=way)
    yield from showing.check_shown(
        signed, draft, subject, document=name, way=way, is_second=is_second
    )


def _is_of(draft: Draft, state: DocumentState, item: Passed, lot: LotState) -> bool:
    return any(is_alike(draft.tables, state.rows[item.line], row) for row in lot.contents)


def _compared(
    draft: Draft, event: DocumentEndorsed, state: DocumentState, code: str, lot: LotState
) -> str:
    """Return what an officer saw against what the trader said, or else what the lot holds.

    More than that is one rule, what the lot has no measure of another; else nothing.
    """
    known = passage_under(draft, lot, event.document, event.way)
    said = lines_of(known.said) if known is not None else None
    if not said:
        use = Use(code, event.document, event.way, lot.contents, lot.also)
        said = summed(tuple(draw_of(draft.tables, state, use)))
    items = (item for item in event.passed if item.lot == code)
    seen = summed(tuple((line_of(state.rows[item.line]), item.quantity) for item in items))
    if any(said[n] and not is_same_weight(seen[n], said[n], unit=n[2]) for n in seen):
        return MORE
    return UNCOMPARED if any(not said[line] for line in seen) else ""


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {DocumentEndorsed: (check_endorsed,)}
