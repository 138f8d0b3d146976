"""Documents in the place of others: how far what passed under the old one counts on the new one.

Owns the way back along replacements. A crossing that one word told under the old document and the
other word tells under the new one is one crossing. Source: EU Reference Guide 8.4 (replacement);
frauds F05 and F08.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from ledger.custody.documents import DocumentReplaced, DocumentState, Paper, Passage, Way
from ledger.custody.events import Event
from ledger.custody.lots import LotState
from ledger.custody.rules.lines import (
    Line,
    balance_of,
    counted,
    left_of,
    lines_of,
    passage_of,
)
from ledger.custody.state import Draft

Place = tuple[str, Way, Line]
"""One line of a document on one side."""


def names_before(draft: Draft, document: str) -> Iterator[str]:
    """Yield the document, and those in whose place it stands, the newest first."""
    name: str | None = document
    while name is not None:
        yield name
        state = draft.document(name)
        name = state.replaces if state is not None else None


def names_carrying(draft: Draft, document: str) -> Iterator[str]:
    """Yield the document, and those in its place that took over what had passed under it."""
    name: str | None = document
    while name is not None:
        yield name
        state = draft.document(name)
        name = state.replaced_by if state is not None else None
        after = draft.document(name) if name is not None else None
        if after is None or not after.carries:
            return


def names_after(draft: Draft, document: str) -> Iterator[str]:
    """Yield those that stand in the place of the document, the next one first."""
    state = draft.document(document)
    while state is not None and state.replaced_by is not None:
        yield state.replaced_by
        state = draft.document(state.replaced_by)


def passage_under(draft: Draft, lot: LotState, document: str, way: Way) -> Passage | None:
    """Return how the lot passed on that side under the document, or one that it stands in for.

    Or under one in its place: word of the older one may come late.
    """
    if not lot.passages:
        return None
    names = (name for part in (names_before, names_after) for name in part(draft, document))
    found = (passage_of(lot, name, way) for name in names)
    return next((passage for passage in found if passage is not None), None)


def left_under(draft: Draft, code: str, document: str) -> bool:
    """Return whether the lot left a country under the document, or one that it stands in for.

    Then it arrives under it too, also where the document went while it was on its way. Where
    another is in its place that took over what had passed, it arrives under that.
    """
    lot, state = draft.lot(code), draft.document(document)
    if lot is None or state is None or not lot.passages:
        return False
    after = draft.document(state.replaced_by) if state.replaced_by is not None else None
    if after is not None and after.carries:
        return False
    names = names_before(draft, document)
    return any(passage_of(lot, name, Way.EXPORT) is not None for name in names)


def half_told(
    draft: Draft, lot: LotState, document: str, way: Way, *, official: bool
) -> Passage | None:
    """Return the passage under the document, as `passage_under`, that lacks one of its words.

    The officer's where `official`, else the trader's. A travelling certificate has one passage for
    each crossing, all others one in all.
    """
    if not lot.passages:
        return None
    names = {name for part in (names_before, names_after) for name in part(draft, document)}
    for passage in lot.passages:
        word = passage.seen_by if official else passage.said_by
        if word is None and passage.way is way and passage.document in names:
            return passage
    return None


def told_under(draft: Draft, lot: LotState, document: str, way: Way) -> str:
    """Return on which document a word on the lot counts: one in its place, where that has one."""
    if not lot.passages:
        return document
    later = (name for name in names_after(draft, document) if passage_of(lot, name, way))
    return next(later, document)


def counts_on(draft: Draft, document: str, passage: Passage | None) -> Counter[Line]:
    """Return what of a passage counts on the balance of `document` already.

    Where the document was issued for the rest of an older one, its balance began with nothing: of
    goods that passed under that one it holds what went beyond the older one's own share.
    """
    if passage is None:
        return Counter()
    chain: list[str] = []
    for name in names_before(draft, document):
        chain.append(name)
        if name == passage.document:
            break
    else:
        return Counter()
    counts = counted(passage)
    for older, newer in pairwise(reversed(chain)):
        counts = _moved_along(draft, older, newer, way=passage.way, counts=counts)
    return counts


def moves_along(
    draft: Draft, document: str, way: Way, line: Line, change: int, *, more: Counter[Place]
) -> Iterator[tuple[str, int]]:
    """Yield the document, and those in its place, with what `change` adds to their balances.

    A replaced document still covers what its replacement does not: what is told of it later counts
    on the new one as far as it goes beyond that, so that both together cover no more than the old
    one did. `more` is what this statement adds beside; it is kept up to date.
    """
    state = draft.document(document)
    if state is None or not change:
        return
    before = balance_of(state, way)[line] + more[document, way, line]
    more[document, way, line] += change
    yield document, change
    after = draft.document(state.replaced_by) if state.replaced_by is not None else None
    if after is None or state.replaced_by is None:
        return
    own = _own_share(state, after)[line]
    beyond = max(before + change - own, 0) - max(before - own, 0)
    yield from moves_along(draft, state.replaced_by, way, line, beyond, more=more)


def repeats(old: DocumentState, paper: Paper) -> bool:
    """Return whether a paper covers just what the older document covered: a permit lost, say."""
    return lines_of(paper.rows) == lines_of(old.rows)


def takes_over(old: DocumentState, paper: Paper) -> bool:
    """Return whether what passed under the old document counts on its replacement.

    It is the same permit with another number, and not one for what was left. Where nothing had
    passed yet it is that as well: word of it may still come.
    """
    return repeats(old, paper)


def freed(old: DocumentState, event: Event) -> Counter[Line]:
    """Return by line what nobody can use any more under a document that `event` ends.

    Its replacement may take all of it over, what passed included.
    """
    if isinstance(event, DocumentReplaced) and takes_over(old, event.paper):
        return lines_of(old.rows)
    return left_of(old)


def is_more(old: DocumentState, paper: Paper) -> bool:
    """Return whether a replacement neither repeats its document nor keeps to what that had left."""
    return not (repeats(old, paper) or _fits(lines_of(paper.rows), left_of(old)))


def _fits(covered: Counter[Line], most: Counter[Line]) -> bool:
    return all(quantity <= most[line] for line, quantity in covered.items())


def _own_share(old: DocumentState, new: DocumentState) -> Counter[Line]:
    """Return what a replaced document still covers by itself, by line."""
    share = lines_of(old.rows)
    share.subtract(lines_of(new.rows))
    return +share


def _moved_along(
    draft: Draft, older: str, newer: str, *, way: Way, counts: Counter[Line]
) -> Counter[Line]:
    old, new = draft.document(older), draft.document(newer)
    if old is None or new is None or new.carries:
        return counts
    beyond = balance_of(old, way)
    beyond.subtract(_own_share(old, new))
    return counts & beyond
