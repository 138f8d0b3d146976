"""What endorsements leave on their documents, and what taking one back does to the state.

Owns the way back: balances, quotas, uses by day, the lots' passages and what was found because of
the endorsement. What a trader said of the same goods stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.accounts import QuotaAccount
from ledger.custody.decide import Effect
from ledger.custody.documents import (
    DocumentEndorsed,
    Endorsement,
    EndorsementWithdrawn,
    LineDrawn,
    Passage,
    Way,
)
from ledger.custody.effects.moves import touched, without_cause
from ledger.custody.goods import Row
from ledger.custody.lots import LotState
from ledger.custody.rules import quotas
from ledger.custody.rules.days import day_of
from ledger.custody.rules.endorsements import (
    OVERDRAWN,
    account_of,
    endorsement_of,
    overdrawn_by,
)
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.in_place import (
    half_told,
    moves_along,
    names_before,
    names_carrying,
)
from ledger.custody.rules.leaving import NOT_TOLD, TOLD_WITHIN_S, asks_again
from ledger.custody.rules.lines import (
    Line,
    balance_of,
    line_of,
    lines_of,
    rows_of,
    summed,
)
from ledger.custody.rules.papers import Draw, Word, by_lot, counted_before, counted_of
from ledger.custody.rules.passing import SECOND_WORD_S
from ledger.custody.rules.quota_cover import current
from ledger.custody.rules.showing import unshown
from ledger.custody.state import Draft, Signed, with_findings
from ledger.custody.subjects import Finding, Kind, Severity, Subject


def keep_endorsement(
    signed: Signed,
    draft: Draft,
    event: DocumentEndorsed,
    *,
    drawn: tuple[Draw, ...],
    counted: tuple[quotas.Draw, ...],
) -> None:
    """Keep what the endorsement drew, by line, with what it drew on quotas."""
    drew: Counter[Line] = Counter()
    for draw in drawn:
        # What counts on a document in its place is found again when it is taken back.
        if not draw.carried:
            drew[draw.line] += draw.quantity
    on_quotas: defaultdict[Line, Counter[str]] = defaultdict(Counter)
    for count in counted:
        on_quotas[line_of(count.taking.row)][count.account] += count.quantity
    rows = rows_of(drew, quantity_max=QUANTITY_MAX)
    new = Endorsement(
        id=signed.id,
        by=signed.party,
        index=signed.index,
        at=signed.at,
        way=event.way,
        country=event.country,
        day=day_of(signed),
        lots=len(by_lot(event.passed).keys() - {None}),
        drawn=tuple(LineDrawn(row, row.quantity, _sums(on_quotas[line_of(row)])) for row in rows),
    )
    draft.put(Kind.ACCOUNT, account_of(event.document, signed.id), new)


def note_brought(draft: Draft, before: LotState, code: str, *, statement: bytes) -> None:
    """Note on the lot's passage what it names since the officer's word, and by that alone."""
    lot = draft.lot(code)
    if lot is None:
        return
    new = {*lot.documents, *lot.accounts, *lot.arrived}
    new -= {*before.documents, *before.accounts, *before.arrived}
    passages = tuple(
        replace(p, by_officer=tuple(sorted(new)))
        if p.seen_by == statement and p.said_by is None
        else p
        for p in lot.passages
    )
    draft.put(Kind.LOT, code, replace(lot, passages=passages))


def stand_for(draft: Draft, word: Word) -> None:
    """Let a trader's word stand for what an officer's drew before: it is not taken back with it."""
    lot = draft.lot(word.code) if word.code is not None else None
    if word.is_official or lot is None:
        return
    known = half_told(draft, lot, word.document, word.way, official=False)
    if known is None or known.seen_by is None:
        return
    both = summed(word.lines) & counted_before(draft, word)
    for name in names_before(draft, word.document):
        endorsement = endorsement_of(draft, name, known.seen_by)
        if endorsement is not None:
            account = account_of(name, known.seen_by)
            draft.put(Kind.ACCOUNT, account, _lessened(endorsement, both))


def withdrawn(signed: Signed, draft: Draft) -> None:
    """Take back what the endorsement drew and found; the lots wait for an officer again.

    Others that were too much because of it are not, once the document covers all that is left.
    """
    event = signed.event
    if not isinstance(event, EndorsementWithdrawn):
        return
    known = endorsement_of(draft, event.document, event.endorsement)
    if known is None:
        return
    account = account_of(event.document, event.endorsement)
    draft.put(Kind.ACCOUNT, account, replace(known, withdrawn=True))
    _give_back(draft, event.document, known)
    _give_back_quotas(draft, known, event.lots)
    for code in event.lots:
        _unsee(signed, draft, code, known)
        _ask_again(signed, draft, code, known)
    _forget(draft, Subject(Kind.DOCUMENT, event.document), cause=known.id)
    if not _is_overdrawn(draft, event.document, known.way):
        for code in event.settled:
            lot = draft.lot(code)
            if lot is not None:
                causes = set(overdrawn_by(lot, event.document, known.way))
                left = without_cause(lot.findings, causes, OVERDRAWN)
                draft.put(Kind.LOT, code, touched(signed, lot, findings=left))


def _is_overdrawn(draft: Draft, document: str, way: Way) -> bool:
    """Return whether more passed than the document, or one that took its balance over, covers."""
    for name in names_carrying(draft, document):
        state = draft.document(name)
        if state is not None and not balance_of(state, way) <= lines_of(state.rows):
            return True
    return False


def _give_back(draft: Draft, document: str, known: Endorsement) -> None:
    for name in names_carrying(draft, document):
        state = draft.document(name)
        if state is not None:
            shown = unshown(state.shown, act=known.way.value, country=known.country, day=known.day)
            draft.put(Kind.DOCUMENT, name, replace(state, shown=shown))
    for drawn in known.drawn:
        line = line_of(drawn.row)
        back = moves_along(draft, document, known.way, line, -drawn.left, more=Counter())
        for name, change in tuple(back):
            _add(draft, name, known.way, Counter({line: change}))


def _add(draft: Draft, name: str, way: Way, change: Counter[Line]) -> None:
    state = draft.document(name)
    if state is None:
        return
    balance = balance_of(state, way)
    balance.update(change)
    rows = rows_of(+balance, quantity_max=QUANTITY_MAX)
    others = {other: kept for other, kept in state.drawn.items() if other != way.value}
    drawn = {**others, way.value: rows} if rows else others
    draft.put(Kind.DOCUMENT, name, replace(state, drawn=drawn))


def _give_back_quotas(draft: Draft, known: Endorsement, codes: tuple[str, ...]) -> None:
    """Give back to quotas in the share in which the line is given back, never more than it drew.

    What is said of the same goods under another document still counts.
    """
    field = "exported" if known.way is Way.EXPORT else "imported"
    for drawn in known.drawn:
        covered = sum(_covered_elsewhere(draft, code, known, drawn.row) for code in codes)
        for account, quantity in drawn.quotas.items():
            name = current(draft, account)
            state = draft.account(name, QuotaAccount)
            if state is None:
                continue
            back = max(quantity * drawn.left // drawn.row.quantity - covered, 0)
            left: Any = max(int(getattr(state, field)) - back, 0)
            draft.put(Kind.ACCOUNT, name, replace(state, **{field: left}))
            _forget(draft, Subject(Kind.ACCOUNT, account), cause=known.id)


def _covered_elsewhere(draft: Draft, code: str, known: Endorsement, row: Row) -> int:
    lot = draft.lot(code)
    if lot is None:
        return 0
    own = [p for p in lot.passages if p.seen_by == known.id]
    others = [p for p in lot.passages if p.seen_by != known.id]
    words = (counted_of(draft.tables, each, known.way, row) for each in (own, others))
    return min(words)


def _unsee(signed: Signed, draft: Draft, code: str, known: Endorsement) -> None:
    """Leave the trader's word on the crossing, which an officer may confirm again, or nothing."""
    lot = draft.lot(code)
    if lot is None:
        return
    gone = {name for p in lot.passages if p.seen_by == known.id for name in p.by_officer}
    passages = tuple(_without_officer(lot.passages, known.id))
    after = touched(
        signed,
        lot,
        passages=passages,
        documents=tuple(name for name in lot.documents if name not in gone),
        accounts=tuple(name for name in lot.accounts if name not in gone),
        arrived=tuple(name for name in lot.arrived if name not in gone),
        findings=(
            *without_cause(lot.findings, {known.id}),
            *_waiting_again(signed, lot, known),
        ),
    )
    draft.put(Kind.LOT, code, after)


def _ask_again(signed: Signed, draft: Draft, code: str, known: Endorsement) -> None:
    """Wait anew for a word on the border, where only what was taken back told it."""
    event, lot = signed.event, draft.lot(code)
    if lot is None or not isinstance(event, EndorsementWithdrawn):
        return
    asked = any(finding.rule == NOT_TOLD for finding in lot.findings)
    if not asked and asks_again(draft, lot, event.document, known):
        due = signed.at + TOLD_WITHIN_S
        found = Finding(NOT_TOLD, Severity.CHECK, due, signed.id)
        draft.open_finding(Subject(Kind.LOT, code), found)


def _without_officer(passages: tuple[Passage, ...], statement: bytes) -> Iterator[Passage]:
    for passage in passages:
        if passage.seen_by != statement:
            yield passage
        elif passage.said_by is not None:
            yield replace(passage, seen=(), seen_by=None, by_officer=())


def _waiting_again(signed: Signed, lot: LotState, known: Endorsement) -> Iterator[Finding]:
    """The trader's word waits anew; what a registration said of an import never waited."""
    for passage in lot.passages:
        said = passage.said_by
        if passage.seen_by == known.id and said is not None and not said.startswith(lot.birth):
            due = signed.at + SECOND_WORD_S
            yield Finding("document.not-endorsed", Severity.CHECK, due, said)


def _forget(draft: Draft, subject: Subject, *, cause: bytes) -> None:
    state: Any = draft.standing(subject)
    if state is not None:
        draft.set(subject, with_findings(state, without_cause(state.findings, {cause})))


def _lessened(known: Endorsement, both: Counter[Line]) -> Endorsement:
    drawn = tuple(replace(d, left=max(d.left - both[line_of(d.row)], 0)) for d in known.drawn)
    return replace(known, drawn=drawn)


def _sums(counted: Mapping[str, int]) -> dict[str, int]:
    return {account: quantity for account, quantity in sorted(counted.items()) if quantity}


EFFECTS: Mapping[type[Any], Effect] = {EndorsementWithdrawn: withdrawn}
