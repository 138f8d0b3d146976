"""What passing under documents does to the state: balances add up, and lots keep both words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.documents import DocumentEndorsed, Passage, Shown, Way
from ledger.custody.effects.endorsements import keep_endorsement, note_brought, stand_for
from ledger.custody.effects.moves import touched, without_cause, without_rule
from ledger.custody.effects.quotas import draw_quotas
from ledger.custody.effects.specimens import note_personal
from ledger.custody.lots import LotState
from ledger.custody.rules import quotas
from ledger.custody.rules.days import day_of
from ledger.custody.rules.dealing import DEAL, Dealing
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.in_place import half_told, names_before, names_carrying
from ledger.custody.rules.leaving import NOT_TOLD, is_seen_by
from ledger.custody.rules.lines import balance_of, lines_of, rows_of, summed
from ledger.custody.rules.papers import Draw, Word, drawn_by, draws, travels, words
from ledger.custody.rules.placing import Sale, words_of
from ledger.custody.rules.showing import noted, order, shown_by
from ledger.custody.rules.unnamed import claimed_by, is_open, with_told, without_told
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind

MET = (
    "document.not-endorsed",
    "document.not-declared",
    "document.told-late",
    "document.gone-on-way",
)
"""What is found of one word on a crossing until the other comes."""
CROSSINGS_MAX = 10
"""How many crossings of a lot under one travelling certificate are kept: the last ones."""


def draw_documents(signed: Signed, draft: Draft) -> Mapping[str, tuple[Passage, ...]]:
    """Add what the statement draws under documents; return the passages of each lot after it."""
    spoken, drawn = tuple(words(signed, draft)), draft.once(draws, signed)
    show_documents(signed, draft)
    if spoken and not isinstance(signed.event, DocumentEndorsed):
        note_personal(signed, draft)
    for word in spoken:
        stand_for(draft, word)
        _claim(draft, word, party=signed.party)
        _see(draft, word)
    _add(draft, drawn)
    if not isinstance(signed.event, DocumentEndorsed):
        _tell(draft, drawn, party=signed.party)
    found: dict[str, tuple[Passage, ...]] = {}
    for word in spoken:
        if word.code is None:
            continue
        lot = draft.lot(word.code)
        before = found.get(word.code, lot.passages if lot is not None else ())
        found[word.code] = _with_word(draft, before, word, statement=signed.id)
    return found


def place(
    signed: Signed, draft: Draft, sales: tuple[Sale, ...], *, codes: Mapping[str, str]
) -> None:
    """Draw on the references under which goods were sold; the lots name them from now on.

    `codes` are the receiver's codes of the lots, by the codes as offered.
    """
    words = words_of(draft, sales, codes)
    _add(draft, drawn_by(draft, words))
    for sale in sales:
        owner = draft.party(sale.owner)
        for use in sale.uses:
            state = draft.document(use.document)
            if state is not None and owner is not None:
                shown = Shown(use.way.value, owner.country, day_of(signed))
                after = replace(state, shown=noted(state.shown, shown))
                draft.put(Kind.DOCUMENT, use.document, after)
    for word in words:
        lot = draft.lot(word.code) if word.code is not None else None
        if lot is None or word.code is None:
            continue
        passages = _with_word(draft, lot.passages, word, statement=signed.id)
        names = tuple(sorted({*lot.documents, word.document}))
        draft.put(Kind.LOT, word.code, replace(lot, passages=passages, documents=names))


def _claim(draft: Draft, word: Word, *, party: str) -> None:
    for name in names_carrying(draft, word.document):
        state = draft.document(name)
        if state is not None:
            by = claimed_by(draft, replace(word, document=name), party=party)
            if by != state.claimed_by:
                draft.put(Kind.DOCUMENT, name, replace(state, claimed_by=by))


def _tell(draft: Draft, drawn: tuple[Draw, ...], *, party: str) -> None:
    """Note what left under documents that name nobody by the word of the party alone."""
    for draw in drawn:
        state = draft.document(draw.document)
        if state is not None and draw.way is Way.EXPORT and is_open(state, draw.way):
            more = Counter({draw.line: draw.quantity})
            draft.put(Kind.DOCUMENT, draw.document, with_told(state, party, more))


def _see(draft: Draft, word: Word) -> None:
    """Note that an officer saw what a party alone had said of its lot."""
    lot = draft.lot(word.code) if word.code is not None else None
    if lot is None or not word.is_official or word.way is not Way.EXPORT:
        return
    known = half_told(draft, lot, word.document, word.way, official=True)
    if known is None:
        return
    parties = (lot.holder, lot.owner, lot.came_from or "", lot.born_by)
    for name in names_carrying(draft, word.document):
        state = draft.document(name)
        if state is not None and state.told_alone:
            after = without_told(state, parties, lines_of(known.said))
            draft.put(Kind.DOCUMENT, name, after)


def _add(draft: Draft, drawn: tuple[Draw, ...]) -> None:
    for draw in drawn:
        state = draft.document(draw.document)
        if state is None:
            continue
        balance = balance_of(state, draw.way)
        balance[draw.line] += draw.quantity
        after = {**state.drawn, draw.way.value: rows_of(balance, quantity_max=QUANTITY_MAX)}
        draft.put(Kind.DOCUMENT, draw.document, replace(state, drawn=after))


def settled(lot: LotState, passages: tuple[Passage, ...]) -> LotState:
    """Return the lot with its passages, without the dues that a second word has met now."""
    met = _met(passages) - _met(lot.passages)
    return replace(lot, passages=passages, findings=without_cause(lot.findings, met, *MET))


def _met(passages: tuple[Passage, ...]) -> frozenset[bytes]:
    """Return the statements on passages of which trader and officer have both spoken."""
    return frozenset(
        cause
        for p in passages
        if p.said_by is not None and p.seen_by is not None
        for cause in (p.said_by, p.seen_by)
    )


def show_documents(signed: Signed, draft: Draft) -> None:
    """Note where and on which day each document was used, each once."""
    for document, shown in shown_by(signed, draft):
        for name in names_carrying(draft, document):
            state = draft.document(name)
            if state is not None:
                draft.put(Kind.DOCUMENT, name, replace(state, shown=noted(state.shown, shown)))


def spend(
    signed: Signed, draft: Draft, sold: tuple[Dealing, ...], *, codes: Mapping[str, str]
) -> None:
    """Note on each registration the dealing that it covered; the lot names it from now on.

    `codes` are the codes of the parts that were born, by the codes of their lots.
    """
    for dealing in sold:
        state = draft.document(dealing.spends) if dealing.spends is not None else None
        if state is None or dealing.spends is None:
            continue
        # Never left out for want of room: it would cover another dealing.
        shown = tuple(
            sorted({*state.shown, Shown(DEAL, dealing.country, day_of(signed))}, key=order)
        )
        draft.put(Kind.DOCUMENT, dealing.spends, replace(state, shown=shown))
        code = codes.get(dealing.code, dealing.code)
        lot = draft.lot(code)
        if lot is not None:
            names = tuple(sorted({*lot.documents, dealing.spends}))
            draft.put(Kind.LOT, code, replace(lot, documents=names))


def endorsed(signed: Signed, draft: Draft) -> None:
    """Draw what passed by the officer's word; the lots keep their heads."""
    event = signed.event
    if not isinstance(event, DocumentEndorsed):
        return
    counted, drawn = quotas.draws(signed, draft), draft.once(draws, signed)
    before: dict[str, LotState] = {}
    for code, passages in draw_documents(signed, draft).items():
        lot = draft.lot(code)
        if lot is not None:
            before[code] = lot
            documents = tuple(sorted({*lot.documents, event.document}))
            after = settled(touched(signed, lot, documents=documents), passages)
            if after.findings and is_seen_by(draft, lot, event, day=day_of(signed)):
                after = replace(after, findings=without_rule(after.findings, NOT_TOLD))
            draft.put(Kind.LOT, code, after)
    draw_quotas(counted, draft)
    for code, lot in before.items():
        note_brought(draft, lot, code, statement=signed.id)
    keep_endorsement(signed, draft, event, drawn=drawn, counted=counted)


def _with_word(
    draft: Draft, passages: tuple[Passage, ...], word: Word, *, statement: bytes
) -> tuple[Passage, ...]:
    """Add a word to its passage; told of a document before, it goes on under the one in place.

    A passage that has this word already was another crossing, under a travelling certificate.
    """
    names = tuple(names_before(draft, word.document))
    same = [p for p in passages if p.way is word.way and p.document in names]
    known = next((p for p in same if (p.seen_by if word.is_official else p.said_by) is None), None)
    if known is None and same and not travels(draft.tables, word.document):
        known = same[0]
    passage = replace(known, document=word.document) if known else Passage(word.document, word.way)
    rows = rows_of(summed(word.lines), quantity_max=QUANTITY_MAX)
    if word.is_official:
        passage = replace(passage, seen=rows, seen_by=statement)
    else:
        # From here on the lot names its document by the trader's own word.
        passage = replace(passage, said=rows, said_by=statement, by_officer=())
    left = [p for p in same if p is not known][1 - CROSSINGS_MAX :]
    others = [p for p in passages if p not in same]
    return tuple(sorted((*others, *left, passage), key=lambda p: (p.document, p.way)))


EFFECTS: Mapping[type[Any], Effect] = {DocumentEndorsed: endorsed}
