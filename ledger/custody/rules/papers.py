"""What passes under documents: whose word it is, which lines it draws on, and how much is left.

Owns the draw-down, as pure functions that quotas may call too. On each side of the border a lot
counts once, by the larger of the trader's and the officer's word. A use never refuses a statement;
what does not fit is a finding. Sources: CITES Art. VI; Reg. (EC) 865/2006, Art. 10; frauds F05,
F09, F28.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentRow,
    DocumentState,
    Passage,
    Passed,
    Way,
)
from ledger.custody.goods import PIECES, MarkRange, Measure, NewLot, Row
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered, LotState
from ledger.custody.rules.goods import country_of, same_taxon
from ledger.custody.rules.in_place import (
    Place,
    counts_on,
    half_told,
    moves_along,
    passage_under,
    told_under,
)
from ledger.custody.rules.leaving import came_from
from ledger.custody.rules.lines import Line, balance_of, counted, line_of, lines_of, summed
from ledger.custody.state import Draft, Signed
from ledger.reference.tables import Tables

_USED_ELSEWHERE = frozenset({Basis.OTHER_LEDGER, Basis.RE_ENTRY, Basis.ANTIQUE})
REFERENCE = "DDS"
SCALES_PER_MILLE = 10
"""How far two scales, or two measures of a stack, may differ: one part in a hundred (ours)."""


class Use(Struct, frozen=True):
    """A lot that a trader says passed under a document, for the first time on that side."""

    code: str
    document: str
    way: Way
    contents: tuple[Row, ...]
    also: tuple[Measure, ...]
    marks: tuple[MarkRange, ...] = ()
    documents: tuple[str, ...] = ()
    """All documents that the lot names."""


class Word(Struct, frozen=True):
    """One word on what passed: `lines` are quantities by line; `code` is None without a lot."""

    document: str
    way: Way
    code: str | None
    lines: tuple[tuple[Line, int], ...]
    is_official: bool


class Draw(Struct, frozen=True):
    """What a statement adds to the balance of one line: never less than one smallest unit."""

    document: str
    way: Way
    code: str | None
    line: Line
    quantity: int
    carried: bool = False
    """Whether it only counts on a document in the place of the one that was used: no new goods."""


class Over(Struct, frozen=True):
    """A draw beyond what its line covers, and by how much.

    `is_slight` where two honest scales explain it, `is_alone` where the statement by itself draws
    more than the line covers: no other use explains that.
    """

    draw: Draw
    is_slight: bool
    is_alone: bool
    beyond: int


def is_same_weight(seen: int, said: int, *, unit: str) -> bool:
    """Return whether `seen` is no more than `said` on another scale; pieces are counted exactly."""
    slack = 0 if unit == PIECES else said * SCALES_PER_MILLE // 1_000
    return seen <= said + slack


def uses(signed: Signed, draft: Draft) -> Iterator[Use]:
    """Yield each use of a document that a trader states, in the order of its lots.

    A lot, or what it was split from, passes under one document once on each side; what travels to
    and fro under a certificate for that passes at each border.
    """
    event = signed.event
    if isinstance(event, LotRegistered):
        for i, new in enumerate(event.lots):
            if event.basis is Basis.STATE_SALE:
                yield from _sold(draft, signed.code_of(i), new)
            elif new.documents:
                yield from _brought(draft, signed, event, i)
    elif isinstance(event, LotExported | LotImported):
        way = Way.EXPORT if isinstance(event, LotExported) else Way.IMPORT
        for code in event.lots:
            lot = draft.lot(code)
            if lot is None:
                continue
            known = passage_under(draft, lot, event.document, way)
            again = known is not None and half_told(draft, lot, event.document, way, official=False)
            if known is None or again or travels(draft.tables, event.document):
                yield Use(code, event.document, way, *_goods(lot))


def words(signed: Signed, draft: Draft) -> Iterator[Word]:
    """Yield what the statement says passed under documents that the signer may draw on."""
    if isinstance(signed.event, DocumentEndorsed):
        yield from _endorsed(signed.event, draft)
        return
    for use in uses(signed, draft):
        state = draft.document(use.document)
        if state is not None and may_use(draft, state, use, party=signed.party):
            lines = tuple(draw_of(draft.tables, state, use))
            lot = draft.lot(use.code)
            name = use.document
            if lot is not None:
                name = told_under(draft, lot, use.document, use.way)
            yield Word(name, use.way, use.code, lines, is_official=False)


def counted_before(draft: Draft, word: Word) -> Counter[Line]:
    """Return what of the word's lot counts on its document already: on this side, by line."""
    lot = draft.lot(word.code) if word.code is not None else None
    if lot is None:
        return Counter()
    known = passage_under(draft, lot, word.document, word.way)
    return counts_on(draft, word.document, known)


def draws(signed: Signed, draft: Draft) -> tuple[Draw, ...]:
    """Return what the statement draws from documents, line by line: the seam for quotas.

    A second word on the same lot and side draws only what it says above the first.
    """
    return drawn_by(draft, words(signed, draft))


def drawn_by(draft: Draft, said: Iterable[Word]) -> tuple[Draw, ...]:
    """Return what some words add to the balances of their lines."""
    found: list[Draw] = []
    so_far: Counter[Place] = Counter()
    for word in said:
        before = counted_before(draft, word)
        for line, quantity in summed(word.lines).items():
            more = max(quantity - before[line], 0)
            drawn = moves_along(draft, word.document, word.way, line, more, more=so_far)
            found += (
                Draw(name, word.way, word.code, line, n, carried=name != word.document)
                for name, n in drawn
            )
    return tuple(found)


def counted_of(tables: Tables, passages: Iterable[Passage], way: Way, row: Row) -> int:
    """Return how much of such goods counts as passed on a side, under whatever document.

    The largest word on them in the row's own unit: what other units say is not added up.
    """
    words = (counted(passage) for passage in passages if passage.way is way)
    return max((_of_row(tables, lines, row) for lines in words), default=0)


def is_holder(state: DocumentState, party: str) -> bool:
    """Return whether the document is the party's to use: it names that party, or nobody.

    Others draw nothing from it, so that nobody can use up the document of another.
    """
    holder = state.paper.holder if state.paper is not None else None
    return holder in (None, party)


def is_reference(name: str) -> bool:
    """Return whether a document of that name is a due-diligence reference."""
    return name.split("/")[1:2] == [REFERENCE]


def holder_of(name: str, state: DocumentState) -> str | None:
    """Return the party whose document it is, or None where it may be anybody's.

    A reference that names nobody is that of the party that recorded it: each operator submits its
    own.
    """
    holder = state.paper.holder if state.paper is not None else None
    is_own_word = is_reference(name) and state.status == "recorded"
    return holder or (state.by if is_own_word else None)


def may_use(draft: Draft, state: DocumentState, use: Use, *, party: str) -> bool:
    """Return whether the use is the party's to make: its own document, or goods that left under it.

    Who receives goods shows the exporter's permit at the border, also where its word is the first:
    while the goods are still the exporter's, or were just taken over abroad. Where an officer saw
    them pass under the document, whoever is concerned with them may add the trader's word. Who
    keeps goods (a forwarder, a museum) shows the document of their owner.
    """
    if holder_of(use.document, state) in (None, party):
        return True
    lot = draft.lot(use.code)
    if lot is None:
        return False
    if half_told(draft, lot, use.document, use.way, official=False) is not None:
        return True
    if party == lot.holder and is_holder(state, lot.owner):
        return True
    if use.way is not Way.IMPORT:
        return False
    holder = holder_of(use.document, state)
    is_his = holder in (None, lot.holder, lot.owner) or came_from(draft, lot, holder)
    return is_his or passage_under(draft, lot, use.document, Way.EXPORT) is not None


def travels(tables: Tables, name: str) -> bool:
    """Return whether a document is one under which goods cross borders to and fro."""
    kind = tables.document_kind(name)
    return kind is not None and kind.act == "travel"


def covers_dealing(tables: Tables, name: str) -> bool:
    """Return whether a document is one that covers a single dealing within a country."""
    kind = tables.document_kind(name)
    return kind is not None and kind.single == "dealing"


def is_export_of(tables: Tables, name: str, origin: str, *, from_country: str | None) -> bool:
    """Return whether a document lets goods out of their own country: only those use its quota.

    Import permits and what other countries issue never do. A kind that no table knows may.
    """
    kind = tables.document_kind(name)
    own = country_of(name) == origin and from_country in (None, origin)
    return own and (kind is None or kind.act == "export")


def draw_of(tables: Tables, state: DocumentState, use: Use) -> Iterator[tuple[Line, int]]:
    """Yield what the use draws from which line, for each row of the lot that one covers.

    Goods of one row may be covered in the unit of another measure of theirs: kg beside pieces.
    """
    for row in use.contents:
        measures = {row.unit: row.quantity}
        if len(use.contents) == 1:
            measures = {measure.unit: measure.quantity for measure in use.also} | measures
        fits = (r for r in state.rows if r.unit in measures and is_alike(tables, r, row))
        best = next(fits, None)
        if best is not None:
            yield line_of(best), measures[best.unit]


def overdrawn(draft: Draft, drawn: tuple[Draw, ...]) -> tuple[Over, ...]:
    """Return the draws after which more has passed on their line than the document covers."""
    so_far: dict[tuple[str, Way], Counter[Line]] = {}
    own: Counter[Place] = Counter()
    over: list[Over] = []
    for draw in drawn:
        state = draft.document(draw.document)
        if state is None or not state.rows:
            continue
        balance = so_far.setdefault((draw.document, draw.way), balance_of(state, draw.way))
        balance[draw.line] += draw.quantity
        own[draw.document, draw.way, draw.line] += draw.quantity
        passed, covered = balance[draw.line], lines_of(state.rows)[draw.line]
        if passed > covered:
            over.append(
                Over(
                    draw,
                    is_slight=is_same_weight(passed, covered, unit=draw.line[2]),
                    is_alone=own[draw.document, draw.way, draw.line] > covered,
                    beyond=passed - covered,
                )
            )
    return tuple(over)


def is_alike(tables: Tables, covered: DocumentRow, row: Row) -> bool:
    """Return whether a document's row speaks of goods such as these, whatever the unit."""
    same = (covered.term, covered.source, covered.origin) == (row.term, row.source, row.origin)
    return same and same_taxon(tables, covered.taxon, row.taxon)


def _of_row(tables: Tables, lines: Counter[Line], row: Row) -> int:
    own = (row.term, row.unit, row.source, row.origin)
    return sum(
        n
        for (taxon, *rest), n in lines.items()
        if tuple(rest) == own and same_taxon(tables, taxon, row.taxon)
    )


def by_lot(passed: tuple[Passed, ...]) -> dict[str | None, tuple[Passed, ...]]:
    """Return what an officer saw, by lot, in the order in which lots are first named."""
    found: dict[str | None, tuple[Passed, ...]] = {}
    for item in passed:
        found[item.lot] = (*found.get(item.lot, ()), item)
    return found


def _goods(
    lot: NewLot | LotState,
) -> tuple[tuple[Row, ...], tuple[Measure, ...], tuple[MarkRange, ...], tuple[str, ...]]:
    return lot.contents, lot.also, lot.marks, lot.documents


def _reaches_market(basis: Basis, document: str) -> bool:
    """Return whether goods come to a market under a due-diligence reference, not over a border.

    What had left and comes back was counted before.
    """
    return is_reference(document) and basis in (
        Basis.HARVEST,
        Basis.OPENING_STOCK,
        Basis.OTHER_LEDGER,
    )


def was_used_elsewhere(signed: Signed, document: str) -> bool:
    """Return whether goods came in under the document before this ledger knew them.

    They come from another ledger, come back, or are old: what the document covers is drawn here,
    once. Its days and countries were judged where it was used, and so was a due-diligence
    reference.
    """
    event = signed.event
    before = isinstance(event, LotRegistered) and event.basis in _USED_ELSEWHERE
    return before and not is_reference(document)


def _brought(draft: Draft, signed: Signed, event: LotRegistered, i: int) -> Iterator[Use]:
    new, basis = event.lots[i], event.basis
    back = draft.lot(event.reference) if event.reference is not None else None
    for name in sorted(set(new.documents)):
        elsewhere = back is None and was_used_elsewhere(signed, name)
        # What covers one dealing is drawn on by that, when the item is sold (`dealing`).
        elsewhere = elsewhere and not covers_dealing(draft.tables, name)
        if basis is Basis.IMPORT or _reaches_market(basis, name) or elsewhere:
            yield Use(signed.code_of(i), name, Way.IMPORT, *_goods(new))


def _sold(draft: Draft, code: str, new: NewLot) -> Iterator[Use]:
    """A State sells as source I what it seized as something else."""
    for name in sorted(set(new.documents)):
        state = draft.document(name)
        if state is None or state.status != "seized":
            continue
        contents = tuple(replace(row, source=_seized_as(state, row)) for row in new.contents)
        yield Use(code, name, Way.SALE, contents, new.also, new.marks, new.documents)


def _seized_as(state: DocumentState, row: Row) -> str:
    same = (row.taxon, row.term, row.unit, row.origin)
    found = (r.source for r in state.rows if (r.taxon, r.term, r.unit, r.origin) == same)
    return next(found, row.source)


def _endorsed(event: DocumentEndorsed, draft: Draft) -> Iterator[Word]:
    state = draft.document(event.document)
    if state is None:
        return
    for code, items in by_lot(event.passed).items():
        lines = tuple((line_of(state.rows[p.line]), p.quantity) for p in items)
        yield Word(event.document, event.way, code, lines, is_official=True)
